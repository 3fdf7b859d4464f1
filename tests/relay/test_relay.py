"""The relay, with real pyzmq sockets and with raw TCP."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ports import free_port
from tests.relay.support import (
    SOCKS_PASSWORD,
    SOCKS_USERNAME,
    Wired,
    ended,
    receive,
    relay_port,
    socks_connect,
    until,
    wired,
)
from zmqlab.lab.relay import Relay
from zmqlab.relay.newcomer import _met_itself
from zmqlab.relay.zmtp import encode_command, encode_frame, encode_greeting
from zmqlab.trace.events import CLIP, Handshake

GREETING = encode_greeting()
READY = encode_command(b"READY", [(b"Socket-Type", b"DEALER"), (b"Identity", b"")])


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    errors = relay.errors
    relay.stop()
    assert not relay.errors + errors


@pytest.fixture
def lab(relay: Relay) -> Iterator[Wired]:
    with wired(relay) as lab:
        yield lab


# -- what passes, and what is said of it ------------------------------------------------------------------------


def test_dealer_and_router(lab):
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    dealer.send_multipart([b"hello", b"", b"x" * 2000])
    routing_id, *frames = router.recv_multipart()
    received = time.monotonic_ns()
    router.send_multipart([routing_id, b"back"])
    assert frames == [b"hello", b"", b"x" * 2000]
    assert dealer.recv_multipart() == [b"back"]

    (opened,) = lab.connections("opened")
    assert opened.data[:4] == ("opened", f"{lab.lab}.2", f"{lab.lab}.1", dealer.LAST_ENDPOINT.decode())
    (there,), (back,) = lab.wires(f"{opened.subject}>"), lab.wires(f"{opened.subject}<")
    assert (there.number, there.frames, there.sizes) == (0, (b"hello", b"", b"x" * CLIP), (5, 0, 2000))
    assert (back.number, back.frames, back.sizes) == (0, (b"back",), None)
    assert opened.time <= there.left <= there.arrived <= received
    assert there.arrived <= back.left <= back.arrived <= time.monotonic_ns()
    assert [event.kind for event in lab.events()] == ["connection", "wire", "wire"]
    client, server = (Handshake(*said) for said in opened.data[-2:])
    assert client[:4] == server[:4] == ("3.1", "NULL", False, "READY")
    assert dict(client.properties) == {"Socket-Type": b"DEALER", "Identity": b"", "X-Zmqlab": b"%d.2" % lab.lab}
    assert dict(server.properties)["Socket-Type"] == b"ROUTER"


def test_the_identities_of_both_sides_are_reported(lab):
    server = lab.socket(zmq.ROUTER, routing_id=b"server")
    client = lab.socket(zmq.ROUTER, routing_id=b"client", probe_router=1)
    client.connect(f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}")
    assert server.recv_multipart() == [b"client", b""]
    (opened,) = lab.connections("opened")
    assert (opened.data.client_identity, opened.data.server_identity) == (b"client", b"server")


def test_messages_of_a_lane_are_numbered(lab):
    pull, push = lab.pair(zmq.PULL, zmq.PUSH)
    for i in range(1000):
        push.send(b"%d" % i)
    assert [pull.recv() for _ in range(1000)] == [b"%d" % i for i in range(1000)]
    wires = lab.wires()
    assert [(wire.number, wire.frames) for wire in wires] == [(i, (b"%d" % i,)) for i in range(1000)]
    assert all(wire.left <= wire.arrived for wire in wires)


def test_request_and_reply(lab):
    rep, req = lab.pair(zmq.REP, zmq.REQ)
    for i in range(3):
        req.send(b"question %d" % i)
        rep.send(b"answer to " + rep.recv())
        assert req.recv() == b"answer to question %d" % i
    assert [wire.frames for wire in lab.wires() if b"answer" in wire.frames[-1]][2] == (b"", b"answer to question 2")


def test_publish_and_subscribe(lab):
    publisher, subscriber = lab.pair(zmq.XPUB, zmq.SUB)
    subscriber.subscribe(b"weather")
    assert publisher.recv() == b"\x01weather"
    publisher.send_multipart([b"news", b"none"])
    publisher.send_multipart([b"weather", b"fine"])
    assert subscriber.recv_multipart() == [b"weather", b"fine"]
    assert [wire.frames for wire in lab.wires()] == [(b"weather", b"fine")]  # a subscription is no message


def test_the_property_names_the_lane_in_both_directions(lab):
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    dealer.send(b"hi")
    routing_id, frame = router.recv_multipart(copy=False)
    router.send_multipart([routing_id, b"hi"])
    number = lab.connections("opened")[0].subject
    assert frame.get("X-Zmqlab") == f"{number}>"
    assert dealer.recv(copy=False).get("X-Zmqlab") == f"{number}<"


def test_the_property_is_right_across_reconnects(lab):
    dealer = lab.socket(zmq.DEALER)
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    dealer.connect(endpoint)  # before there is anybody to connect to
    lanes = []
    for i in range(3):
        with lab.socket(zmq.ROUTER) as router:
            until(partial(_binds, router, endpoint), "the port is free again")
            dealer.send(b"%d" % i)
            routing_id, frame = router.recv_multipart(copy=False)
            router.send_multipart([routing_id, b"ok"])
            lanes.append(frame.get("X-Zmqlab"))
            assert dealer.recv(copy=False).get("X-Zmqlab") == lanes[-1].replace(">", "<")
        until(lambda i=i: len(lab.connections("closed")) == i + 1, "the link is closed")  # type: ignore[misc]
    assert lanes == [f"{event.subject}>" for event in lab.connections("opened")]
    assert len(set(lanes)) == 3
    assert {event.data.reason for event in lab.connections("closed")} == {"the bound side closed it"}


def _binds(sock: zmq.Socket[bytes], endpoint: str) -> bool:
    try:
        sock.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_a_dead_port_is_refused_once_and_met_later(lab):
    dealer = lab.socket(zmq.DEALER)
    dealer.connect(f"tcp://127.0.0.1:{free_port()}")
    refused = until(lambda: lab.connections("refused"))
    assert refused[0].data.reason == "Connection refused"
    assert refused[0].data.client == f"{lab.lab}.1"
    dealer.poll(300)  # it is tried again and again
    router = lab.socket(zmq.ROUTER)
    router.bind(dealer.LAST_ENDPOINT)
    dealer.send(b"hi")
    assert router.recv_multipart()[1] == b"hi"
    assert len(lab.connections("refused")) == 1


def test_endpoints_stay_the_programs_own(lab):
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    dealer.send(b"1")
    assert router.recv_multipart()[1] == b"1"
    endpoint = router.LAST_ENDPOINT
    assert endpoint == dealer.LAST_ENDPOINT
    dealer.disconnect(endpoint)
    (closed,) = until(lambda: dealer.poll(0) or lab.connections("closed"))  # libzmq disconnects while it is used
    assert closed.data.reason == "the connecting side closed it"


@pytest.mark.parametrize("host", ["localhost", "[::1]", "127.0.0.1"])
def test_names_and_addresses(lab, host):
    router, dealer = lab.socket(zmq.ROUTER, ipv6=1), lab.socket(zmq.DEALER, ipv6=1)
    port = router.bind_to_random_port("tcp://[::1]" if "::" in host else "tcp://127.0.0.1")
    dealer.connect(f"tcp://{host}:{port}")
    dealer.send(b"hi")
    assert router.recv_multipart()[1] == b"hi"
    assert lab.connections("opened")[0].data.endpoint == f"tcp://{host}:{port}"


def test_a_name_that_does_not_exist_is_refused(lab):
    dealer = lab.socket(zmq.DEALER)
    dealer.connect("tcp://no-such-host.invalid:5555")
    (refused,) = until(lambda: lab.connections("refused"))
    assert "'no-such-host.invalid' was not found" in refused.data.reason


def test_curve_shows_that_messages_passed(lab):
    public, secret = zmq.curve_keypair()
    own_public, own_secret = zmq.curve_keypair()
    router = lab.socket(zmq.ROUTER, curve_server=1, curve_secretkey=secret)
    dealer = lab.socket(zmq.DEALER, curve_serverkey=public, curve_publickey=own_public, curve_secretkey=own_secret)
    dealer.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
    dealer.send_multipart([b"one", b"x" * 3000])
    _, frame, _ = router.recv_multipart(copy=False)
    assert frame.get("X-Zmqlab") == f"{lab.lab}.2"  # unseen, so unchanged: it names the peer's socket
    (opened,) = lab.connections("opened")
    assert opened.data.encrypted
    assert [(wire.frames, wire.sizes) for wire in lab.wires()] == [((), (3,)), ((), (3000,))]


def test_plain_shows_everything(lab):
    router = lab.socket(zmq.ROUTER, plain_server=1, zap_domain=b"test")
    dealer = lab.socket(zmq.DEALER, plain_username=b"alice", plain_password=b"secret")
    with lab.context.socket(zmq.REP) as guard:
        guard.linger, guard.rcvtimeo = 0, 10_000
        guard.bind("inproc://zeromq.zap.01")  # RFC 27: libzmq asks it who may come in
        dealer.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
        dealer.send(b"hi")
        version, request_id, *_, name, password = guard.recv_multipart()
        assert (name, password) == (b"alice", b"secret")
        guard.send_multipart([version, request_id, b"200", b"OK", b"alice", b""])
        routing_id, frame = router.recv_multipart(copy=False)
        router.send_multipart([routing_id, b"back"])
        back = dealer.recv(copy=False)
    (opened,) = lab.connections("opened")
    assert not opened.data.encrypted
    assert opened.data.server == f"{lab.lab}.1"
    assert (frame.get("X-Zmqlab"), back.get("X-Zmqlab")) == (f"{opened.subject}>", f"{opened.subject}<")
    assert [wire.frames for wire in lab.wires()] == [(b"hi",), (b"back",)]
    client, server = (Handshake(*said) for said in opened.data[-2:])
    assert client[1:4] == ("PLAIN", False, "INITIATE")
    assert server[1:4] == ("PLAIN", False, "READY")  # libzmq 4.3.5 does not set as-server, whatever RFC 37 says


def test_who_is_refused_is_told(lab):
    router = lab.socket(zmq.ROUTER, plain_server=1, zap_domain=b"test")
    dealer = lab.socket(zmq.DEALER, plain_username=b"mallory", plain_password=b"guess")
    with lab.context.socket(zmq.REP) as guard:
        guard.linger, guard.rcvtimeo = 0, 10_000
        guard.bind("inproc://zeromq.zap.01")
        dealer.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
        version, request_id, *_ = guard.recv_multipart()
        guard.send_multipart([version, request_id, b"400", b"no", b"", b""])
        (refused,) = until(lambda: lab.connections("refused"))
    assert refused.data.reason == "the bound side refused: 400"


def test_different_mechanisms_are_explained(lab):
    router = lab.socket(zmq.ROUTER, curve_server=1, curve_secretkey=zmq.curve_keypair()[1])
    dealer = lab.socket(zmq.DEALER)
    dealer.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
    (refused,) = until(lambda: lab.connections("refused"))
    assert refused.data.reason.endswith("; the bound side wants CURVE")


def test_large_messages(lab):
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    large = bytes(range(256)) * 20_000
    for _ in range(3):
        dealer.send_multipart([b"head", large])
        assert router.recv_multipart()[1:] == [b"head", large]
    wires = lab.wires()
    assert [wire.sizes for wire in wires] == [(4, len(large))] * 3
    until(lambda: all(w.arrived for w in lab.wires()) or len(lab.events("arrived")), "they have arrived")


def test_back_pressure_reaches_the_sender(lab):
    pull, push = lab.socket(zmq.PULL, rcvhwm=10), lab.socket(zmq.PUSH, sndhwm=10, sndtimeo=1000)
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    count = 0
    while _sends(push, b"%08d" % count + bytes(100_000)):
        count += 1
        assert count < 10_000, "nothing stops the sender"
    assert any(wire.arrived is None for wire in lab.wires()), "no message waits in the relay"
    assert [pull.recv()[:8] for _ in range(count)] == [b"%08d" % i for i in range(count)]
    waited = {wire.number for wire in lab.wires() if wire.arrived is None}
    assert {event.data.number for event in lab.events("arrived")} == waited


def _sends(sock: zmq.Socket[bytes], message: bytes) -> bool:
    try:
        sock.send(message)
    except zmq.Again:
        return False
    return True


# -- connections that end -----------------------------------------------------------------------------------------


def test_what_was_sent_before_the_end_arrives(lab):
    pull, push = lab.pair(zmq.PULL, zmq.PUSH)
    push.linger = -1
    for i in range(100):
        push.send(b"%03d" % i + bytes(20_000))
    push.close()
    assert [pull.recv()[:3] for _ in range(100)] == [b"%03d" % i for i in range(100)]
    (closed,) = until(lambda: lab.connections("closed"))
    assert closed.data.reason == "the connecting side closed it"


def test_half_a_close_passes(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client, code = socks_connect(lab.relay, f"{lab.lab}.9", server.getsockname()[1])
        accepted, _ = server.accept()
        with client, accepted:
            assert code == 0
            client.sendall(GREETING + READY)
            client.shutdown(socket.SHUT_WR)
            assert receive(accepted, 10_000).startswith(GREETING)  # to its end
            accepted.sendall(GREETING + READY + encode_frame(b"late"))
            accepted.shutdown(socket.SHUT_WR)
            assert receive(client, 10_000).endswith(b"late")
    until(lambda: lab.connections("closed"))
    assert [wire.frames for wire in lab.wires()] == [(b"late",)]


def test_a_peer_that_names_no_socket_is_nobody(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client, accepted = _raw_link(lab, server)
        with client, accepted:
            client.sendall(GREETING + READY)
            accepted.sendall(GREETING + encode_command(b"READY", [(b"X-Zmqlab", b"3.17\xff")]))
            (opened,) = until(lambda: lab.connections("opened"))
    assert (opened.data.client, opened.data.server) == (f"{lab.lab}.9", "")


def test_tcp_that_met_itself_is_no_server():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.connect(sock.getsockname())
        assert _met_itself(sock)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sock:
        assert not _met_itself(sock)


def test_a_broken_connection_breaks_the_other(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client, _ = socks_connect(lab.relay, f"{lab.lab}.9", server.getsockname()[1])
        accepted, _ = server.accept()
        with client, accepted:
            client.sendall(GREETING + READY + encode_frame(b"last words"))
            accepted.sendall(GREETING + READY)
            assert receive(client, 64 + len(READY))
            assert receive(accepted, 64)
            reset = b"\x01\0\0\0\0\0\0\0"  # struct linger: on, 0 s
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            client.close()
            accepted.settimeout(10)
            assert receive(accepted, 10_000).endswith(b"last words")
            (closed,) = until(lambda: lab.connections("closed"))  # though the other side has not closed yet
    assert closed.data.reason.startswith("the connecting side broke off")


# -- who may pass --------------------------------------------------------------------------------------------------


def test_a_wrong_token_is_refused(lab):
    sock, code = socks_connect(lab.relay, f"{lab.lab}.1", free_port(), token="0" * 32)
    with sock:
        assert code == -1
        assert ended(sock)


@pytest.mark.parametrize("user", ["99999.1", "nonsense", ""])
def test_a_socket_of_no_lab_is_kept_waiting(lab, user):
    """Were it refused, its process would abort when it is closed: see `zmqlab.relay.newcomer`."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sock = socks_connect(lab.relay, user, server.getsockname()[1], answered=False)[0]
        sock.settimeout(0.2)
        with sock, pytest.raises(TimeoutError):
            sock.recv(1)


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_socket_that_waits_can_be_closed_at_any_time(lab, host):
    for i in range(20):
        with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.setsockopt_string(zmq.SOCKS_PROXY, lab.relay.address)
            dealer.setsockopt_string(SOCKS_USERNAME, f"{lab.lab}.1")
            dealer.setsockopt_string(SOCKS_PASSWORD, lab.relay.token)
            dealer.connect(f"tcp://{host}:{free_port()}")
            dealer.poll(i)  # meanwhile libzmq is anywhere between the first SYN and the wait for the answer


