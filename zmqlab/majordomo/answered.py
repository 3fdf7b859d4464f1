"""Requests that were answered a moment ago."""

from __future__ import annotations

MOMENT = 2.0  # seconds; longer than a request and an answer need to pass each other on the wire

Key = tuple[bytes, bytes]  # the service, and the id that the client gave the request


class Answered:
    """Remembers for a moment which answer went to which connection.

    A client may ask again just before the answer reaches it. On the same connection that needs no second answer, and
    no second execution: the first one is on its way. On a new connection (a client without a routing id of its own
    gets a new one) it is lost, and the request a new one.
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
        """Forget what is older than two moments; what is older than one may be forgotten."""
        if now >= self._turn:
            self._before, self._connections = self._connections, {}
            self._turn = now + MOMENT
