"""The items of a trace as plain JSON values, for the browser.

Times are milliseconds since `origin` (3 decimals), bytes are hex, clipped to `CLIP` bytes a frame with the true size
beside them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ..trace.events import Frames, Handshake, Sizes
from ..trace.model import Actor, Controls, Link, Mark, Message, Socket, Span, Work

CLIP = 256

Record: TypeAlias = dict[str, Any]


def ms(time: int | None, origin: int) -> float | None:
    return None if time is None else round((time - origin) / 1e6, 3)


def frames(parts: Frames | None, sizes: Sizes) -> list[Record] | None:
    """``[{"hex": …, "size": …}, …]``, or None where nobody saw the frames."""
    if parts is None:
        return None
    lengths = sizes if sizes is not None else [len(part) for part in parts]
    return [{"hex": part[:CLIP].hex(), "size": size} for part, size in zip(parts, lengths, strict=True)]


def actor(item: Actor, origin: int) -> Record:
    return {
        "name": item.name,
        "kind": item.kind,
        "state": item.state,
        "text": item.text,
        "started": ms(item.started, origin),
        "ended": ms(item.ended, origin),
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
    values = frames(tuple(value for _, value in item.properties), None)
    names = [name for name, _ in item.properties]
    return {**item._asdict(), "properties": [list(pair) for pair in zip(names, values or [], strict=True)]}


def message(item: Message, origin: int) -> Record:
    """`frames` as the sender gave them; `wire_frames` and `received_frames` only where they differ from that."""
    first = item.sent_frames if item.sent_frames is not None else item.wire_frames
    sizes = item.sent_sizes if item.sent_frames is not None else item.wire_sizes
    return {
        "id": item.id,
        "from": item.sender,
        "to": item.receiver,
        "lane": item.lane,
        "number": item.number,
        "sent": ms(item.sent, origin),
        "blocked": ms(item.blocked, origin),
        "returned": ms(item.returned, origin),
        "left": ms(item.left, origin),
        "arrived": ms(item.arrived, origin),
        "received": ms(item.received, origin),
        "frames": frames(first, sizes),
        "wire_frames": None if item.wire_frames == first else frames(item.wire_frames, item.wire_sizes),
        "received_frames": (
            None if item.received_frames == first else frames(item.received_frames, item.received_sizes)
        ),
        "end": item.end,
        "reason": item.reason,
        "ended": ms(item.ended, origin),
        "watched": item.watched,
        "certain": item.certain,
    }


def mark(item: Mark, origin: int) -> Record:
    return {
        "n": item.n,
        "actor": item.actor,
        "time": ms(item.time, origin),
        "kind": item.kind,
        "text": item.text[:2000],
    }


def work(item: Work, origin: int) -> Record:
    return {
        "n": item.n,
        "actor": item.actor,
        "message": item.message,
        "start": ms(item.start, origin),
        "end": ms(item.end, origin),
    }


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
