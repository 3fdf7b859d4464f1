"""Lesson 02, with plain pyzmq: REQ takes turns, waits for ever, and term() waits with it."""

from __future__ import annotations

import threading

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.truths.binding import bind
from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen
QUIET = 200  # ms in which nothing may happen
ENDPOINT = "tcp://127.0.0.1:*"


def server(ctx: zmq.Context, kind: int, endpoint: str = ENDPOINT) -> zmq.Socket:
    socket = ctx.socket(kind)
    socket.rcvtimeo = LIMIT
    bind(socket, endpoint)
    return socket


def client(ctx: zmq.Context, endpoint: str, **options: object) -> zmq.Socket:
    socket = ctx.socket(zmq.REQ)
    socket.rcvtimeo = LIMIT
    for name, value in options.items():
        setattr(socket, name, value)
    socket.connect(endpoint)
    return socket


def test_req_sends_once_and_then_receives(ctx):
    socket = client(ctx, address(server(ctx, zmq.REP)))
    with pytest.raises(zmq.ZMQError) as too_early:
        socket.recv()
    socket.send(b"Q1")
    with pytest.raises(zmq.ZMQError) as twice:
        socket.send(b"Q2")
    assert [too_early.value.errno, twice.value.errno] == [zmq.EFSM, zmq.EFSM]


def test_a_server_that_comes_back_does_not_get_the_question_again(ctx):
    first = server(ctx, zmq.REP)
    endpoint = address(first)
    socket = client(ctx, endpoint)
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    socket.send(b"Q1")
    assert first.recv() == b"Q1"
    first.close(linger=0)
    second = server(ctx, zmq.REP, endpoint)
    events: list[int] = []
    while zmq.EVENT_DISCONNECTED not in events or events[-1] != zmq.EVENT_HANDSHAKE_SUCCEEDED:
        assert monitor.poll(LIMIT)
        events.append(recv_monitor_message(monitor)["event"])
    assert not second.poll(QUIET)  # connected again, and silent
    assert not socket.poll(0)
    with pytest.raises(zmq.ZMQError, match="current state"):
        socket.send(b"Q1")
    socket.disable_monitor()


def test_a_new_socket_is_answered(ctx):
    peer = server(ctx, zmq.ROUTER)
    first = client(ctx, address(peer))
    first.send(b"Q1")
    *early, _ = peer.recv_multipart()
    first.close(linger=0)
    second = client(ctx, address(peer))
    second.send(b"Q2")
    *late, _ = peer.recv_multipart()
    peer.send_multipart([*early, b"A1"])
    peer.send_multipart([*late, b"A2"])
    assert second.recv() == b"A2"


def test_a_rep_works_on_the_try_that_was_given_up_too_and_its_answer_finds_nobody(ctx):
    peer = server(ctx, zmq.REP)
    first = client(ctx, address(peer))
    first.send(b"try 1")
    assert peer.recv() == b"try 1"
    first.close(linger=0)
    second = client(ctx, address(peer))
    second.send(b"try 2")
    peer.send(b"done: try 1")
    assert peer.recv() == b"try 2"
    peer.send(b"done: try 2")
    assert second.recv() == b"done: try 2"


@pytest.mark.parametrize("kind", [zmq.REP, zmq.ROUTER])
def test_a_second_try_under_the_same_name_is_not_heard_while_the_server_holds_the_first(ctx, kind):
    """It holds it as long as it does not read: here it stands still from the first try on."""
    peer = server(ctx, kind)
    first = client(ctx, address(peer), routing_id=b"alice")
    first.send(b"try 1")
    assert peer.poll(LIMIT)
    first.close(linger=0)
    second = client(ctx, address(peer), routing_id=b"alice")
    second.send(b"try 2")
    assert not second.poll(QUIET)
    assert peer.recv_multipart()[-1] == b"try 1"
    if kind == zmq.REP:
        peer.send(b"done: try 1")
    assert not peer.poll(QUIET)


@pytest.mark.parametrize(("correlate", "received"), [(0, b"A1"), (1, b"A2")])
def test_relaxed_takes_a_late_answer_for_its_own_unless_it_correlates(ctx, correlate, received):
    peer = server(ctx, zmq.ROUTER)
    socket = client(ctx, address(peer), req_relaxed=1, req_correlate=correlate)
    envelopes = []
    for question in (b"Q1", b"Q2"):
        socket.send(question)
        *envelope, _ = peer.recv_multipart()
        envelopes.append(envelope)
    for envelope, answer in zip(envelopes, (b"A1", b"A2"), strict=True):
        peer.send_multipart([*envelope, answer])
    assert socket.recv() == received
    assert {len(envelope) for envelope in envelopes} == {2 + correlate}  # id, (request id,) delimiter


def deserted() -> str:
    """An endpoint where nobody is. Its context is gone: a socket alone that is closed still accepts for a moment."""
    with zmq.Context() as other, server(other, zmq.ROUTER) as gone:
        return address(gone)


def leave_a_message(linger: int | None, endpoint: str) -> threading.Thread:
    """For a server that is not there; the thread waits in term()."""
    ctx = zmq.Context()
    socket = ctx.socket(zmq.REQ)
    socket.connect(endpoint)
    socket.send(b"Is anybody there?")
    socket.close(linger=linger)
    ending = threading.Thread(target=ctx.term, daemon=True)
    ending.start()
    return ending


def test_term_waits_for_an_unsent_message(ctx):
    endpoint = deserted()
    ending = leave_a_message(None, endpoint)
    ending.join(QUIET / 1000)
    assert ending.is_alive()
    assert server(ctx, zmq.ROUTER, endpoint).recv_multipart()[1:] == [b"", b"Is anybody there?"]
    ending.join(LIMIT / 1000)
    assert not ending.is_alive()


def test_with_linger_0_it_does_not():
    ending = leave_a_message(0, deserted())
    ending.join(LIMIT / 1000)
    assert not ending.is_alive()


def test_linger_is_without_limit_by_default(ctx):
    assert ctx.socket(zmq.REQ).linger == -1


def in_a_with_block(linger: int, *, unsent: bool) -> threading.Thread:
    """Leaves a socket open at the end of the block; the thread ends when the block does."""
    endpoint = deserted()

    def run() -> None:
        with zmq.Context() as ctx:
            socket = ctx.socket(zmq.DEALER)
            socket.linger = linger
            socket.connect(endpoint)
            if unsent:
                socket.send(b"Is anybody there?")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.filterwarnings("ignore:Destroying context with unclosed socket:ResourceWarning")
@pytest.mark.parametrize(
    ("linger", "unsent", "ends"), [(-1, False, True), (0, True, True), (-1, True, False)], ids=["open", "0", "unsent"]
)
def test_a_with_block_closes_what_is_open_and_then_waits_for_what_is_unsent(linger, unsent, ends):
    block = in_a_with_block(linger, unsent=unsent)
    block.join(LIMIT / 1000 if ends else QUIET / 1000)
    assert block.is_alive() is not ends


def test_term_alone_closes_nothing_and_waits_for_an_open_socket():
    ctx = zmq.Context()
    socket = ctx.socket(zmq.DEALER)
    ending = threading.Thread(target=ctx.term, daemon=True)
    ending.start()
    ending.join(QUIET / 1000)
    assert ending.is_alive()
    socket.close()
    ending.join(LIMIT / 1000)
    assert not ending.is_alive()
