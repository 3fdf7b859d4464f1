"""Lesson 05, with plain pyzmq: a late reply is taken for the next one, unless an id tells them apart."""

from __future__ import annotations

import pytest
import zmq

from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen
QUIET = 100  # ms in which nothing may happen


@pytest.fixture
def server(ctx: zmq.Context) -> zmq.Socket:
    socket = ctx.socket(zmq.ROUTER)
    socket.rcvtimeo = LIMIT
    socket.router_handover = True  # a client that comes back under its name gets it at once
    socket.bind("tcp://127.0.0.1:*")
    return socket


def client(ctx: zmq.Context, server: zmq.Socket, routing_id: bytes = b"") -> zmq.Socket:
    socket = ctx.socket(zmq.DEALER)
    socket.rcvtimeo = LIMIT
    if routing_id:
        socket.routing_id = routing_id
    socket.connect(address(server))
    return socket


def reply(server: zmq.Socket, request: list[bytes]) -> None:
    *envelope, task = request
    server.send_multipart([*envelope, b"done: " + task])


def give_up(socket: zmq.Socket, *request: bytes) -> None:
    """Ask, and see that no reply comes."""
    socket.send_multipart(request)
    assert not socket.poll(QUIET)


def test_without_an_id_a_late_reply_is_the_next_one(ctx, server):
    socket = client(ctx, server)
    give_up(socket, b"first")
    socket.send(b"second")
    for request in [server.recv_multipart(), server.recv_multipart()]:
        reply(server, request)
    assert [socket.recv(), socket.recv()] == [b"done: first", b"done: second"]


def test_an_id_tells_a_late_reply_from_the_right_one(ctx, server):
    socket = client(ctx, server)
    give_up(socket, b"0", b"first")
    socket.send_multipart([b"1", b"second"])
    for request in [server.recv_multipart(), server.recv_multipart()]:
        reply(server, request)
    assert [socket.recv_multipart(), socket.recv_multipart()] == [[b"0", b"done: first"], [b"1", b"done: second"]]


def test_after_a_restart_an_old_reply_meets_an_id_that_is_used_again(ctx, server):
    before = client(ctx, server, b"bob")
    give_up(before, b"0", b"first")
    old = server.recv_multipart()
    before.close(linger=0)
    again = client(ctx, server, b"bob")
    again.send_multipart([b"0", b"second"])
    new = server.recv_multipart()
    reply(server, old)
    reply(server, new)
    assert again.recv_multipart() == [b"0", b"done: first"]


def test_a_second_reply_is_delivered_like_the_first(ctx, server):
    socket = client(ctx, server)
    socket.send_multipart([b"0", b"task"])
    request = server.recv_multipart()
    reply(server, request)
    reply(server, request)
    assert socket.recv_multipart() == socket.recv_multipart() == [b"0", b"done: task"]


def test_a_counter_that_begins_again_gives_an_old_reply_to_a_new_task(ctx, server):
    socket = client(ctx, server)
    for n in range(5):
        socket.send_multipart([b"%d" % (n % 4), b"Task-%d" % n])
    for request in [server.recv_multipart() for _ in range(5)]:
        reply(server, request)
    waits = {b"%d" % (n % 4): b"Task-%d" % n for n in range(1, 5)}
    got = {waits[number]: answer for number, answer in reversed([socket.recv_multipart() for _ in range(5)])}
    assert got.pop(b"Task-4") == b"done: Task-0"  # the first one that came under its number
    assert got == {b"Task-%d" % n: b"done: Task-%d" % n for n in (1, 2, 3)}


def pay(server: zmq.Socket, paid: set[bytes]) -> None:
    """Pay what has not been paid, by its operation id; the attempt id is only repeated."""
    peer, attempt, operation = server.recv_multipart()
    server.send_multipart([peer, attempt, b"paid before" if operation in paid else b"paid"])
    paid.add(operation)


@pytest.mark.parametrize(("second", "answer"), [(b"book-2", b"paid"), (b"book-1", b"paid before")])
def test_under_a_new_id_the_same_order_is_another_one(ctx, server, second, answer):
    socket, paid = client(ctx, server), set[bytes]()
    give_up(socket, b"a", b"book-1")
    socket.send_multipart([b"b", second])
    pay(server, paid)
    pay(server, paid)
    assert [socket.recv_multipart(), socket.recv_multipart()] == [[b"a", b"paid"], [b"b", answer]]


def test_under_one_id_a_late_refusal_is_taken_for_the_reply(ctx, server):
    socket, paid = client(ctx, server), set[bytes]()
    give_up(socket, b"book", b"book")
    socket.send_multipart([b"book", b"book"])
    peer, attempt, _ = server.recv_multipart()
    server.send_multipart([peer, attempt, b"refused"])
    pay(server, paid)
    assert [socket.recv_multipart(), socket.recv_multipart()] == [[b"book", b"refused"], [b"book", b"paid"]]
