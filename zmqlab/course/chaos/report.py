"""`Report`: what came of one chaos run, and several side by side."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...lab.lab import Lab
    from ...view.widget import FlowView


@dataclass(frozen=True)
class Report:
    """Counts of requests. A wrong answer is none.

    `seconds` has, of each answered one, how long its first answer took after all were asked.
    """

    name: str
    asked: int
    seconds: tuple[float, ...]
    twice: int
    done: int  # times that a worker has worked one out to its end
    problem: str  # why the broker has ended, "" if it has not
    lab: Lab

    @property
    def answered(self) -> int:
        return len(self.seconds)

    @property
    def lost(self) -> int:
        return self.asked - self.answered

    @property
    def passed(self) -> bool:
        """Each request has one answer."""
        return not (self.lost or self.twice or self.problem)

    def view(self) -> FlowView:
        """The messages of the run."""
        return self.lab.view()

    def __str__(self) -> str:
        counts = f"{self.name}: asked {self.asked}, lost {self.lost}, answered twice {self.twice}"
        return f"{counts}\n{self.problem}" if self.problem else counts

    def __repr__(self) -> str:
        return str(self)


HEAD = ("", "lost", "answered twice", "jobs done", "half after", "all after", "")


def table(*reports: Report) -> str:
    """The reports side by side, with times, as text."""
    rows = [HEAD, *(_row(report) for report in reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    problems = [f"{report.name}: {report.problem}" for report in reports if report.problem]
    return "\n".join([*lines, *problems])


def _row(report: Report) -> tuple[str, ...]:
    counts = (report.lost, report.twice, report.done)
    times = (median(report.seconds), max(report.seconds)) if report.seconds else ()
    shown = [f"{seconds:.2f} s" for seconds in times] or ["-", "-"]
    return (report.name, *map(str, counts), *shown, "passed" if report.passed else "not yet")
