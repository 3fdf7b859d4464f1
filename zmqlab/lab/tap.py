"""Where the sockets of one actor report what they do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from time import monotonic_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..trace.log import Log
    from .links import Relay

_numbers = count(1)  # one for the whole process: an id is never given twice, not even by labs of the same number


class Tap:
    """One per actor.

    `relay` gives the relay that the actor's TCP connections go through; None leaves them direct (``links=False``).
    `lab_name` is what error messages call the lab.
    """

    __slots__ = ("actor", "lab", "lab_name", "log", "relay", "sockets")

    def __init__(self, log: Log, actor: str, lab: int, relay: Callable[[], Relay] | None = None) -> None:
        self.log = log
        self.actor = actor
        self.lab = lab
        self.relay = relay
        self.lab_name = ""
        self.sockets: list[str] = []  # the ids given, also those of sockets that are closed

    def record(self, kind: str, subject: str, data: tuple) -> None:  # type: ignore[type-arg]
        """Append an event that happens now; `kind` and the shape of `data` as in `zmqlab.trace.events`."""
        self.log.append((monotonic_ns(), kind, subject, data))
        self.log.tidy()

    def new_socket_id(self) -> str:
        """A socket id, ``"<lab>.<n>"``."""
        socket = f"{self.lab}.{next(_numbers)}"
        self.sockets.append(socket)
        return socket
