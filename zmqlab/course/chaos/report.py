"""`Report`: what came of one graded run; `table`: several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from .history import History, Line
from .words import line_in_words, trouble

if TYPE_CHECKING:
    from ...lab.lab import Lab
    from ...view.widget import FlowView

NO_FAULTS = "no faults"


@dataclass(frozen=True)
class Report:
    """Counts of requests. A wrong answer is none.

    `unclaimed` are answers for requests that the client does not know, or knows no more: each is one too many.
    """

    name: str
    events: History
    unclaimed: int
    problem: str  # why the broker has ended, "" if it has not
    lab: Lab

    @property
    def asked(self) -> int:
        return len(self.events.lines)

    @property
    def answered(self) -> int:
        return len(self.events.waits)

    @property
    def lost(self) -> int:
        return self.asked - self.answered

    @property
    def twice(self) -> int:
        return self.events.count("answered again") + self.unclaimed

    @property
    def strangers(self) -> int:
        """Answers that another client was given than the one who asked."""
        return self.events.count("stranger")

    @property
    def done(self) -> int:
        """Times that a worker has worked one out to its end."""
        return self.events.executions

    @property
    def passed(self) -> bool:
        """Each request has one answer, at its client."""
        return not (self.lost or self.twice or self.strangers or self.problem)

    def view(self, at: float | None = None) -> FlowView:
        """The messages of the run. It counts the seconds as `history` does; `at` is the moment at which it stands."""
        return self.lab.view(at=at)

    def worst(self, count: int) -> list[Line]:
        """Requests without an answer, with one too many, at the wrong client, and then those that waited longest."""
        return sorted(self.events.lines, key=trouble)[:count]

    def history(self, worst: int = 5) -> str:
        """The faults, and the worst requests in words."""
        faults = "; ".join(f"{mark.at:.2f} s {mark.text}" for mark in self.events.marks)
        return "\n".join([f"{self.name}: {faults or NO_FAULTS}", *map(line_in_words, self.worst(worst))])

    def __str__(self) -> str:
        counts = f"{self.name}: asked {self.asked}, lost {self.lost}, answered twice {self.twice}, "
        counts += f"to the wrong client {self.strangers}"
        return f"{counts}\n{self.problem}" if self.problem else counts

    def __repr__(self) -> str:
        return str(self)


HEAD = ("", "lost", "answered twice", "wrong client", "jobs done", "without answers", "p50", "p99", "")


def table(*reports: Report) -> str:
    """The reports side by side, with times, as text."""
    rows = [HEAD, *(_row(report) for report in reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    problems = [f"{report.name}: {report.problem}" for report in reports if report.problem]
    return "\n".join([*lines, *problems])


def percentile(waits: Sequence[float], percent: float) -> float | None:
    """The nearest rank: so many of a hundred `waits`, which are sorted, are at most that long."""
    return waits[ceil(percent / 100 * len(waits)) - 1] if waits else None


def _row(report: Report) -> tuple[str, ...]:
    counts = (report.lost, report.twice, report.strangers, report.done)
    waits = report.events.waits
    times = (report.events.silence, percentile(waits, 50), percentile(waits, 99))
    shown = ("-" if seconds is None else f"{seconds:.2f} s" for seconds in times)
    return (report.name, *map(str, counts), *shown, "passed" if report.passed else "not yet")
