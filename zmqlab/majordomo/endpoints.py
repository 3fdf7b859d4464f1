"""What an endpoint asks for, beside what libzmq does by itself."""

from __future__ import annotations

import logging
import socket as network
from typing import Any

import zmq

from .security import Curve

_log = logging.getLogger("zmqlab.majordomo")


def prepare(socket: zmq.Socket[Any], endpoint: str, curve: Curve | None) -> None:
    """Before bind or connect: an IPv6 address may be one, and who has keys learns where they protect nothing."""
    if "://[" in endpoint:
        socket.ipv6 = True
    if curve and endpoint.startswith("inproc:"):
        _log.warning("CURVE protects nothing within a process: %s is open to all who have its context", endpoint)


def refuse_taken(endpoint: str) -> None:
    """Raises ZMQError where somebody is bound to that path: libzmq would take it away from them without a word.

    What a broker has left that was killed is no hindrance.
    """
    path = endpoint.removeprefix("ipc://")
    if path == endpoint or path.startswith("@") or not hasattr(network, "AF_UNIX"):
        return
    with network.socket(network.AF_UNIX) as asks:
        try:
            asks.connect(path)
        except OSError:  # nobody is there
            return
    raise zmq.ZMQError(zmq.EADDRINUSE, f"Address already in use (addr={endpoint!r})")
