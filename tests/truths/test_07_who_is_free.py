"""Lesson 07, with plain pyzmq: where work waits, who picks the worker, and what a ROUTER does not say."""

from __future__ import annotations

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.truths.sockets import LIMIT, QUIET, address, dealer, router, worker

MARK = 10  # a small high-water mark


def deal(socket: zmq.Socket, number: int) -> None:
    for n in range(number):
        socket.send(b"%d" % n)


def taken(socket: zmq.Socket) -> int:
    """How many messages it takes before send would block."""
    number = 0
    while socket.poll(0, zmq.POLLOUT) and number < 10 * MARK:
        socket.send(b"Task-0")
        number += 1
    return number


def gone(monitor: zmq.Socket) -> None:
    """Wait until a peer's connection has ended."""
    assert monitor.poll(LIMIT)
    assert recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED


def send_again_and_again(back: zmq.Socket, name: bytes) -> None:
    """The socket may hear a moment after its monitor that a peer has gone."""
    for _ in range(LIMIT // QUIET):
        back.send_multipart([name, b"Task-0"])
        assert not back.poll(QUIET)


def test_the_program_picks_the_worker_and_not_the_router(ctx):
    back = router(ctx)
    ann, ben = (worker(ctx, back, name) for name in ("ann", "ben"))
    for n in range(3):
        back.send_multipart([b"ann", b"alice", b"%d" % n])  # Ben is free, and Ann is not
    assert [ann.recv_multipart() for _ in range(3)] == [[b"alice", b"%d" % n] for n in range(3)]
    assert not ben.poll(QUIET)


def test_a_task_goes_through_two_routers_and_its_reply_comes_back(ctx):
    front, back = router(ctx), router(ctx)
    alice, ann = dealer(ctx, address(front), "alice"), worker(ctx, back, "ann")
    alice.send(b"Task-0")
    back.send_multipart([b"ann", *front.recv_multipart()])
    assert ann.recv_multipart() == [b"alice", b"Task-0"]
    ann.send_multipart([b"alice", b"done"])
    free, *reply = back.recv_multipart()
    front.send_multipart(reply)
    assert free == b"ann"
    assert alice.recv_multipart() == [b"done"]


def test_a_router_keeps_nothing_for_a_worker_that_comes_later(ctx):
    back = router(ctx)
    back.send_multipart([b"ann", b"Task-0"])
    ann = worker(ctx, back, "ann")
    back.send_multipart([b"ann", b"Task-1"])
    assert ann.recv() == b"Task-1"
    assert not ann.poll(QUIET)


def test_a_poller_forgets_a_socket_that_is_registered_for_nothing(ctx):
    """So a broker that has nobody for a request sleeps, and does not look at it again and again."""
    front = router(ctx)
    poller = zmq.Poller()
    poller.register(front, 0)  # it need not be there
    poller.register(front, zmq.POLLIN)
    alice = dealer(ctx, address(front), "alice")
    alice.send(b"Task-0")
    assert poller.poll(LIMIT) == [(front, zmq.POLLIN)]
    poller.register(front, 0)
    assert front not in poller
    assert poller.poll(QUIET) == []


def test_work_waits_unread_until_the_broker_receives_it(ctx):
    front = router(ctx)
    alice = dealer(ctx, address(front), "alice")
    deal(alice, 20)
    assert front.poll(LIMIT)
    assert [front.recv_multipart() for _ in range(20)] == [[b"alice", b"%d" % n] for n in range(20)]


def test_what_is_unread_is_taken_in_turns_and_a_list_is_one_line(ctx):
    """On inproc, where a message that was sent has arrived."""
    front = router(ctx, "inproc://front")
    alice, bob = (dealer(ctx, "inproc://front", name) for name in ("alice", "bob"))
    deal(alice, 20)
    deal(bob, 1)
    assert b"bob" in [front.recv_multipart()[0] for _ in range(3)]
    waiting = [front.recv_multipart()[0] for _ in range(18)]  # now Alice has nothing unread any more
    deal(alice, 20)
    waiting += [front.recv_multipart()[0] for _ in range(20)]
    deal(bob, 1)
    waiting += [front.recv_multipart()[0]]
    assert waiting.index(b"bob") == 38


def test_unread_work_has_an_end_and_a_client_notices(ctx):
    """On inproc, where high-water marks are exact; over TCP the kernel's buffers come on top."""
    front = router(ctx, "inproc://front", rcvhwm=MARK)
    assert taken(dealer(ctx, "inproc://front", "alice", sndhwm=MARK)) == 2 * MARK
    assert front.poll(LIMIT)


def test_a_broker_that_reads_at_once_takes_without_end(ctx):
    front = router(ctx, "inproc://front", rcvhwm=MARK)
    alice = dealer(ctx, "inproc://front", "alice", sndhwm=MARK)
    tasks = []
    for _ in range(10 * MARK):
        alice.send(b"Task-0")
        tasks.append(front.recv_multipart())
    assert len(tasks) == 10 * MARK


def test_a_high_water_mark_is_a_thousand_when_none_is_set(ctx):
    assert ctx.socket(zmq.ROUTER).rcvhwm == 1_000


def test_a_task_is_lost_with_the_worker_that_had_it(ctx):
    back = router(ctx)
    monitor = back.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    ann, ben = (worker(ctx, back, name) for name in ("ann", "ben"))
    back.send_multipart([b"ann", b"Task-0"])
    assert ann.recv() == b"Task-0"
    ann.close()
    gone(monitor)
    assert not ben.poll(QUIET)
    assert not back.poll(QUIET)  # which also makes her name free again: lesson 08
    again = worker(ctx, back, "ann")
    assert not again.poll(QUIET)


def test_a_router_does_not_say_that_a_worker_has_gone_and_drops_its_task(ctx):
    back = router(ctx)
    monitor = back.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    ann, ben = (worker(ctx, back, name) for name in ("ann", "ben"))
    ann.close()
    gone(monitor)
    assert not back.poll(QUIET)
    back.send_multipart([b"ann", b"Task-0"])  # no error
    assert not ben.poll(QUIET)


def test_mandatory_makes_an_error_of_a_worker_that_has_gone_and_none_of_one_that_hangs(ctx):
    back = router(ctx, router_mandatory=True)
    monitor = back.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    ann, ben = (worker(ctx, back, name) for name in ("ann", "ben"))
    ann.close()
    gone(monitor)
    with pytest.raises(zmq.ZMQError) as unreachable:
        send_again_and_again(back, b"ann")
    assert unreachable.value.errno == zmq.EHOSTUNREACH
    back.send_multipart([b"ben", b"Task-0"])  # who reads nothing
    assert ben.poll(LIMIT)


def test_a_worker_connects_to_the_next_broker_and_does_not_say_ready_again(ctx):
    back = router(ctx)
    endpoint = address(back)
    ann = worker(ctx, back, "ann")
    monitor = ann.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    freed = back.get_monitor_socket(zmq.EVENT_CLOSED)
    back.unbind(endpoint)
    assert freed.poll(LIMIT)
    back.disable_monitor()
    back.close()
    after = router(ctx, endpoint)
    assert monitor.poll(LIMIT)
    assert not after.poll(QUIET)