@pytest.mark.parametrize(
    ("greeting", "answer"),
    [
        (b"\x05\x01\x00", b"\x05\xff"),  # no authentication
        (b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", b""),  # SOCKS4
        (b"GET / HTTP/1.1\r\n\r\n", b""),
    ],
)
def test_whoever_speaks_otherwise_is_turned_away(relay, greeting, answer):
    with socket.create_connection(("127.0.0.1", relay_port(relay)), timeout=10) as sock:
        sock.sendall(greeting)
        assert receive(sock, 100) == answer


def test_only_loopback_listens(relay):
    assert relay.address.startswith("127.0.0.1:")


# -- noise ---------------------------------------------------------------------------------------------------------


def _raw_link(lab: Wired, server: socket.socket) -> tuple[socket.socket, socket.socket]:
    client, code = socks_connect(lab.relay, f"{lab.lab}.9", server.getsockname()[1])
    assert code == 0
    return client, server.accept()[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=400), st.sampled_from([b"", GREETING, GREETING + READY]), st.booleans())
def test_noise_ends_its_link_alone(lab, noise, before, from_server):
    noise = before + noise + b"\xff" * 600  # in the end no frame can begin like this
    with socket.create_server(("127.0.0.1", 0)) as server:
        client, accepted = _raw_link(lab, server)
        with client, accepted:
            loud, quiet = (accepted, client) if from_server else (client, accepted)
            quiet.settimeout(10)
            with suppress(OSError):  # the relay may be faster
                loud.sendall(noise)
                loud.shutdown(socket.SHUT_WR)
                quiet.sendall(GREETING)
                quiet.shutdown(socket.SHUT_WR)
            assert ended(loud)
            assert ended(quiet)
    assert lab.relay.alive


