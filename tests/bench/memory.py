"""What a broker's memory comes to: requests that wait, and 1 GB offered to one that may hold less."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import psutil

from tests.bench.marks import at_most
from tests.majordomo.support import status_of
from zmqlab.course.side_by_side.dialects import MDP, SERVICE
from zmqlab.course.side_by_side.load import Caller
from zmqlab.course.side_by_side.sides import SPAWN, spawned
from zmqlab.majordomo import Broker, Client, Limits, Worker

LONG = 600.0  # seconds; longer than a measurement takes
ASKING = 4  # clients that offer large requests


def serve(tell: Connection, limits: Limits) -> None:
    broker = Broker("tcp://127.0.0.1:0", limits=limits)
    tell.send(broker.endpoint)
    broker.run()


class Watched:
    """A broker process, and how far its memory has grown at the most."""

    def __init__(self, limits: Limits) -> None:
        told, tell = SPAWN.Pipe()
        self._process = spawned(serve, tell, limits)
        self.endpoint: str = told.recv()
        self._memory = psutil.Process(self._process.pid).memory_info
        self._first = self.peak = self._memory().rss
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def grown(self) -> int:
        """Bytes, at its peak."""
        return self.peak - self._first

    def close(self) -> None:
        self._end.set()
        self._thread.join()
        self._process.kill()
        self._process.join()

    def _watch(self) -> None:
        while not self._end.wait(0.01):
            self.peak = max(self.peak, self._memory().rss)


@contextmanager
def watched(limits: Limits) -> Iterator[Watched]:
    broker = Watched(limits)
    try:
        yield broker
    finally:
        broker.close()


def bounded(broker: Watched, budget: int) -> bool:
    """Print how far it has grown; True if that is in the budget."""
    verdict = at_most(broker.grown(), budget)
    print(f"the broker's memory grew by {broker.grown() / 1e6:.0f} MB, mark at most {budget / 1e6:.0f} MB: {verdict}")
    return bool(verdict)


def memory(count: int) -> bool:
    """What requests that wait take in the broker, and that its limit bounds them."""
    limits = Limits(max_queued=count, max_per_client=10 * count, no_service_timeout=LONG, queue_timeout=LONG)
    figures = []
    with watched(limits) as broker, Client(broker.endpoint) as client:
        caller = Caller(broker.endpoint, MDP)
        for seen in (count, 2 * count):
            for _ in range(count):
                caller.ask(bytes(92))
            wait_until(lambda seen=seen: taken(client) >= seen)  # type: ignore[misc]
            figures.append(broker.grown())
        caller.close()
    print(f"{count} requests of 100 bytes: {figures[0] / count:,.0f} bytes of memory each ({figures[0] / 1e6:.0f} MB)")
    bounded = figures[1] < figures[0] * 1.2
    print(f"as many again, all refused: {figures[1] / 1e6:.0f} MB, {'bounded' if bounded else 'NOT BOUNDED'}")
    return bounded


def taken(client: Client) -> int:
    """How many requests the broker has accepted or refused."""
    told = status_of(client)
    return int(told["accepted"]) + int(told["errors"].get("BUSY", 0))


def wait_until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the broker does not take the load")
        time.sleep(0.05)


def many_bytes(offered: int, budget: int, size: int = 1 << 20) -> bool:
    """Requests of `size` bytes while no worker is there. True if each is kept or told BUSY, in bounded memory."""
    limits = Limits(max_bytes=budget, max_client_bytes=budget, no_service_timeout=LONG, queue_timeout=LONG)
    with watched(limits) as broker:
        outcomes = offer(broker.endpoint, offered // size, size)
        print(f"{offered // size} requests of {size / 1e6:.1f} MB, budget {budget / 1e6:.0f} MB: {dict(outcomes)}")
        small = bounded(broker, budget)
    told = outcomes["answered"] + outcomes["Busy"] == offered // size
    return told and outcomes["Busy"] > 0 and small


def offer(endpoint: str, count: int, size: int) -> Counter[str]:
    """What became of them, when a worker has come at last."""
    clients = [Client(endpoint, timeout=LONG, retry_every=LONG) for _ in range(ASKING)]
    body = bytes(size)
    futures = [clients[number % ASKING].submit(SERVICE, body) for number in range(count)]
    told = Client(endpoint)
    wait_until(lambda: taken(told) >= count)
    worker = Worker(endpoint, SERVICE, lambda frame: b"done")
    thread = threading.Thread(target=worker.run)
    thread.start()
    outcomes: Counter[str] = Counter()
    for future in futures:
        error = future.exception()
        outcomes[type(error).__name__ if error else "answered"] += 1
    worker.stop()
    thread.join()
    for client in (*clients, told):
        client.close()
    return outcomes
