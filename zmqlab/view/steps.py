"""Logical time for a trace: which send and which receive comes at which step (Lamport 1978).

An actor's events keep their order and a receive comes after its send; events that nothing puts in order may share a
step. So the picture of a program is the same however its threads were interleaved.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from ..trace import Message, Trace
from .peers import Peers

OUTSIDE = "outside"  # the lane of all peers that are not traced


@dataclass(slots=True)
class Arrow:
    """A message in logical time. `landed` is where it reached the receiver's lane, `end` where it was received."""

    message: Message
    sender: str
    receiver: str  # "" where it never got to anybody
    start: int
    landed: float | None = None
    end: int | None = None


@dataclass(slots=True)
class Steps:
    lanes: list[str]
    arrows: list[Arrow]
    work: list[tuple[Arrow, int]]  # an arrow whose message was in hand until the step of the next send
    count: int
    left_out: int


@dataclass(slots=True)
class _Lane:
    times: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    sends: list[bool] = field(default_factory=list)

    def last(self) -> int:
        return self.steps[-1] if self.steps else -1


def to_steps(trace: Trace, most: int) -> Steps:
    """Lay out the first `most` messages of a trace."""

    def actor(socket: str) -> str:
        known = trace.sockets.get(socket)
        return known.actor if known else OUTSIDE

    peers = Peers(trace)
    messages = [m for m in trace.messages.values() if _sent(m) is not None]
    messages.sort(key=lambda m: (_sent(m), m.id))
    arrows: dict[int, Arrow] = {}
    lanes: dict[str, _Lane] = {name: _Lane() for name in trace.actors}
    events: list[tuple[int, int, Message]] = []
    for message in messages[:most]:
        events.append((_sent(message) or 0, 0, message))
        if message.received is not None:
            events.append((message.received, 1, message))
    for time, received, message in sorted(events, key=lambda e: (e[0], e[1], e[2].id)):
        if received:
            arrow = arrows[message.id]
            lane = lanes.setdefault(arrow.receiver, _Lane())
            step = max(lane.last(), arrow.start) + 1
            arrow.end, arrow.landed = step, _landing(arrow, lane, step)
        else:
            bound_for = peers.addressee(message)
            to = actor(bound_for) if bound_for or message.received is not None else ""
            lane = lanes.setdefault(actor(message.sender), _Lane())
            step = lane.last() + 1
            arrows[message.id] = Arrow(message, actor(message.sender), to, step)
        lane.times.append(time)
        lane.steps.append(step)
        lane.sends.append(not received)
    named = [name for name, lane in lanes.items() if lane.steps or name in trace.actors]
    count = 1 + max((lane.last() for lane in lanes.values()), default=0)
    work = [(a, end) for a in arrows.values() if (end := _work_end(a, lanes)) is not None]
    return Steps(named, list(arrows.values()), work, count, len(messages[most:]) + trace.forgotten)


def _sent(message: Message) -> int | None:
    times = (message.sent, message.left, message.received)
    return next((time for time in times if time is not None), None)


def _landing(arrow: Arrow, lane: _Lane, end: int) -> float:
    """It lay unread only where the receiver is known to have done something else in the meantime."""
    arrived = arrow.message.arrived
    if arrived is None:
        return end
    before = bisect_left(lane.times, arrived)
    if before == len(lane.times):
        return end
    return min(end, max(arrow.start + 0.8, (lane.steps[before - 1] if before else -1) + 0.5))


def _work_end(arrow: Arrow, lanes: dict[str, _Lane]) -> int | None:
    if arrow.end is None:
        return None
    lane = lanes[arrow.receiver]
    following = bisect_left(lane.steps, arrow.end) + 1
    if following < len(lane.steps) and lane.sends[following]:
        return lane.steps[following]
    return None
