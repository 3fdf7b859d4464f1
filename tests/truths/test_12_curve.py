"""Lesson 12, with plain pyzmq: CURVE shows whose key it is; whom to let in, a ZAP handler says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq
from zmq.auth import create_certificates, load_certificate
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

from tests.truths.sockets import LIMIT, QUIET, address, dealer, opened, router

PUBLIC, SECRET = zmq.curve_keypair()  # the server's


def curve_router(ctx: zmq.Context) -> zmq.Socket:
    return router(ctx, curve_server=True, curve_publickey=PUBLIC, curve_secretkey=SECRET)


def send(ctx: zmq.Context, boss: zmq.Socket, keys: tuple[bytes, bytes], text: bytes) -> zmq.Socket:
    public, secret = keys
    socket = dealer(ctx, address(boss), curve_publickey=public, curve_secretkey=secret, curve_serverkey=PUBLIC)
    socket.send(text)
    return socket


def test_without_a_zap_handler_whoever_has_the_servers_public_key_comes_in(ctx):
    boss = curve_router(ctx)
    _eve = send(ctx, boss, zmq.curve_keypair(), b"I am Eve")
    assert boss.recv_multipart()[1] == b"I am Eve"


def test_with_one_only_those_on_its_list_do(ctx):
    ada = zmq.curve_keypair()
    handler = ThreadAuthenticator(ctx)
    handler.start()
    try:
        handler.configure_curve_callback(credentials_provider=Listed(ada[0]))
        boss = curve_router(ctx)
        _eve = send(ctx, boss, zmq.curve_keypair(), b"I am Eve")
        assert not boss.poll(QUIET)
        _ada = send(ctx, boss, ada, b"I am Ada")
        assert boss.poll(LIMIT)
        assert boss.recv_multipart()[1] == b"I am Ada"
    finally:
        handler.stop()


class Listed:
    """Lets in who has that one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def callback(self, domain: str, key: bytes) -> bool:
        return key == self._key


