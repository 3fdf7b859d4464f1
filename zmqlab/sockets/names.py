"""What a socket says of itself in the handshake of its connections, so that messages are told apart.

The name makes the handshake longer, and a socket refuses one that is longer than its MAXMSGSIZE. A lab or a recording
in which a socket takes as little as that connects without names from then on, and past the relay, which adds one too.
"""

from __future__ import annotations

import contextlib
from typing import Any

import zmq
from zmq.backend import Socket as _Backend

PEER = b"X-Zmqlab"  # the READY property that names the lane, or else the peer's socket
ROOM = 64  # bytes that a handshake with a name may have, at most

_set = _Backend.set
_narrow: set[int] = set()  # labs in which a socket takes less


def limit(lab: int, size: int) -> None:
    """A socket of that lab takes frames of so many bytes at most; -1: of any length."""
    if 0 <= size < ROOM:
        _narrow.add(lab)


def is_narrow(lab: int) -> bool:
    """Are its connections made without names, because a handshake with one might be refused?"""
    return lab in _narrow


def tell(socket: Any, id: str) -> None:
    """Name it in all connections that are made from now on."""
    with contextlib.suppress(zmq.ZMQError):  # a libzmq without it: receives then say less about their origin
        _set(socket, zmq.METADATA, PEER + b":" + id.encode())
