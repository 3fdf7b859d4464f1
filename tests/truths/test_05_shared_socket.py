"""Lesson 05, with plain pyzmq: threads that share a socket kill their process, one that owns it does not.

Nor do threads with a lock around every use. A lock around `send` alone is no cure: messages come apart, and now and
then the process dies all the same.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import zmq

ATTEMPTS = 30  # some children are lucky, or stand still

START = """
import queue, threading, time, zmq

socket = zmq.Context().socket(zmq.DEALER)
socket.bind("inproc://here")
socket.connect("inproc://here")

def exchange():
    socket.send_multipart([b"id", b"Task"])
    socket.recv_multipart()
"""

SHARED = (
    START
    + """
def work():
    while True:
        exchange()

for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(1)
"""
)

OWNED = (
    START
    + """
requests = queue.SimpleQueue()

def work():
    for _ in range(1000):
        requests.put(exchange)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(4000):
    requests.get()()
socket.close(linger=0)
"""
)


SEND_LOCKED = (
    START
    + """
import os

lock = threading.Lock()

def work():
    while True:
        for _ in range(20):
            with lock:
                socket.send_multipart([b"id", b"Task"])
        for _ in range(20):
            if socket.recv_multipart() != [b"id", b"Task"]:
                os._exit(3)

for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(1)
"""
)


LOCKED = (
    START
    + """
lock = threading.Lock()

def work():
    for _ in range(1000):
        with lock:
            exchange()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with lock:
    socket.close(linger=0)
"""
)


def exit_code(program: str, folder: Path) -> int:
    """Of a child in `folder`, where a core dump, if there is one, is found by nobody."""
    child = subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, cwd=folder, timeout=60)
    return child.returncode


def test_four_threads_in_one_socket_kill_the_process(tmp_path: Path) -> None:
    assert any(exit_code(SHARED, tmp_path) not in (0, 1) for _ in range(ATTEMPTS))


def test_a_lock_around_send_alone_is_not_enough(tmp_path: Path) -> None:
    assert any(exit_code(SEND_LOCKED, tmp_path) not in (0, 1) for _ in range(ATTEMPTS))


def test_one_thread_may_serve_four(tmp_path: Path) -> None:
    assert exit_code(OWNED, tmp_path) == 0


def test_four_may_with_a_lock_around_every_use(tmp_path: Path) -> None:
    """The full memory barriers of the manual: nobody is in the socket while another one is, its last use too."""
    assert exit_code(LOCKED, tmp_path) == 0


def test_inproc_is_within_a_context_and_not_within_a_process(ctx: zmq.Context) -> None:
    here = ctx.socket(zmq.ROUTER)
    here.bind("inproc://here")
    with zmq.Context() as other, other.socket(zmq.DEALER) as elsewhere:
        elsewhere.linger = 0
        elsewhere.connect("inproc://here")  # no error: it may still be bound, in that context
        elsewhere.send(b"Do you hear me?")
        assert not here.poll(300)
    near = ctx.socket(zmq.DEALER)
    near.connect("inproc://here")
    near.send(b"And me?")
    assert here.poll(5_000)
