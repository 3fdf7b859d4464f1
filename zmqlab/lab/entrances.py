"""Addresses that lead somewhere else: how the connections of real processes are seen."""

from __future__ import annotations

from collections.abc import Callable

from ..sockets.tap import Tap
from ..trace.events import EndpointData, SocketData
from .wiring import Wiring


class Entrances:
    """One port per process and endpoint, as long as the lab lives. `tap` makes a tap for an actor's name."""

    def __init__(self, lab: str, wiring: Wiring, tap: Callable[[str], Tap]) -> None:
        self._lab = lab
        self._wiring = wiring
        self._tap = tap
        self._known: dict[tuple[str, str], str] = {}

    def get(self, name: str, endpoint: str) -> str:
        """The address for process `name` to reach `endpoint`. Raises RuntimeError without links, ValueError for an
        endpoint that is no TCP address with a port."""
        if not self._wiring.on:
            raise RuntimeError(f"lab {self._lab!r} was made with links=False: no connection of a process can be seen")
        if not endpoint.startswith("tcp://") or not endpoint.rpartition(":")[2].isdecimal():
            raise ValueError(f"{endpoint!r} is no TCP address with a port, as tcp://127.0.0.1:5555")
        if (name, endpoint) not in self._known:
            tap = self._tap(name)
            socket = tap.new_socket_id()
            port = self._wiring.entrance(socket, name, endpoint)
            tap.record("socket", socket, SocketData("opened", name, ""))
            tap.record("endpoint", socket, EndpointData("connect", endpoint))
            self._known[name, endpoint] = f"tcp://127.0.0.1:{port}"
        return self._known[name, endpoint]
