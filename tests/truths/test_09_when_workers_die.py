"""Lesson 09, with plain pyzmq: who tells of a worker's end, and how old a heartbeat may be."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.truths.binding import bind
from tests.truths.sockets import LIMIT, QUIET, address, dealer, opened, router, worker

BEAT, TIMEOUT = 50, 200  # ms, of ZMTP heartbeats

WORKER = """
import sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(sys.argv[1])
socket.send(b"READY")
print(flush=True)
while sys.argv[2] == "works":
    pass
socket.recv()
"""


@pytest.fixture
def process() -> Iterator[list[subprocess.Popen]]:
    """Put a process in here, and it is killed at the end."""
    children: list[subprocess.Popen] = []
    yield children
    for child in children:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()


KEEPALIVE: dict[str, Any] = {
    "tcp_keepalive": 1,
    "tcp_keepalive_idle": 1,
    "tcp_keepalive_intvl": 1,
    "tcp_keepalive_cnt": 1,
}
"""It asks after a second, and gives up after one more: sooner is not allowed."""


def start(children: list[subprocess.Popen], boss: zmq.Socket, what: str) -> subprocess.Popen:
    command = [sys.executable, "-c", WORKER, address(boss), what]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    children.append(child)
    assert boss.recv_multipart()[1] == b"READY"
    assert child.stdout
    child.stdout.readline()
    return child


def test_a_router_says_nothing_of_a_peer_that_has_gone(ctx):
    boss = router(ctx)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    ann = worker(ctx, boss, "ann")
    ann.close()
    assert monitor.poll(LIMIT)  # its connection has ended
    assert not boss.poll(QUIET)


def test_a_monitor_does_not_say_whose_connection_has_ended(ctx):
    """The endpoint is the boss's own, and the file descriptor of one who has gone is given to one who comes."""
    boss = router(ctx)
    monitor = boss.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
    descriptors = []
    for name in ("ann", "ben", "cleo"):
        worker(ctx, boss, name).close()
        for kind in (zmq.EVENT_ACCEPTED, zmq.EVENT_DISCONNECTED):
            assert monitor.poll(LIMIT)
            event = recv_monitor_message(monitor)
            assert (event["event"], event["endpoint"]) == (kind, address(boss).encode())
            descriptors.append(event["value"])
    assert len(set(descriptors)) < 3


def test_on_inproc_a_monitor_tells_nothing_of_who_comes_and_who_goes(ctx):
    boss = router(ctx, "inproc://boss")
    monitor = boss.get_monitor_socket()
    worker(ctx, boss, "ann").close()
    assert not boss.poll(QUIET)
    assert not monitor.poll(0)


def test_a_zmtp_heartbeat_does_not_notice_a_program_that_is_busy_for_ever(ctx, process):
    boss = router(ctx, heartbeat_ivl=BEAT, heartbeat_timeout=TIMEOUT)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    start(process, boss, "works")
    assert not monitor.poll(4 * TIMEOUT)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this platform")
@pytest.mark.parametrize("beats", [True, False])
def test_a_zmtp_heartbeat_notices_a_process_that_stands_still(ctx, process, beats):
    boss = router(ctx, heartbeat_ivl=BEAT if beats else 0, heartbeat_timeout=TIMEOUT)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    child = start(process, boss, "waits")
    os.kill(child.pid, signal.SIGSTOP)
    assert bool(monitor.poll(LIMIT if beats else 4 * TIMEOUT)) is beats


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this platform")
def test_keepalive_does_not_notice_a_process_that_stands_still(ctx, process):
    """The operating system answers for it. (A cut link, which keepalive does notice, needs a second machine.)"""
    boss = router(ctx, **KEEPALIVE)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    child = start(process, boss, "waits")
    os.kill(child.pid, signal.SIGSTOP)
    assert not monitor.poll(3_000)


@pytest.mark.parametrize("beats", [0, BEAT])
def test_a_killed_process_is_noticed_at_once_with_heartbeats_and_without(ctx, process, beats):
    boss = router(ctx, heartbeat_ivl=beats, heartbeat_timeout=10 * LIMIT)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    start(process, boss, "works").kill()
    assert monitor.poll(LIMIT)


AWAY = 20  # heartbeats that are sent while nobody is there


def heard(boss: zmq.Socket) -> list[list[bytes]]:
    """What the boss hears until it is quiet, without the routing ids."""
    words = []
    while boss.poll(QUIET):
        words.append(boss.recv_multipart()[1:])
    return words


def away(boss: zmq.Socket) -> str:
    """The boss has gone, and its connections with it; its endpoint."""
    endpoint = address(boss)
    boss.close()
    return endpoint


def left_alone(ctx: zmq.Context) -> tuple[zmq.Socket, str]:
    """Ann, who knows that her boss has gone, and has said ALIVE since; the endpoint where he was."""
    boss = router(ctx)
    ann = worker(ctx, boss, "ann")
    gone = ann.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    endpoint = away(boss)
    assert gone.poll(LIMIT)
    for _ in range(AWAY):
        ann.send(b"ALIVE")
    return ann, endpoint


def test_a_worker_that_is_silent_by_now_is_heard_by_the_new_boss(ctx):
    _ann, endpoint = left_alone(ctx)  # she is there, and says nothing more
    assert heard(came_back(ctx, endpoint)) == [[b"ALIVE"]] * AWAY


def test_a_worker_queues_as_many_heartbeats_as_its_high_water_mark_allows(ctx):
    ann = dealer(ctx, "tcp://127.0.0.1:1", "ann")
    for _ in range(ann.sndhwm):
        ann.send(b"ALIVE")
    assert ann.sndhwm == 1_000
    assert not ann.poll(0, zmq.POLLOUT)


def test_on_inproc_a_worker_connects_once_and_queues_nothing_for_a_boss_who_has_gone(ctx):
    boss = router(ctx, "inproc://boss")
    ann = worker(ctx, boss, "ann")
    away(boss)
    assert any(not (ann.poll(10) or ann.poll(0, zmq.POLLOUT)) for _ in range(LIMIT // 10))
    with pytest.raises(zmq.Again):
        ann.send(b"ALIVE", zmq.DONTWAIT)
    router(ctx, "inproc://boss")
    assert not ann.poll(QUIET, zmq.POLLOUT)


def test_a_new_socket_for_each_try_leaves_the_old_heartbeats_behind(ctx):
    ann, endpoint = left_alone(ctx)
    ann.close(linger=0)
    again = dealer(ctx, endpoint, "ann again")
    again.send(b"READY")
    assert heard(came_back(ctx, endpoint)) == [[b"READY"]]


def test_with_a_small_mark_few_are_old_and_a_time_in_the_message_says_so(ctx):
    boss = router(ctx)
    ann = dealer(ctx, address(boss), "ann", sndhwm=2, sndtimeo=0)
    ann.send_multipart([b"ALIVE", b"0"])
    boss.recv_multipart()
    gone = ann.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    endpoint = away(boss)
    assert gone.poll(LIMIT)
    for second in range(1, AWAY):
        with contextlib.suppress(zmq.Again):
            ann.send_multipart([b"ALIVE", b"%d" % second])
    times = [int(second) for _, second in heard(came_back(ctx, endpoint))]
    assert len(times) <= 2
    assert max(times, default=0) <= 2


def came_back(ctx: zmq.Context, endpoint: str) -> zmq.Socket:
    return opened(ctx, zmq.ROUTER, {}, lambda socket: bind(socket, endpoint))
