"""The lessons under nbval, many times: how long each takes, and which cells fail now and then."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests import junit
from tests.notebooks.paths import ROOT

SECONDS = 20.0
"""A lesson may take so long, on 2 cores that have nothing else to do."""

BUSY = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
while True:
    pass
"""
"""A process that keeps a core busy until its standard input ends, as it does when we die."""


class Run(NamedTuple):
    """One run of the whole set."""

    seconds: dict[str, float]  # by the stem of the notebook
    failures: list[str]


def measure(paths: list[Path], times: int, *, loaded: bool) -> bool:
    """Run and print. Whether each lesson kept to its time in every run, and no cell failed."""
    runs = []
    with load(os.cpu_count() or 1) if loaded else nullcontext():
        for number in range(1, times + 1):
            runs.append(under_nbval(paths))
            print(f"run {number} of {times}: {sum(runs[-1].seconds.values()):.1f} s", flush=True)
            for failure in runs[-1].failures:
                print(f"  {failure}", flush=True)
    lines, good = summary(runs, timed=not loaded)
    print("\n".join(lines))
    return good


def summary(runs: list[Run], *, timed: bool) -> tuple[list[str], bool]:
    """What is printed at the end, and whether the marks were kept; where `timed` is false, time is none of them."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for name, once in run.seconds.items():
            seconds[name].append(once)
    lines = [f"{'lesson':40}  median   worst"]
    late = False
    for name, taken in sorted(seconds.items()):
        missed = timed and max(taken) > SECONDS
        late |= missed
        lines.append(f"{name:40}{median(taken):6.1f} s{max(taken):6.1f} s{'  MISSED' if missed else ''}")
    failures = sum(len(run.failures) for run in runs)
    lines.append(f"{failures} failures in {len(runs)} runs{f'; at most {SECONDS:.0f} s a lesson' if timed else ''}")
    return lines, bool(seconds) and not late and not failures


def under_nbval(paths: list[Path]) -> Run:
    """One run of the set, each lesson in a pytest of its own, with the options of pyproject.toml."""
    seconds, failures = {}, []
    for path in paths:
        seconds[path.stem], failed = _lesson(path)
        failures += [f"{path.stem} {failure}" for failure in failed]
    return Run(seconds, failures)


def _lesson(path: Path) -> tuple[float, list[str]]:
    """Seconds and failures. The time of the first cell includes the start of the kernel."""
    report = junit.run([f"--config-file={ROOT / 'pyproject.toml'}", str(path)])
    if report.problem:
        return 0.0, [f"pytest {report.problem}"]
    failures = [f"{case.name}: {trouble}" for case in report.cases for trouble in case.troubles]
    return sum(case.seconds for case in report.cases), failures


@contextmanager
def load(cores: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many busy processes, until the end of the block, whatever ends it."""
    busy: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(cores):
            busy.append(subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE))
        yield busy
    finally:
        for process in busy:
            process.kill()
            process.wait()
