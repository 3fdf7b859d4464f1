"""A socket belongs to the thread that made it: every use in another raises, before libzmq could crash the process."""

from __future__ import annotations

from threading import get_ident
from typing import Any
from warnings import warn

import zmq
from zmq.backend import Socket as _Backend

from .reporter import Reporter

_get = _Backend.get


class OwnedSocket(zmq.Socket[Any]):
    """Raises `WrongThread` from every method that touches libzmq, in any thread but its own."""

    # None until the socket is made. What a class does not define, pyzmq takes for a socket option.
    _reporter: Reporter = None  # type: ignore[assignment]

    def __del__(self) -> None:
        if not self._shadow and self._reporter is not None:
            self._reporter.moved_here()
        if self._shadow or self.closed:
            return
        # As pyzmq does it, which called from here would name this line in place of the program's.
        if warn is not None:
            warn(f"Unclosed socket {self}", ResourceWarning, stacklevel=2, source=self)
        try:
            self.close()
        except KeyboardInterrupt:
            self.close()
            raise

    def _own(self) -> Reporter:
        """The reporter, for the thread that may use the socket; it stands still here while its actor hangs."""
        reporter = self._reporter
        if get_ident() != reporter.owner:
            reporter.stop()
        return reporter

    def close(self, linger: int | None = None) -> None:
        reporter = self._reporter
        if reporter is None:  # interrupted while it was made
            super().close(linger)
            return
        if get_ident() != reporter.owner and not reporter.closed:
            if reporter.tap.user is not None:  # who makes sockets for others, and closes them, does not use them
                reporter.moved_here()
            reporter.stop()
        handle, lingers = self.underlying, self._lingers(linger)
        try:
            super().close(linger)
        except KeyboardInterrupt:  # the stop button: a socket left half closed would keep its context for ever
            super().close(linger)
            raise
        finally:
            reporter.close(handle, lingers)

    def _lingers(self, asked: int | None) -> int | None:
        """For how many ms a socket that is closed so goes on sending."""
        if asked is not None or self.closed:
            return asked
        try:
            return int(_get(self, zmq.LINGER))
        except zmq.ZMQError:  # its context has ended
            return None

    def get(self, option: int) -> Any:
        reporter = self._reporter
        if reporter is not None and get_ident() != reporter.owner:
            reporter.stop()
        return _get(self, option)

    getsockopt = get

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> Any:
        tap = self._own().tap
        events = super().poll(timeout, flags)
        tap.pause()
        return events

    def monitor(self, addr: Any, events: int = zmq.EVENT_ALL) -> None:
        self._own()
        super().monitor(addr, events)
