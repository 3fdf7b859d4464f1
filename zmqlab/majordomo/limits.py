"""What a broker allows: counts, sizes and times, in one place; and how it tells them to its peers."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from typing import Any

from . import checks
from .wire import read_object

Count = float
"""A whole number; `inf`: no limit."""

REQUEST_ENVELOPE = 5  # frames around the body of a request, at the broker: routing id, empty, MDPC01, service, header
UNREAD = 32 << 20  # bytes of a large budget that are for what libzmq has received and we have not read yet
SMALL_BUDGET = 128 << 20  # bytes; up to here nothing of it is
REPLY_ENVELOPE = 7  # of a worker's reply: routing id, empty, MDPW01, command, address, empty, header


@dataclass(frozen=True)
class Limits:
    """Times are in seconds, sizes in bytes; `inf` means none. Raises TypeError or ValueError for what cannot be."""

    max_queued: Count = 10_000
    """Requests that wait for a worker, per service. One more is answered BUSY."""
    max_per_client: Count = 5_000
    """Requests of one client that have no delivered answer yet. One more is answered BUSY."""
    max_bytes: Count = 1 << 30
    """Memory for requests that have no answer yet, and for answers that wait for slow clients, 1,000 bytes a message
    included. A request beyond it is answered BUSY. Of a large one a part is for what libzmq queues itself (`room`)."""
    max_client_bytes: Count = 256 << 20
    """The same for one client. An answer beyond it, for a client that does not read, is thrown away, and it is told."""
    max_services: Count = 1_000
    """Services that a request may open. One more is answered BUSY; a worker may still offer it."""
    max_workers: Count = 10_000
    """Workers, over all services. One more is disconnected."""
    max_capacity: Count = 1_024
    """Requests that one worker may hold, whatever it announces."""
    max_frames: Count = 64
    """Frames of one message as the broker receives it, the envelope included: 59 of a request's body, 57 of a reply's.
    A longer request is answered BUSY, with the reason."""
    max_frame_bytes: Count = 4 << 20
    """Bytes of one frame; libzmq disconnects a peer that sends a longer one (MAXMSGSIZE)."""
    max_service_name: Count = checks.LONGEST_NAME
    """Bytes of a service's name."""
    max_tries: Count = 3
    """Workers that a request is given to, one after another, before it is answered RETRIES_EXHAUSTED."""
    queue_timeout: float = 60.0
    """How long a request may wait for a worker, unless its client says less. Then it is answered TIMEOUT."""
    no_service_timeout: float = 5.0
    """How long a request may wait for the first worker of its service. Then it is answered NO_SERVICE."""
    busy_timeout: float = 60.0
    """How long a worker may work on one request, unless it says otherwise. Then another worker gets the request too."""
    heartbeat: float = 2.5
    """Between two heartbeats; a worker of ours takes it over, others must use a similar one (RFC 7)."""
    liveness: Count = 3
    """Heartbeats that may be missing before a worker counts as dead."""
    tick: float = 0.05
    """How often the broker looks after deadlines; also how exact they are."""
    drain_timeout: float = 30.0
    """How long a shutdown waits for what was accepted; the rest ends in an error that says so."""

    def __post_init__(self) -> None:
        for name, least in _COUNTS.items():
            checks.count(name, getattr(self, name), least=least, infinite=True)
        checks.count("max_service_name", self.max_service_name, most=checks.LONGEST_NAME)
        for name in ("queue_timeout", "no_service_timeout", "drain_timeout"):
            checks.seconds(name, getattr(self, name), above=False)
        checks.seconds("busy_timeout", self.busy_timeout)
        checks.seconds("heartbeat", self.heartbeat)
        checks.seconds("tick", self.tick, least=0.001, above=False, finite=True)

    @property
    def room(self) -> Count:
        """Bytes that the broker itself may hold: `max_bytes`, less a quarter of what it has beyond 128 MiB, and at most
        32 MiB, so that what libzmq has received meanwhile is, as a rule, in the budget, too."""
        return self.max_bytes - min(4 * UNREAD, max(0, self.max_bytes - SMALL_BUDGET)) // 4

    def announce(self) -> bytes:
        """What peers must know, as JSON: see PROTOCOL.md. None stands for what has no limit."""
        told = {field.name: getattr(self, field.name) for field in fields(Announced)}
        return json.dumps({name: None if value == math.inf else value for name, value in told.items()}).encode()


_COUNTS = {
    "max_queued": 1,
    "max_per_client": 1,
    "max_bytes": 1,
    "max_client_bytes": 1,
    "max_services": 1,
    "max_workers": 1,
    "max_capacity": 1,
    "max_frames": REPLY_ENVELOPE + 1,
    "max_frame_bytes": checks.LONGEST_NAME,
    "max_tries": 1,
    "liveness": 1,
}
"""The least of each; for all of them there may be no limit."""


@dataclass(frozen=True)
class Announced:
    """What a broker has told of its limits; what it has not told is `inf`: unknown."""

    max_frames: Count = math.inf
    max_frame_bytes: Count = math.inf
    max_service_name: Count = math.inf
    heartbeat: float = math.inf
    liveness: Count = math.inf
    busy_timeout: float = math.inf

    @classmethod
    def read(cls, frame: bytes) -> Announced | None:
        """What `Limits.announce` made, also by a later version; None where that is something else, like ``501``."""
        told = read_object(frame)
        return None if told is None else cls(**{each.name: _limit(told.get(each.name)) for each in fields(cls)})

    def why_too_large(self, body: list[bytes], envelope: int) -> str:
        """Why the broker would not take a message with that body; "" if it does.

        `envelope` is REQUEST_ENVELOPE for a client, and REPLY_ENVELOPE for a worker.
        """
        if len(body) + envelope > self.max_frames:
            return too_many_frames(len(body), self.max_frames - envelope)
        longest = max(map(len, body), default=0)
        if longest > self.max_frame_bytes:
            return f"it has a frame of {longest} bytes, and the broker takes at most {self.max_frame_bytes}"
        return ""


def too_many_frames(count: int, most: float) -> str:
    """The words for it."""
    return f"it has {count} frames, and the broker takes at most {most}"


def _limit(value: Any) -> float:
    """A limit that was told; `inf` where there is none, or nothing that could be one."""
    right = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= checks.MANY
    return value if right else math.inf
