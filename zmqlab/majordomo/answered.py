"""Requests that were answered a moment ago."""

from __future__ import annotations

MOMENT = 5.0  # seconds; twice as long as our client has patience before it asks again
MOST = 25_000  # answers that are remembered, twice: some 10 MB

Key = tuple[bytes, bytes]  # the service, and the id that the client gave the request


class Answered:
    """Remembers for a moment which answer went to which connection.

    A client may ask again before the answer reaches it, which takes long when the network stands still. On the same
    connection that needs no second answer, and no second execution: the first one is on its way. On a new connection
    (a client without a routing id of its own gets a new one) it is lost, and the request a new one.
    """

    def __init__(self) -> None:
        self._connections: dict[Key, bytes] = {}  # request -> routing id, lately
        self._before: dict[Key, bytes] = {}  # and in the moment before
        self._turn = 0.0

    def add(self, key: Key, routing_id: bytes) -> None:
        self._connections[key] = routing_id

    def has(self, key: Key, routing_id: bytes) -> bool:
        """Whether the answer is on its way over that connection."""
        return routing_id in (self._connections.get(key), self._before.get(key))

    def tick(self, now: float) -> None:
        """Forget what is older than two moments, or than twice `MOST`; what is older than one may be forgotten."""
        if now >= self._turn or len(self._connections) >= MOST:
            self._before, self._connections = self._connections, {}
            self._turn = now + MOMENT
