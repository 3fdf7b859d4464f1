"""Run all tests again and again while the cores are busy with something else, and name what failed now and then.

    python -m tests.steady [--times 10] [--cores 2] [pytest's own options and paths …]

A run takes as long as it takes in CI, and longer: ten of them are a matter of hours. Ends with 1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from xml.etree import ElementTree

from tests.notebooks.measure import load
from tests.notebooks.paths import ROOT


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.steady", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="how many are kept busy; 0: none")
    options, rest = parser.parse_known_args(arguments)
    failed: Counter[str] = Counter()
    with load(options.cores):
        for number in range(1, options.times + 1):
            began = monotonic()
            names = run(rest or ["-n", "2"])
            failed.update(names)
            print(f"run {number} of {options.times}: {monotonic() - began:.0f} s, {len(names)} failed", flush=True)
            for name in names:
                print(f"  {name}", flush=True)
    print(f"{len(failed)} tests failed in {options.times} runs")
    for name, count in failed.most_common():
        print(f"{count:4} of {options.times}  {name}")
    return 1 if failed else 0


def run(options: list[str]) -> list[str]:
    """The names of the tests that failed in one run of pytest; of pytest itself, if it did not come to its end."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *options]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        names = list(failures(report.read_text(encoding="utf-8"))) if report.exists() else []
    if done.returncode > 1 or (done.returncode and not names):
        names.append(f"pytest itself, which ended with {done.returncode}: {(done.stderr or done.stdout)[-500:]}")
    return names


def failures(report: str) -> Iterator[str]:
    """The tests that failed, in pytest's JUnit report."""
    for case in ElementTree.fromstring(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            yield f"{case.get('classname')}::{case.get('name')}"


if __name__ == "__main__":
    raise SystemExit(main())
