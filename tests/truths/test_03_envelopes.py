"""Lesson 03, with plain pyzmq: who adds which frame, and what becomes of a message that lacks one."""

from __future__ import annotations

import contextlib

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.truths.binding import bind
from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen
QUIET = 500  # ms in which nothing may happen: five times ZMQ_RECONNECT_IVL


def server(ctx: zmq.Context, kind: int, endpoint: str = "tcp://127.0.0.1:*") -> zmq.Socket:
    socket = ctx.socket(kind)
    socket.rcvtimeo = LIMIT
    socket.bind(endpoint)
    return socket


def client(ctx: zmq.Context, kind: int, peer: zmq.Socket, routing_id: bytes = b"", probe: bool = False) -> zmq.Socket:
    socket = ctx.socket(kind)
    socket.rcvtimeo = LIMIT
    if routing_id:
        socket.routing_id = routing_id
    if probe:
        socket.probe_router = True
    socket.connect(address(peer))
    return socket


def speaks_first(router: zmq.Socket, to: bytes) -> bool:
    """Whether a ROUTER with ROUTER_MANDATORY takes a message for that peer."""
    with contextlib.suppress(zmq.ZMQError):
        router.send_multipart([to, b"first"])
        return True
    return False


@pytest.mark.parametrize(
    ("kind", "frames"), [(zmq.REQ, [b"ada", b"", b"Hello"]), (zmq.DEALER, [b"ada", b"Hello"])], ids=["REQ", "DEALER"]
)
def test_req_adds_the_delimiter_and_dealer_nothing(ctx, kind, frames):
    router = server(ctx, zmq.ROUTER)
    client(ctx, kind, router, b"ada").send(b"Hello")
    assert router.recv_multipart() == frames


def test_each_router_on_the_way_adds_one_id_and_takes_it_off_again(ctx):
    router = server(ctx, zmq.ROUTER)
    front, back = server(ctx, zmq.ROUTER), client(ctx, zmq.DEALER, router, b"hop")
    ada = client(ctx, zmq.REQ, front, b"ada")
    ada.send(b"Hello")
    back.send_multipart(front.recv_multipart())
    assert router.recv_multipart() == [b"hop", b"ada", b"", b"Hello"]
    router.send_multipart([b"hop", b"ada", b"", b"HELLO"])
    front.send_multipart(back.recv_multipart())
    assert ada.recv_multipart() == [b"HELLO"]


def test_rep_keeps_all_up_to_the_first_empty_frame(ctx):
    rep = server(ctx, zmq.REP)
    dealer = client(ctx, zmq.DEALER, rep)
    dealer.send_multipart([b"an address", b"", b"one", b"", b"three"])
    assert rep.recv_multipart() == [b"one", b"", b"three"]
    rep.send(b"HELLO")
    assert dealer.recv_multipart() == [b"an address", b"", b"HELLO"]


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://rep"])
def test_rep_without_a_delimiter_is_readable_and_has_nothing(ctx, endpoint):
    rep = server(ctx, zmq.REP, endpoint)
    dealer = client(ctx, zmq.DEALER, rep)
    dealer.send(b"Hello")
    assert rep.poll(LIMIT)
    with pytest.raises(zmq.Again):
        rep.recv(zmq.DONTWAIT)
    dealer.send_multipart([b"", b"Hello"])
    assert rep.recv() == b"Hello"


def test_over_tcp_a_req_that_gets_no_delimiter_disconnects_for_good(ctx):
    router = server(ctx, zmq.ROUTER)
    router.router_mandatory = True
    req = client(ctx, zmq.REQ, router, b"ada")
    monitor = req.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_CONNECTED)
    req.send(b"Hello")
    assert router.recv_multipart() == [b"ada", b"", b"Hello"]
    router.send_multipart([b"ada", b"HELLO"])
    event = 0
    while event != zmq.EVENT_DISCONNECTED:
        assert monitor.poll(LIMIT)
        event = recv_monitor_message(monitor)["event"]
    assert not monitor.poll(QUIET)  # it does not try to connect again
    with pytest.raises(zmq.ZMQError) as unreachable:
        router.send_multipart([b"ada", b"", b"HELLO"])
    assert unreachable.value.errno == zmq.EHOSTUNREACH
    assert not req.poll(0)
    req.disable_monitor()


