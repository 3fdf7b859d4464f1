"""What the relay does with the connections of two actors: hold their messages, slow them down, cut them off."""

from __future__ import annotations

from typing import Any

from ..trace.events import Setting


class Gates:
    """The gates of one lab, by actor names. `fallen` are the actors that have crashed: their connections break."""

    def __init__(self) -> None:
        self.fallen: frozenset[str] = frozenset()
        self._ports: dict[int, tuple[str, str]] = {}  # bound port -> actor, and the id of a socket of a process
        self._all = Setting()
        self._links: dict[frozenset[str], Setting] = {}

    def set(
        self,
        settings: list[list[Any]],
        ports: list[tuple[int, str, str]],
        fallen: list[str],
    ) -> None:
        """All of them anew: the two actors and the fields of their `Setting`, with "" twice for the lab itself."""
        links = {frozenset((one, other)): Setting(*setting) for one, other, *setting in settings}
        self._all = links.pop(frozenset(("",)), Setting())
        self._links = links
        self._ports = {port: (actor, socket) for port, actor, socket in ports}
        self.fallen = frozenset(fallen)

    def between(self, client: str, port: int) -> Setting:
        """How a connection is steered of the actor `client` to that port."""
        return self._links.get(frozenset((client, self.server(port))), self._all)

    def server(self, port: int) -> str:
        """The actor that is bound to a port; "" when it is none of the lab's."""
        return self._ports.get(port, ("", ""))[0]

    def socket(self, port: int) -> str:
        """The id that stands for the socket of a process which is bound to a port; "" when it is no process."""
        return self._ports.get(port, ("", ""))[1]
