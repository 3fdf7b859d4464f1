"""The items of a trace as plain JSON values, for the browser.

Times are milliseconds since `origin` (3 decimals), bytes are hex, clipped to `CLIP` bytes a frame with the true size
beside them. What there may be a hundred thousand of, messages and work bars, comes as columns: a list of dictionaries
takes four times as long to make and to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..trace.events import Frames, Handshake, Sizes
from ..trace.model import Actor, Controls, Link, Mark, Message, Socket, Span, Work
from ..trace.reading import Reading

CLIP = 256

Record: TypeAlias = dict[str, Any]
Columns: TypeAlias = dict[str, Any]  # {"rows": 3, "fields": {"id": [1, 2, 3], "end": ""}}


def ms(time: int | None, origin: int) -> float | None:
    return None if time is None else round((time - origin) / 1e6, 3)


def us(time: int | None, origin: int) -> int | None:
    """Whole microseconds: in columns of thousands, fractions of milliseconds would be longer and slower to read."""
    return None if time is None else (time - origin) // 1000


def frames(parts: Frames | None, sizes: Sizes) -> str | None:
    """``"00ab,5461"``: hex, a comma between two frames, ``:70000`` after a clipped one; None: nobody saw them."""
    if parts is None:
        return None
    whole = ",".join([part.hex() for part in parts])
    if sizes is None and len(whole) <= 2 * CLIP:
        return whole
    lengths = sizes if sizes is not None else [len(part) for part in parts]
    return ",".join(
        part[:CLIP].hex() + (f":{size}" if size > CLIP else "") for part, size in zip(parts, lengths, strict=True)
    )


def actor(item: Actor, origin: int) -> Record:
    return {
        "name": item.name,
        "kind": item.kind,
        "state": item.state,
        "text": item.text,
        "started": ms(item.started, origin),
        "ended": ms(item.ended, origin),
        "earlier": [[ms(start, origin), ms(end, origin), how] for start, end, how in item.earlier],
    }


def socket(item: Socket, origin: int) -> Record:
    return {
        "id": item.id,
        "actor": item.actor,
        "type": item.type,
        "routing_id": None if item.routing_id is None else item.routing_id.hex(),
        "binds": list(item.binds),
        "connects": list(item.connects),
        "opened": ms(item.opened, origin),
        "closed": ms(item.closed, origin),
    }


def link(item: Link, origin: int) -> Record:
    return {
        "id": item.id,
        "client": item.client,
        "server": item.server,
        "endpoint": item.endpoint,
        "opened": ms(item.opened, origin),
        "closed": ms(item.closed, origin),
        "reason": item.reason,
        "encrypted": item.encrypted,
        "client_said": handshake(item.client_handshake),
        "server_said": handshake(item.server_handshake),
    }


def handshake(item: Handshake | None) -> Record | None:
    """Properties are ``[[name, {"hex": …, "size": …}], …]`` in the order in which they were sent."""
    if item is None:
        return None
    properties = [[name, {"hex": value[:CLIP].hex(), "size": len(value)}] for name, value in item.properties]
    return {**item._asdict(), "properties": properties}


def messages(items: Sequence[Message], origin: int, reading: Reading) -> Columns:
    """Times in whole µs. `frames` as the sender gave them, or else as they were first seen; `wire_frames` and
    `received_frames` only where they differ from that. `called` and `roles` are what a person said of the message."""
    first = [_first_seen(m) for m in items]
    return columns(
        {
            "id": [m.id for m in items],
            "from": [m.sender for m in items],
            "to": [m.receiver for m in items],
            "lane": [m.lane for m in items],
            "number": [m.number for m in items],
            "sent": [us(m.sent, origin) for m in items],
            "blocked": [us(m.blocked, origin) for m in items],
            "returned": [us(m.returned, origin) for m in items],
            "left": [us(m.left, origin) for m in items],
            "arrived": [us(m.arrived, origin) for m in items],
            "received": [us(m.received, origin) for m in items],
            "frames": first,
            "wire_frames": _others(first, [_seen_otherwise(m, m.wire_frames, m.wire_sizes) for m in items]),
            "received_frames": _others(first, [_seen_otherwise(m, m.received_frames, m.received_sizes) for m in items]),
            "end": [m.end for m in items],
            "reason": [m.reason for m in items],
            "ended": [us(m.ended, origin) for m in items],
            "watched": [m.watched for m in items],
            "certain": [m.certain for m in items],
            "called": [reading.label(m) for m in items] if reading else [None] * len(items),
            "roles": [reading.roles(m) or None for m in items] if reading else [None] * len(items),
        }
    )


def _first_seen(message: Message) -> str | None:
    if message.sent_frames is not None:
        return frames(message.sent_frames, message.sent_sizes)
    if message.wire_frames is not None:
        return frames(message.wire_frames, message.wire_sizes)
    return frames(message.received_frames, message.received_sizes)


def _seen_otherwise(message: Message, parts: Frames | None, sizes: Sizes) -> str | None:
    """Frames that are not those of the sender, most of which are the very same object."""
    return None if parts is message.sent_frames else frames(parts, sizes)


def _others(first: list[str | None], seen: list[str | None]) -> list[str | None]:
    return [None if other == one else other for one, other in zip(first, seen, strict=True)]


def mark(item: Mark, origin: int) -> Record:
    return {
        "n": item.n,
        "actor": item.actor,
        "time": ms(item.time, origin),
        "kind": item.kind,
        "text": item.text[:2000],
    }


def works(items: Sequence[Work], origin: int) -> Columns:
    """Times in whole µs."""
    return columns(
        {
            "n": [w.n for w in items],
            "actor": [w.actor for w in items],
            "message": [w.message for w in items],
            "start": [us(w.start, origin) for w in items],
            "end": [us(w.end, origin) for w in items],
        }
    )


def columns(values: dict[str, list[Any]]) -> Columns:
    """One list a field, all of one length; a field that is the same in all rows is that one value alone."""
    same = {name for name, column in values.items() if column and column.count(column[0]) == len(column)}
    rows = len(next(iter(values.values())))
    fields = {name: column[0] if name in same else column for name, column in values.items()}
    return {"rows": rows, "fields": fields if rows else {}}


def span(item: Span, origin: int) -> Record:
    return {"n": item.n, "actor": item.actor, "start": ms(item.start, origin), "end": ms(item.end, origin)}


def controls(item: Controls) -> Record:
    """How the lab is steered; `links` are those with a setting of their own."""
    return {
        "hold": item.hold,
        "latency": item.latency,
        "links": [
            {"a": a, "b": b, "hold": link.hold, "latency": link.latency, "cut": link.cut}
            for (a, b), link in sorted(item.links.items())
        ],
    }
