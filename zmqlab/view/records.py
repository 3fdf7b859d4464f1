"""The items of a trace as plain JSON values, for the browser.

Times are milliseconds since `origin` (3 decimals), bytes are hex, clipped to `FEW` bytes a frame, or to `MORE`, with
the true size beside them. What there may be a hundred thousand of, messages and work bars, comes as columns: a list of
dictionaries takes four times as long to make and to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeAlias

from ..trace.actions import Settings
from ..trace.events import Frames, Handshake, Sizes
from ..trace.model import Actor, Connection, Hang, Mark, Message, Socket, Wait, Work
from ..trace.source import Source
from ..trace.trace import Trace
from .order import Order
from .payloads import kind_of
from .saying import label
from .talks import Colours

FEW, MORE = 256, 1024  # bytes of a frame that are told; and where there is room for more, as much as was recorded
ROOM = 4 << 20  # bytes of the frames of a run that is over, up to which there is

Record: TypeAlias = dict[str, Any]
Columns: TypeAlias = dict[str, Any]  # {"rows": 3, "fields": {"id": [1, 2, 3], "end": ""}}


def ms(time: int | None, origin: int) -> float | None:
    return None if time is None else round((time - origin) / 1e6, 3)


def wall(sources: Sequence[Source], origin: int) -> Record | None:
    """What time of day it was at `origin`, by the clock of the first process that has said it: µs since 1970, and how
    many minutes the zone of this machine was ahead of UTC. None where none has."""
    epoch = next((source.epoch for source in sources if source.wall), None)
    if epoch is None:
        return None
    at = epoch + origin
    ahead = datetime.fromtimestamp(at / 1e9).astimezone().utcoffset() or timedelta()
    return {"at": at // 1000, "ahead": ahead // timedelta(minutes=1)}


def us(items: Sequence[Message | Work], name: str, origin: int) -> list[int | None]:
    """A time of each, in whole microseconds: fractions of milliseconds would be longer and slower to read."""
    return [None if time is None else (time - origin) // 1000 for time in map(attrgetter(name), items)]


def clip_for(items: Sequence[Message]) -> int:
    """How many bytes of a frame of these, which are all that will ever be told, may be told."""
    size = sum(len(frame) for message in items for frame in message.frames or ())
    return MORE if size <= ROOM else FEW


def frames(parts: Frames | None, sizes: Sizes, clip: int = FEW) -> str | None:
    """``"00ab,5461"``: hex, a comma between two frames, ``:70000`` after a clipped one; None: nobody saw them."""
    if parts is None:
        return None
    whole = parts[0].hex() if len(parts) == 1 else ",".join([part.hex() for part in parts])
    if sizes is None and len(whole) <= 2 * clip:
        return whole
    lengths = sizes if sizes is not None else [len(part) for part in parts]
    return ",".join(
        part[:clip].hex() + (f":{size}" if size > clip else "") for part, size in zip(parts, lengths, strict=True)
    )


def actor(item: Actor, origin: int) -> Record:
    return {
        "name": item.name,
        "kind": item.kind,
        "state": item.state,
        "text": item.text,
        "started": ms(item.started, origin),
        "ended": ms(item.ended, origin),
        "first": ms(item.first, origin),
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


def connection(item: Connection, origin: int) -> Record:
    return {
        "id": item.id,
        "client": item.client,
        "server": item.server,
        "endpoint": item.endpoint,
        "opened": ms(item.opened, origin),
        "closed": ms(item.closed, origin),
        "reason": item.reason,
        "encrypted": item.encrypted,
        "client_handshake": handshake(item.client_handshake),
        "server_handshake": handshake(item.server_handshake),
    }


def handshake(item: Handshake | None) -> Record | None:
    """Properties are ``[[name, {"hex": …, "size": …}], …]`` in the order in which they were sent."""
    if item is None:
        return None
    properties = [[name, {"hex": value[:FEW].hex(), "size": len(value)}] for name, value in item.properties]
    return {**item._asdict(), "properties": properties}


def order(item: Order) -> Record:
    """Who stands where, and which sockets are connected: ``edges`` are ``[client, server, closed, tcp]``."""
    return {
        "edges": [list(edge) for edge in item.edges],
        "columns": item.columns,
        "cards": item.cards,
        "lanes": item.lanes,
        "groups": [group._asdict() for group in item.groups],
        "tints": item.tints,
    }


def messages(
    items: Sequence[Message], origin: int, trace: Trace, order: Order, colours: Colours, clip: int = FEW
) -> Columns:
    """Times in whole µs. `frames` as the sender gave them, or else as they were first seen; `wire_frames` and
    `received_frames` only where they differ from that. `sender`, `receiver` and `asker` are names of actors: where it
    comes from and goes to, and whose tint it has, unless it has that of its conversation, `talk`. `roles` is what a
    person said of its frames, `decoded` what they said is in them, `kinds` what binary ones seem to be."""
    reading = trace.reading
    forms = [_forms(message, clip) for message in items]
    actors = list(map(order.receiver_and_asker, items))
    return columns(
        {
            "id": [m.id for m in items],
            "from": [m.sender for m in items],
            "to": [m.receiver for m in items],
            "lane": [m.lane for m in items],
            "number": [m.number for m in items],
            "sent": us(items, "sent", origin),
            "blocked": us(items, "blocked", origin),
            "returned": us(items, "returned", origin),
            "left": us(items, "left", origin),
            "arrived": us(items, "arrived", origin),
            "received": us(items, "received", origin),
            "frames": [first for first, _, _ in forms],
            "wire_frames": [wire for _, wire, _ in forms],
            "received_frames": [received for _, _, received in forms],
            "end": ["" if m.received is not None else m.end for m in items],
            "reason": [m.reason for m in items],
            "ended": us(items, "ended", origin),
            "place": [m.place for m in items],
            "sender": [order.sender(m) for m in items],
            "receiver": [receiver for receiver, _ in actors],
            "asker": [asker for _, asker in actors],
            "talk": [colours.talk(m) for m in items],
            "label": [label(m, trace) for m in items],
            "decoded": [reading.decoded(m) for m in items] if reading else [None] * len(items),
            "kinds": [kinds(m) for m in items],
            "certain": [m.certain for m in items],
            "roles": [reading.roles(m) or None for m in items] if reading else [None] * len(items),
        }
    )


def kinds(message: Message) -> dict[int, str] | None:
    """What the frames that are no text seem to be, by index, negative ones counted from the last."""
    frames, sizes = message.first_seen
    found = {}
    for place, frame in enumerate(frames or ()):
        kind = kind_of(frame, sizes[place] if sizes else len(frame)) if frame[:1] > b"\x7f" else ""
        if kind:
            found[place - len(frames or ())] = kind
    return found or None


def _forms(message: Message, clip: int) -> tuple[str | None, str | None, str | None]:
    """The frames as they were first seen, and as they were on the wire and received where that is something else."""
    first, sizes = message.first_seen
    wire, received = message.wire_frames, message.received_frames
    on_wire = got = None
    if wire is not first and (wire != first or message.wire_sizes != sizes):
        on_wire = frames(wire, message.wire_sizes, clip)
    if received is not first and (received != first or message.received_sizes != sizes):
        got = on_wire if received is wire else frames(received, message.received_sizes, clip)
    return frames(first, sizes, clip), on_wire, got


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
            "start": us(items, "start", origin),
            "end": us(items, "end", origin),
        }
    )


def columns(values: dict[str, list[Any]]) -> Columns:
    """One list a field, all of one length; a field that is the same in all rows is that one value alone."""
    same = {name for name, column in values.items() if column and _is_one(column)}
    rows = len(next(iter(values.values())))
    fields = {name: column[0] if name in same else column for name, column in values.items()}
    return {"rows": rows, "fields": fields if rows else {}}


def _is_one(column: list[Any]) -> bool:
    return column[0] == column[-1] and column.count(column[0]) == len(column)


def hang(item: Hang, origin: int) -> Record:
    return {"n": item.n, "actor": item.actor, "start": ms(item.start, origin), "end": ms(item.end, origin)}


def wait(item: Wait, origin: int) -> Record:
    return {
        "n": item.n,
        "actor": item.actor,
        "socket": item.socket,
        "call": item.call,
        "start": ms(item.start, origin),
        "end": ms(item.end, origin),
    }


def settings(item: Settings) -> Record:
    """How the lab is steered; `links` are those with a setting of their own."""
    return {
        "hold": item.everywhere.hold,
        "latency": item.everywhere.latency,
        "links": [{"a": a, "b": b, **setting._asdict()} for (a, b), setting in sorted(item.links.items())],
    }
