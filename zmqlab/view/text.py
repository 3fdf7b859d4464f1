"""The transcript of a trace: who sent which messages to whom, in an order that is the same for every run.

Threads interleave as they like, so the messages are not told in the order of the clock but per pair of sockets and
direction, where ZeroMQ keeps them in order. Ports, times and automatic routing ids are left out for the same reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from ..trace.model import AWAY, OUTSIDE, Message
from ..trace.trace import Trace
from .naming import Names
from .peers import Peers
from .saying import BADLY, standing

MOST = 12  # messages shown of one direction
REASONS = 5  # that are counted apart; more would say each time that a number differs
MARGIN = " " * 6  # below the frames as they were sent; on the same line they would be too wide beside a live view
NOBODY = ""


def to_text(trace: Trace) -> str:
    """The transcript. One block per pair of sockets and direction, oldest message first.

    Each message has a line with the frames as the sender gave them, in order. Where they differ, lines with those that
    were on the wire and those that the receiver got stand below it.
    """
    trace.update()
    messages = list(trace.messages.values())
    if not messages:
        return "no messages"
    names = Names(trace)
    blocks = [_tally(trace, messages, trace.forgotten)]
    for (sender, receiver), group in _groups(trace, messages, names):
        to = "nobody" if receiver == NOBODY else names.socket(receiver)
        lines = [f"{names.socket(sender)} → {to}    {_tally(trace, group)}"]
        for n, message in enumerate(group[:MOST], 1):
            lines += _story(n, message, trace, names)
        if len(group) > MOST:
            lines.append(f"  … and {len(group) - MOST:,} more")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _tally(trace: Trace, messages: list[Message], forgotten: int = 0) -> str:
    places = Counter(message.place for message in messages)
    counts = {standing(place, trace): places[place] for place in ("received", "passed", *BADLY, *AWAY)}
    counts["not received"] = len(messages) - sum(counts.values())
    total = f"{len(messages):,} message" + "s" * (len(messages) != 1)
    if counts["received"] == len(messages):
        return f"{total}, {'all ' * (len(messages) > 1)}received"
    parts = [f"{count:,} {word}" + _why(messages, word) for word, count in counts.items() if count]
    parts += [f"{forgotten:,} older ones not kept"] if forgotten else []
    return ", ".join([total, *parts])


def _why(messages: list[Message], word: str) -> str:
    """How many for each reason, where messages ended so for several."""
    if word not in ("dropped", "lost"):
        return ""
    reasons = Counter(message.reason for message in messages if message.reason and message.place == word)
    told = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common(REASONS))
    return f" ({told})" if 1 < len(reasons) <= REASONS else ""


def _groups(trace: Trace, messages: list[Message], names: Names) -> list[tuple[tuple[str, str], list[Message]]]:
    peers = Peers.of(trace)
    groups: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        # no socket has this id, so its name is "a peer outside"
        to = peers.addressee(message) or (OUTSIDE if message.place in AWAY else NOBODY)
        groups[message.sender, to].append(message)

    def order(key: tuple[str, str]) -> tuple[object, ...]:
        pair = sorted((names.socket(id) if id else "") for id in key)
        socket = trace.sockets.get(key[0])
        asks = socket is not None and bool(socket.connects)  # the connecting side speaks first, as a rule
        return (pair[::-1] if NOBODY in key else pair, NOBODY in key, not asks, names.socket(key[0]))

    return sorted(groups.items(), key=lambda item: order(item[0]))


def _story(n: int, message: Message, trace: Trace, names: Names) -> list[str]:
    def shown(frames: tuple[bytes, ...] | None, sizes: tuple[int, ...] | None, at: str) -> str:
        socket = trace.sockets.get(at)
        router = socket is not None and socket.type == "ROUTER"
        return "(encrypted)" if frames is None else names.frames(frames, sizes, router)

    wire = shown(message.wire_frames, message.wire_sizes, "")
    seen = message.sent_frames is not None
    sent = shown(message.sent_frames, message.sent_sizes, message.sender) if seen else wire
    told = []
    if message.place == "passed":
        told.append(standing("passed", trace))
    elif message.received is not None:
        got = shown(message.received_frames, message.received_sizes, message.receiver)
        connection = trace.connections.get(message.lane[:-1])
        hidden = connection is not None and connection.encrypted
        if not seen and message.wire_frames is None and not hidden:  # only its receiver was seen
            sent = got
        if message.wire_frames is not None and wire not in (sent, got):
            told.append(f"on the wire  {wire}")
        if got != sent:
            told.append(f"received as  {got}")
    elif message.end:
        told.append(standing(message.end, trace) + (f": {message.reason}" if message.reason else ""))
    else:
        told.append(standing(message.place, trace) if message.place in AWAY else _not_received(message))
    return [f"  {n:>2}  {sent}", *(MARGIN + line for line in told)]


def _not_received(message: Message) -> str:
    return "not received" + (f": {message.reason}" if message.reason else "")
