"""What a trace says of a program's messages, to be compared with what the program did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import zmqlab
from zmqlab.trace.events import Event, RecvData, SendData, WireData
from zmqlab.trace.log import Log
from zmqlab.trace.model import Message
from zmqlab.trace.trace import Trace

NUMBER = re.compile(rb"#\d+")  # what a payload carries, where it tells which message it is

WHO_CLOSED = re.compile(r"the (bound|connecting) side closed it before the ZMTP handshake")
"""Where both sides see that they do not understand each other, chance says which of them is quicker."""


def recorded(program: Callable[[], None], links: bool = True) -> Trace:
    """Run it in this process, and watch."""
    with zmqlab.record(links=links) as run:
        program()
    return run.trace


def standing(message: Message) -> str:
    """Where it is or how it ended, and why; what a relay adds to that depends on what it had read by then."""
    why = WHO_CLOSED.sub("one side closed it before the ZMTP handshake", message.reason.partition(";")[0])
    return message.place + (f": {why}" if why else "")


def counts(trace: Trace, but: bytes = b"\0") -> dict[str, int]:
    """Of all messages but those whose first frame ends so."""
    shown = [m for m in trace.messages.values() if not (m.frames or (b"",))[0].endswith(but)]
    return dict(Counter(map(standing, shown)))


def masked(trace: Trace) -> Trace:
    """What the pairing makes of the same events where it is not shown the numbers."""
    events, gap = trace.log.since(0)
    assert not gap
    log = Log(max_events=len(events) + 1, max_bytes=1 << 40)
    for event in events:
        data = event.data
        if isinstance(data, SendData | RecvData | WireData):
            frames = data.frames
            data = data._replace(frames=tuple(f if _chance(f) else NUMBER.sub(b"#", f) for f in frames))
        log.append((event.time, event.kind, event.subject, *data))
    blind = Trace(log, keep=len(events), max_bytes=1 << 40)
    blind.recorded = True
    blind.update()
    return blind


class Truth:
    """Which number was sent, seen and received, by the time at which it was."""

    def __init__(self, events: list[Event]) -> None:
        self.sent = {(e.subject, e.time): _number(e.data) for e in events if isinstance(e.data, SendData)}
        self.seen = {(e.subject, e.data.number): _number(e.data) for e in events if isinstance(e.data, WireData)}
        self.received = {(e.subject, e.time): _number(e.data) for e in events if isinstance(e.data, RecvData)}


def _number(data: SendData | RecvData | WireData) -> bytes:
    return b" ".join(found for frame in data.frames if not _chance(frame) for found in NUMBER.findall(frame))


def _chance(frame: bytes) -> bool:
    """Is it a routing id that libzmq has given? It may look like a payload."""
    return len(frame) == 5 and frame[:1] == b"\0"


def wrong(trace: Trace, truth: Truth) -> list[str]:
    """Messages that are certain and put together from different ones, or whose times are out of order."""
    said = []
    for message in trace.messages.values():
        sent = truth.sent.get((message.sender, message.sent or 0))
        seen = truth.seen.get((message.lane, message.number or 0)) if message.left is not None else None
        received = truth.received.get((message.receiver, message.received or 0))
        numbers = {number for number in (sent, seen, received) if number is not None}
        if message.certain and len(numbers) > 1:
            said.append(f"certain, and wrong: sent {sent!r}, seen {seen!r}, received {received!r}: {message}")
        times = [time for time in (message.sent, message.left, message.arrived, message.received) if time is not None]
        if times != sorted(times):
            said.append(f"times out of order: {message}")
    return said


def check(trace: Trace) -> None:
    """Nothing certain is wrong: as the program was, and where it is not shown which message is which."""
    truth = Truth(trace.log.since(0)[0])
    assert not wrong(trace, truth)
    assert not wrong(masked(trace), truth)
