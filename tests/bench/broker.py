"""Our Majordomo broker and its peers under the same load: throughput, skewed work, chaos, memory.

Everything goes over TCP on loopback, every broker and worker is a process of its own, and all sides are measured in
turn, round by round. Ratios count; figures of one machine mean nothing on another.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import Future
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from tests.bench.abuse import flood
from tests.bench.crowd import many_peers
from tests.bench.load import at_rate, percentile, through_chaos
from tests.bench.marks import at_least, at_most
from tests.bench.memory import many_bytes, memory
from tests.bench.peers import MAJORTOMO, SIDES, TEXTBOOK, TEXTBOOK_LRU
from tests.bench.storm import storm
from zmqlab.course.side_by_side.dialects import SERVICE
from zmqlab.course.side_by_side.echoing import echoing
from zmqlab.course.side_by_side.load import Caller, Result, Workers
from zmqlab.course.side_by_side.sides import FLOOR, OURS, PROXY, RunningBroker, Side, ours_with_capacity
from zmqlab.majordomo import Client

WINDOWS = (1, 16, 64, 1024)
CREDIT = 32
MARKS = {
    (PROXY.name, 64): 0.4,
    (TEXTBOOK.name, 64): 2.0,
    (MAJORTOMO.name, 64): 2.5,
    (FLOOR.name, 1): 0.85,
    (FLOOR.name, 64): 0.85,
    (FLOOR.name, 1024): 0.85,
}
"""Of ours over theirs, at that window."""
SKEW_MARK = 0.5
LARGE = 1 << 20  # bytes
LARGE_WINDOW = 8
LARGE_MARK = 0.95
WORK = bytes([1]) + bytes(15)  # 1 ms of work: a payload that keeps the chaos going for some seconds


def sides() -> list[Side]:
    """All that are here: majortomo is installed with what the tests need."""
    found = [side for side in SIDES if side is not MAJORTOMO or find_spec("majortomo")]
    return [ours_with_capacity(CREDIT) if side is OURS else side for side in found]


# -- throughput ----------------------------------------------------------------------------------------------------


def throughput(rounds: int, seconds: float) -> bool:
    """Echo through two workers, at several windows. All brokers are there at once, and have their turns."""
    results: dict[tuple[str, int], list[Result]] = {}
    with ExitStack() as stack:
        callers = {side.name: stack.enter_context(echoing(side)) for side in sides()}
        for number in range(rounds):
            for window in WINDOWS:
                for name, caller in callers.items():
                    results.setdefault((name, window), []).append(caller.run(window, seconds))
            told = ", ".join(f"{name} {results[name, WINDOWS[-1]][-1].rate:,.0f}" for name in callers)
            print(f"round {number + 1}, requests/s at window {WINDOWS[-1]}: {told}", flush=True)
    for window in WINDOWS:
        print(f"\nwindow {window:4}              requests/s   p50 ms   p99 ms   ours / theirs (lowest to highest)")
        for name in callers:
            print(f"  {name:20} {summary(results[name, window], results[OURS.name, window])}")
    reached = True
    print()
    for (name, window), mark in MARKS.items():
        if name in callers:
            middle = median(ratios(results[OURS.name, window], results[name, window]))
            good = at_least(middle, mark)
            reached = reached and bool(good)
            print(f"ours / {name} at window {window}: {middle:.2f}, mark {mark}: {good}")
    return reached


def summary(theirs: list[Result], ours: list[Result]) -> str:
    rate = median(result.rate for result in theirs)
    p50 = median(percentile(result.latencies, 0.5) for result in theirs)
    p99 = median(percentile(result.latencies, 0.99) for result in theirs)
    found = ratios(ours, theirs)
    return f"{rate:12,.0f} {p50:8.2f} {p99:8.2f}   {median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


def ratios(ours: list[Result], theirs: list[Result]) -> list[float]:
    return [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]


# -- large bodies --------------------------------------------------------------------------------------------------


def large(rounds: int, seconds: float) -> bool:
    """Echo of bodies of 1 MiB, beside `zmq.proxy` with as many frames: what is only passed on is not copied."""
    results: dict[str, list[Result]] = {}
    with ExitStack() as stack:
        callers = {side.name: stack.enter_context(echoing(side)) for side in (PROXY, ours_with_capacity(CREDIT))}
        for _ in range(rounds):
            for name, caller in callers.items():
                results.setdefault(name, []).append(caller.run(LARGE_WINDOW, seconds, bytes(LARGE)))
    found = ratios(results[OURS.name], results[PROXY.name])
    good = at_least(median(found), LARGE_MARK)
    print(
        f"bodies of {LARGE:,} bytes at window {LARGE_WINDOW}, ours / {PROXY.name}: {median(found):.2f} "
        f"({min(found):.2f} to {max(found):.2f}), mark {LARGE_MARK}: {good}"
    )
    return bool(good)


# -- skewed work ---------------------------------------------------------------------------------------------------


def skew(rounds: int, count: int) -> bool:
    """One job in ten takes 50 ms, the others 1 ms; 4 workers, busy for half of the time."""
    payloads = {"short": bytes([1]) + bytes(15), "long": bytes([50]) + bytes(15)}
    rate = 0.5 * 4 / (0.9 * 0.001 + 0.1 * 0.050)
    compared: dict[str, list[float]] = {PROXY.name: [], OURS.name: []}
    for number in range(rounds):
        for side in (PROXY, OURS):
            broker = side.start()
            workers = Workers(4, broker.backend, side.dialect)
            caller = Caller(broker.frontend, side.dialect)
            try:
                caller.warm_up(4)
                short = at_rate(caller, rate, count, payloads, random.Random(number))["short"]
            finally:
                caller.close()
                workers.kill()
                broker.kill()
            compared[side.name].append(percentile(short, 0.99))
            print(
                f"round {number + 1}, {side.name}: short jobs p50 {percentile(short, 0.5):.1f} ms, "
                f"p99 {percentile(short, 0.99):.1f} ms",
                flush=True,
            )
    shares = [one / other for one, other in zip(compared[OURS.name], compared[PROXY.name], strict=True)]
    middle = median(shares)
    good = at_most(middle, SKEW_MARK)
    print(
        f"p99 of the short jobs, ours / zmq.proxy: {middle:.2f} ({min(shares):.2f} to {max(shares):.2f}), "
        f"mark at most {SKEW_MARK}: {good}"
    )
    return bool(good)


# -- chaos ---------------------------------------------------------------------------------------------------------


class Chaos(threading.Thread):
    """Kills a worker every 200 ms, and once, in the middle, the broker, which is started again at once."""

    def __init__(self, side: Side, log: Path) -> None:
        super().__init__()
        self.broker = side.start()
        self.endpoints = self.broker.frontend, self.broker.backend
        self.workers = Workers(4, self.broker.backend, side.dialect, str(log))
        self.kills = 0
        self.kill_broker = threading.Event()
        self._side = side
        self._stop_it = threading.Event()

    def run(self) -> None:
        while not self._stop_it.wait(0.2):
            self.workers.replace(self.kills)
            self.kills += 1
            if self.kill_broker.is_set():
                self.kill_broker.clear()
                self.broker.kill()
                self.broker = RunningBroker(self._side, self.endpoints)

    def end(self) -> None:
        self._stop_it.set()
        self.join()
        self.workers.kill()
        self.broker.kill()


def chaos(count: int) -> bool:
    """Requests while workers and the broker are killed: ours with its client; the peers with a plain one."""
    answered_all = chaos_for_ours(count)
    for side in sides():
        if side.name in (PROXY.name, TEXTBOOK_LRU.name, TEXTBOOK.name, MAJORTOMO.name):
            chaos_for_peer(side, count)
    return answered_all


def chaos_for_ours(count: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "executed"
        chaos = Chaos(ours_with_capacity(8), log)
        outcomes: Counter[str] = Counter()
        wrong = 0
        with Client(chaos.endpoints[0], timeout=120, retry_every=0.5, max_in_flight=64) as client:
            client.call(SERVICE, bytes(24))
            chaos.start()
            futures: dict[bytes, Future[list[bytes]]] = {}
            for number in range(1, count + 1):
                body = number.to_bytes(8, "big") + WORK
                futures[body] = client.submit(SERVICE, body, timeout=120)
                if number == count // 2:
                    chaos.kill_broker.set()
            for body, future in futures.items():
                error = future.exception()
                outcomes[type(error).__name__ if error else "answered"] += 1
                wrong += not error and future.result() != [body]
            retries, late = client.retries, client.late
        chaos.end()
        executed = len(log.read_bytes()) // 8 - 1
    lost = count - outcomes["answered"]
    print(
        f"ours, with our client: {count} requests, {chaos.kills} workers killed, the broker once: {lost} without an "
        f"answer, {wrong} with a wrong one; {executed / count:.4f} executions per request; {retries} asked again by "
        f"the client, {late} second answers came to it and were dropped; outcomes {dict(outcomes)}",
        flush=True,
    )
    return lost == 0 and wrong == 0


def chaos_for_peer(side: Side, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "executed"
        chaos = Chaos(side, log)
        caller = Caller(chaos.endpoints[0], side.dialect)
        caller.warm_up(4)
        chaos.start()
        result = through_chaos(caller, 64, count, WORK, patience=2.0, half_time=chaos.kill_broker.set)
        chaos.end()
        caller.close()
        executed = len(log.read_bytes()) // 8 - 200
    print(
        f"{side.name}, with a plain client: {count} requests, {chaos.kills} workers killed, the broker once: "
        f"{result.lost} without an answer, {result.twice} answered twice; "
        f"{executed / count:.4f} executions per request",
        flush=True,
    )


PARTS = ("throughput", "large", "skew", "chaos", "memory", "crowd", "flood", "storm")


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench broker", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"which of {', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--rounds",
        type=int,
        default=5,
        help="of skewed work and of the floods; three times as many of throughput and of large bodies",
    )
    parser.add_argument("--seconds", type=float, help="of each measurement of throughput (0.3), or of the storm (600)")
    parser.add_argument("--seed", type=int, help="of the storm, to see the same faults again")
    parser.add_argument("--requests", type=int, default=20_000, help="in the chaos")
    parser.add_argument("--queued", type=int, default=100_000, help="requests that wait, for the memory")
    parser.add_argument("--jobs", type=int, default=3_000, help="of the skewed work, in one round")
    options = parser.parse_args(argv)
    unknown = set(options.part) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    measures = {
        "throughput": lambda: throughput(3 * options.rounds, options.seconds or 0.3),
        "large": lambda: large(3 * options.rounds, options.seconds or 0.3),
        "skew": lambda: skew(options.rounds, options.jobs),
        "chaos": lambda: chaos(options.requests),
        "memory": lambda: all([memory(options.queued), many_bytes(1 << 30, 256 << 20)]),
        "crowd": lambda: many_peers(500, 500, 20, 256 << 20),
        "flood": lambda: flood(options.rounds, 600),
        "storm": lambda: storm(options.seconds or 600.0, options.seed),
    }
    reached = True
    for part in options.part or PARTS:
        print(f"\n--- {part}", flush=True)
        reached = measures[part]() and reached
    if not reached:
        print("a mark was MISSED")
        sys.exit(1)
