"""Who has met whom, and so for whom a message was meant, also where it never got there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ..trace.model import AWAY, Connection, Message
from ..trace.trace import Trace


class Peers:
    """Which sockets each socket has spoken with, learnt from connections and messages.

    `visited` are the sockets that have met peers outside without a connection: these came to them by themselves.
    """

    def __init__(self) -> None:
        self.visited: set[str] = set()
        self._peers: dict[str, set[str]] = defaultdict(set)
        self._met: set[tuple[str, str]] = set()  # from whom to whom messages have gone

    @classmethod
    def of(cls, trace: Trace) -> Peers:
        peers = cls()
        peers.learn(list(trace.connections.values()), list(trace.messages.values()))
        return peers

    def learn(self, connections: Iterable[Connection], messages: Iterable[Message]) -> bool:
        """Take in what is new or has changed; was there a socket in it that has met one more?"""
        known = len(self._met) + len(self.visited)
        for connection in connections:
            self._peers[connection.client].add(connection.server)
            self._peers[connection.server].add(connection.client)
        for message in messages:
            if message.receiver and (message.sender, message.receiver) not in self._met:
                self._met.add((message.sender, message.receiver))
                self._peers[message.sender].add(message.receiver)
            if not message.lane and not message.end and (host := _host(message)):
                self.visited.add(host)
        return len(self._met) + len(self.visited) > known

    def only(self, socket: str) -> str:
        """The socket's only peer; "" where it has none, or several, or one that is not watched."""
        peers = self._peers.get(socket, ())
        return next(iter(peers)) if len(peers) == 1 else ""

    def addressee(self, message: Message) -> str:
        """The socket that got the message, or the only one that could have got it; "" for nobody."""
        return message.receiver if message.receiver or message.end == "dropped" else self.only(message.sender)


def _host(message: Message) -> str:
    """The socket at this end, of a message without a connection whose other end is outside."""
    if message.received is not None:
        return "" if message.sender else message.receiver
    return message.sender if message.place in AWAY else ""
