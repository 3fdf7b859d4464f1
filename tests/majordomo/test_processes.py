"""Real processes that are killed, stopped, cut off and replaced at random moments under load.

Every request must end, in its own answer, and none twice.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time

import pytest

from tests.majordomo.cut import Cut
from tests.majordomo.processes import cleanup, end, start_broker, start_worker
from tests.majordomo.support import DEADLINE, until
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


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


def test_workers_are_killed(chance):
    with cleanup() as processes:
        broker, endpoint = start_broker("--max-tries=100")
        processes.append(broker)
        processes += [start_worker(endpoint, "echo", ECHO, "--capacity=8") for _ in range(3)]
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(6):
            time.sleep(chance.uniform(0, 0.1))  # a random moment, not a wait for anything
            victim = processes.pop(chance.randrange(1, len(processes)))
            victim.kill()
            victim.wait()
            processes.append(start_worker(endpoint, "echo", ECHO, "--capacity=8"))
            load.goes_on()
        load.finish()


def test_a_worker_is_stopped_and_goes_on_later(chance):
    with cleanup() as processes:
        broker, endpoint = start_broker("--max-tries=100")
        processes.append(broker)
        processes += [start_worker(endpoint, "echo", ECHO, "--capacity=8") for _ in range(2)]
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.1))
            sleeper = chance.choice(processes[1:])
            os.kill(sleeper.pid, signal.SIGSTOP)
            load.goes_on()
            os.kill(sleeper.pid, signal.SIGCONT)
            load.goes_on()
        load.finish()


def test_the_broker_is_killed_and_started_again(chance):
    with cleanup() as processes:
        broker, endpoint = start_broker()
        processes.append(broker)
        processes += [start_worker(endpoint, "echo", ECHO, "--capacity=8") for _ in range(2)]
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.1))
            broker.kill()
            broker.wait()
            broker.stdout.close()
            broker, _ = start_broker(endpoint=endpoint)
            processes.append(broker)
            load.goes_on()
        load.finish()


def workers_of(client: Client) -> int:
    count: int = json.loads(client.call("mmi.status")[0])["services"]["echo"]["workers"]
    return count


def test_the_pool_is_replaced_while_it_works():
    """A rolling restart: nothing is executed twice, because the workers take their leave."""
    with cleanup() as processes:
        broker, endpoint = start_broker()
        processes.append(broker)
        old = [start_worker(endpoint, "echo", ECHO, "--capacity=8") for _ in range(2)]
        processes += old
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(3):
            new = [start_worker(endpoint, "echo", ECHO, "--capacity=8") for _ in old]
            processes += new
            until(lambda: workers_of(load.client) == 4, "the new workers are there")
            assert [end(worker) for worker in old] == [0, 0]
            load.goes_on()
            old = new
        with Client(endpoint) as client:
            status = client.call("mmi.status")[0]
        assert b'"retried": 0' in status
        assert b'"lost_workers": {"disconnected": 6}' in status
        load.finish()


def test_a_connection_is_cut(chance):
    """A proxy between worker and broker stops to forward, without a word; a half-open connection."""
    with cleanup() as processes:
        broker, endpoint = start_broker("--max-tries=100")
        processes.append(broker)
        cut = Cut(endpoint)
        processes.append(start_worker(cut.endpoint, "echo", ECHO, "--capacity=8"))
        processes.append(start_worker(endpoint, "echo", ECHO, "--capacity=8"))
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.1))
            cut.silent.set()
            load.goes_on()
            cut.silent.clear()
            cut.reset()
            load.goes_on()
        load.finish()
        cut.close()