def test_over_tcp_a_router_connects_again_to_a_req_that_binds_and_has_ended_the_connection(ctx):
    req, router = ctx.socket(zmq.REQ), ctx.socket(zmq.ROUTER)
    req.routing_id, router.router_mandatory = b"ada", True
    req.rcvtimeo = router.rcvtimeo = LIMIT
    req.bind("tcp://127.0.0.1:*")
    monitor = router.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    router.connect(address(req))
    req.send(b"Hello")
    assert router.recv_multipart() == [b"ada", b"", b"Hello"]
    router.send_multipart([b"ada", b"BAD"])
    for event in (zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_DISCONNECTED, zmq.EVENT_HANDSHAKE_SUCCEEDED):
        assert monitor.poll(LIMIT)
        assert recv_monitor_message(monitor)["event"] == event
    router.disable_monitor()


def test_on_inproc_a_req_skips_a_reply_without_a_delimiter_and_takes_the_next(ctx):
    router = server(ctx, zmq.ROUTER, "inproc://router")
    router.router_mandatory = True
    req = client(ctx, zmq.REQ, router, b"ada")
    req.send(b"Hello")
    assert router.recv_multipart() == [b"ada", b"", b"Hello"]
    router.send_multipart([b"ada", b"BAD"])
    router.send_multipart([b"ada", b"", b"GOOD"])
    assert req.recv_multipart() == [b"GOOD"]


AS_IT_IS, WITH_DELIMITER, NEVER = 0, 1, 2
TALKS = {
    (zmq.REQ, zmq.REP): AS_IT_IS,
    (zmq.REQ, zmq.ROUTER): AS_IT_IS,
    (zmq.REQ, zmq.DEALER): NEVER,
    (zmq.DEALER, zmq.REP): WITH_DELIMITER,
    (zmq.DEALER, zmq.ROUTER): AS_IT_IS,
    (zmq.DEALER, zmq.DEALER): AS_IT_IS,
    (zmq.ROUTER, zmq.REP): NEVER,
    (zmq.ROUTER, zmq.ROUTER): AS_IT_IS,
    (zmq.ROUTER, zmq.DEALER): AS_IT_IS,
}
"""(who asks, who gives back what it gets) -> whether an answer comes, over TCP."""

ON_INPROC = TALKS | {(zmq.REQ, zmq.DEALER): AS_IT_IS, (zmq.ROUTER, zmq.REP): WITH_DELIMITER}


