"""`Feed`: what one view has been told of a trace, and what it is to be told next.

Under a flood only some of the messages travel to the browser; the counts and the queues are those of all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

from ..trace import Trace
from ..trace.model import Changes, Message
from . import records

Batch: TypeAlias = dict[str, Any]

FRESH = 200  # messages that a batch may add
KNOWN = 20_000  # messages that the view remembers; the browser keeps as many
MARKS = 200  # printed lines a batch may hold

OPEN = ("out", "wire", "in")
ENDS = ("received", "dropped", "lost", "unsent")


def place(message: Message) -> tuple[str, str]:
    """Where a message is now: ("out", sender), ("wire", lane), ("in", receiver), or how it ended: ("received", "")."""
    if message.received is not None:
        return "received", ""
    if message.end:
        return message.end, ""
    if message.arrived is not None:
        return "in", message.receiver
    if message.left is not None:
        return "wire", message.lane
    return "out", message.sender


class Feed:
    """Batches for one view, each with what changed since the one before. Not thread-safe: one thread at a time."""

    def __init__(self, trace: Trace) -> None:
        self.position = 0  # the revision that the view has been brought to
        self.cut = False  # the batch with everything had not room for every message
        self._trace = trace
        self._origin: int | None = None
        self._known: dict[int, None] = {}  # ids of the messages the view has, oldest first
        self._drawn = 0
        self._places: dict[int, tuple[str, str]] = {}  # of all messages that the trace keeps
        self._amount: Counter[tuple[str, str]] = Counter()  # how many are in that place

    def everything(self, limit: int = KNOWN) -> Batch:
        """The whole trace with its newest `limit` messages; the feed goes on from there."""
        self.position = self._drawn = 0
        self._known.clear()
        batch = self._batch(limit)
        waiting = {socket for (kind, socket), n in self._amount.items() if n and kind in ("out", "in")}
        batch["queues"] = self._queues(waiting)
        self.cut = len(batch["messages"]) == limit
        return batch

    def stale(self) -> bool:
        """Has anything happened that the view has not been told?"""
        return self._trace.update() != self.position

    def news(self) -> Batch | None:
        """What changed since the last batch, or None when nothing did."""
        return self._batch(FRESH) if self.stale() else None

    def _batch(self, limit: int) -> Batch:
        self._trace.update()
        changes = self._trace.changes(self.position)
        if self._origin is None:
            self._origin = self._trace.start
        origin = self._origin or 0
        moved = self._count(changes.messages)
        messages = self._choose(changes.messages, limit)
        total = changes.forgotten + len(self._trace.messages)
        self.position = changes.revision
        return {
            "since": changes.since,
            "upto": changes.revision,
            "now": records.ms(self._trace.now, origin) if origin else 0.0,
            "total": total,
            "undrawn": total - self._drawn,
            "counts": {end: self._amount[end, ""] for end in ENDS}
            | {"open": sum(n for (kind, _), n in self._amount.items() if kind in OPEN)},
            "queues": self._queues(moved),
            "actors": [records.actor(item, origin) for item in changes.actors],
            "sockets": [records.socket(item, origin) for item in changes.sockets],
            "links": [records.link(item, origin) for item in changes.links],
            "messages": [records.message(item, origin) for item in messages],
            "marks": [records.mark(item, origin) for item in changes.marks[-MARKS:]],
            "work": self._work(changes, origin),
        }

    def _queues(self, sockets: set[str]) -> dict[str, list[int]]:
        """How many messages are in the outgoing and in the incoming queue of each."""
        return {id: [self._amount["out", id], self._amount["in", id]] for id in sorted(sockets) if id}

    def _choose(self, changed: list[Message], limit: int) -> list[Message]:
        """The messages that the view has already, and the newest `limit` of the others."""
        fresh = [message.id for message in changed if message.id not in self._known][-limit:]
        self._known.update(dict.fromkeys(fresh))
        self._drawn += len(fresh)
        while len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]
        return [message for message in changed if message.id in self._known]

    def _work(self, changes: Changes, origin: int) -> list[records.Record]:
        return [records.work(item, origin) for item in changes.work if item.message in self._known]

    def _count(self, changed: list[Message]) -> set[str]:
        """Follow every changed message to its new place; returns the sockets whose queues changed."""
        moved = self._forget()
        for message in changed:
            old, new = self._places.get(message.id), place(message)
            if old == new:
                continue
            self._places[message.id] = new
            self._amount[new] += 1
            moved.add(new)
            if old is not None:
                self._amount[old] -= 1
                moved.add(old)
        return {socket for kind, socket in moved if kind in ("out", "in")}

    def _forget(self) -> set[tuple[str, str]]:
        """Messages that the trace has forgotten wait nowhere any more (how they ended still counts)."""
        oldest = next(iter(self._trace.messages), 0)
        moved = set()
        while (first := next(iter(self._places), oldest)) < oldest:
            old = self._places.pop(first)
            if old[0] in OPEN:
                self._amount[old] -= 1
                moved.add(old)
        return moved
