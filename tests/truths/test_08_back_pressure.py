"""Lesson 08, with plain pyzmq: where the high-water marks are, who waits and who drops, what MANDATORY promises."""

from __future__ import annotations

import contextlib
import os
import signal
import socket as tcp
import subprocess
import sys
import threading
from collections.abc import Iterator
from time import monotonic, sleep

import pytest
import zmq

from tests.truths.sockets import address, unread

LIMIT = 5_000  # ms for what must happen
QUIET = 300  # ms in which nothing may happen
MARK = 10
MANY = 10 * MARK

WORKER = """
import sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.routing_id = b"cleo"
socket.connect(sys.argv[1])
socket.send(b"READY")
while True:
    socket.recv()
"""

GROWS = """
import psutil, sys, zmq
ctx = zmq.Context()
ctx.sndhwm = ctx.rcvhwm = int(sys.argv[1])
server, *clients = (ctx.socket(zmq.DEALER) for n in range(4))
server.bind("inproc://shop")
for client in clients:
    client.connect("inproc://shop")
before = psutil.Process().memory_info().rss
while server.poll(100, zmq.POLLOUT):
    server.send(bytes(1_000_000))
print(psutil.Process().memory_info().rss - before)
ctx.destroy(linger=0)
"""


def small(ctx: zmq.Context, kind: int) -> zmq.Socket:
    """A socket with small marks on both sides."""
    socket = ctx.socket(kind)
    socket.linger = 0
    socket.sndhwm = socket.rcvhwm = MARK
    socket.rcvtimeo = socket.sndtimeo = LIMIT
    return socket


def crew(ctx: zmq.Context, kind: int, endpoint: str, *names: bytes) -> list[zmq.Socket]:
    """A bound boss, and DEALERs of these names that it has heard."""
    boss = small(ctx, kind)
    boss.bind(endpoint)
    workers = []
    for name in names:
        worker = small(ctx, zmq.DEALER)
        worker.routing_id = name
        worker.connect(address(boss))
        worker.send(b"READY")
        boss.recv_multipart()
        workers.append(worker)
    return [boss, *workers]


def accepted(boss: zmq.Socket, *envelope: bytes, most: int = 100_000, size: int = 1, patience: int = 0) -> int:
    """How many messages it takes, one after another, as long as there is room within so many ms."""
    for n in range(most):
        if not boss.poll(patience, zmq.POLLOUT):
            return n
        try:
            boss.send_multipart([*envelope, b"x" * size], zmq.DONTWAIT)
        except zmq.Again:
            return n
    return most


def test_on_inproc_both_marks_together_are_the_limit(ctx):
    boss, ann = crew(ctx, zmq.DEALER, "inproc://desk", b"ann")
    assert accepted(boss) == 2 * MARK
    assert unread(ann) == 2 * MARK


@pytest.mark.parametrize("marks", [{"sndhwm": 0, "rcvhwm": 0}, {"sndhwm": 0}, {"rcvhwm": 0}], ids=str)
def test_a_mark_of_zero_is_no_limit(ctx, marks):
    """On inproc, where both queues are one, on either side."""
    ends = [small(ctx, zmq.DEALER) for _ in range(2)]
    ends[0].sndhwm, ends[1].rcvhwm = marks.get("sndhwm", MARK), marks.get("rcvhwm", MARK)
    ends[0].bind("inproc://desk")
    ends[1].connect("inproc://desk")
    assert accepted(ends[0], most=MANY) == MANY


@pytest.mark.parametrize("mark", [10, 20])
def test_a_process_grows_by_messages_times_size_times_peers(mark):
    grown = int(subprocess.check_output([sys.executable, "-c", GROWS, str(mark)]))
    assert grown == pytest.approx(2 * mark * 3 * 1_000_000, rel=0.15)


def test_over_tcp_far_more_than_both_marks_are_on_their_way(ctx):
    boss, _ = crew(ctx, zmq.DEALER, "tcp://127.0.0.1:*", b"ann")
    assert accepted(boss, size=1_000, patience=QUIET) > 2 * MARK


