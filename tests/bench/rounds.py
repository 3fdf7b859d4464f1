"""Sides measured in turn, round by round, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import comb, isnan, nan
from statistics import median

from tests.bench.marks import Verdict, at_least

CHANCE = 0.05  # that the true median lies outside of the interval that is reported


def load() -> float:
    """Of the machine in the last minute; NaN on one that does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else nan


def at_load() -> str:
    """To be put behind a figure; "" where nobody knows."""
    return "" if isnan(load()) else f", load {load():.1f}"


def interleave(sides: dict[str, Callable[[], float]], rounds: int, digits: int = 0) -> dict[str, list[float]]:
    """Measure every side once per round; returns the figures of each side, in order of the rounds.

    They are told with so many digits behind the point.
    """
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, measure in sides.items():
            figures[name].append(measure())
        print(f"round {number + 1}: " + ", ".join(f"{name} {figures[name][-1]:,.{digits}f}" for name in sides))
    return figures


def report_ratios(
    figures: dict[str, list[float]],
    base: str,
    marks: dict[str, float],
    judge: Callable[[float, float], Verdict] = at_least,
) -> bool:
    """Print each side's ratio to `base` with its spread; False if a mark is MISSED.

    A mark is reached when the median of the rounds reaches it, and missed when all of the median's interval does not:
    with `at_least` it lies below the mark, with `at_most` above. Between the two the rounds do not tell, and the report
    says so.
    """
    missed = False
    for name, mark in marks.items():
        ratios = [one / other for one, other in zip(figures[name], figures[base], strict=True)]
        low, high = median_interval(ratios)
        reached, possible = judge(median(ratios), mark), max(judge(low, mark), judge(high, mark))
        missed = missed or not possible
        print(
            f"{name} / {base}: median {median(ratios):.2f} (with {1 - CHANCE:.0%} between {low:.2f} and {high:.2f}; "
            f"rounds from {min(ratios):.2f} to {max(ratios):.2f}), mark {mark}: {_word(reached, possible)}"
        )
    return not missed


def _word(reached: Verdict, possible: Verdict) -> str:
    """`reached` is of the median, `possible` of the best value that it may have in truth."""
    return "NOT DECIDED by so few rounds" if reached.share < 1 <= possible.share else str(reached)


def median_interval(values: list[float]) -> tuple[float, float]:
    """Where the true median lies, but for `CHANCE`: the sign test's interval. All of the values when they are few."""
    ordered = sorted(values)
    count = len(ordered)
    below, outside = 0, 2 / 2**count
    while below < count // 2 and outside + 2 * comb(count, below + 1) / 2**count <= CHANCE:
        below += 1
        outside += 2 * comb(count, below) / 2**count
    return ordered[below], ordered[count - 1 - below]
