"""The history of a graded run: for each request a line in time, and the faults as marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .work import Note, Request

SOON = 0.05  # seconds from the end of a fault, or from a worker to its client: one thing follows from the other
What = Literal["asked", "answered", "answered again", "late", "wrong", "stranger"]


class Heard(NamedTuple):
    """What a client did, or heard. Times as in `Note`.

    "answered again" is one more answer to an attempt that had its own, "late" one to an attempt whose request was
    answered through another, "wrong" something else than its answer, and "stranger" its answer, at a client that has
    not asked for it.
    """

    at: float
    what: What
    request: Request
    client: str
    attempt: int = 1


class Mark(NamedTuple):
    """A fault, or its end."""

    at: float
    text: str
    whom: frozenset[str]  # the actors that it is about


@dataclass(frozen=True)
class Try:
    """One worker that had the request, as it reports itself."""

    worker: str
    given: float
    done: float | None = None
    died: float | None = None


@dataclass(frozen=True)
class Line:
    """What became of one request."""

    request: Request
    heard: tuple[Heard, ...]
    tries: tuple[Try, ...]
    marks: tuple[Mark, ...]  # those that concern it

    def times(self, what: What) -> list[float]:
        return [each.at for each in self.heard if each.what == what]

    @property
    def asked(self) -> float | None:
        """For the first time; None for one that nobody came to ask."""
        return next(iter(self.times("asked")), None)

    @property
    def answered(self) -> float | None:
        return next(iter(self.times("answered")), None)

    @property
    def waited(self) -> float | None:
        """Seconds from the first asking to the answer."""
        return None if self.asked is None or self.answered is None else self.answered - self.asked


@dataclass(frozen=True)
class History:
    """Times are seconds since `zero`, as the view of the run counts them."""

    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]

    def count(self, what: What) -> int:
        return sum(len(line.times(what)) for line in self.lines)

    @property
    def waits(self) -> list[float]:
        """Of those that were answered, the shortest first."""
        return sorted(line.waited for line in self.lines if line.waited is not None)

    @property
    def silence(self) -> float | None:
        """The longest time between two answers; the first asking counts as one. None where nobody was answered."""
        times = sorted(line.answered for line in self.lines if line.answered is not None)
        first = min((line.asked for line in self.lines if line.asked is not None), default=0.0)
        gaps = [after - before for before, after in zip([first, *times], times, strict=False)]
        return max(gaps, default=None)

    @property
    def executions(self) -> int:
        """Times that a worker has worked one out to its end."""
        return sum(each.done is not None for line in self.lines for each in line.tries)


def history(
    requests: Iterable[Request], heard: Iterable[Heard], notes: Iterable[Note], marks: Iterable[Mark], zero: float
) -> History:
    """Of what clients and workers have noted, and what was done to them."""
    sayings, works = defaultdict(list), defaultdict(list)
    for each in sorted(heard):
        sayings[each.request].append(each._replace(at=each.at - zero))
    for note in sorted(notes):
        works[note.request].append(note._replace(at=note.at - zero))
    deaths = [
        Mark(note.at, f"{note.worker} killed", frozenset([note.worker]))
        for notes_of in works.values()
        for note in notes_of
        if note.word == "crashed"
    ]
    faults = sorted([*(mark._replace(at=mark.at - zero) for mark in marks), *deaths], key=lambda mark: mark.at)
    lines = (_line(request, sayings[request], tries(works[request]), faults) for request in requests)
    return History(tuple(lines), tuple(faults))


def tries(notes: Sequence[Note]) -> tuple[Try, ...]:
    """Of one request: what each worker noted, in pairs. A worker has one in hand at a time."""
    found: list[Try] = []
    for note in notes:
        if note.word == "begun":
            found.append(Try(note.worker, note.at))
            continue
        for place, each in enumerate(found):
            if each.worker == note.worker and each.done is None:
                done = {"done": note.at} if note.word == "done" else {"died": note.at}
                found[place] = Try(each.worker, each.given, **done)
    return tuple(found)


def _line(request: Request, heard: Sequence[Heard], tried: tuple[Try, ...], faults: Sequence[Mark]) -> Line:
    line = Line(request, tuple(heard), tried, ())
    marks = (mark for mark in faults if _fell_on(mark, line) or _held_up(mark, line, faults))
    return line if line.asked is None else Line(request, line.heard, tried, tuple(marks))


def _fell_on(mark: Mark, line: Line) -> bool:
    """Whether it hit, while the request was open, its client, the broker, or a worker that had it then."""
    if line.asked is None or mark.at < line.asked or (line.answered is not None and mark.at > line.answered):
        return False
    had = {each.worker for each in line.tries if each.given <= mark.at and (each.done is None or mark.at <= each.done)}
    return mark.whom - {"broker"} <= {line.request.client} | had


def _held_up(mark: Mark, line: Line, faults: Sequence[Mark]) -> bool:
    """Whether a worker got the request right after the end of what had happened to its link: there it has been."""
    for each in line.tries:
        before = [fault.at for fault in faults if each.worker in fault.whom and fault.at <= each.given]
        if mark.at in before and mark.at >= (line.asked or 0.0) and each.given - before[-1] < SOON:
            return each.worker in mark.whom
    return False
