"""Lesson 13, with plain pyzmq: what waits in the memory of a process is gone with it, and no socket sends it again."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.truths.sockets import LIMIT, QUIET, dealer

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
