"""A non-blocking socket in the relay's selector, and what belongs to a lab there."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Protocol

from ..trace.events import ConnectionData, plain
from .gate import Gates
from .reports import LabReports

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
CHUNK = 1 << 16  # bytes of one recv


class Transport:
    """A socket and what it waits for."""

    def __init__(self, selector: selectors.BaseSelector, sock: socket.socket) -> None:
        self.sock = sock
        self.handler: Callable[[int], None] | None = None
        self._selector = selector
        self._mask = 0
        sock.setblocking(False)

    def wait(self, mask: int, handler: Callable[[int], None]) -> None:
        """From now on call ``handler(mask)`` when the socket can be read or written, as `mask` says; 0 is never."""
        self.handler = handler
        if mask == self._mask:
            return
        if not mask:
            self._selector.unregister(self.sock)
        elif self._mask:
            self._selector.modify(self.sock, mask, self._ready)
        else:
            self._selector.register(self.sock, mask, self._ready)
        self._mask = mask

    def close(self) -> None:
        """Idempotent."""
        if self._mask:
            self._selector.unregister(self.sock)
            self._mask = 0
        self.sock.close()

    def _ready(self, mask: int) -> None:
        mask &= self._mask  # what it waited for may have changed since the selector looked
        if mask and self.handler is not None:
            self.handler(mask)


class Member(Protocol):
    """What the relay serves for a lab: a newcomer, a connection or a sink."""

    def close(self, reason: str) -> None: ...

    def sink(self, sockets: set[str]) -> None:
        """Swallow what these sockets still send, if it serves one of them."""
        ...

    def steer(self) -> None:
        """The gates have changed."""
        ...


class Closable(Protocol):
    """An entrance, where processes come in."""

    def close(self) -> None: ...


@dataclass
class LabConnections:
    """All that the relay has to do with one lab."""

    reports: LabReports
    numbers: Iterator[int]  # the connection ids, of all labs
    at: Callable[[int, Callable[[], None]], None]  # have something called at that time, in ns
    gates: Gates = field(default_factory=Gates)
    members: set[Member] = field(default_factory=set)
    entrances: list[Closable] = field(default_factory=list)
    sunk: set[str] = field(default_factory=set)  # sockets that are closed; what they still send is swallowed
    refusals: dict[tuple[str, str], str] = field(default_factory=dict)  # the last of each (socket, endpoint)

    def sink(self, sockets: Iterable[str]) -> None:
        """From now on swallow what these sockets still send, here and on the connections to come."""
        self.sunk.update(sockets)
        for member in list(self.members):
            member.sink(self.sunk)

    def steer(self) -> None:
        """Follow the gates, which have changed."""
        for member in list(self.members):
            member.steer()

    def refused(self, user: str, endpoint: str, reason: str, subject: str = "") -> None:
        """Report that socket `user` got no connection. The same once more is no news: it tries on and on."""
        if self.refusals.get((user, endpoint)) == reason:
            return
        self.refusals[user, endpoint] = reason
        data = ConnectionData("refused", user, "", endpoint, reason=reason)
        self.reports.add([(monotonic_ns(), "connection", subject or str(next(self.numbers)), *plain(data))])
