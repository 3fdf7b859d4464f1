"""Who can have met whom, by the endpoints that they use.

Over inproc that is certain: a pipe is made when a socket connects and another one of its context is bound there, in
either order. It stays when the bound one goes: then it leads nowhere, and what was sent before can still be received.
Of the other transports connections tell, where the relay sees them; where it does not, there is no more than this.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from .state import Pipe, SocketState

Address: TypeAlias = tuple[object, ...]
INPROC = "inproc:"


class Places:
    """The endpoints of all sockets."""

    def __init__(self) -> None:
        self._bound: dict[Address, list[SocketState]] = defaultdict(list)
        self._early: dict[Address, list[SocketState]] = defaultdict(list)  # connected, and nobody was bound yet

    def bind(self, state: SocketState, endpoint: str, time: int) -> None:
        address = _address(state, endpoint)
        self._bound[address].append(state)
        for other in self._early.get(address, ()):
            _join(other, state, endpoint, time)
        if endpoint.startswith(INPROC):  # which alone does not connect anew
            self._early.pop(address, None)

    def connect(self, state: SocketState, endpoint: str, time: int) -> None:
        address = _address(state, endpoint)
        bound = self._bound.get(address)
        for other in bound or ():  # more than one, where it was not told yet that the first has closed
            _join(state, other, endpoint, time)
        if not bound or not endpoint.startswith(INPROC):
            self._early[address].append(state)

    def leave(self, state: SocketState, endpoint: str) -> None:
        """It has unbound, disconnected or closed."""
        address = _address(state, endpoint)
        for places in (self._bound, self._early):
            if state in places.get(address, ()):
                places[address].remove(state)
                if not places[address]:
                    del places[address]


def _join(one: SocketState, other: SocketState, endpoint: str, time: int) -> None:
    """`one` has connected to `other`."""
    for here, there in ((one, other), (other, one)):
        if not endpoint.startswith(INPROC):
            here.neighbours[there.id] = there
            if there.id not in here.met:
                here.unmet.add(there.id)
        elif there.id in here.pipes:
            here.pipes[there.id].count += 1
        else:
            own = there.socket.routing_id if there.socket is not None else None
            name = one.called.get(endpoint) if here is one else None
            here.pipes[there.id] = Pipe(there, name or own, time)


def _address(state: SocketState, endpoint: str) -> Address:
    """inproc names are those of one context; where it is not known, of one actor."""
    socket = state.socket
    assert socket is not None
    if endpoint.startswith(INPROC):
        return state.id.partition(".")[0], socket.context or socket.actor, endpoint
    return (place_of(endpoint),)


def place_of(endpoint: str) -> str:
    """``tcp://127.0.0.1:5555`` and ``tcp://localhost:5555`` are one place."""
    return f":{endpoint.rpartition(':')[2]}" if endpoint.startswith("tcp:") else endpoint
