"""What colour a message has, in every picture.

Where one client speaks, what it asks, what is sent on of that and what comes back are one conversation with a colour of
its own. Said only where the frames say it: a message that no frame ties to one conversation alone belongs to none, and
has none of their colours. Where several clients speak, a colour stands for the one who asks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from ..trace.events import Frames
from ..trace.model import Message
from .order import TINTS, Order, asks

NEUTRAL = TINTS
"""The tint of a message that belongs to no conversation."""

MOST = 600  # messages of a run in which conversations are told apart: among more a colour says nothing
MANY = 24  # conversations that a frame may stand in and still say something
CLIENTS = ("DEALER", "REQ", "CLIENT")  # of these a conversation is begun


@dataclass(slots=True)
class _Taken:
    """A message that an actor has received, and not yet passed on or answered."""

    talk: int
    frames: frozenset[bytes]
    payload: bytes
    socket: str


@dataclass(slots=True)
class _Lying:
    """What lies with one actor."""

    open: list[_Taken] = field(default_factory=list)
    by_frame: dict[bytes, list[_Taken]] = field(default_factory=lambda: defaultdict(list))
    last: dict[str, _Taken] = field(default_factory=dict)  # by socket

    def put(self, taken: _Taken) -> None:
        self.last[taken.socket] = taken
        self.open.append(taken)
        for frame in taken.frames:
            self.by_frame[frame].append(taken)

    def take(self, taken: _Taken) -> None:
        self.open.remove(taken)
        for frame in taken.frames:
            self.by_frame[frame].remove(taken)


def talks(messages: dict[int, Message], order: Order) -> dict[int, int] | None:
    """The number of the conversation of each message that belongs to one, by `Message.id`; None where it is not one
    client that speaks."""
    client = _client(order) if len(messages) <= MOST else ""
    if not client:
        return None
    told = [message for message in list(messages.values()) if message.start is not None]  # there may be more meanwhile
    return _Reader(client, order).read(told)


class Colours:
    """The tint (a number below `TINTS`, or `NEUTRAL`) of each message of a trace."""

    def __init__(self, messages: dict[int, Message], order: Order) -> None:
        self._order = order
        self._talks = talks(messages, order)
        self._all = set(messages) if self._talks is not None else set()

    @property
    def means(self) -> str:
        """What a colour stands for, in words."""
        return "colour = who asks" if self._talks is None else "colour = one conversation"

    def tint(self, message: Message) -> int:
        talk = self.talk(message)
        return self._order.tint(message) if talk is None else talk

    def talk(self, message: Message) -> int | None:
        """The tint of its conversation; None where a colour stands for who asks."""
        if self._talks is None:
            return None
        talk = self._talks.get(message.id)
        return NEUTRAL if talk is None else talk % TINTS

    def unlike(self, other: Colours) -> set[int]:
        """The messages, by `Message.id`, of which `other` says something else."""
        mine, theirs = self._talks, other._talks
        if mine is None or theirs is None:
            return self._all ^ other._all  # one of them is empty
        return {id for id in mine.keys() | theirs.keys() if mine.get(id) != theirs.get(id)}


def _client(order: Order) -> str:
    """The only one of those at the left that asks; "" where several do, or none."""
    asking = {socket.actor for socket in order.sockets.values() if socket.type in CLIENTS and asks(socket)}
    first = [name for name in order.columns[0] if name in asking] if len(order.columns) > 1 else []
    return first[0] if len(first) == 1 else ""


class _Reader:
    def __init__(self, client: str, order: Order) -> None:
        self._client, self._order = client, order
        self._talks: dict[int, int] = {}
        self._lying: dict[str, _Lying] = defaultdict(_Lying)
        self._asked: dict[Frames, int] = {}  # what the client has asked and got no answer to
        self._plain: set[bytes] = set()  # frames of messages that belong to none, and so say nothing
        self._count = 0

    def read(self, messages: list[Message]) -> dict[int, int]:
        events = [(message.start or 0, 0, message.id, message) for message in messages]
        events += [(m.received, 1, m.id, m) for m in messages if m.received is not None]
        for _, received, _, message in sorted(events, key=lambda event: event[:3]):
            if received:
                self._receive(message)
            else:
                self._send(message)
        return self._talks

    def _send(self, message: Message) -> None:
        frames = message.first_seen[0] or ()
        sender = self._order.sender(message)
        talk = self._ask(frames) if sender == self._client else self._cause(sender, message, frames)
        if talk is None:
            self._plain.update(frames)
        else:
            self._talks[message.id] = talk

    def _ask(self, frames: Frames) -> int:
        """What the client sends begins a conversation; the same once more, before an answer has come, is a retry."""
        if frames not in self._asked:
            self._asked[frames] = self._count
            self._count += 1
        return self._asked[frames]

    def _receive(self, message: Message) -> None:
        talk = self._talks.get(message.id)
        actor = self._order.receiver(message)
        if talk is None:
            return
        if actor == self._client:
            self._asked = {frames: one for frames, one in self._asked.items() if one != talk}
            return
        frames = message.received_frames or message.first_seen[0] or ()
        filled = [frame for frame in frames if frame]
        payload = filled[-1] if filled else b""
        self._lying[actor].put(_Taken(talk, frozenset(filled), payload, message.receiver))

    def _cause(self, sender: str, message: Message, frames: Frames) -> int | None:
        """Of which conversation that the sender has something of is this?"""
        lying = self._lying[sender]
        socket = self._order.sockets.get(message.sender)
        if socket is not None and socket.type == "REP":  # it answers what it got last
            last = lying.last.get(message.sender)
            return last.talk if last is not None else None
        found = self._best(lying, [frame for frame in frames if frame])
        if found is None:
            return None
        lying.take(found)
        return found.talk

    def _best(self, lying: _Lying, frames: list[bytes]) -> _Taken | None:
        if not frames:
            return None
        shared: dict[int, int] = defaultdict(int)
        taken = {id(one): one for one in lying.open[-MANY:]}
        for frame in set(frames) - self._plain:
            those = lying.by_frame.get(frame, [])
            if len(those) <= MANY:
                for one in those:
                    taken[id(one)] = one
                    shared[id(one)] += 2
        for key, one in taken.items():
            shared[key] += _told_in(one.payload, frames[-1])
        most = max(shared.values(), default=0)
        if not most:
            return None
        best = [one for key, one in taken.items() if shared[key] == most]
        one = best[0]
        alike = all(other.frames == one.frames for other in best)  # then nobody could tell them apart
        same = all(other.talk == one.talk for other in best)
        return one if same or (alike and one.payload == frames[-1]) else None


def _told_in(payload: bytes, answer: bytes) -> int:
    """Does the answer name what was asked, as b"done: task 1" does?"""
    if payload == answer:
        return 3
    whole = rb"(?<!\w)" + re.escape(payload) + rb"(?!\w)"
    return 1 if len(payload) > 1 and re.search(whole, answer) else 0
