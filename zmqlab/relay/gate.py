"""What the relay does with the connections of two actors: hold their messages, slow them down, cut them off."""

from __future__ import annotations

from typing import NamedTuple


class Gate(NamedTuple):
    """The steering of one link: of every connection between two actors, in both directions."""

    hold: bool = False  # messages wait until they are let go one by one, or the gate is opened
    latency: int = 0  # ns from a message's departure to its arrival
    cut: bool = False  # nothing is read from either side, and nothing is passed on

    @property
    def open(self) -> bool:
        """Nothing is to be done at all."""
        return self == OPEN


OPEN = Gate()


class Gates:
    """The gates of one lab, by actor names. `fallen` are the actors that have crashed: their connections break."""

    def __init__(self) -> None:
        self.fallen: frozenset[str] = frozenset()
        self._ports: dict[int, tuple[str, str]] = {}  # bound port -> actor, and the id of a socket of a process
        self._all = OPEN
        self._links: dict[frozenset[str], Gate] = {}

    def set(
        self,
        gates: list[tuple[str, str, bool, int, bool]],
        ports: list[tuple[int, str, str]],
        fallen: list[str],
    ) -> None:
        """All of them anew: ``(actor, actor, hold, latency ns, cut)``, with "" twice for the lab itself."""
        links = {frozenset((one, other)): Gate(hold, latency, cut) for one, other, hold, latency, cut in gates}
        self._all = links.pop(frozenset(("",)), OPEN)
        self._links = links
        self._ports = {port: (actor, socket) for port, actor, socket in ports}
        self.fallen = frozenset(fallen)

    def between(self, client: str, port: int) -> Gate:
        """The gate for a connection of the actor `client` to that port."""
        return self._links.get(frozenset((client, self.server(port)))) or self._all

    def server(self, port: int) -> str:
        """The actor that is bound to a port; "" when it is none of the lab's."""
        return self._ports.get(port, ("", ""))[0]

    def socket(self, port: int) -> str:
        """The id that stands for the socket of a process which is bound to a port; "" when it is no process."""
        return self._ports.get(port, ("", ""))[1]
