"""Lesson 12, with plain pyzmq: CURVE shows whose key it is; whom to let in, a ZAP handler says."""

from __future__ import annotations

import zmq
from zmq.auth.thread import ThreadAuthenticator

from tests.truths.sockets import LIMIT, QUIET, address, dealer, router

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
