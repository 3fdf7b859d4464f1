"""How far the clocks of several hosts are apart, as the messages between them tell.

A message cannot be received before it was sent. So each message from one host to another bounds the difference of
their clocks from one side, and each message back from the other side. The messages that waited least bound it best,
and half way between is the estimate, as in NTP. The hosts' own times of day say where to begin.

Whose messages they are is not known yet, as they are paired when the clocks are set. So content counts that was sent
on one host as often as it was received on the other: the first of these receives comes after the first of the sends,
and so on, whichever belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from .log import Log
from .source import Source

LEAST = 4  # bytes of a frame that can tell one message from all others
MS = 1e6


class Shift(NamedTuple):
    """What is added to the times of a log, ns, and what is said of it."""

    ns: int
    words: str = ""


class _Told(NamedTuple):
    """By content, when messages were sent or received on one host."""

    sent: dict[bytes, list[int]]
    received: dict[bytes, list[int]]


def shifts(logs: Sequence[Log]) -> list[Shift]:
    """For each log what is to be added to its times, so that all are those of the first log's clock."""
    sources = [log.sources[0] if log.sources else None for log in logs]
    first = sources[0]
    if first is None or all(source is None or source.clock == first.clock for source in sources):
        return [Shift(0)] * len(logs)
    by_clock: dict[str, list[int]] = {}
    for n, source in enumerate(sources):
        by_clock.setdefault((source or first).clock, []).append(n)
    told = {clock: _told([logs[n] for n in members]) for clock, members in by_clock.items()}
    found = {}
    for clock, members in by_clock.items():
        one = sources[members[0]] or first
        found[clock] = Shift(0) if clock == first.clock else _estimate(first, told[first.clock], one, told[clock])
    return [found[(source or first).clock] for source in sources]


def _estimate(first: Source, there: _Told, other: Source, here: _Told) -> Shift:
    """From the clock of `other` to that of `first`."""
    by_day = other.epoch - first.epoch  # if both had the same time of day
    forth, back = _least(there.sent, here.received), _least(here.sent, there.received)
    if forth is None and back is None:
        return Shift(by_day, _trusted(first, other, "no message between them was found"))
    if forth is None or back is None:
        shift = by_day
        if forth is not None:
            shift = max(shift, -forth)
        if back is not None:
            shift = min(shift, back)
        return Shift(shift, _trusted(first, other, "messages went one way alone"))
    if forth + back < 0:
        return Shift(by_day, _trusted(first, other, "what their messages tell cannot be true of both directions"))
    shift = (back - forth) // 2
    apart = (by_day - shift) / MS
    side = "behind" if apart < 0 else "ahead of"
    return Shift(
        shift,
        f"the clock of {other.host} is {abs(apart):,.1f} ms {side} that of {first.host}, by the messages "
        f"between them (± {(forth + back) / 2 / MS:,.1f} ms): its times are set right by so much",
    )


def _trusted(first: Source, other: Source, why: str) -> str:
    return f"the times of day of {other.host} and {first.host} are taken for right: {why}"


def _least(sent: dict[bytes, list[int]], received: dict[bytes, list[int]]) -> int | None:
    """The shortest time from a send to its receive, on two clocks."""
    least = None
    for content, starts in sent.items():
        ends = received.get(content, [])
        if len(starts) == len(ends):
            shortest = min(end - start for start, end in zip(starts, ends, strict=True))
            least = shortest if least is None else min(least, shortest)
    return least


def _told(logs: Sequence[Log]) -> _Told:
    told: dict[str, dict[bytes, list[int]]] = {"send": defaultdict(list), "recv": defaultdict(list)}
    for log in logs:
        for event in log.since(0)[0]:
            if event.kind in told and len(event.data[1][-1]) >= LEAST:
                told[event.kind][event.data[1][-1]].append(event.time)
    for found in told.values():
        for times in found.values():
            times.sort()
    return _Told(told["send"], told["recv"])
