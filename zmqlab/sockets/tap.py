"""Where the sockets of one actor report what they do, and where they stop while the actor hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from time import monotonic_ns
from typing import Protocol
from weakref import WeakSet

from ..trace.events import Raw
from ..trace.log import TRAFFIC, Log

_numbers = count(1)  # one for the whole process: an id is never given twice, not even by labs of the same number


class Proxy(Protocol):
    """Where TCP connections go through: a SOCKS5 server, which takes ``"<socket id> <actor>"`` as user name."""

    @property
    def address(self) -> str:
        """``"127.0.0.1:4711"``, for SOCKS_PROXY."""
        ...

    @property
    def token(self) -> str:
        """For SOCKS_PASSWORD."""
        ...


class Hung(Protocol):
    """A socket that stands still while its actor hangs."""

    append: Callable[[Raw], None]
    closed: bool

    def hang(self) -> None: ...

    def resume(self) -> None: ...

    def look(self, now: int) -> None:
        """Tell of the send that waits at `now` (ns)."""
        ...

    def mute(self, on: bool) -> None: ...


class Tap:
    """One per actor.

    `proxy` gives what the actor's TCP connections go through; without one they are direct (``links=False``).
    `bound` hears of each endpoint that a socket has bound. `lab_name` is what error messages call the lab. With `user`
    the sockets raise nothing that those of pyzmq would not: they may be handed from thread to thread, and it gives the
    actor of the calling thread or task ("": nobody asks any more).
    """

    __slots__ = (
        "__weakref__", "_hang", "_reporters", "actor", "append", "bound", "lab", "lab_name", "log", "proxy",
        "sockets", "user",
    )  # fmt: skip

    def __init__(
        self,
        log: Log,
        actor: str,
        lab: int,
        proxy: Callable[[], Proxy | None] | None = None,
        bound: Callable[[str], None] | None = None,
        lab_name: str = "",
        user: Callable[[], str] | None = None,
    ) -> None:
        self.log = log
        self.append: Callable[[Raw], None] = log.append
        self.actor = actor
        self.lab = lab
        self.proxy = proxy
        self.bound = bound
        self.lab_name = lab_name
        self.user = user
        self.sockets: list[str] = []  # the ids given, also those of sockets that are closed; without a proxy none
        self._hang: threading.Event | None = None  # set when the hang is over
        self._reporters: WeakSet[Hung] = WeakSet()

    def record(self, kind: str, subject: str, data: tuple) -> None:  # type: ignore[type-arg]
        """As `Log.record`."""
        self.append((monotonic_ns(), kind, subject, *data))
        self.log.tidy()

    def new_socket_id(self) -> str:
        """A socket id, ``"<lab>.<n>"``."""
        socket = f"{self.lab}.{next(_numbers)}"
        if self.proxy is not None:  # which alone is asked for them
            self.sockets.append(socket)
        return socket

    def die(self) -> None:
        """The actor has crashed: what its thread does until it ends is told no more, as a process would not do it."""
        self.append = self._append_what_lasts
        for reporter in self._sockets():
            reporter.append = self.append

    def _append_what_lasts(self, raw: Raw) -> None:
        if raw[1] not in TRAFFIC:
            self.log.append(raw)

    # -- hanging ------------------------------------------------------------------------------------------------

    @property
    def hung(self) -> bool:
        return self._hang is not None

    def join(self, reporter: Hung) -> None:
        """A socket was made."""
        self._reporters.add(reporter)
        if self._hang is not None:
            reporter.hang()

    def hang(self) -> None:
        """From now on the actor's thread stands still at its next call of a socket, or at the return from this one."""
        if self._hang is None:
            self._hang = threading.Event()
            for reporter in self._sockets():
                reporter.hang()

    def resume(self) -> None:
        """Go on."""
        hang, self._hang = self._hang, None
        if hang is not None:
            for reporter in self._sockets():
                reporter.resume()
            hang.set()

    def pause(self) -> None:
        """In the actor's thread: stand still while it hangs."""
        while (hang := self._hang) is not None:
            hang.wait()

    def mute(self, on: bool) -> None:
        """From now on its sockets report nothing; or, they do so again."""
        for reporter in self._sockets():
            reporter.mute(on)

    @property
    def in_use(self) -> bool:
        """Is any of its sockets open? From any thread."""
        return bool(self.open_sockets())

    def look(self) -> None:
        """Tell of the sends that wait just now."""
        now = monotonic_ns()
        for reporter in self._sockets():
            reporter.look(now)

    def open_sockets(self) -> list[Hung]:
        """The reporters of the sockets that are open. From any thread."""
        return [reporter for reporter in self._sockets() if not reporter.closed]

    def _sockets(self) -> list[Hung]:
        while True:
            try:
                return list(self._reporters)
            except RuntimeError:
                continue  # the actor has just made or lost one
