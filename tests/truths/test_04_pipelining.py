"""Lesson 04, with plain pyzmq: in which order replies come, and what becomes of tasks when their server dies."""

from __future__ import annotations

import pytest
import zmq

from tests.truths.binding import bind
from tests.truths.sockets import address, dealer, opened, router, unread

LIMIT = 5_000  # ms for what must happen


def client(ctx: zmq.Context, *servers: zmq.Socket) -> zmq.Socket:
    socket = ctx.socket(zmq.DEALER)
    socket.rcvtimeo = LIMIT
    for each in servers:
        socket.connect(address(each))
    return socket


def answer(peer: zmq.Socket, tasks: int) -> None:
    for _ in range(tasks):
        peer.send_multipart(peer.recv_multipart())


def test_one_server_answers_in_the_order_of_the_tasks(ctx):
    peer = router(ctx)
    bob = client(ctx, peer)
    for n in range(8):
        bob.send(b"%d" % n)
    answer(peer, 8)
    assert b"".join(bob.recv() for _ in range(8)) == b"01234567"


def test_replies_of_two_servers_come_in_the_order_in_which_they_are_ready(ctx):
    slow, fast = router(ctx), router(ctx)
    bob = client(ctx, slow, fast)
    for n in range(8):
        bob.send(b"%d" % n)
    answer(fast, 4)
    replies = [bob.recv() for _ in range(4)]
    answer(slow, 4)
    replies += [bob.recv() for _ in range(4)]
    assert b"".join(replies) == b"13570246"


def test_a_task_that_a_dead_server_had_received_is_never_answered(ctx):
    peer = router(ctx)
    endpoint = address(peer)
    bob = client(ctx, peer)
    for n in range(4):
        bob.send(b"%d" % n)
    for _ in range(4):
        peer.recv_multipart()
    peer.close(linger=0)
    successor = ctx.socket(zmq.ROUTER)
    bind(successor, endpoint)
    for _ in range(LIMIT // 50):  # more than once: what goes out just before the end is noticed may be lost too
        bob.send(b"next")
        if successor.poll(50):
            break
    assert successor.recv_multipart(zmq.DONTWAIT)[1:] == [b"next"]


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://server"])
def test_a_window_that_the_queues_cannot_hold_loses_replies_without_an_error(ctx, endpoint):
    """The client sends all of its window before it reads. What the ROUTER cannot queue for it, it throws away."""
    ctx.sndhwm = ctx.rcvhwm = 2
    front = router(ctx, endpoint)
    carol = dealer(ctx, address(front))
    window = 2_000
    for n in range(window):
        carol.send(bytes(10_000) + b"%d" % n)
        front.send_multipart(front.recv_multipart())
    assert 0 < unread(carol) < window


def test_behind_a_broker_one_connection_does_not_keep_the_order_of_the_work(ctx):
    front, back = router(ctx), opened(ctx, zmq.DEALER, {}, lambda socket: socket.bind("tcp://127.0.0.1:*"))
    bob = dealer(ctx, address(front))
    slow, fast = dealer(ctx, address(back)), dealer(ctx, address(back))
    for worker in (slow, fast):
        worker.send(b"here")
        back.recv()
    for n in range(4):
        bob.send(b"%d" % n)
        back.send_multipart(front.recv_multipart())
    for worker in (fast, slow):
        for _ in range(2):
            worker.send_multipart(worker.recv_multipart())
            front.send_multipart(back.recv_multipart())
    order = [bob.recv() for _ in range(4)]
    assert sorted(order) == [b"0", b"1", b"2", b"3"]
    assert order != sorted(order)
