"""What a PUB, XPUB or XSUB has sent to nobody, and why: it tells nobody itself.

A send of which a copy was seen has its ends there. One that no lane shows, once everything of its time is reported, was
dropped: there was no subscriber, none that wanted it, or its queue was full. Who is bound may have peers that connect
from outside, past the relay: they are out of sight.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .model import Message
from .state import Lane, Send, SocketState

TOLD = 50_000_000  # ns after which a publisher has surely heard of a subscription that has reached its side
EVER = 1 << 62


@dataclass(slots=True)
class Wish:
    """A topic that somebody wants, from a time to another."""

    topic: bytes
    since: int
    until: int = EVER


@dataclass(slots=True)
class Wishes:
    """All that the peer at the other end of a lane, or of a pipe, has subscribed to."""

    all: list[Wish] = field(default_factory=list)

    def tell(self, time: int, topic: bytes, on: bool) -> None:
        if on:
            self.all.append(Wish(topic, time))
            return
        for wish in reversed(self.all):
            if wish.topic == topic and wish.until == EVER:
                wish.until = time
                return

    def include(self, topic: bytes, time: int) -> bool:
        """Did the publisher know at that time that its peer wants this?"""
        return any(wish.since + TOLD < time < wish.until and topic.startswith(wish.topic) for wish in self.all)


class Fanout:
    """`drop(message, time, reason)` ends one."""

    def __init__(self, drop: Callable[[Message, int, str], None]) -> None:
        self._drop = drop
        self._wishes: dict[str, Wishes] = defaultdict(
            Wishes
        )  # by the lane of the copies, or the socket that wants them
        self._waiting: dict[str, tuple[SocketState, deque[Send]]] = {}  # by socket
        self._lanes: dict[str, list[Lane]] = defaultdict(list)  # by socket: those that it may have sent by

    def sent(self, state: SocketState, send: Send) -> None:
        if state.id not in self._waiting:
            self._waiting[state.id] = state, deque()
        self._waiting[state.id][1].append(send)

    def opened(self, lane: Lane) -> None:
        self._lanes[lane.sender.id].append(lane)

    def wish(self, where: str, time: int, topic: bytes, on: bool) -> None:
        """The receiver of the lane `where`, or the socket of that id, wants what begins so; or no longer."""
        self._wishes[where].tell(time, topic, on)

    def settle(self, until: int, final: bool) -> None:
        """All up to that time is reported; if `final` there is nothing more to come."""
        for state, waiting in self._waiting.values():
            while waiting and waiting[0].sent <= until:
                send = waiting[0]
                message = send.message
                if not (message.lane or message.end or send.gone):
                    if not final and state.unseen:
                        break
                    self._drop(message, send.sent, f"{state.type}: {self._reason(state, send)}")
                waiting.popleft()
            self._prune(state, waiting[0].sent if waiting else until)

    def _prune(self, state: SocketState, before: int) -> None:
        lanes = self._lanes.get(state.id, [])
        for lane in [lane for lane in lanes if lane.closed is not None and lane.closed < before]:
            lanes.remove(lane)
            self._wishes.pop(lane.id, None)

    def _reason(self, state: SocketState, send: Send) -> str:
        frames = send.message.sent_frames or (b"",)
        time = send.sent
        there = [lane for lane in self._lanes.get(state.id, ()) if lane.opened <= time < (lane.closed or EVER)]
        near = [pipe.peer for pipe in state.pipes.values() if pipe.since <= time < _end(pipe.peer)]
        if state.unseen:
            return "nobody in sight received it"
        asking = [*[lane.id for lane in there], *[peer.id for peer in near]]
        wanted = [where for where in asking if self._wishes[where].include(frames[0], time)]
        if wanted or (state.type == "XSUB" and (there or near)):
            return "the queue of each subscriber was full"
        in_sight = " in sight" if _may_have_guests(state) else ""
        return f"nobody{in_sight} has subscribed to it" if there or near else f"no subscriber{in_sight}"


def _end(state: SocketState) -> int:
    return EVER if state.socket is None or state.socket.closed is None else state.socket.closed


def _may_have_guests(state: SocketState) -> bool:
    """Can somebody have connected past the relay?"""
    socket = state.socket
    return socket is not None and any(not endpoint.startswith("inproc:") for endpoint in socket.binds)
