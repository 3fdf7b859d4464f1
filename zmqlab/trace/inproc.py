"""Who has a pipe to whom over inproc, where no message names its sender.

A pipe is made when a socket connects and another one of its context is bound there, in either order. It stays when the
bound one goes: then it leads nowhere, and what was sent before can still be received.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from .state import Pipe, SocketState

Address: TypeAlias = tuple[str, object, str]


class Inproc:
    """The inproc endpoints of all contexts."""

    def __init__(self) -> None:
        self._bound: dict[Address, list[SocketState]] = defaultdict(list)
        self._early: dict[Address, list[SocketState]] = defaultdict(list)  # connected, and nobody was bound yet

    def bind(self, state: SocketState, endpoint: str) -> None:
        address = _address(state, endpoint)
        self._bound[address].append(state)
        for other in self._early.pop(address, ()):
            _join(other, state)

    def connect(self, state: SocketState, endpoint: str) -> None:
        address = _address(state, endpoint)
        bound = self._bound.get(address)
        for other in bound or ():  # more than one, where it was not told yet that the first has closed
            _join(state, other)
        if not bound:
            self._early[address].append(state)

    def leave(self, state: SocketState, endpoint: str) -> None:
        """It has unbound, disconnected or closed."""
        address = _address(state, endpoint)
        for places in (self._bound, self._early):
            if state in places.get(address, ()):
                places[address].remove(state)
                if not places[address]:
                    del places[address]


def _join(one: SocketState, other: SocketState) -> None:
    for here, there in ((one, other), (other, one)):
        pipe = here.pipes.get(there.id)
        if pipe is None:
            name = there.socket.routing_id if there.socket is not None else None
            here.pipes[there.id] = Pipe(there, name)
        else:
            pipe.count += 1


def _address(state: SocketState, endpoint: str) -> Address:
    """inproc names are those of one context; where it is not known, of one actor."""
    socket = state.socket
    assert socket is not None
    return state.id.partition(".")[0], socket.context or socket.actor, endpoint
