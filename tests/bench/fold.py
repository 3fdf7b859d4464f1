"""100,000 messages are read from a file, and the events of it are folded into messages.

Seconds of one machine mean nothing on another, so the work is compared with a loop that makes objects of the same kind
and files them in the same way, and that nobody makes faster or slower: it is the unit. ``BEFORE`` is what the same file
took, in that unit, before the fold was made for large traces (1.55 s where the mark is 0.8 s); what it takes now is to
be about half of that. CPU time counts, as others share the machine; the seconds are told with its load.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from tests.bench import traces
from tests.bench.marks import at_most
from tests.bench.rounds import at_load, interleave, report_ratios
from zmqlab.trace.pause import without_collector
from zmqlab.trace.trace import Trace

BEFORE = 5.0  # units, for 100,000 messages
MARK = BEFORE * 0.8 / 1.55
COUNT = 100_000


@dataclass(slots=True)
class Item:
    number: int
    data: tuple[bytes, ...] | None = None
    first: int | None = None
    last: int | None = None
    end: str = ""


def unit() -> None:
    """Python at work: a tuple is made, unpacked and filed three times for each of 500,000 objects."""
    items: dict[int, Item] = {}
    waiting: deque[Item] = deque()
    with without_collector():
        for n in range(5 * COUNT):
            for kind in ("send", "wire", "recv"):
                number, name, data = (n, kind, (b"%d" % n,))
                if name == "send":
                    item = items[number] = Item(number, data, n)
                    waiting.append(item)
                elif name == "wire":
                    item = waiting.popleft()
                    item.end = "wire" if item.data == data else "another"
                else:
                    items[number].last, items[number].end = n, ""


def seconds_of(work: Callable[[], object]) -> Callable[[], float]:
    """Of CPU, and without the garbage of the side before."""

    def measure() -> float:
        gc.collect()
        began = process_time()
        done = work()
        took = process_time() - began
        del done
        return took

    return measure


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench fold", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(argv).rounds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        traces.write(COUNT, path)
        trace = Trace.load(path)
        whole = sum(message.received is not None and message.certain for message in trace.messages.values()) == COUNT
        del trace
        sides = {"unit": seconds_of(unit), "fold": seconds_of(lambda: Trace.load(path))}
        figures = interleave(sides, rounds, digits=2)
    print(f"{COUNT:,} messages are read and folded in {median(figures['fold']):.2f} s of CPU{at_load()}")
    print(f"all of them are whole and certain: {'yes' if whole else 'NO'}; before, it took {BEFORE} units")
    if not (report_ratios(figures, "unit", {"fold": round(MARK, 2)}, at_most) and whole):
        sys.exit(1)