def test_a_zap_handler_is_not_told_a_peers_routing_id(ctx):
    """So it cannot refuse one that begins with a zero byte: it gets that of the socket which asks."""
    handler = ctx.socket(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")
    server = ctx.socket(zmq.ROUTER)
    server.zap_domain = b"domain"
    server.routing_id = b"server"
    server.bind("tcp://127.0.0.1:*")
    with ctx.socket(zmq.DEALER) as peer:
        peer.linger = 0
        peer.routing_id = b"peer"
        peer.connect(server.last_endpoint)
        version, request, domain, _address, routing_id, mechanism = handler.recv_multipart()
        assert (domain, routing_id, mechanism) == (b"domain", b"server", b"NULL")
        handler.send_multipart([version, request, b"200", b"", b"", b""])
        peer.send(b"x")
        assert server.recv_multipart() == [b"peer", b"x"]


HANDSHAKE_FAILED = (
    zmq.Event.HANDSHAKE_FAILED_NO_DETAIL | zmq.Event.HANDSHAKE_FAILED_PROTOCOL | zmq.Event.HANDSHAKE_FAILED_AUTH
)

SENDS = 20
"""More than a refused socket may still take, before it has noticed."""


@contextmanager
def guarded(ctx: zmq.Context, folder: Path) -> Iterator[ThreadAuthenticator]:
    """A list, as pyzmq has it: the certificates in a folder."""
    handler = ThreadAuthenticator(ctx)
    handler.start()
    try:
        handler.configure_curve(location=folder)
        yield handler
    finally:
        handler.stop()


def verdict(ctx: zmq.Context, endpoint: str, **options: object) -> tuple[zmq.Socket, str]:
    """A client that sends at once, and how its handshake ended."""
    client = ctx.socket(zmq.DEALER)
    client.linger = 0
    client.sndtimeo = QUIET
    for name, value in options.items():
        setattr(client, name, value)
    monitor, word = client.get_monitor_socket(), ""
    monitor.rcvtimeo = LIMIT
    client.connect(endpoint)
    client.send(b"first")
    while "HANDSHAKE" not in word:
        word = str(zmq.Event(recv_monitor_message(monitor)["event"]).name)
    client.disable_monitor()
    monitor.close()
    return client, word


def taken(client: zmq.Socket, boss: zmq.Socket) -> int:
    """How many messages it takes before `send` waits; nobody hears of any."""
    for count in range(SENDS):
        assert not boss.poll(100)  # as long as it takes to connect again after a broken connection
        try:
            client.send(b"next")
        except zmq.Again:
            return count
    return SENDS


def keys(pair: tuple[bytes, bytes | None], server: bytes = PUBLIC) -> dict[str, bytes | None]:
    return {"curve_publickey": pair[0], "curve_secretkey": pair[1], "curve_serverkey": server}


def test_who_was_refused_is_not_heard_when_its_key_is_on_the_list_at_last_and_a_new_socket_is(ctx, tmp_path):
    """And its `send` waits, as that of a DEALER without a connection does."""
    welcome = tmp_path / "welcome"
    welcome.mkdir()
    create_certificates(tmp_path, "bob")
    bob = load_certificate(tmp_path / "bob.key_secret")
    with guarded(ctx, welcome) as handler:
        boss = curve_router(ctx)
        refused, word = verdict(ctx, address(boss), **keys(bob))
        assert word == "HANDSHAKE_FAILED_AUTH"
        shutil.copy(tmp_path / "bob.key", welcome)
        handler.configure_curve(location=welcome)
        assert taken(refused, boss) < SENDS
        assert not boss.poll(QUIET)
        _new, word = verdict(ctx, address(boss), **keys(bob))
        assert word == "HANDSHAKE_SUCCEEDED"
        assert boss.recv_multipart()[1] == b"first"
        refused.close()
        _new.close()


def test_who_has_no_keys_or_the_wrong_one_of_the_server_is_not_heard(ctx):
    boss = curve_router(ctx)
    without, word = verdict(ctx, address(boss))
    assert word.startswith("HANDSHAKE_FAILED")
    pair = zmq.curve_keypair()
    mistaken, word = verdict(ctx, address(boss), **keys(pair, server=pair[0]))
    assert word.startswith("HANDSHAKE_FAILED")
    assert not boss.poll(QUIET)
    without.close()
    mistaken.close()


def attempts(client: zmq.Socket, endpoint: str) -> list[str]:
    """How its handshakes end, in as long a time as several take."""
    monitor = client.get_monitor_socket(zmq.Event.CONNECTED | HANDSHAKE_FAILED)
    client.connect(endpoint)
    words: list[str] = []
    while monitor.poll(LIMIT if len(words) < 2 else QUIET) and len(words) < 4:
        words.append(str(zmq.Event(recv_monitor_message(monitor)["event"]).name))
    client.disable_monitor()
    monitor.close()
    return words


def test_who_has_a_wrong_key_of_the_server_tries_again_and_who_is_refused_by_the_list_does_not(ctx, tmp_path):
    """The server cannot read what the one sends, and hangs up; to the other one it says that it is refused."""
    boss = curve_router(ctx)
    pair = zmq.curve_keypair()
    mistaken = unconnected(ctx, **keys(pair, server=pair[0]))
    assert attempts(mistaken, address(boss)) == ["CONNECTED", "HANDSHAKE_FAILED_NO_DETAIL"] * 2
    mistaken.close()
    with guarded(ctx, tmp_path):
        refused = unconnected(ctx, **keys(pair))
        assert attempts(refused, address(boss)) == ["CONNECTED", "HANDSHAKE_FAILED_AUTH"]
        refused.close()


def unconnected(ctx: zmq.Context, **options: object) -> zmq.Socket:
    return opened(ctx, zmq.DEALER, options, lambda socket: None)


def test_on_inproc_there_are_no_keys(ctx):
    boss = router(ctx, "inproc://shop", curve_server=True, curve_publickey=PUBLIC, curve_secretkey=SECRET)
    _carol = dealer(ctx, "inproc://shop")
    _carol.send(b"without keys")
    assert boss.recv_multipart()[1] == b"without keys"
