"""`Feed`: what one view has been told of a trace, and what it is to be told next.

Under a flood only some of the messages travel to the browser; the counts and the queues are those of all of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Set
from contextlib import nullcontext
from itertools import islice, takewhile
from typing import Any, TypeAlias

from ..trace.model import AWAY, OUTSIDE, Changes, Message
from ..trace.pause import without_collector
from ..trace.trace import Trace
from . import records
from .order import Order
from .peers import Peers
from .saying import BADLY, standing
from .talks import Colours

Batch: TypeAlias = dict[str, Any]

FRESH = 200  # messages that a batch may add
KNOWN = 20_000  # messages that a view of what goes on remembers; the browser keeps as many
MOST = 100_000  # and one of a run that is over: with more of them a browser takes long to begin
MARKS, ALL_MARKS = 200, 2_000  # printed lines a batch may hold, and one with a run that is over

QUEUES = ("out", "in")
OPEN = ("out", "wire", "in")
ENDS = ("received", "passed", *BADLY, *AWAY)


def whereabouts(message: Message) -> tuple[str, str]:
    """The place of a message, and whose it is: ("out", sender), ("wire", lane), ("in", receiver), ("received", "")."""
    place = message.place
    if place == "in":
        return place, message.receiver
    if place == "wire":
        return place, message.lane
    return place, message.sender if place == "out" else ""


class Feed:
    """Batches for one view, each with what changed since the one before. Not thread-safe: one thread at a time.

    `over`: nothing more will happen, so the view may have every message that the trace has, up to `MOST`.
    """

    def __init__(self, trace: Trace, over: bool = False) -> None:
        self.position = 0  # the revision that the view has been brought to
        self.cut = False  # the batch with everything had not room for all that a view may have
        self._trace = trace
        self._over = over
        self._origin: int | None = None
        self._known: dict[int, None] = {}  # ids of the messages the view has, oldest first
        self._peers = Peers()
        self._order: Order | None = None  # as the view has it
        self._colours: Colours | None = None  # the same
        self._drawn = 0
        self._places: dict[int, tuple[str, str]] = {}  # of all messages that the trace keeps
        self._amount: Counter[tuple[str, str]] = Counter()  # how many are in that place

    @property
    def keep(self) -> int:
        """How many messages the view has at the most."""
        return min(MOST, max(KNOWN, len(self._trace.messages))) if self._over else KNOWN

    def everything(self, limit: int | None = None) -> Batch:
        """The whole trace with its newest `limit` messages; the feed goes on from there."""
        limit = self.keep if limit is None else limit
        self._known.clear()
        with without_collector() if self._over else nullcontext():
            batch, messages, self._peers, self._order, self._colours = self._newest(limit)
        self._learn([message.id for message in messages])
        self.position, self._drawn = batch["upto"], len(messages)
        self.cut = self._drawn == limit < min(batch["total"], self.keep)
        return batch

    def snapshot(self, limit: int) -> Batch:
        """The same for a browser that may have missed a batch: the feed goes on as if it had not been asked."""
        return self._newest(limit)[0]

    def _newest(self, limit: int) -> tuple[Batch, list[Message], Peers, Order, Colours]:
        self._trace.update()
        changes = self._trace.changes(0)
        peers = Peers()
        peers.learn(changes.connections, changes.messages)
        order = Order(self._trace, peers)
        colours = Colours(self._trace.messages, order)
        self._count(changes.messages)
        waiting = {socket for (kind, socket), n in self._amount.items() if n and kind in QUEUES}
        messages = changes.messages[-limit:]
        known = {message.id for message in messages}
        batch = self._batch(changes, messages, known, len(messages), waiting, order, colours)
        return batch, messages, peers, order, colours

    def stale(self) -> bool:
        """Has anything happened that the view has not been told?"""
        return self._trace.update() != self.position

    def news(self) -> Batch | None:
        """What changed since the last batch, or None when nothing did."""
        if not self.stale():
            return None
        changes = self._trace.changes(self.position)
        moved = self._count(changes.messages)
        fresh = [message.id for message in changes.messages if message.id not in self._known][-FRESH:]
        self._learn(fresh)
        self.position = changes.revision
        self._drawn += len(fresh)
        messages = [message for message in changes.messages if message.id in self._known]
        told, order = self._order, self._ordered(changes)
        if told is not None and order is not told:
            messages = self._with_those_of(order.unlike(told), messages)
        colours = self._colours
        if colours is None or changes.messages or order is not told:
            colours = Colours(self._trace.messages, order)
            if self._colours is not None:
                messages = self._with(colours.unlike(self._colours), messages)
        self._order, self._colours = order, colours
        return self._batch(changes, messages, self._known.keys(), self._drawn, moved, order, colours, told)

    def _ordered(self, changes: Changes) -> Order:
        """The order as it is now: the very same object when it cannot have changed."""
        met = self._peers.learn(changes.connections, changes.messages)
        if self._order and not (met or changes.actors or changes.sockets or changes.connections):
            return self._order
        return Order(self._trace, self._peers)

    def _with_those_of(self, sockets: Set[str], messages: list[Message]) -> list[Message]:
        """These and all others that the view knows of the sockets: something else is to be said of them."""
        if not sockets:
            return messages
        known = [message for id in self._known if (message := self._trace.messages.get(id))]
        return self._with({m.id for m in known if m.sender in sockets or m.receiver in sockets}, messages)

    def _with(self, ids: Set[int], messages: list[Message]) -> list[Message]:
        """These and the others, of those that the view knows."""
        kept = self._trace.messages
        others = {id: kept[id] for id in ids if id in self._known and id in kept}
        return sorted({**{m.id: m for m in messages}, **others}.values(), key=lambda m: m.id) if others else messages

    def _learn(self, ids: list[int]) -> None:
        self._known.update(dict.fromkeys(ids))
        for id in list(islice(self._known, max(0, len(self._known) - self.keep))):
            del self._known[id]

    def _batch(
        self,
        changes: Changes,
        messages: list[Message],
        known: Set[int],
        drawn: int,
        moved: set[str],
        order: Order,
        colours: Colours,
        told: Order | None = None,
    ) -> Batch:
        """`told`: the order that the view has."""
        if self._origin is None:
            self._origin = self._trace.start
        origin = self._origin or 0
        total = changes.forgotten + len(self._trace.messages)
        ends = {end: self._amount[end, ""] for end in ENDS}
        waiting = sum(n for (kind, _), n in self._amount.items() if kind in OPEN)
        return {
            "since": changes.since,
            "upto": changes.revision,
            "now": 0.0 if self._origin is None else records.ms(self._trace.now, origin),
            "wall": records.wall(self._trace.log.sources, origin),
            "keep": self.keep,
            "total": total,
            "undrawn": total - drawn,
            "counts": {**ends, "open": waiting, "held": self._held()},
            "settings": records.settings(self._trace.settings),
            "queues": self._queues(moved),
            "actors": [records.actor(item, origin) for item in changes.actors],
            "sockets": [records.socket(item, origin) for item in changes.sockets],
            "connections": [records.connection(item, origin) for item in changes.connections],
            "order": _news_of(order, told),
            "messages": records.messages(
                messages,
                origin,
                self._trace,
                order,
                colours,
                records.clip_for(messages) if self._over else records.FEW,
            ),
            "colour": colours.means,
            "away": standing(OUTSIDE, self._trace),
            "trouble": self._trace.reading.trouble,
            "marks": [records.mark(item, origin) for item in changes.marks[-(ALL_MARKS if self._over else MARKS) :]],
            "work": records.works([item for item in changes.work if item.message in known], origin),
            "hangs": [records.hang(item, origin) for item in changes.hangs],
            "waits": [records.wait(item, origin) for item in changes.waits],
        }

    def _held(self) -> int:
        """How many messages the relay holds back."""
        trace = self._trace
        held = 0
        for (kind, lane), n in self._amount.items():
            connection = trace.connections.get(lane[:-1]) if kind == "wire" and n else None
            if connection is not None and trace.settings.of(*trace.ends(connection)).hold:
                held += n
        return held

    def _queues(self, sockets: set[str]) -> dict[str, list[int]]:
        """How many messages are in the outgoing and in the incoming queue of each."""
        return {id: [self._amount["out", id], self._amount["in", id]] for id in sorted(sockets) if id}

    def _count(self, changed: list[Message]) -> set[str]:
        """Follow every changed message to its new place; returns the sockets whose queues changed."""
        moved = self._forget()
        for message in changed:
            old, new = self._places.get(message.id), whereabouts(message)
            if old == new:
                continue
            self._places[message.id] = new
            self._amount[new] += 1
            moved.add(new)
            if old is not None:
                self._amount[old] -= 1
                moved.add(old)
        return {socket for kind, socket in moved if kind in QUEUES}

    def _forget(self) -> set[tuple[str, str]]:
        """Messages that the trace has forgotten wait nowhere any more (how they ended still counts)."""
        oldest = next(iter(self._trace.messages), 0)
        moved = set()
        for first in list(takewhile(lambda id: id < oldest, self._places)):
            old = self._places.pop(first)
            if old[0] in OPEN:
                self._amount[old] -= 1
                moved.add(old)
        return moved


def written(batch: Batch) -> bytes:
    """As JSON, with nothing between its parts: of 100,000 messages there are millions."""
    return json.dumps(batch, separators=(",", ":")).encode()


def _news_of(order: Order, told: Order | None) -> records.Record | None:
    if order is told:
        return None
    record = records.order(order)
    return None if told is not None and records.order(told) == record else record
