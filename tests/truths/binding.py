"""Binds to an endpoint that was in use a moment ago."""

from __future__ import annotations

from time import monotonic, sleep

import zmq

LIMIT = 5.0  # seconds


def bind(socket: zmq.Socket, endpoint: str) -> None:
    """Bind; a closed socket lets go of its port a moment later, so try again while it is taken."""
    deadline = monotonic() + LIMIT
    while True:
        try:
            socket.bind(endpoint)
            return
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or monotonic() > deadline:
                raise
        sleep(0.01)
