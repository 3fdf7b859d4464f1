"""Lesson 05, with plain pyzmq: threads that share a socket kill their process, one that owns it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ATTEMPTS = 10  # some children are lucky, or stand still

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


def exit_code(program: str, folder: Path) -> int:
    """Of a child in `folder`, where a core dump, if there is one, is found by nobody."""
    child = subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, cwd=folder, timeout=60)
    return child.returncode


def test_four_threads_in_one_socket_kill_the_process(tmp_path: Path) -> None:
    assert any(exit_code(SHARED, tmp_path) not in (0, 1) for _ in range(ATTEMPTS))


def test_one_thread_may_serve_four(tmp_path: Path) -> None:
    assert exit_code(OWNED, tmp_path) == 0
