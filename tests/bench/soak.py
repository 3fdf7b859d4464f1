"""Our broker under load for minutes, while clients and workers come and go: memory and queues must stay flat."""

from __future__ import annotations

import argparse
import sys
import time

import psutil

from tests.majordomo.support import status_of
from zmqlab.course.side_by_side.dialects import SERVICE
from zmqlab.course.side_by_side.load import Workers
from zmqlab.course.side_by_side.sides import ours_with_capacity
from zmqlab.majordomo import Client

GROWTH = 1.1  # how much the peak of the last third may be above that of the middle third
WINDOW = 64
BODY = bytes(24)
LEAST = 3  # samples: one for each third


class Samples:
    """What the broker takes, over time."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.memory: list[float] = []  # MB
        self.descriptors: list[float] = []
        self.queued: list[float] = []

    def take(self, client: Client) -> None:
        status = status_of(client)
        self.memory.append(self._process.memory_info().rss / 1e6)
        self.descriptors.append(self._process.num_fds() if sys.platform != "win32" else 0)
        self.queued.append(sum(service["queued"] for service in status["services"].values()))

    def report(self) -> bool:
        """Print them; True if all are flat."""
        flat = True
        for name, values, slack in (
            ("memory, MB", self.memory, 1.0),
            ("descriptors", self.descriptors, 8.0),
            ("queued", self.queued, WINDOW),
        ):
            third = len(values) // 3
            middle, last = max(values[third : 2 * third]), max(values[2 * third :])
            good = last <= middle * GROWTH + slack
            flat = flat and good
            print(
                f"{name:12} at first {values[0]:.0f}, peak of the middle third {middle:.1f}, of the last {last:.1f}: "
                f"{'flat' if good else 'GROWING'}"
            )
        return flat


def soak(seconds: float) -> bool:
    """Returns whether all stayed flat and every request was answered."""
    side = ours_with_capacity(8)
    broker = side.start()
    workers = Workers(3, broker.backend, side.dialect)
    samples = Samples(broker.process.pid or 0)
    answered, kills, end = 0, 0, time.monotonic() + seconds
    try:
        with Client(broker.frontend, timeout=60, retry_every=0.5) as client:
            client.call(SERVICE, BODY)
            next_look = time.monotonic() + seconds / 60
            while time.monotonic() < end or len(samples.memory) < LEAST:
                answered += sum(1 for _ in client.map(SERVICE, [BODY] * 500, window=WINDOW))
                if time.monotonic() < next_look:
                    continue
                next_look += seconds / 60
                with Client(broker.frontend) as passer_by:  # many come and go
                    passer_by.call(SERVICE, BODY)
                workers.replace(kills)
                kills += 1
                samples.take(client)
    finally:
        workers.kill()
        broker.kill()
    print(f"{answered} requests answered in {seconds:.0f} s, none lost; {kills} workers killed and replaced")
    return samples.report()


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    options = parser.parse_args(argv)
    if not soak(options.seconds):
        sys.exit(1)
