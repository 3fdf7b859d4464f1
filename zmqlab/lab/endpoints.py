"""Loopback endpoints that never collide."""

from __future__ import annotations

import socket
import sys
import threading

from ..trace import forks
from .ports import apart


class Reservation:
    """A TCP port on 127.0.0.1 that is ours until `release`, and on which ZeroMQ can still bind.

    On Linux a bound socket that does not listen keeps the port from all who bind without SO_REUSEADDR, as it did. Once
    it has that option libzmq, which sets it as well, may bind the port (socket(7)). Elsewhere such a socket would stand
    in ZeroMQ's way; there the port is chosen free and never given out twice by this process.
    """

    _given: set[int] = set()  # noqa: RUF012 - one register for the process is the point

    def __init__(self) -> None:
        while True:
            self._socket = apart(_bound)
            self.port: int = self._socket.getsockname()[1]
            if sys.platform == "linux":
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                return
            self._socket.close()
            if self.port not in self._given:
                self._given.add(self.port)
                return

    def release(self) -> None:
        self._socket.close()


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


class Endpoints:
    """The named endpoints of one lab: the same name gives the same address for the lab's whole life."""

    def __init__(self) -> None:
        self._reserved: dict[str, Reservation] = {}
        self._lock = threading.Lock()  # actors may ask too, all at the same time
        forks.tell(self)

    def get(self, name: str) -> str:
        """``tcp://127.0.0.1:<port>`` for `name`, the same one at every call."""
        with self._lock:
            if name not in self._reserved:
                self._reserved[name] = Reservation()
            return f"tcp://127.0.0.1:{self._reserved[name].port}"

    def release(self) -> None:
        for reservation in self._reserved.values():
            reservation.release()
        self._reserved.clear()

    def in_child(self) -> None:
        """The ports are the parent's: held here they would be taken when it has ended."""
        self._lock = threading.Lock()
        self.release()
