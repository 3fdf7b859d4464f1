"""What a worker process says to a broker that was away."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import zmq

from tests.course.exercises.learner import free_ports
from zmqlab.course.chaos import worker
from zmqlab.course.chaos.work import noted

PATIENCE = 0.04  # seconds, so it says ALIVE every 10 ms
AT_WORK = 0.25  # seconds: a quarter of the time that it hangs
AWAY = 500  # ms, time enough for fifty of them


def test_a_broker_that_comes_late_does_not_hear_of_the_time_that_has_passed(tmp_path: Path) -> None:
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as early, ctx.socket(zmq.ROUTER) as late:
        endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
        early.bind(endpoint)
        arguments = ["plain", "ann", endpoint, str(tmp_path), str(PATIENCE)]
        process = subprocess.Popen([sys.executable, "-m", worker.__name__, *arguments])
        try:
            assert early.poll(20_000)
            early.close(linger=0)
            assert not late.poll(AWAY)  # not bound yet: this only passes the time
            late.bind(endpoint)
            assert late.poll(20_000)
            process.kill()  # what comes now was said while nobody was there
            process.wait()
            heard = 0
            while late.poll(100):
                late.recv_multipart()
                heard += 1
        finally:
            process.kill()
            process.wait()
    assert heard < 20


def test_who_was_at_work_when_the_broker_was_killed_brings_its_answer_to_the_next_one(tmp_path: Path) -> None:
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as killed, ctx.socket(zmq.ROUTER) as following:
        endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
        killed.bind(endpoint)
        arguments = ["plain", "ann", endpoint, str(tmp_path), str(AT_WORK)]
        process = subprocess.Popen([sys.executable, "-m", worker.__name__, *arguments])
        try:
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
        finally:
            process.kill()
            process.wait()


def _bind(socket: zmq.Socket[bytes], endpoint: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.bind(endpoint)
            return
        except zmq.ZMQError:  # the one before is still being closed
            assert time.monotonic() < deadline
            time.sleep(0.01)