def test_room_comes_back_in_portions(ctx):
    boss, ann = crew(ctx, zmq.DEALER, "inproc://desk", b"ann")
    accepted(boss)
    room = []
    for _ in range(2 * MARK):
        ann.recv()
        room.append(accepted(boss))
    assert room == 2 * [*(MARK - 1) * [0], MARK]


def test_each_peer_has_a_mark_of_its_own(ctx):
    boss, ann, ben = crew(ctx, zmq.DEALER, "inproc://desk", b"ann", b"ben")
    assert accepted(boss) == 4 * MARK
    assert (unread(ann), unread(ben)) == (2 * MARK, 2 * MARK)


def test_a_full_peer_does_not_stop_a_dealer_that_has_another(ctx):
    boss, ann, ben = crew(ctx, zmq.DEALER, "inproc://desk", b"ann", b"ben")
    accepted(boss)
    for _ in range(MARK):
        ben.recv()
    assert accepted(boss) == MARK
    assert (unread(ann), unread(ben)) == (2 * MARK, 2 * MARK)


def test_a_dealer_waits_at_its_high_water_mark(ctx):
    boss, ann = crew(ctx, zmq.DEALER, "inproc://desk", b"ann")
    accepted(boss)
    with pytest.raises(zmq.Again):
        boss.send(b"x", zmq.DONTWAIT)
    boss.sndtimeo = 100
    began = monotonic()
    with pytest.raises(zmq.Again):
        boss.send(b"x")
    assert monotonic() - began > 0.05
    assert unread(ann) == 2 * MARK


def test_a_router_drops_at_its_high_water_mark(ctx):
    boss, ann = crew(ctx, zmq.ROUTER, "inproc://desk", b"ann")
    assert accepted(boss, b"ann", most=MANY) == MANY
    assert unread(ann) == 2 * MARK


def test_a_router_drops_for_the_full_peer_alone(ctx):
    boss, ann, ben = crew(ctx, zmq.ROUTER, "inproc://desk", b"ann", b"ben")
    accepted(boss, b"ann", most=MANY)
    accepted(boss, b"ben", most=MARK)
    assert (unread(ann), unread(ben)) == (2 * MARK, MARK)


def test_mandatory_says_that_a_peer_is_full_or_unknown_and_the_others_get_their_messages(ctx):
    boss, ann, ben = crew(ctx, zmq.ROUTER, "inproc://desk", b"ann", b"ben")
    boss.router_mandatory = True
    assert accepted(boss, b"ann", most=MANY) == 2 * MARK
    with pytest.raises(zmq.ZMQError) as unknown:
        boss.send_multipart([b"nobody", b"x"], zmq.DONTWAIT)
    assert unknown.value.errno == zmq.EHOSTUNREACH
    boss.send_multipart([b"ben", b"x"], zmq.DONTWAIT)
    assert (unread(ann), unread(ben)) == (2 * MARK, 1)


def test_mandatory_without_dontwait_waits_for_the_full_peer(ctx):
    boss, *_ = crew(ctx, zmq.ROUTER, "inproc://desk", b"ann", b"ben")
    boss.router_mandatory = True
    accepted(boss, b"ann", most=MANY)
    boss.sndtimeo = 100
    began = monotonic()
    with pytest.raises(zmq.Again):
        boss.send_multipart([b"ann", b"x"])
    assert monotonic() - began > 0.05


def test_pollout_of_a_router_says_nothing_of_one_peer(ctx):
    boss, *_ = crew(ctx, zmq.ROUTER, "inproc://desk", b"ann", b"ben")
    accepted(boss, b"ann", most=MANY)
    accepted(boss, b"ben", most=MANY)
    assert boss.poll(0, zmq.POLLOUT)  # without MANDATORY always: it can drop
    boss.router_mandatory = True
    assert not boss.poll(0, zmq.POLLOUT)


def test_pollout_of_a_mandatory_router_means_that_some_peer_has_room(ctx):
    boss, *_ = crew(ctx, zmq.ROUTER, "inproc://desk", b"ann", b"ben")
    boss.router_mandatory = True
    accepted(boss, b"ann", most=MANY)
    assert boss.poll(0, zmq.POLLOUT)  # for ben
    with pytest.raises(zmq.Again):
        boss.send_multipart([b"ann", b"x"], zmq.DONTWAIT)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this platform")
