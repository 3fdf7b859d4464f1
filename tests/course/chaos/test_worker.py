"""What a worker process says to a broker that was away."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq

from tests.ports import free_ports
from zmqlab.course.chaos import worker
from zmqlab.course.chaos.work import noted

PATIENCE = 0.04  # seconds, so it says ALIVE every 10 ms
AT_WORK = 0.25  # seconds: a quarter of the time that it hangs
AWAY = 500  # ms, time enough for fifty of them


@contextmanager
def ann(endpoint: str, folder: Path, patience: float) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, which is killed at the end."""
    arguments = ["plain", "ann", endpoint, str(folder), str(patience)]
    process = subprocess.Popen([sys.executable, "-m", worker.__name__, *arguments])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_broker_that_comes_late_does_not_hear_of_the_time_that_has_passed(tmp_path: Path) -> None:
    endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as early, ctx.socket(zmq.ROUTER) as late:
        early.bind(endpoint)
        with ann(endpoint, tmp_path, PATIENCE):
            assert early.poll(20_000)
            early.close(linger=0)
            assert not late.poll(AWAY)  # not bound yet: this only passes the time
            late.bind(endpoint)
            assert late.poll(20_000)
        heard = 0  # what comes now was said while nobody was there
        while late.poll(100):
            late.recv_multipart()
            heard += 1
    assert heard < 20


def test_who_was_at_work_when_the_broker_was_killed_brings_its_answer_to_the_next_one(tmp_path: Path) -> None:
    endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as killed, ctx.socket(zmq.ROUTER) as following:
        killed.bind(endpoint)
        with ann(endpoint, tmp_path, AT_WORK) as process:
            assert killed.poll(20_000)
            name, word = killed.recv_multipart()
            assert word == b"READY"
            killed.send_multipart([name, b"token", b"hang alice 4"])
            while not noted(tmp_path):
                time.sleep(0.001)
                assert process.poll() is None
            killed.unbind(endpoint)
            killed.close(linger=0)
            _bind(following, endpoint)
            assert following.poll(20_000)
            assert following.recv_multipart()[1:] == [b"DONE", b"token", b"HANG ALICE 4"]


def _bind(socket: zmq.Socket[bytes], endpoint: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.bind(endpoint)
            return
        except zmq.ZMQError:  # the one before is still being closed
            assert time.monotonic() < deadline
            time.sleep(0.01)
