"""Who uses a socket: programs hand them from thread to thread, and asyncio tasks share them."""

from __future__ import annotations

from collections import Counter, deque

from .events import UseData
from .model import Socket

KEPT = 1024  # turns of a socket that are remembered: so many tasks at most can be waiting for it


class Users:
    """Follows whose turn it is. A socket that was never handed on is used by the actor that made it.

    `shared` are the others, by id, with what each actor has sent and received there.
    """

    def __init__(self) -> None:
        self.shared: dict[str, Counter[str]] = {}
        self._turn: dict[str, str] = {}  # socket -> the actor that uses it now
        self._asked: dict[str, deque[tuple[int, str]]] = {}  # socket -> since when what is asked for is for whom

    def use(self, socket: Socket, data: UseData) -> str:
        """It is the turn of another; returns whose the socket is from now on."""
        if data.asked:
            self._asked.setdefault(socket.id, deque(maxlen=KEPT)).append((data.asked, data.actor))
        else:
            self._turn[socket.id] = data.actor
        if socket.id in self.shared:  # who made it for others may close it, too
            return socket.actor
        self.shared[socket.id] = Counter()
        return data.actor

    def sends(self, socket: Socket) -> str:
        """The actor that sends there now."""
        return self._turn.get(socket.id, socket.actor)

    def receives(self, socket: Socket, called: int) -> str:
        """The actor that gets what was asked for at `called`."""
        for since, actor in reversed(self._asked.get(socket.id, ())):
            if since <= called:
                return actor
        return self.sends(socket)

    def acted(self, socket: Socket, actor: str) -> str:
        """The actor has sent or received something there; returns the one that has done so most, whose it is."""
        acts = self.shared[socket.id]
        acts[actor] += 1
        return actor if acts[actor] > acts[socket.actor] else socket.actor
