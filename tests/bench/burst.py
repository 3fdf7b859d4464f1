"""A burst one way, PUSH to PULL in one thread: plain pyzmq, recorded in memory, and written down while it runs.

All is sent before the first is received, over TCP and without links. The rate is that of the whole burst; where others
share the machine, the CPU time of its thread tells better what a call costs, and is told beside it. What is
written costs the program time until the last of it is in the file, and CPU time in the thread that writes: both are
compared with a recording that stays in memory.

Most of what a receive costs is not ours to save: a `zmq.Frame` alone tells who has sent it, and to receive one, to ask
it and to take its bytes takes five times as long as a plain ``recv`` does.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time, thread_time

import zmq

from tests.bench.marks import at_most
from tests.bench.rounds import interleave, report_ratios
from zmqlab.recorder.followed import Followed
from zmqlab.recorder.recorder import Recorder
from zmqlab.trace.log import Log

MARKS = {"in memory": 0.3}
DEARER = {"written": 1.1}  # than in memory, in seconds and in seconds of CPU
SIZE = 32  # bytes of a message


@dataclass
class Cost:
    """Of one burst, in seconds."""

    sending: float
    receiving: float
    whole: float  # until what was recorded is where it is to be
    cpu: float  # of the whole process
    thread: float  # CPU of the thread that sends and receives


@contextmanager
def in_memory() -> Iterator[None]:
    """As `zmqlab.record` without a path, but for the fold at its end."""
    recorder = Recorder("burst", Log(), links=False)
    recorder.start()
    try:
        yield
    finally:
        recorder.finish(None)


@contextmanager
def written() -> Iterator[None]:
    """As a process of ``python -m zmqlab record --no-links``."""
    with tempfile.TemporaryDirectory() as folder:
        followed = Followed({"folder": folder, "links": False, "seconds": None, "size": None}, relay=False)
        try:
            yield
        finally:
            followed.end()


def burst(count: int, watched: Callable[[], AbstractContextManager[None]]) -> Cost:
    """Send and receive so many messages."""
    gc.collect()
    message = bytes(SIZE)
    cpu, start = process_time(), perf_counter()
    with watched(), zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        push.hwm = pull.hwm = 0
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        push.send(message)
        pull.recv()
        thread, began = thread_time(), perf_counter()
        for _ in range(count):
            push.send(message)
        between = perf_counter()
        for _ in range(count):
            pull.recv()
        thread, ended = thread_time() - thread, perf_counter()
    return Cost(between - began, ended - between, perf_counter() - start, process_time() - cpu, thread)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench burst", description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="messages of one burst")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args(argv)
    costs: dict[str, list[Cost]] = {"plain": [], "in memory": [], "written": []}

    def rate(name: str, watched: Callable[[], AbstractContextManager[None]]) -> Callable[[], float]:
        def measure() -> float:
            cost = burst(options.count, watched)
            costs[name].append(cost)
            return options.count / (cost.sending + cost.receiving)

        return measure

    sides = {
        "plain": rate("plain", nullcontext),
        "in memory": rate("in memory", in_memory),
        "written": rate("written", written),
    }
    rates = interleave(sides, options.rounds)
    for name, all in costs.items():
        sending, receiving = (
            median(each) / options.count * 1e6
            for each in ([cost.sending for cost in all], [cost.receiving for cost in all])
        )
        both = median([cost.thread for cost in all]) / options.count * 1e6
        print(
            f"{name}: a send {sending:.2f} µs, a receive {receiving:.2f} µs; both take {both:.2f} µs of CPU (medians)"
        )
    good = report_ratios(rates, "plain", MARKS)
    for what in ("whole", "cpu"):
        print("seconds until all is in the file:" if what == "whole" else "seconds of CPU:")
        spent = {name: [getattr(cost, what) for cost in all] for name, all in costs.items()}
        good = report_ratios(spent, "in memory", DEARER, at_most) and good
    if not good:
        sys.exit(1)
