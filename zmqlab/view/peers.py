"""Where a message was bound for, also where it never got there."""

from __future__ import annotations

from collections import defaultdict

from ..trace import Message, Trace


def left_the_lab(message: Message) -> bool:
    """Did it go to a peer that is not watched? What became of it there, nobody here can tell."""
    if message.received is not None or message.end:
        return False
    if message.arrived is None:
        return message.left is None and not message.watched
    return not (message.receiver and message.watched)


class Peers:
    """Which sockets each socket of a trace has spoken with."""

    def __init__(self, trace: Trace) -> None:
        self._peers: dict[str, set[str]] = defaultdict(set)
        for link in trace.links.values():
            self._peers[link.client].add(link.server)
            self._peers[link.server].add(link.client)
        for message in trace.messages.values():
            if message.receiver:
                self._peers[message.sender].add(message.receiver)

    def addressee(self, message: Message) -> str:
        """The socket that got the message, or the only one that could have got it; "" for nobody."""
        peers = self._peers.get(message.sender, set())
        if message.receiver or message.end == "dropped" or len(peers) != 1:
            return message.receiver
        return next(iter(peers))