def answered(asks: int, answers: int, request: list[bytes], endpoint: str, limit: int) -> bool:
    ctx = zmq.Context()
    peer = ctx.socket(answers)
    peer.routing_id = b"peer"
    peer.bind(endpoint)
    asker = client(ctx, asks, peer)
    address_of_peer = [b"peer"] if asks == zmq.ROUTER else []
    asker.send_multipart([*address_of_peer, *request])
    for _ in range(limit // 10):
        if peer.poll(10):
            break
        if address_of_peer:  # what a ROUTER sends before it knows the peer is dropped
            asker.send_multipart([*address_of_peer, *request])
    came = False
    with contextlib.suppress(zmq.Again):
        peer.send_multipart(peer.recv_multipart(zmq.DONTWAIT))
        came = bool(asker.poll(LIMIT))
    ctx.destroy(linger=0)  # while the sockets are referred to: else they are closed with the linger they have
    return came


@pytest.mark.parametrize(
    ("endpoint", "talks"), [("tcp://127.0.0.1:*", TALKS), ("inproc://pair", ON_INPROC)], ids=["tcp", "inproc"]
)
@pytest.mark.parametrize(("asks", "answers"), TALKS, ids=lambda kind: zmq.SocketType(kind).name)
def test_who_may_talk_to_whom(asks, answers, endpoint, talks):
    expected = talks[asks, answers]
    limit = QUIET if expected == NEVER else LIMIT
    assert answered(asks, answers, [b"Hello"], endpoint, limit) is (expected == AS_IT_IS)
    assert answered(asks, answers, [b"", b"Hello"], endpoint, limit) is (expected != NEVER)


def test_a_connect_that_has_returned_does_not_mean_that_somebody_is_there(ctx):
    dealer = server(ctx, zmq.DEALER)
    req = ctx.socket(zmq.REQ)
    req.linger = 0  # what it sends never goes out
    monitor = req.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
    req.connect(address(dealer))  # no error, though a REQ and a DEALER refuse each other
    req.send(b"Hello")
    assert monitor.poll(LIMIT)
    assert recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED
    assert not dealer.poll(0)
    req.disable_monitor()


def test_router_may_speak_first_to_a_name_once_it_is_connected(ctx):
    router = server(ctx, zmq.ROUTER)
    router.router_mandatory = True
    assert not speaks_first(router, b"bob")
    bob = client(ctx, zmq.DEALER, router, b"bob")
    assert any(speaks_first(router, b"bob") or bob.poll(10) for _ in range(LIMIT // 10))
    assert bob.recv() == b"first"


def test_router_learns_an_automatic_id_from_a_probe(ctx):
    router = server(ctx, zmq.ROUTER)
    carl = client(ctx, zmq.DEALER, router, probe=True)
    routing_id, probe = router.recv_multipart()
    assert (routing_id[:1], len(routing_id), probe) == (b"\0", 5, b"")
    router.send_multipart([routing_id, b"Welcome"])
    assert carl.recv() == b"Welcome"


@pytest.mark.parametrize("immediate", [False, True])
def test_a_connection_that_is_made_again_brings_a_probe_with_immediate_alone(ctx, immediate):
    """Also after the handshake, nothing comes without it."""
    router = server(ctx, zmq.ROUTER)
    endpoint = address(router)
    carl = ctx.socket(zmq.DEALER)
    carl.probe_router, carl.immediate = True, immediate
    monitor = carl.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    carl.connect(endpoint)
    assert probed(router, carl)
    assert recv_monitor_message(monitor)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED
    router.close()
    again = ctx.socket(zmq.ROUTER)
    bind(again, endpoint)
    assert monitor.poll(LIMIT)
    assert probed(again, carl, LIMIT if immediate else QUIET) is immediate
    carl.disable_monitor()


def test_a_socket_that_binds_sends_each_newcomer_a_probe(ctx):
    carl = ctx.socket(zmq.DEALER)
    carl.probe_router = True
    carl.bind("tcp://127.0.0.1:*")
    for _ in range(2):
        router = ctx.socket(zmq.ROUTER)
        router.connect(address(carl))
        assert probed(router, carl)


def probed(router: zmq.Socket, by: zmq.Socket, limit: int = LIMIT) -> bool:
    """Whether an empty message comes in that many ms. libzmq sends a probe when the program uses the socket."""
    for _ in range(limit // 20):
        by.poll(10)
        if router.poll(10):
            return router.recv_multipart()[1:] == [b""]
    return False


def test_without_a_probe_it_learns_nothing(ctx):
    router = server(ctx, zmq.ROUTER)
    carl = ctx.socket(zmq.DEALER)
    monitor = carl.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)  # before it connects, so that nothing is missed
    carl.connect(address(router))
    assert monitor.poll(LIMIT)
    assert not router.poll(QUIET)
    carl.disable_monitor()


def test_text_is_refused_and_send_multipart_looks_first(ctx):
    router = server(ctx, zmq.ROUTER)
    bob = client(ctx, zmq.DEALER, router)
    with pytest.raises(TypeError):
        bob.send("text")  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        bob.send_multipart([b"part 1", "part 2"])  # type: ignore[list-item]
    bob.send(b"new")
    assert router.recv_multipart()[1:] == [b"new"]


def test_half_a_message_is_completed_by_the_next_one(ctx):
    router = server(ctx, zmq.ROUTER)
    bob = client(ctx, zmq.DEALER, router)
    bob.send(b"part 1", zmq.SNDMORE)
    with pytest.raises(TypeError):
        bob.send("part 2")  # type: ignore[call-overload]
    bob.send(b"new")
    assert router.recv_multipart()[1:] == [b"part 1", b"new"]
