"""Several logs as one: what the processes of one program have recorded, each for itself.

The monotonic clock is the same in all processes of a machine, and socket and connection ids are never given twice, so
the messages between the processes pair as those between threads do. The clocks of several hosts are set first.

Where one was asked to keep the last part alone, the others begin there too: a message whose receive was not kept would
else look as if nobody had received it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any

from .clocks import shifts
from .events import DATA, FRAMED, Raw
from .log import UNBOUNDED, Log, lasting
from .source import Source

NAMED = frozenset(("actor", "print", "note", "log", "control"))  # the kinds whose subject is an actor


def merge(logs: Sequence[Log]) -> Log:
    """All events in the order of time. Where two processes have the same name, the later one is "name 2", and the lanes
    of its threads are called "name 2/thread"."""
    raws: list[Raw] = []
    remarks: list[str] = []
    sources: list[Source] = []
    taken: set[str] = set()
    several = sum(any(source.name for source in log.sources) for log in logs) > 1
    moves = shifts(logs)
    begins = [log.kept_after + move.ns for log, move in zip(logs, moves, strict=True) if log.kept_after]
    begin = max(begins, default=-inf)  # a moved time may be below 0: before the first host was started
    forgotten = 0
    for log, shift in zip(logs, moves, strict=True):
        told, left_out = _after(log.raws(0, UNBOUNDED)[0], begin - shift.ns)
        forgotten += log.forgotten + left_out
        programs = [source.name for source in log.sources if source.name]
        program = programs[0] if several and len(programs) == 1 else ""
        names = _new_names(program, [raw[2] for raw in told if raw[1] == "actor"], taken)
        taken.update(names.values())
        sources += [replace(source, name=names.get(source.name, source.name)) for source in log.sources]
        raws += [_moved(raw, names, shift.ns) for raw in told]
        remarks += [*log.remarks, *([shift.words] if shift.words else [])]
        if left_out:
            remarks.append(_left_out(log, left_out, begin - shift.ns))
    raws.sort(key=lambda raw: raw[0])
    merged = Log.of(raws)
    merged.sources = tuple(sources)
    merged.forgotten, merged.kept_after = forgotten, max(begins, default=0)
    merged.over = all(log.over for log in logs)
    merged.remarks = list(dict.fromkeys(remarks))
    return merged


def _after(raws: list[Raw], begin: float) -> tuple[list[Raw], int]:
    """The traffic after `begin`, and all that lasts; and how many sends are left out."""
    before = [raw for raw in raws if raw[0] <= begin]
    if not before:
        return raws, 0
    stays = [raw for _, raw in lasting(before)]
    return stays + [raw for raw in raws if raw[0] > begin], sum(raw[1] == "send" for raw in before)


def _left_out(log: Log, messages: int, begin: float) -> str:
    who, when = "a recording that does not say whose it is", "another one begins"
    if source := next((source for source in log.sources if source.name), None):
        who = f"{source.name} (pid {source.pid})"
        when = f"{datetime.fromtimestamp((begin + source.epoch) / 1e9):%H:%M:%S}"
    return (
        f"of {who} what happened before {when} is left out, because another process did not keep it: "
        f"{messages:,} messages sent"
    )


def _new_names(program: str, names: list[str], taken: set[str]) -> dict[str, str]:
    """What each lane of a log is called among those of the others. `program` is the lane of its main thread; "" where
    there is none, or no other program."""
    process = _free(program, taken) if program else ""
    new = {program: process} if program else {}
    for name in dict.fromkeys(names):
        if name not in new:
            new[name] = _free(f"{process}/{name}" if program else name, taken.union(new.values()))
    return new


def _free(name: str, used: set[str]) -> str:
    return next(free for free in (name, *(f"{name} {n}" for n in range(2, len(used) + 3))) if free not in used)


def _moved(raw: Raw, names: dict[str, str], shift: int) -> Raw:
    time, kind, subject, *fields = raw
    if not shift and kind in FRAMED:  # most are
        return raw
    data: Any = DATA[kind](*fields)
    if kind in NAMED:
        subject = names.get(subject, subject)
    if kind in ("socket", "use"):
        data = data._replace(actor=names.get(data.actor, data.actor))
    elif kind == "control":
        data = data._replace(peer=names.get(data.peer, data.peer))
    if shift and kind in _TIMED:
        data = data._replace(**{field: at + shift for field in _TIMED[kind] if (at := getattr(data, field))})
    return (time + shift, kind, subject, *data)


_TIMED = {"recv": ("called",), "use": ("asked",), "wire": ("left", "arrived"), "wait": ("since",)}
"""The fields that hold times, beside the event's own."""
