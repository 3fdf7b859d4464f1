"""Lesson 12, with plain pyzmq: what a fork does to a Context. The forks happen in a child process with a deadline."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")

LIMIT = 30  # seconds; reached only when something is wrong

PARENT = """
import multiprocessing, signal, zmq

def old():
    client.send(b"with the old socket")

def anew():
    with context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(endpoint)
        socket.send(b"with a new socket of the old Context")
        socket.poll(300)

def own():
    with zmq.Context() as mine, mine.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        socket.send(b"with a Context of its own")

def instance():
    assert zmq.Context.instance() is not context
    with zmq.Context.instance().socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        socket.send(b"with Context.instance()")
    zmq.Context.instance().term()

def receive():
    signal.setitimer(signal.ITIMER_REAL, 0.4)  # kills the child, should it not be done by then
    client.poll(50)

context = zmq.Context.instance()
server, client = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
server.bind("tcp://127.0.0.1:*")
endpoint = server.last_endpoint
client.connect(endpoint)
client.send(b"before")
assert server.recv_multipart()[1] == b"before"
child = multiprocessing.get_context("fork").Process(target=CHILD)
child.start()
child.join()
while server.poll(300):
    print(server.recv_multipart()[1].decode())
client.send(b"after")
assert server.recv_multipart()[1] == b"after"
print("ended with", child.exitcode)
"""


def told(child: str) -> list[str]:
    """What the parent received from a child that does this, and how the child ended."""
    program = PARENT.replace("CHILD", child)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("child", ["old", "anew"])
def test_what_a_forked_child_sends_with_the_old_context_goes_nowhere(child):
    assert told(child) == ["ended with 0"]


def test_a_forked_child_never_returns_from_a_poll_of_an_old_socket():
    assert told("receive") == ["ended with -14"]  # SIGALRM


@pytest.mark.parametrize(
    ("child", "what"), [("own", "with a Context of its own"), ("instance", "with Context.instance()")]
)
def test_a_forked_child_with_a_context_of_its_own_is_heard(child, what):
    assert told(child) == [what, "ended with 0"]


def test_a_spawned_child_is_sent_no_socket():
    """What it is sent is pickled, and a socket cannot be: so the mistake is seen where it is made."""
    program = PARENT.replace('"fork"', '"spawn"').replace("target=CHILD", "target=client.send, args=[b'x']")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode
    assert done.stderr.splitlines()[-1].startswith("TypeError")
