"""Lesson 04, with plain pyzmq: in which order replies come, and what a readable descriptor means."""

from __future__ import annotations

import select

import pytest
import zmq

from tests.truths.binding import bind
from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen


def server(ctx: zmq.Context) -> zmq.Socket:
    socket = ctx.socket(zmq.ROUTER)
    socket.rcvtimeo = LIMIT
    socket.bind("tcp://127.0.0.1:*")
    return socket


def client(ctx: zmq.Context, *servers: zmq.Socket) -> zmq.Socket:
    socket = ctx.socket(zmq.DEALER)
    socket.rcvtimeo = LIMIT
    for peer in servers:
        socket.connect(address(peer))
    return socket


def answer(router: zmq.Socket, tasks: int) -> None:
    for _ in range(tasks):
        router.send_multipart(router.recv_multipart())


def test_one_server_answers_in_the_order_of_the_tasks(ctx):
    router = server(ctx)
    dealer = client(ctx, router)
    for n in range(8):
        dealer.send(b"%d" % n)
    answer(router, 8)
    assert b"".join(dealer.recv() for _ in range(8)) == b"01234567"


def test_replies_of_two_servers_come_in_the_order_in_which_they_are_ready(ctx):
    slow, fast = server(ctx), server(ctx)
    dealer = client(ctx, slow, fast)
    for n in range(8):
        dealer.send(b"%d" % n)
    answer(fast, 4)
    replies = [dealer.recv() for _ in range(4)]
    answer(slow, 4)
    replies += [dealer.recv() for _ in range(4)]
    assert b"".join(replies) == b"13570246"


def test_a_task_that_a_dead_server_had_received_is_never_answered(ctx):
    router = server(ctx)
    endpoint = address(router)
    dealer = client(ctx, router)
    for n in range(4):
        dealer.send(b"%d" % n)
    for _ in range(4):
        router.recv_multipart()
    router.close(linger=0)
    successor = ctx.socket(zmq.ROUTER)
    bind(successor, endpoint)
    for _ in range(LIMIT // 50):  # more than once: what goes out just before the end is noticed may be lost too
        dealer.send(b"next")
        if successor.poll(50):
            break
    assert successor.recv_multipart(zmq.DONTWAIT)[1:] == [b"next"]


def test_a_descriptor_tells_of_a_change_and_not_of_the_messages_that_wait(ctx):
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.bind("inproc://door")  # what is sent there has arrived at once
    dealer.connect("inproc://door")
    dealer.send(b"hello")
    routing_id, _ = router.recv_multipart()
    assert not dealer.events & zmq.POLLIN  # asking takes note of all that has changed so far
    assert not select.select([dealer], [], [], 0)[0]
    for n in range(2):
        router.send_multipart([routing_id, b"%d" % n])
    assert select.select([dealer], [], [], LIMIT / 1000)[0]
    assert dealer.recv() == b"0"
    assert not select.select([dealer], [], [], 0)[0]
    assert dealer.events & zmq.POLLIN
    assert dealer.recv(zmq.DONTWAIT) == b"1"


def test_a_readable_descriptor_need_not_mean_a_message(ctx):
    router = server(ctx)
    dealer = client(ctx, router)
    assert select.select([dealer], [], [], LIMIT / 1000)[0]  # it has connected
    with pytest.raises(zmq.Again):
        dealer.recv(zmq.DONTWAIT)
