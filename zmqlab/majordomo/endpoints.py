"""What an endpoint asks for, beside what libzmq does by itself."""

from __future__ import annotations

import errno
import logging
import os
import socket as network
import stat
from typing import Any

import zmq

from . import checks
from .security import Curve

Endpoints = str | list[str] | tuple[str, ...]
"""Of one broker, or of several in the order in which they are tried."""

_SOMEBODY = (errno.EAGAIN, errno.EACCES, errno.EPERM, errno.EPROTOTYPE)
"""How a path answers that is somebody's, who accepts no more, or not us, or has another kind of socket there."""

_log = logging.getLogger("zmqlab.majordomo")


class Round:
    """The brokers that one party knows. It is at one of them at a time, and goes on to the next when that is silent.

    It never goes back by itself: brokers know nothing of each other, so one that is there again has nobody's requests.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        self._all = checks.endpoints("endpoint", endpoints)
        self._place = 0

    @property
    def present(self) -> str:
        return self._all[self._place]

    def go_on(self) -> bool:
        """To the next one, after the last to the first. Whether it is another one."""
        self._place = (self._place + 1) % len(self._all)
        return len(self._all) > 1

    def told(self) -> str:
        """The end of an error's text: all that are tried; "" where there is one."""
        return f" (of {' and '.join(self._all)}, tried in turn)" if len(self._all) > 1 else ""


def prepare(socket: zmq.Socket[Any], endpoint: str, curve: Curve | None) -> None:
    """Before bind or connect: an IPv6 address may be one, and who has keys learns where they protect nothing."""
    if "://[" in endpoint:
        socket.ipv6 = True
    if curve and endpoint.startswith("inproc:"):
        _log.warning("CURVE protects nothing within a process: %s is open to all who have its context", endpoint)


def refuse_taken(endpoint: str) -> None:
    """Raises ZMQError where somebody is bound to that path, or it is a file: libzmq would remove both without a word.

    What a broker has left that was killed is no hindrance.
    """
    path = endpoint.removeprefix("ipc://")
    if path == endpoint or path.startswith("@") or not hasattr(network, "AF_UNIX"):
        return
    if os.path.exists(path) and not stat.S_ISSOCK(os.stat(path).st_mode):
        raise zmq.ZMQError(zmq.EADDRINUSE, f"there is a file that is no socket (addr={endpoint!r})")
    with network.socket(network.AF_UNIX) as asks:
        asks.setblocking(False)  # who accepts nobody any more must not keep us waiting
        try:
            asks.connect(path)
        except OSError as error:
            if error.errno not in _SOMEBODY:
                return
    raise zmq.ZMQError(zmq.EADDRINUSE, f"Address already in use (addr={endpoint!r})")
