"""Sides measured in turn, round by round, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median


def interleave(sides: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure every side once per round; returns the figures of each side, in order of the rounds."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, measure in sides.items():
            figures[name].append(measure())
        print(f"round {number + 1}: " + ", ".join(f"{name} {figures[name][-1]:,.0f}" for name in sides))
    return figures


def report_ratios(figures: dict[str, list[float]], base: str, marks: dict[str, float]) -> bool:
    """Print each side's ratio to `base`, per round, with median and spread; True if all medians reach their mark."""
    reached = True
    for name, mark in marks.items():
        ratios = [one / other for one, other in zip(figures[name], figures[base], strict=True)]
        middle = median(ratios)
        reached = reached and middle >= mark
        print(
            f"{name} / {base}: median {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), mark {mark}: "
            f"{'reached' if middle >= mark else 'MISSED'}; rounds: {' '.join(f'{ratio:.2f}' for ratio in ratios)}"
        )
    return reached
