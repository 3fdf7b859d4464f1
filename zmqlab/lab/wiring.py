"""A lab's side of the relay: its links, how they are steered, and what is known of their ends."""

from __future__ import annotations

import secrets
import threading
import warnings
from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING, Any

from ..trace import forks
from ..trace.actions import Action, Settings
from ..trace.events import ActorData, Setting

if TYPE_CHECKING:
    from ..sockets.tap import Tap
    from .relay import EventLog, Relay

LONGEST_NAME = 200  # bytes, of an actor: the relay learns it from a SOCKS user name, of 255 bytes at most


def _anew() -> None:
    """Not from 1: another process's sockets, which may connect to ours, must not have the same ids."""
    global _numbers
    _numbers = count(secrets.randbelow(1 << 32))


_numbers: count[int]
_anew()
forks.call(_anew)


def new_lab_number() -> int:
    """Whose sockets have ids that begin with it."""
    return next(_numbers)


class Wiring:
    """One per lab. Thread-safe. `on` is False for a lab without links (``Lab(links=False)``): nothing can be steered.

    With `keep` the relay writes what it sees itself: see `Relay.keep`.

    The relay stays for this lab while it is ``used()``, and not beyond `detach`.

    The relay is told everything anew at each change: it is little, and a relay that was started again knows it too.
    """

    def __init__(
        self,
        lab: int,
        name: str,
        log: EventLog,
        on: bool,
        used: Callable[[], bool] = lambda: True,
        keep: dict[str, Any] | None = None,
    ) -> None:
        self.on = on
        self._used = used
        self._keep = keep
        self._lab = lab
        self._name = name
        self._log = log
        self._relay: Relay | None = None
        self._lock = threading.RLock()
        self._settings = Settings()
        self._ports: dict[int, tuple[str, str]] = {}  # bound port -> actor, and the socket id of a process
        self._fallen: set[str] = set()
        self._missed = 0
        forks.tell(self)

    def in_child(self) -> None:
        """The relay is the parent's."""
        self._lock = threading.RLock()
        self._relay = None

    def relay(self) -> Relay:
        """The relay, which serves the lab from the first call on."""
        from .relay import Relay

        with self._lock:
            relay = Relay.shared()
            if relay.attach(self._lab, self._log, lambda: self._used()):
                self._relay = relay
                if self._keep is not None:
                    relay.keep(self._lab, **self._keep)
                self._tell()
            return relay

    # -- what the ends are --------------------------------------------------------------------------------------

    def bound(self, endpoint: str, actor: str, socket: str = "") -> None:
        """`actor` is bound to `endpoint`; `socket` is the id that stands for its socket if it is a process."""
        port = endpoint.rpartition(":")[2]
        if endpoint.startswith("tcp:") and port.isdecimal():
            with self._lock:
                if self._ports.get(int(port)) != (actor, socket):
                    self._ports[int(port)] = actor, socket
                    self._tell()

    def entrance(self, socket: str, actor: str, endpoint: str) -> int:
        """A port that leads to `endpoint`, for a process whose socket has the id `socket`."""
        return self.relay().entrance(self._lab, socket, actor, endpoint)

    def has_bound(self, actor: str) -> bool:
        """Has `actor` ever been bound to a port?"""
        with self._lock:
            return any(name == actor for name, _ in self._ports.values())

    def guard(self, pid: int, on: bool) -> None:
        """Have a process killed when this kernel is gone; or, no longer."""
        if on or self._serving() is not None:
            self.relay().guard(self._lab, pid, on)

    def fall(self, actor: str, down: bool = True) -> None:
        """The connections of `actor` break now and new ones meet silence; or, no longer."""
        with self._lock:
            if (actor in self._fallen) != down:
                (self._fallen.add if down else self._fallen.discard)(actor)
                self._tell()

    # -- steering -----------------------------------------------------------------------------------------------

    def steer(self, action: Action, value: float, one: str, other: str) -> None:
        """Carry out an action on the link of two actors or, with "" for both, on all."""
        with self._lock:
            self._settings.apply(action, value, one, other)
            relay = self.relay()
            self._tell()
            if action.change is None:  # it is over as soon as it is done
                relay.once(self._lab, action.name, [one, other])

    def between(self, one: str, other: str) -> Setting:
        """How the link of two actors is steered."""
        return self._settings.of(one, other)

    def step(self, between: tuple[str, ...], lane: str, number: int) -> dict[str, Any]:
        """Let one held message go: see `Relay.step`."""
        return self.relay().step(self._lab, list(between), lane, number)

    def _tell(self) -> None:
        relay = self._serving()
        if relay is None:
            return
        links = {("", ""): self._settings.everywhere, **self._settings.links}
        settings = [(*ends, *setting) for ends, setting in links.items()]
        ports = [(port, actor, socket) for port, (actor, socket) in self._ports.items()]
        relay.steer(self._lab, settings, ports, sorted(self._fallen))

    # -- the rest of the lab's traffic with the relay -----------------------------------------------------------

    def gone(self, taps: Iterable[Tap]) -> None:
        """The contexts of these actors are gone: what had not left them never will. The relay tells first what had, or
        it would count as lost."""
        self.flush()
        for tap in taps:
            tap.record("actor", tap.actor, ActorData("gone"))

    def revive(self) -> Relay | None:
        """The relay, if it knows the lab: started again if it is dead."""
        relay = self._serving()
        if relay is not None and not relay.alive:
            relay.restart()
        return relay

    def flush(self) -> None:
        """Have what the relay has seen in the log."""
        relay = self.revive()
        if relay is None:
            return
        relay.flush(self._lab)
        missed = relay.missed(self._lab)
        if missed > self._missed:
            self._missed = missed
            text = f"the relay gave up {missed} reports of lab {self._name!r}: too many came"
            warnings.warn(text, RuntimeWarning, stacklevel=4)

    def sink(self, sockets: list[str]) -> None:
        """Have swallowed what these sockets, which are closed, still send."""
        relay = self._serving()
        if relay is not None:
            relay.sink(self._lab, sockets)

    def detach(self) -> None:
        """Close all connections; the relay forgets the lab."""
        with self._lock:
            relay, self._relay = self._serving(), None
            self._used = lambda: False
            if relay is not None:
                relay.detach(self._lab)

    def _serving(self) -> Relay | None:
        """The relay, if it knows the lab."""
        relay = self._relay
        return relay if relay is not None and relay.serves(self._lab) else None
