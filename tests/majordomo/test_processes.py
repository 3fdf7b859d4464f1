"""Real processes that are killed, stopped, cut off and replaced at random moments under load.

Every request must end, in its own answer, and none twice.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from tests.majordomo.cut import BOTH, NEITHER, Cut
from tests.majordomo.processes import cleanup, end, kill, start_broker, start_worker
from tests.majordomo.support import DEADLINE, status_of, until
from zmqlab.majordomo import Client, MajordomoError

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and SIGSTOP"),
    pytest.mark.timeout(240),
]

ECHO = "tests.majordomo.handlers:echo"


class Load:
    """Requests under way all the time, from a thread; it counts what became of them."""

    def __init__(self, endpoint: str) -> None:
        self.client = Client(endpoint, timeout=60, retry_every=0.5)
        self.done = 0
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            futures = {b"%d" % n: self.client.submit("echo", b"%d" % n) for n in range(number, number + 50)}
            number += 50
            for body, future in futures.items():
                try:
                    reply = future.result(DEADLINE * 4)
                except (MajordomoError, TimeoutError) as error:
                    self.wrong.append(repr(error))
                else:
                    if reply != [body]:
                        self.wrong.append(f"{body!r} got {reply!r}")
                self.done += 1

    def goes_on(self, count: int = 500) -> None:
        """Wait until so many more requests have ended."""
        goal = self.done + count
        until(lambda: self.done >= goal, f"{count} more requests end; so far {self.done}, {self.wrong}", 120)

    def finish(self) -> None:
        self._stop.set()
        self._thread.join()
        self.client.close()
        assert self.wrong == []


class Running(NamedTuple):
    """A broker that is asked all the time, with its workers; all are killed at the end of the ``with``."""

    processes: list[subprocess.Popen[str]]  # the broker, and then the workers
    endpoint: str
    load: Load

    def start_worker(self, endpoint: str = "", capacity: int = 8) -> subprocess.Popen[str]:
        """One more; connected to the broker, or to another endpoint."""
        self.processes.append(start_worker(endpoint or self.endpoint, "echo", ECHO, f"--capacity={capacity}"))
        return self.processes[-1]

    def restart_broker(self) -> None:
        """Kill it, and start another one at the same endpoint."""
        kill(self.processes[0])
        self.processes[0], _ = start_broker(endpoint=self.endpoint)


@contextmanager
def running(*options: str, workers: int = 2, capacity: int = 8) -> Iterator[Running]:
    with cleanup() as processes:
        broker, endpoint = start_broker(*options)
        processes.append(broker)
        world = Running(processes, endpoint, Load(endpoint))
        for _ in range(workers):
            world.start_worker(capacity=capacity)
        world.load.goes_on(50)
        yield world
        world.load.finish()


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


def test_workers_are_killed(chance):
    with running("--max-tries=100", workers=3) as world:
        for _ in range(6):
            time.sleep(chance.uniform(0, 0.1))  # a random moment, not a wait for anything
            kill(world.processes.pop(chance.randrange(1, len(world.processes))))
            world.start_worker()
            world.load.goes_on()
        world.load.finish()
        assert end(world.processes[0]) == 0


def test_a_worker_is_stopped_and_goes_on_later(chance):
    with running("--max-tries=100") as world:
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.1))
            sleeper = chance.choice(world.processes[1:])
            os.kill(sleeper.pid, signal.SIGSTOP)
            world.load.goes_on()
            os.kill(sleeper.pid, signal.SIGCONT)
            world.load.goes_on()


def test_the_broker_is_killed_and_started_again(chance):
    with running() as world:
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.1))
            world.restart_broker()
            world.load.goes_on()


def workers_of(client: Client) -> int:
    count: int = status_of(client)["services"]["echo"]["workers"]
    return count


def test_the_pool_is_replaced_while_it_works():
    """A rolling restart: nothing is executed twice, because the workers take their leave."""
    with running() as world:
        old = world.processes[1:]
        for _ in range(3):
            new = [world.start_worker() for _ in old]
            until(lambda: workers_of(world.load.client) == 4, "the new workers are there")
            assert [end(worker) for worker in old] == [0, 0]
            world.load.goes_on()
            old = new
        with Client(world.endpoint) as client:
            status = status_of(client)
        assert (status["retried"], status["lost_workers"]) == (0, {"disconnected": 6})


def test_a_connection_is_cut(chance):
    """A proxy between worker and broker stops to forward, without a word; a half-open connection."""
    with running("--max-tries=100", workers=1) as world:
        cut = Cut(world.endpoint)
        world.start_worker(cut.endpoint)
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.1))
            cut.silent = BOTH
            world.load.goes_on()
            cut.silent = NEITHER
            cut.reset()
            world.load.goes_on()
        world.load.finish()
        cut.close()


def test_the_broker_is_suspended_and_nothing_is_done_again():
    """For longer than a worker may work, while 900 jobs are out; they are finished meanwhile."""
    with cleanup() as processes:
        broker, endpoint = start_broker("--busy-timeout=1.5", "--heartbeat=1", "--liveness=5")
        processes.append(broker)
        processes.append(start_worker(endpoint, "later", "tests.majordomo.handlers:later", "--capacity=1000"))
        with Client(endpoint, retry_every=60) as client:
            assert client.call("later", b"0") == [b"done"]
            futures = [client.submit("later", b"0.4") for _ in range(900)]
            until(lambda: status_of(client)["dispatched"] == 901, "they are out")
            os.kill(broker.pid, signal.SIGSTOP)
            time.sleep(2)  # this is what is tried
            os.kill(broker.pid, signal.SIGCONT)
            assert [future.result(DEADLINE) for future in futures] == [[b"done"]] * 900
            status = status_of(client)
        assert (status["retried"], status["dispatched"], status["lost_workers"]) == (0, 901, {})


def test_workers_survive_a_broker_that_is_killed_under_load(chance):
    """libzmq ends a process that reads a message of which a part is lost; theirs go on, and end with 0."""
    with running(capacity=64) as world:
        for _ in range(5):
            time.sleep(chance.uniform(0, 0.05))
            world.restart_broker()
            world.load.goes_on(200)
        world.load.finish()
        assert [end(worker) for worker in world.processes[1:]] == [0, 0]
