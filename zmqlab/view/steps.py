"""Steps instead of the clock: which send and which receive stands in which column of a drawing.

An actor's events keep their order, a receive stands right of its send (Lamport 1978), and nothing stands left of what
came before it. What lasts a tenth of a millisecond is then as easy to see as what lasts a second.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from ..trace.model import Message
from ..trace.trace import Trace
from .groups import collapsed
from .order import Order
from .peers import Peers

HANGING = ("hung", "resumed")  # the bar of a hang says it
FEW = 12  # lanes, above which those of a group are drawn as one


@dataclass(slots=True)
class Arrow:
    """A message in logical time. `landed` is where it reached the receiver's lane, `end` where it was received: None
    where it lies unread, or where a proxy took it, which nobody sees."""

    message: Message
    sender: str
    receiver: str  # "" where it goes to nobody
    start: int
    landed: float | None = None
    end: int | None = None


@dataclass(slots=True)
class Steps:
    order: Order
    lanes: list[str]
    arrows: list[Arrow]
    work: list[tuple[Arrow, int]]  # an arrow whose message was in hand until the step of the next send
    count: int
    left_out: int
    hangs: list[tuple[str, float, float]]  # an actor, and between which steps it hung
    faults: list[tuple[str, float, str]]  # an actor, between which steps something was done to it, and what


@dataclass(slots=True)
class _Lane:
    times: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    sends: list[bool] = field(default_factory=list)

    def add(self, time: int, step: int, send: bool) -> None:
        self.times.append(time)
        self.steps.append(step)
        self.sends.append(send)

    def last(self) -> int:
        return self.steps[-1] if self.steps else -1


def to_steps(trace: Trace, most: int) -> Steps:
    """Lay out the first `most` messages of a trace."""
    order = Order(trace, Peers.of(trace))
    messages = [m for m in trace.in_time() if m.start is not None]
    arrows: dict[int, Arrow] = {}
    names = collapsed(order.lanes, order.groups, FEW)
    lanes: dict[str, _Lane] = {name: _Lane() for name in names.values()}
    events: list[tuple[int, int, Message]] = []
    for message in messages[:most]:
        events.append((message.start or 0, 0, message))
        if message.received is not None:
            events.append((message.received, 1, message))
    all_of_them = _Lane()
    for time, received, message in sorted(events, key=lambda e: (e[0], e[1], e[2].id)):
        if received:
            arrow = arrows[message.id]
            lane = lanes.setdefault(arrow.receiver, _Lane())
            step = max(lane.last() + 1, arrow.start + 1, all_of_them.last())
            arrow.end, arrow.landed = step, _landing(arrow, all_of_them, step)
        else:
            sender, receiver = (names.get(name, name) for name in (order.sender(message), order.receiver(message)))
            lane = lanes.setdefault(sender, _Lane())
            step = max(lane.last() + 1, all_of_them.last())
            arrows[message.id] = Arrow(message, sender, receiver, step)
        lane.add(time, step, not received)
        all_of_them.add(time, step, not received)
    for arrow in arrows.values():
        if arrow.end is None and arrow.receiver and arrow.message.arrived is not None and not arrow.message.end:
            arrow.landed = max(arrow.start + 0.8, _between(all_of_them, arrow.message.arrived))
    count = 1 + max(0, all_of_them.last())
    work = [(a, end) for a in arrows.values() if (end := _work_end(a, lanes)) is not None]
    left_out = len(messages[most:]) + trace.forgotten
    seen = all_of_them.times[-1] if left_out and all_of_them.times else trace.now  # what came later is not drawn
    hangs = [
        (
            names.get(hang.actor, hang.actor),
            _between(all_of_them, hang.start),
            count if hang.end is None else _between(all_of_them, hang.end),
        )
        for hang in trace.hangs
        if hang.start <= seen
    ]
    faults = [
        (names.get(mark.actor, mark.actor), _between(all_of_them, mark.time), mark.text)
        for mark in trace.marks
        if mark.kind == "fault" and mark.text not in HANGING and mark.time <= seen
    ]
    return Steps(order, list(lanes), list(arrows.values()), work, count, left_out, hangs, faults)


def _landing(arrow: Arrow, before: _Lane, end: int) -> float:
    """Where it reached the receiver: before `end` only if something else happened while it lay unread."""
    arrived = arrow.message.arrived
    if arrived is None:
        return end
    earlier = bisect_left(before.times, arrived)
    landed = max(arrow.start + 0.8, (before.steps[earlier - 1] if earlier else -1) + 0.5)
    return landed if end - landed > 0.6 else end


def _between(steps: _Lane, time: int) -> float:
    """Where something stands that happened between two steps."""
    earlier = bisect_left(steps.times, time)
    return max(0.0, steps.steps[earlier - 1] + 0.5) if earlier else 0.0


def _work_end(arrow: Arrow, lanes: dict[str, _Lane]) -> int | None:
    if arrow.end is None:
        return None
    lane = lanes[arrow.receiver]
    following = bisect_left(lane.steps, arrow.end) + 1
    if following < len(lane.steps) and lane.sends[following]:
        return lane.steps[following]
    return None
