"""Several logs as one: what the processes of one program have recorded, each for itself.

The monotonic clock is the same in all processes of a machine, and socket and connection ids are never given twice, so
the messages between the processes pair as those between threads do.
"""

from __future__ import annotations

from collections.abc import Sequence

from .events import Event, Raw
from .log import UNBOUNDED, Log

NAMED = frozenset(("actor", "print", "note", "control"))  # the kinds whose subject is an actor


def merge(logs: Sequence[Log]) -> Log:
    """All events in the order of time. An actor whose name an earlier log has is called "name 2", "name 3" …"""
    raws: list[Raw] = []
    taken: set[str] = set()
    for log in logs:
        events, _ = log.since(0)
        names = _new_names([event.subject for event in events if event.kind == "actor"], taken)
        taken.update(names.values())
        raws += [_renamed(event, names) for event in events]
    merged = Log(max_events=max(len(raws), 1), max_bytes=UNBOUNDED)
    for raw in sorted(raws, key=lambda raw: raw[0]):
        merged.append(raw)
    return merged


def _new_names(names: list[str], taken: set[str]) -> dict[str, str]:
    new: dict[str, str] = {}
    for name in dict.fromkeys(names):
        used = taken.union(new.values())
        new[name] = next(free for free in (name, *(f"{name} {n}" for n in range(2, len(used) + 3))) if free not in used)
    return new


def _renamed(event: Event, names: dict[str, str]) -> Raw:
    _, time, kind, subject, data = event
    if kind in NAMED:
        subject = names.get(subject, subject)
    if kind == "socket":
        data = data._replace(actor=names.get(data.actor, data.actor))  # type: ignore[attr-defined]
    elif kind == "control":
        data = data._replace(peer=names.get(data.peer, data.peer))  # type: ignore[attr-defined]
    return time, kind, subject, data