def test_the_reason_says_what_was_wrong_and_the_others_live_on(lab):
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    dealer.send(b"1")
    assert router.recv_multipart()[1] == b"1"
    with socket.create_server(("127.0.0.1", 0)) as server:
        client, accepted = _raw_link(lab, server)
        with client, accepted:
            client.sendall(GREETING + READY)
            accepted.sendall(GREETING + READY + encode_frame(b"good"))
            until(lambda: len(lab.connections("opened")) == 2)
            client.sendall(b"\x80")
            assert ended(accepted)
    (closed,) = until(lambda: lab.connections("closed"))
    assert closed.data.reason == ("the connecting side sent what is no ZMTP: a frame with the impossible flags 0x80")
    dealer.send(b"2")
    assert router.recv_multipart()[1] == b"2"


def test_many_links_at_once(lab):
    router = lab.socket(zmq.ROUTER)
    port = router.bind_to_random_port("tcp://127.0.0.1")
    dealers = [lab.socket(zmq.DEALER) for _ in range(100)]
    for i, dealer in enumerate(dealers):
        dealer.connect(f"tcp://127.0.0.1:{port}")
        dealer.send(b"%d" % i)
    seen = {}
    for _ in dealers:
        routing_id, body = router.recv_multipart(copy=False)
        seen[body.get("X-Zmqlab").rstrip(">")] = body.bytes
        router.send_multipart([routing_id, body])
    assert [dealer.recv() for dealer in dealers] == [b"%d" % i for i in range(100)]
    names = {event.subject: event.data.client for event in lab.connections("opened")}
    assert {names[lane]: body for lane, body in seen.items()} == {f"{lab.lab}.{i + 2}": b"%d" % i for i in range(100)}


def test_names_are_looked_up_beside_the_traffic(lab):
    waiting = [lab.socket(zmq.DEALER) for _ in range(4)]
    for i, sock in enumerate(waiting):
        sock.connect(f"tcp://no-such-host-{i}.invalid:5555")
    router, dealer = lab.pair(zmq.ROUTER, zmq.DEALER)
    dealer.send(b"hi")
    assert router.recv_multipart()[1] == b"hi"
    until(lambda: len(lab.connections("refused")) == 4)
