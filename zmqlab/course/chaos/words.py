"""A line of the history in words."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from .history import SOON, Heard, Line

NEVER = "never answered"
OVER = "the run was over before it was asked"


def trouble(line: Line) -> tuple[bool, float]:
    """To sort by: the worst first. A client that gave no answer, or one too many, is worse than a long wait."""
    broken = line.answered is None or any(line.times(what) for what in ("answered again", "stranger", "wrong"))
    return not broken, -inf if line.waited is None else -line.waited


def line_in_words(line: Line) -> str:
    """ "alice 7: asked 0.02 s, given to ann 0.02, ann killed 0.31, given to ben 0.55, answered 0.56"."""
    told = [f"{text} {at:.2f}" for at, text in moments(line)]
    if told:
        told[0] += " s"
    if end := unanswered(line):
        told.append(end)
    return f"{line.request}: {', '.join(told)}"


def moments(line: Line) -> list[tuple[float, str]]:
    """What happened to it, in order: seconds, and words. Nothing for one that was never asked."""
    return [] if line.asked is None else sorted(_told(line))


def unanswered(line: Line) -> str:
    """Why it has no answer, "" where it has one."""
    return OVER if line.asked is None else NEVER if line.answered is None else ""


def _told(line: Line) -> Iterator[tuple[float, str]]:
    yield from ((each.at, _heard(each)) for each in line.heard)
    yield from ((each.at, each.text) for each in line.marks)
    for each in line.tries:
        yield each.given, f"given to {each.worker}"
        if each.done is not None and not _brought(each.done, line.answered):
            yield each.done, f"done by {each.worker}"


def _brought(done: float, answered: float | None) -> bool:
    """Whether it was answered right after that, so that it need not be said."""
    return answered is not None and 0 <= answered - done < SOON


def _heard(each: Heard) -> str:
    if each.what == "asked":
        return "asked" if each.attempt == 1 else "asked again"
    return {
        "late": "answered to an earlier attempt, too late",
        "wrong": "something else received",
        "stranger": f"answered to {each.client}, who had not asked it,",
    }.get(each.what, each.what)
