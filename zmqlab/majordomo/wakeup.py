"""Wakes a thread that polls."""

from __future__ import annotations

import contextlib
import socket


class Wakeup:
    """Register it with a zmq.Poller. `set` may be called from any thread, `clear` only by the one that polls.

    A ZeroMQ socket may not be shared between threads; the two ends of a socket pair may be.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._pending = False

    def fileno(self) -> int:
        return self._reader.fileno()

    def set(self) -> None:
        """End the other thread's poll, now or when it comes to it. Call it after what it shall find was put there."""
        if not self._pending:
            self._pending = True
            with contextlib.suppress(OSError):  # closed meanwhile
                self._writer.send(b"\0")

    def clear(self) -> None:
        """Call it before you look for what was put there."""
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(1024)
        self._pending = False

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
