"""What a worker process says to a broker that was away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import zmq

from tests.course.exercises.learner import free_ports
from zmqlab.course.chaos import worker

PATIENCE = 0.04  # seconds, so it says ALIVE every 10 ms
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
