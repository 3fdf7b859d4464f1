"""The history of graded runs as a plot: each request a line in time, each fault a mark, several runs side by side."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .history import Line, Mark
from .report import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAITS, WORKS, LOST, FAULT = "#9aa5b1", "#1f6fb4", "#c62828", "#444444"
WIDTH, HEIGHT = 3.1, 6.6  # inches of one run; three of them are read beside the view
ROW = 2  # requests that one line of a fault's words is high
NAMED = 6  # of so many requests one is named
SOON = 0.02  # seconds between two faults that have one mark
MARGIN = 0.05  # seconds
DPI = 110


class Plot:
    """Runs side by side; Matplotlib must be installed. As the value of a cell it is a picture, and the worst requests
    of each run in words.

    From top to bottom in the order of asking: thin where a request waits, thick where a worker has it, a cross where
    one died with it, a dot where it was answered, a circle for each answer too many, and red to the end where it never
    was answered. All runs have the same scale.
    """

    def __init__(self, *reports: Report) -> None:
        from matplotlib.figure import Figure

        self.text = "\n\n".join(report.history() for report in reports)
        self.figure = Figure(figsize=(WIDTH * max(1, len(reports)), HEIGHT), layout="constrained")
        longest = max((end - begin for begin, end in map(_span, reports)), default=0.0)
        for place, report in enumerate(reports, 1):
            _draw(self.figure.add_subplot(1, len(reports), place), report, longest, first=place == 1)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """PNG: a notebook that is not trusted shows it, too."""
        drawn = BytesIO()
        self.figure.savefig(drawn, format="png", dpi=DPI)
        return {"image/png": b64encode(drawn.getvalue()).decode(), "text/plain": self.text}


def plot(*reports: Report) -> Plot:
    """The histories of these runs, side by side."""
    return Plot(*reports)


def merged(marks: Iterable[Mark]) -> list[tuple[float, str]]:
    """Where the vertical lines stand, and their words: faults at one moment share one."""
    found: list[tuple[float, str]] = []
    for mark in marks:
        if found and mark.at - found[-1][0] < SOON:
            found[-1] = found[-1][0], f"{found[-1][1]}, {mark.text}"
        else:
            found.append((mark.at, mark.text))
    return found


def _span(report: Report) -> tuple[float, float]:
    """From the first asking to the last thing that happened."""
    lines = report.events.lines
    begin = min((line.asked for line in lines if line.asked is not None), default=0.0)
    heard = (each.at for line in lines for each in line.heard)
    done = (each.done for line in lines for each in line.tries if each.done is not None)
    return begin, max([begin, *heard, *done, *(mark.at for mark in report.events.marks)])


def _draw(axes: Axes, report: Report, longest: float, *, first: bool) -> None:
    """The first one names the requests: they are the same in all."""
    begin, lines = _span(report)[0], report.events.lines
    end = begin + longest + MARGIN
    for place, line in enumerate(lines):
        _line(axes, place, line, end)
    axes.text(0.5, 0.5, report.problem, ha="center", va="center", wrap=True, transform=axes.transAxes)
    marks = merged(report.events.marks)
    for place, (at, text) in enumerate(marks):
        side = "left" if at < begin + longest / 2 else "right"
        height = -ROW * (len(marks) - place)
        axes.vlines(at, height, len(lines), FAULT, ":", lw=0.7)
        axes.text(at, height, f" {text} ", fontsize=8, color=FAULT, ha=side, va="center")
    axes.set_xlim(begin - MARGIN, end)
    axes.set_ylim(len(lines), -ROW * (len(marks) + 1))
    axes.set_xlabel("seconds, as in the view", fontsize=9)
    named = range(0, len(lines), NAMED)
    names = [str(lines[place].request) for place in named] if first else []
    axes.set_yticks(list(named) if first else [], names, fontsize=9)
    axes.set_title(
        f"{report.name}\nlost {report.lost}, twice {report.twice}, wrong client {report.strangers}", fontsize=10
    )


def _line(axes: Axes, place: int, line: Line, end: float) -> None:
    if line.asked is None:
        return
    lost = line.answered is None
    axes.hlines(place, line.asked, end if line.answered is None else line.answered, LOST if lost else WAITS, lw=0.9)
    for each in line.tries:
        if each.done is not None:  # else nobody knows until when it worked
            axes.hlines(place, each.given, each.done, WORKS, lw=3, alpha=0.6)
        if each.died is not None:
            axes.plot(each.died, place, "x", color=LOST, markersize=7)
    if line.answered is not None:
        axes.plot(line.answered, place, ".", color="black", markersize=4)
    for at in (*line.times("answered again"), *line.times("stranger")):
        axes.plot(at, place, "o", color=LOST, markersize=6, fillstyle="none")
