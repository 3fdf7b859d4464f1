"""Lesson 13, with plain pyzmq: what waits in the memory of a process is gone with it, and no socket sends it again."""

from __future__ import annotations

import subprocess
import sys
import time

import zmq

from tests.truths.binding import bind
from tests.truths.sockets import LIMIT, QUIET, dealer, router

BROKER = """
import sys, time, zmq

front = zmq.Context().socket(zmq.ROUTER)
front.bind(sys.argv[1])
print(front.last_endpoint.decode(), flush=True)
while front.poll():
    if sys.argv[2] == "reads":
        front.send_multipart(front.recv_multipart())
    else:
        time.sleep(0.2)  # the others arrive too
        print("they wait", flush=True)
        time.sleep(3600)
"""


def broker(endpoint: str, way: str) -> tuple[subprocess.Popen[str], str]:
    """A process, and where it is bound."""
    command = [sys.executable, "-c", BROKER, endpoint, way]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_requests_that_wait_unread_are_gone_with_the_process_and_are_answered_when_they_are_asked_again(ctx):
    first, endpoint = broker("tcp://127.0.0.1:*", "waits")
    alice = dealer(ctx, endpoint)
    for number in range(5):
        alice.send(b"%d" % number)
    assert first.stdout
    assert first.stdout.readline() == "they wait\n"
    first.kill()
    first.wait()
    following, _ = broker(endpoint, "reads")
    try:
        deadline = time.monotonic() + LIMIT / 1000
        while not alice.poll(100) and time.monotonic() < deadline:
            alice.send(b"probe")  # what is sent into a connection that is dying is lost, too
        came = [alice.recv()]  # and whatever was to be sent before it would have come before it
        while alice.poll(QUIET):
            came.append(alice.recv())
        assert set(came) == {b"probe"}
        for number in range(5):
            alice.send(b"%d" % number)
        for number in range(5):
            assert alice.poll(LIMIT)
            assert alice.recv() == b"%d" % number
    finally:
        following.kill()
        following.wait()
        for process in (first, following):
            assert process.stdout
            process.stdout.close()


def test_what_is_asked_while_no_broker_is_there_waits_in_the_client_and_is_sent_on_the_next_connection(ctx):
    first, endpoint = broker("tcp://127.0.0.1:*", "reads")
    alice = ctx.socket(zmq.DEALER)
    monitor = alice.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    alice.connect(endpoint)
    alice.send(b"first")
    assert alice.poll(LIMIT)
    alice.recv()
    first.kill()
    first.wait()
    assert monitor.poll(LIMIT)
    count = 0
    while alice.poll(0, zmq.POLLOUT):
        alice.send(b"%d" % count)
        count += 1
    assert 0.9 * alice.sndhwm <= count <= alice.sndhwm
    following, _ = broker(endpoint, "reads")
    try:
        for number in range(count):
            assert alice.poll(LIMIT)
            assert alice.recv() == b"%d" % number
        assert not alice.poll(QUIET)
    finally:
        following.kill()
        following.wait()
        alice.disable_monitor()


def test_on_inproc_nothing_waits_for_who_binds_the_name_again(ctx):
    first = router(ctx, "inproc://shop")
    alice = dealer(ctx, "inproc://shop")
    alice.send(b"unread")
    assert first.poll(LIMIT)
    first.close()
    deadline = time.monotonic() + LIMIT / 1000
    while alice.poll(0, zmq.POLLOUT) and time.monotonic() < deadline:
        time.sleep(0.01)  # it has not noticed yet
    again = ctx.socket(zmq.ROUTER)
    bind(again, "inproc://shop")
    assert not alice.poll(QUIET, zmq.POLLOUT)
    assert not again.poll(QUIET)
