"""A trace in numbers: a row for each socket, as text, as CSV, and as plain dictionaries for a data frame."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

from ..trace.events import Frames, Sizes
from ..trace.model import Message
from ..trace.trace import Trace
from .naming import Names
from .saying import BADLY

Row: TypeAlias = dict[str, Any]
MS = 1e6
SHOWN = 5  # reasons, in the text

COLUMNS = {
    "actor": "actor",
    "socket": "socket",
    "type": "type",
    "sent": "sent",
    "sent_bytes": "bytes",
    "received": "received",
    "received_bytes": "bytes",
    "waiting": "waiting",
    "dropped": "dropped",
    "lost": "lost",
    "unsent": "not sent",
    "out_depth": "out",
    "in_depth": "in",
    "took_p50_ms": "p50 ms",
    "took_p99_ms": "p99 ms",
    "unread_p50_ms": "unread p50",
    "unread_p99_ms": "unread p99",
}
"""The keys of a row, and the heads of the columns in the text."""

SAID = """\
waiting: sent, and not received yet. out, in: the most messages that waited at one time to be sent, and to be read.
p50, p99: half, and 99 of 100, of what the socket received took at most so many ms from send to receive; and, unread,
from arrival to receive."""


class Summary:
    """``rows`` is a list of dictionaries, one for each socket: ``pandas.DataFrame(summary.rows)``.

    Its keys are those of `COLUMNS`. Counts are of messages, the sizes of bytes in all frames, the depths of messages
    that waited at one time, and the times of milliseconds; None where nothing was seen that could be measured.
    ``reasons`` counts the messages that nobody got, by actor, end and reason.
    """

    def __init__(self, trace: Trace) -> None:
        trace.update()
        names = Names(trace)
        messages = list(trace.messages.values())
        sent, received = defaultdict(list), defaultdict(list)
        for message in messages:
            if message.sent is not None:
                sent[message.sender].append(message)
            if message.received is not None:
                received[message.receiver].append(message)
        self.rows: list[Row] = [
            _row(socket.actor, names.socket(id), socket.type, sent[id], received[id])
            for id, socket in trace.sockets.items()
        ]
        self.reasons: Counter[tuple[str, str, str]] = Counter(
            (names.actor(message.sender), message.end, message.reason) for message in messages if message.end in BADLY
        )
        self.forgotten = trace.forgotten

    def __str__(self) -> str:
        if not self.rows:
            return "no sockets"
        keys = [key for key in COLUMNS if key not in ("actor", "type")]  # the name of a socket has both
        table = [[COLUMNS[key] for key in keys], *[[_shown(row[key]) for key in keys] for row in self.rows]]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = []
        for first, *others in table:
            cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            lines.append("  ".join([first.ljust(widths[0]), *cells]))
        common = self.reasons.most_common(SHOWN)
        why = [f"{count:,} {end}, sent by {actor}: {reason}" for (actor, end, reason), count in common]
        if len(self.reasons) > SHOWN:
            why.append(f"… and {len(self.reasons) - SHOWN:,} more reasons")
        gone = [f"{self.forgotten:,} older messages were not kept, and are not counted"] if self.forgotten else []
        return "\n".join([*lines, "", *why, *gone, SAID])

    __repr__ = __str__

    def csv(self) -> str:
        """One line for each socket, below one with the keys."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()


def _row(actor: str, socket: str, type: str, sent: list[Message], received: list[Message]) -> Row:
    ends = Counter(message.end for message in sent)
    sends = {message.sent: message for message in sent}.values()  # of a PUB there is a copy for each subscriber
    took = [message.received - message.sent for message in received if message.sent is not None and message.received]
    unread = [
        message.received - message.arrived for message in received if message.arrived is not None and message.received
    ]
    return {
        "actor": actor,
        "socket": socket,
        "type": type,
        "sent": len(sends),
        "sent_bytes": sum(_size(message.sent_frames, message.sent_sizes) for message in sends),
        "received": len(received),
        "received_bytes": sum(_size(message.received_frames, message.received_sizes) for message in received),
        "waiting": sum(message.received is None and not message.end and message.watched for message in sent),
        "dropped": ends["dropped"],
        "lost": ends["lost"],
        "unsent": ends["unsent"],
        "out_depth": _deepest((message.sent, _gone(message)) for message in sent),
        "in_depth": _deepest((message.arrived, message.received) for message in received),
        "took_p50_ms": _quantile(took, 0.5),
        "took_p99_ms": _quantile(took, 0.99),
        "unread_p50_ms": _quantile(unread, 0.5),
        "unread_p99_ms": _quantile(unread, 0.99),
    }


def _gone(message: Message) -> int | None:
    """When it was no longer with its sender, as far as anybody saw."""
    times = (message.left, message.arrived, message.received, message.ended)
    return min((time for time in times if time is not None), default=None)


def _deepest(stays: Iterable[tuple[int | None, int | None]]) -> int | None:
    """The most that were there at one time; each came and, if it is known, went."""
    steps = []
    for came, went in stays:
        if came is not None:
            steps.append((came, 1))
            if went is not None:
                steps.append((max(went, came), -1))
    depth = deepest = 0
    for _, step in sorted(steps):
        depth += step
        deepest = max(deepest, depth)
    return deepest if steps else None


def _quantile(times: list[int], part: float) -> float | None:
    """In ms: no more than so large a part of the times is below it."""
    if not times:
        return None
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] / MS, 3)


def _size(frames: Frames | None, sizes: Sizes) -> int:
    return sum(sizes) if sizes is not None else sum(map(len, frames or ()))


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else str(value)
