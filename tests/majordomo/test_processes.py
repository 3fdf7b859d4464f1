"""Real processes that are killed, stopped, cut off and replaced at random moments under load.

Every request must end, in its own answer, and none twice.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time

import pytest

from tests.majordomo.cut import Cut
from tests.majordomo.processes import cleanup, end, start_broker, start_worker
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
        assert end(broker) == 0


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
            assert broker.stdout
            broker.stdout.close()
            broker, _ = start_broker(endpoint=endpoint)
            processes.append(broker)
            load.goes_on()
        load.finish()


def workers_of(client: Client) -> int:
    count: int = status_of(client)["services"]["echo"]["workers"]
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
    with cleanup() as processes:
        broker, endpoint = start_broker()
        workers = [start_worker(endpoint, "echo", ECHO, "--capacity=64") for _ in range(2)]
        processes += [broker, *workers]
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(5):
            time.sleep(chance.uniform(0, 0.05))
            broker.kill()
            broker.wait()
            assert broker.stdout
            broker.stdout.close()
            broker, _ = start_broker(endpoint=endpoint)
            processes.append(broker)
            load.goes_on(200)
        load.finish()
        assert [end(worker) for worker in workers] == [0, 0]
