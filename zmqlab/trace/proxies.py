"""What `zmq.proxy` passes on, in C: which of the messages that came to one of its sockets has left by the other?

No program calls send or recv there. What leaves says the same as what came, but for a routing id that ROUTER puts in
front or takes away. So the first that came and says the same is it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from .events import Frames, Sizes
from .model import Message
from .state import EVER, FANOUT, Lane, Send, SocketState, same

SENDERS = ("ROUTER", "DEALER", "PUSH", "XPUB")  # sockets that send by themselves only what a proxy passes on
COPIES = 10_000  # of those that a PUB has sent, kept for its slower lanes


@dataclass(slots=True)
class Came:
    """A message that a proxy may have taken: it is on a lane to its socket, or was sent by one that leads there."""

    message: Message
    lane: Lane | None = None
    send: Send | None = None

    @property
    def over(self) -> bool:
        """Has it had its end elsewhere?"""
        message, send = self.message, self.send
        on_a_lane = send is not None and (send.gone or message.left is not None)
        return message.received is not None or on_a_lane

    @property
    def since(self) -> int:
        """From when on the proxy may have taken it."""
        when = self.message.sent if self.send is not None else self.message.arrived
        return EVER if when is None else when

    def take(self) -> None:
        """It waits there no more."""
        lane, number = self.lane, self.message.number
        if self.send is not None:
            self.send.stream.owner.take(self.send)
        elif lane is not None and number is not None:
            lane.on_the_way.pop(number, None)
            if self.message.arrived is None:
                lane.landed[number] = self.message


@dataclass(slots=True)
class Side:
    """One socket of a proxy."""

    state: SocketState
    partner: SocketState
    came: dict[Hashable, deque[Came]] = field(default_factory=lambda: defaultdict(deque))  # by the last frame
    copies: list[tuple[Frames, Sizes]] = field(default_factory=list)  # what a PUB, XPUB or XSUB has passed on
    gone: int = 0  # how many of them are not kept
    next: dict[str, int] = field(default_factory=dict)  # by lane: which of them may be its next copy


class Proxies:
    """`touch` is told of each message that has changed."""

    def __init__(self, touch: Callable[[Message], None]) -> None:
        self._touch = touch
        self._sides: dict[str, Side] = {}
        self.known = False  # has there been any?
        self.gap = False  # events were missing: who has used a socket is not known
        self._later: list[tuple[int, Side, Lane, Frames, Sizes]] = []  # left, and what came before may not be reported

    def begin(self, front: SocketState, back: SocketState) -> None:
        self.known = True
        for one, other in ((front, back), (back, front)):
            one.proxied = True
            side = self._sides.setdefault(one.id, Side(one, other))
            side.partner = other
            for lane in one.incoming.values():
                for message in lane.on_the_way.values():
                    self._add(side, Came(message, lane=lane))
            for peer in (*[pipe.peer for pipe in one.pipes.values()], *one.neighbours.values()):
                for send in peer.sends.values():
                    self._add(side, Came(send.message, send=send))

    def finish(self, *sides: SocketState) -> None:
        """A program may use the sockets now."""
        for state in sides:
            state.proxied = False

    def knows(self, state: SocketState) -> bool:
        """Has its program said that a proxy has it?"""
        return state.id in self._sides

    def notice(self, state: SocketState) -> None:
        """No send explains a message of this socket, which no program has ever used: `zmq.proxy` does, in C. What lies
        in it is not unread, but passed on unseen."""
        used = state.next_number or state.reads or self.gap
        if state.socket is None or not state.socket.watched or state.type not in SENDERS or used or state.proxied:
            return
        state.proxied = True
        self._hide(state)

    def steered(self, state: SocketState) -> None:
        """A proxy takes its orders from that socket: which of them it has read, nobody sees."""
        state.steers = True
        self._hide(state)

    def _hide(self, state: SocketState) -> None:
        for lane in state.incoming.values():
            for message in lane.on_the_way.values():
                message.watched = False
                self._touch(message)

    def came(self, lane: Lane, message: Message) -> None:
        """That is on its way to the lane's receiver."""
        side = self._sides.get(lane.receiver.id)
        if side is not None:
            self._add(side, Came(message, lane=lane))

    def sent(self, send: Send) -> None:
        """It may go to any peer of its socket that is seen by no relay."""
        owner = send.stream.owner
        for id in (*owner.pipes, *owner.unmet):
            side = self._sides.get(id)
            if side is not None:
                self._add(side, Came(send.message, send=send))

    def left(self, lane: Lane, frames: Frames, sizes: Sizes, time: int) -> None:
        """This has left the proxy by that lane."""
        side = self._sides.get(lane.sender.id)
        if side is None or not frames:
            return
        if side.partner.inside:
            self._pass(side, lane, frames, sizes, time)
        else:
            self._later.append((time, side, lane, frames, sizes))

    def settle(self, until: int) -> None:
        """All that came up to that time is reported."""
        self._later.sort(key=lambda each: each[0])
        passed = bisect_right(self._later, until, key=lambda each: each[0])
        for time, side, lane, frames, sizes in self._later[:passed]:
            self._pass(side, lane, frames, sizes, time)
        del self._later[:passed]

    def _pass(self, side: Side, lane: Lane, frames: Frames, sizes: Sizes, time: int) -> None:
        if side.state.type in FANOUT and _is_copy(side, lane, frames, sizes):
            return
        other = self._sides[side.partner.id]
        found = _take(other, frames, sizes, time)
        if found is None:
            return
        message = found.message
        message.receiver = other.state.id
        message.watched = True
        if not message.lane:
            message.lane = f"{message.sender}→{other.state.id}"
        # In every picture it was received before it was sent on.
        message.received = max(time - 1, message.arrived or message.sent or 0)
        message.end, message.reason, message.ended = "passed", "", None
        self._touch(message)
        if side.state.type in FANOUT:
            _keep(side, lane, frames, sizes)

    def _add(self, side: Side, came: Came) -> None:
        frames, sizes = _said(came.message)
        if frames:
            side.came[_key(frames, sizes)].append(came)


def _take(side: Side, frames: Frames, sizes: Sizes, time: int) -> Came | None:
    key = _key(frames, sizes)
    waiting = side.came.get(key, deque())
    later: list[Came] = []
    found = None
    while waiting and found is None:
        came = waiting.popleft()
        if came.over:
            continue
        if came.since > time or not same(*_said(came.message), frames, sizes):
            later.append(came)
        else:
            found = came
    waiting.extendleft(reversed(later))
    if not waiting:
        side.came.pop(key, None)
    if found is not None:
        found.take()
    return found


def _said(message: Message) -> tuple[Frames, Sizes]:
    if message.wire_frames is not None:
        return message.wire_frames, message.wire_sizes
    return message.sent_frames or (), message.sent_sizes


def _key(frames: Frames, sizes: Sizes) -> Hashable:
    return frames[-1], sizes[-1] if sizes else len(frames[-1])


def _is_copy(side: Side, lane: Lane, frames: Frames, sizes: Sizes) -> bool:
    for place in range(max(side.next.get(lane.id, 0) - side.gone, 0), len(side.copies)):
        if side.copies[place] == (frames, sizes):
            side.next[lane.id] = side.gone + place + 1
            return True
    return False


def _keep(side: Side, lane: Lane, frames: Frames, sizes: Sizes) -> None:
    if len(side.copies) > 2 * COPIES:
        side.gone += COPIES
        del side.copies[:COPIES]
    side.copies.append((frames, sizes))
    side.next[lane.id] = side.gone + len(side.copies)
