"""What a broker allows: counts, sizes and times, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times are in seconds, sizes in bytes."""

    max_queued: int = 10_000
    """Requests that wait for a worker, per service. One more is answered BUSY."""
    max_per_client: int = 5_000
    """Requests of one client that have no delivered answer yet. One more is answered BUSY."""
    max_services: int = 1_000
    """Services that a request may open. One more is answered BUSY; a worker may still offer it."""
    max_workers: int = 10_000
    """Workers, over all services. One more is disconnected."""
    max_capacity: int = 1_024
    """Requests that one worker may hold, whatever it announces."""
    max_frames: int = 64
    """Frames of one message, the envelope included."""
    max_frame_bytes: int = 4 << 20
    """Bytes of one frame; libzmq disconnects a peer that sends a longer one (MAXMSGSIZE)."""
    max_service_name: int = 255
    """Bytes of a service's name."""
    max_tries: int = 3
    """Workers that a request is given to, one after another, before it is answered RETRIES_EXHAUSTED."""
    queue_timeout: float = 60.0
    """How long a request may wait for a worker, unless its client says less. Then it is answered TIMEOUT."""
    no_service_timeout: float = 5.0
    """How long a request may wait for the first worker of its service. Then it is answered NO_SERVICE."""
    busy_timeout: float = 60.0
    """How long a worker may work on one request. Then the request goes to another worker."""
    heartbeat: float = 2.5
    """Between two heartbeats; workers must use a similar one (RFC 7)."""
    liveness: int = 3
    """Heartbeats that may be missing before a worker counts as dead."""
    tick: float = 0.05
    """How often the broker looks after deadlines; also how exact they are."""
    drain_timeout: float = 30.0
    """How long a shutdown waits for what was accepted; the rest ends with TIMEOUT."""