def test_mandatory_accepts_for_a_process_that_stands_still_and_loses_what_it_had_when_it_is_killed(ctx):
    boss = ctx.socket(zmq.ROUTER)
    boss.router_mandatory = True
    boss.rcvtimeo = boss.sndtimeo = LIMIT
    boss.bind("tcp://127.0.0.1:*")
    worker = subprocess.Popen([sys.executable, "-c", WORKER, address(boss)])
    try:
        assert boss.recv_multipart() == [b"cleo", b"READY"]
        os.kill(worker.pid, signal.SIGSTOP)
        for _ in range(5):
            boss.send_multipart([b"cleo", b"job"])  # accepted, and never done
    finally:
        worker.kill()
        worker.wait()
    assert not boss.poll(QUIET)  # nobody tells
    assert unreachable(boss)


@pytest.fixture
def silent() -> Iterator[tuple[int, list[tcp.socket]]]:
    """A port that leads to the address which is put into the list. When one side dies, it does not tell the other."""
    ends: list[tcp.socket] = [tcp.create_server(("127.0.0.1", 0))]
    yield ends[0].getsockname()[1], ends
    for end in ends:
        end.close()


def pass_on(ends: list[tcp.socket], port: int) -> None:
    """Connect whoever comes with that port, and leave both connections open for ever."""

    def copy(source: tcp.socket, target: tcp.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                target.sendall(data)

    def run() -> None:
        ends.append(ends[0].accept()[0])
        ends.append(tcp.create_connection(("127.0.0.1", port)))
        for pair in (ends[1:3], ends[2:0:-1]):
            threading.Thread(target=copy, args=pair, daemon=True).start()

    threading.Thread(target=run, daemon=True).start()


def test_mandatory_accepts_for_a_dead_worker_as_long_as_the_network_does_not_tell(ctx, silent):
    port, ends = silent
    boss = ctx.socket(zmq.ROUTER)
    boss.router_mandatory = True
    boss.rcvtimeo = boss.sndtimeo = LIMIT
    boss.bind("tcp://127.0.0.1:*")
    pass_on(ends, int(address(boss).split(":")[-1]))
    worker = subprocess.Popen([sys.executable, "-c", WORKER, f"tcp://127.0.0.1:{port}"])
    try:
        assert boss.recv_multipart() == [b"cleo", b"READY"]
    finally:
        worker.kill()
        worker.wait()
    for _ in range(5):
        boss.send_multipart([b"cleo", b"job"])
        assert not boss.poll(10)
    ends[2].shutdown(tcp.SHUT_RDWR)  # now it tells
    assert unreachable(boss)


@pytest.mark.parametrize("looks", [True, False])
def test_a_name_is_free_again_only_when_the_router_has_looked_for_messages(ctx, looks):
    """EHOSTUNREACH does not say that it is: whoever comes back under that name too early is never heard."""
    boss, cleo = crew(ctx, zmq.ROUTER, "tcp://127.0.0.1:*", b"cleo")
    boss.router_mandatory = True
    cleo.close()
    assert unreachable(boss, looks=False)
    if looks:
        boss.poll(QUIET)
    monitor = boss.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    again = small(ctx, zmq.DEALER)
    again.routing_id = b"cleo"
    again.connect(address(boss))
    again.send(b"READY")
    assert monitor.poll(LIMIT)
    assert bool(boss.poll(QUIET)) is looks


def unreachable(boss: zmq.Socket, looks: bool = True) -> bool:
    """Whether the ROUTER says so in the end. In between it looks for messages, or not."""
    deadline = monotonic() + LIMIT / 1000
    while monotonic() < deadline:
        try:
            boss.send_multipart([b"cleo", b"job"])
        except zmq.ZMQError as error:
            return error.errno == zmq.EHOSTUNREACH
        boss.poll(10) if looks else sleep(0.01)
    return False
