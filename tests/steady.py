"""Run all tests again and again while the cores are busy with something else, and name what failed now and then.

    python -m tests.steady [--times 10] [--cores 2] [pytest's own options and paths …]

A run takes as long as it takes in CI, and longer: ten of them are a matter of hours. Ends with 1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from time import monotonic

from tests import junit
from tests.notebooks.measure import load


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
            names = run(rest or ["-n", "5"])
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
    report = junit.run(["-p", "no:cacheprovider", *options])
    names = [f"{case.place}::{case.name}" for case in report.cases if case.troubles]
    return [*names, f"pytest itself, which {report.problem}"] if report.problem else names


if __name__ == "__main__":
    raise SystemExit(main())
