"""How long `check` takes: ``python -m tests.course.times`` runs the tests of the exercises and reports the longest.

Each exercise's tests check its solution and many mistakes, some of which hang.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.course.exercises import learner
from tests.course.exercises.learner import Taken, taken

RIGHT, WRONG = 5.0, 10.0
"""Seconds that a check of a right and of a wrong solution may take."""


def report(checks: list[Taken]) -> tuple[list[str], bool]:
    """One line for each exercise and outcome, and whether all keep to their mark."""
    lines, good = [], True
    for key, passed in sorted({(check.key, check.passed) for check in checks}):
        seconds = [check.seconds for check in checks if (check.key, check.passed) == (key, passed)]
        mark = RIGHT if passed else WRONG
        kept = max(seconds) <= mark
        good = good and kept
        what = "right" if passed else "wrong"
        lines.append(
            f"{key}  {what}  {len(seconds):3} checks, the longest {max(seconds):.1f} s "
            f"(mark {mark:.0f} s: {'reached' if kept else 'missed'})"
        )
    return lines, good


def main() -> int:
    learner.whole = True
    failed = pytest.main(["-q", str(Path(__file__).parent / "exercises")])
    lines, good = report(taken)
    print("\n".join(lines))
    return int(failed or not good or not taken)


if __name__ == "__main__":
    sys.exit(main())
