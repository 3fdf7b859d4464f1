"""What a PUB, XPUB or XSUB has sent to nobody, and why: it tells nobody itself.

A send of which a copy was seen has its ends there. One that no lane shows, once everything of its time is reported, was
dropped: there was no subscriber, none that wanted it, or its queue was full. Who is bound may have peers that connect
from outside, past the relay: they are out of sight.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .events import Frames, SubscriptionData
from .model import Message
from .routes import OTHER_WAY
from .state import EVER, Lane, Send, SocketState

TOLD = 50_000_000  # ns after which a publisher has surely heard of a subscription that has reached its side
GUEST = " (one out of sight may have got it)"
OR_FULL = ", or its queue was full"  # which alone a later one could tell


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

    def tell(self, time: int, data: SubscriptionData) -> None:
        if data.on:
            self.all.append(Wish(data.topic, time))
            return
        for wish in reversed(self.all):
            if wish.topic == data.topic and wish.until == EVER:
                wish.until = time
                return

    def include(self, topic: bytes, time: int) -> bool:
        """Did the publisher know at that time that its peer wants this?"""
        return any(wish.since + TOLD < time < wish.until and topic.startswith(wish.topic) for wish in self.all)


@dataclass(slots=True)
class Publisher:
    """What is not decided of one socket's sends."""

    state: SocketState
    new: deque[Send] = field(default_factory=deque)  # nobody has asked yet where they are
    queued: deque[Send] = field(
        default_factory=deque
    )  # somebody wants them, so they may wait in the queue to that peer
    lanes: list[Lane] = field(default_factory=list)  # those that it may have sent by


class Fanout:
    """`end(message, end, time, reason)` ends one, `touch` is told what changes; `lanes` are all, by their ids."""

    def __init__(
        self,
        lanes: Mapping[str, Lane],
        end: Callable[[Message, str, int, str], None],
        touch: Callable[[Message], None],
    ) -> None:
        self._all = lanes
        self._end = end
        self._touch = touch
        self._wishes: dict[str, Wishes] = defaultdict(
            Wishes
        )  # by the lane of the copies, or the socket that wants them
        self._publishers: dict[str, Publisher] = {}  # by socket

    def sent(self, state: SocketState, send: Send) -> None:
        self._of(state).new.append(send)

    def opened(self, lane: Lane) -> None:
        self._of(lane.sender).lanes.append(lane)

    def wish(self, socket: str, time: int, data: SubscriptionData) -> None:
        """The socket wants what begins so; or no longer."""
        self._wishes[socket].tell(time, data)

    def wish_by(self, lane_id: str, time: int, data: SubscriptionData) -> None:
        """Who sends by that lane wants it from its peer."""
        self._wishes[lane_id[:-1] + OTHER_WAY[lane_id[-1]]].tell(time, data)

    def settle(self, until: int, final: bool) -> None:
        """All up to that time is reported; if `final` there is nothing more to come."""
        for publisher in self._publishers.values():
            queued, new = publisher.queued, publisher.new
            while queued and (_is_seen(queued[0]) or self._is_decided(publisher, queued[0], final)):
                queued.popleft()
            while new and new[0].sent <= until:
                send = new.popleft()
                if not (_is_seen(send) or self._is_decided(publisher, send, final)):
                    queued.append(send)
            self._prune(publisher, (queued or new)[0].sent if queued or new else until)

    def _of(self, state: SocketState) -> Publisher:
        publisher = self._publishers.get(state.id)
        if publisher is None:
            publisher = self._publishers[state.id] = Publisher(state)
        return publisher

    def _prune(self, publisher: Publisher, before: int) -> None:
        for lane in [lane for lane in publisher.lanes if lane.closed is not None and lane.closed < before]:
            publisher.lanes.remove(lane)
            self._wishes.pop(lane.id, None)

    def _is_decided(self, publisher: Publisher, send: Send, final: bool) -> bool:
        """End it, if it is known how it ended."""
        state, time = publisher.state, send.sent
        there = [lane for lane in publisher.lanes if lane.opened <= time < (lane.closed or EVER)]
        near = [pipe.peer for pipe in state.pipes.values() if pipe.since <= time < _closed(pipe.peer)]
        wanting = [lane for lane in there if self._wants(lane.id, state, send)]
        inside = [peer for peer in near if self._wants(peer.id, state, send)]
        unclear = bool(state.unmet or state.willful or state.conflates)
        if unclear and not final:
            return False
        if state.unmet and state.feeds_nameless:
            send.message.watched = False
            self._touch(send.message)
        elif unclear:
            self._drop(send, "nobody in sight received it")
        elif wanting or inside:
            return self._is_past(state, send, wanting, inside, final)
        else:
            in_sight, guest = (" in sight", GUEST) if state.may_have_guests else ("", "")
            none = f"nobody{in_sight} has subscribed to it" if there or near else f"no subscriber{in_sight}"
            self._drop(send, none + guest)
        return True

    def _wants(self, where: str, state: SocketState, send: Send) -> bool:
        frames = send.message.sent_frames or (b"",)
        return state.type == "XSUB" or self._wishes[where].include(frames[0], send.sent)

    def _is_past(
        self, state: SocketState, send: Send, wanting: list[Lane], inside: list[SocketState], final: bool
    ) -> bool:
        """Somebody wants it. Has each of them got a later one without it, or gone? Then it is not in a queue."""
        ways = [*wanting, *[lane for peer in inside if (lane := self._all.get(f"{state.id}→{peer.id}"))]]
        waits = [
            lane for lane in ways if lane.last < send.number and lane.closed is None and not _is_gone(lane.receiver)
        ]
        nowhere = [peer for peer in inside if f"{state.id}→{peer.id}" not in self._all and not _is_gone(peer)]
        if (waits or nowhere) and not _is_gone(state):
            return final  # then it still waits
        if (waits or nowhere) and not final:
            return False
        stayed = all(lane.last < send.number for lane in ways)
        if inside and (waits or nowhere or stayed):
            gone = max(map(_closed, inside)) if all(map(_is_gone, inside)) else _closed(state)
            self._end(send.message, "lost", gone, f"its subscriber did not read it{OR_FULL}")
        elif waits:
            self._end(send.message, "lost", _closed(state), f"its socket was closed before it had left{OR_FULL}")
        elif stayed:
            gone = max([lane.closed or _closed(lane.receiver) for lane in ways] or [send.sent])
            self._end(send.message, "lost", gone, f"its connection ended before it was on the wire{OR_FULL}")
        else:
            self._drop(send, "the queue of each subscriber was full")
        return True

    def _drop(self, send: Send, reason: str) -> None:
        type = send.stream.owner.type
        self._end(send.message, "dropped", send.sent, f"{type}: {reason}")


def is_wish(frames: Frames) -> bool:
    """Is that no message, but what an XSUB says to its peers, or an XPUB is told by them: who wants what?"""
    return len(frames) == 1 and frames[0][:1] in (b"\0", b"\1")


def _is_seen(send: Send) -> bool:
    return bool(send.message.lane or send.message.end or send.gone)


def _is_gone(state: SocketState) -> bool:
    return _closed(state) < EVER


def _closed(state: SocketState) -> int:
    return EVER if state.closed is None else state.closed
