"""Who stands where in every picture of a trace, whose tint a message has, and to whom it goes.

Worked out here for all pictures: the SVG asks for it, and the live view and the HTML page get it with a batch.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from ..trace.model import AWAY, OUTSIDE, Message, Socket
from ..trace.places import place_of
from ..trace.trace import Trace
from .groups import Group, groups, in_order
from .peers import Peers

SOURCES = ("PUB", "XPUB", "PUSH")  # data flows away from these, whichever side they bind
NOBODY = ""
TINTS = 8  # colours that can be told apart


class Edge(NamedTuple):
    """A pair of sockets that are, or were, or will be connected; ids, "" for a peer that is not watched."""

    client: str  # the connecting side
    server: str
    closed: bool
    tcp: bool


class Order:
    """Columns of actors from left to right, lanes from top to bottom, and a tint (a number below `TINTS`) for each.

    In the columns stand those who ask, those who stand between, those who work: the lanes are the columns one after
    the other, those of a group together. What has ended stays where it was. `cards` are the ids of the sockets on the
    card of each actor.
    """

    def __init__(self, trace: Trace, peers: Peers) -> None:
        self._peers = peers
        self.sockets = dict(trace.sockets)
        self._actors: dict[tuple[str, str], tuple[str, str]] = {}  # by sender and receiver: whose it is, and asker
        asking = {socket.actor for socket in self.sockets.values() if asks(socket)}
        self.edges = self._edges(trace)
        self.columns = self._columns([name for name, actor in trace.actors.items() if not actor.idle])
        self.cards = self._cards()
        processes = [source.name for source in trace.log.sources if source.name]
        several = processes if len(processes) > 1 else ()
        self._gather(groups(self._names(), several))
        lanes = sorted(self._names(), key=lambda name: name == OUTSIDE)
        self.groups = groups(lanes, several)
        self.lanes = in_order(lanes, self.groups)
        self.tints = {name: i % TINTS for i, name in enumerate(sorted(self.lanes, key=lambda name: name not in asking))}
        self._traits = {
            id: (socket.actor, asks(socket), self.actor(only) if (only := peers.only(id)) else NOBODY)
            for id, socket in self.sockets.items()
        }

    def actor(self, socket: str) -> str:
        """Whose socket it is: the card it is drawn on."""
        known = self.sockets.get(socket)
        return known.actor if known else OUTSIDE

    def sender(self, message: Message) -> str:
        """The actor that sent a message: the lane where its arrow begins."""
        return message.sent_by or self.actor(message.sender)

    def receiver(self, message: Message) -> str:
        """The actor that a message went to, or goes to as far as anybody can tell; "" for nobody."""
        return self.receiver_and_asker(message)[0]

    def receiver_and_asker(self, message: Message) -> tuple[str, str]:
        """The asker is the actor whose tint a message has: both directions of a conversation have that of the
        connecting side."""
        ends = message.sender, message.receiver
        actors = self._actors.get(ends)
        if actors is None:
            receiver = self.actor(message.receiver) if message.receiver else NOBODY
            actors = self._actors[ends] = receiver, self._asker(*ends)
        return message.received_by or actors[0] or self._only_receiver(message), actors[1]

    def _only_receiver(self, message: Message) -> str:
        if message.received is not None or message.place in AWAY:
            return OUTSIDE
        if message.lane and "→" not in message.lane:  # its connection leads to a peer that is not watched
            return OUTSIDE
        socket = self._peers.addressee(message)
        return self.actor(socket) if socket else NOBODY

    def _asker(self, *ends: str) -> str:
        known = [socket for id in ends if (socket := self.sockets.get(id))]
        asking = next(filter(asks, known), known[0] if known else None)
        return asking.actor if asking else OUTSIDE

    def tint(self, message: Message) -> int:
        return self.tints.get(self.receiver_and_asker(message)[1], 0)

    def unlike(self, other: Order) -> set[str]:
        """Sockets of whose messages `other` says something else."""
        return {id for id, traits in self._traits.items() if other._traits.get(id) != traits}

    def _names(self) -> list[str]:
        return [name for column in self.columns for name in column]

    def _gather(self, found: list[Group]) -> None:
        """Who is connected with nobody stands with the first of its group that is: a main thread with its workers."""
        met = {self.actor(end) for edge in self.edges for end in edge[:2]}
        for group in found:
            there = [column for column in self.columns if met.intersection(group.lanes).intersection(column)]
            for name in group.lanes if there else ():
                if name not in met and name not in there[0]:
                    next(each for each in self.columns if name in each).remove(name)
                    there[0].append(name)
        self.columns = [column for column in self.columns if column]

    def _edges(self, trace: Trace) -> list[Edge]:
        edges = {(edge.client, edge.server): edge for edge in self._by_endpoint()}
        placed = {edge.client for edge in edges.values()}
        for connection in list(trace.connections.values()):
            if connection.opened == connection.closed:  # refused: there was nobody, or nobody who could be understood
                continue
            if connection.encrypted and not connection.server and connection.client in placed:
                continue  # CURVE hides who is there, and the endpoint has told it
            ends = connection.client, connection.server
            edges.setdefault(ends, Edge(*ends, any(map(self._is_closed, ends)), True))
        for id in sorted(self._peers.visited):
            edges[NOBODY, id] = Edge(NOBODY, id, self._is_closed(id), False)
        return list(edges.values())

    def _by_endpoint(self) -> list[Edge]:
        """Those that use one endpoint, or used it when both were open; of several that are bound to it, the last."""
        bound: dict[str, list[Socket]] = defaultdict(list)
        for socket in self.sockets.values():
            for endpoint in socket.binds:
                bound[place_of(endpoint)].append(socket)
        edges = []
        for socket in self.sockets.values():
            for endpoint in socket.connects:
                there = [other for other in bound.get(place_of(endpoint), ()) if _together(socket, other)]
                still = [other for other in there if other.closed is None]
                server = (still or there or [socket])[-1]
                if server is not socket:
                    closed = socket.closed is not None or server.closed is not None
                    edges.append(Edge(socket.id, server.id, closed, endpoint.startswith("tcp:")))
        return edges

    def _is_closed(self, id: str) -> bool:
        socket = self.sockets.get(id)
        return socket is not None and socket.closed is not None

    def _columns(self, actors: list[str]) -> list[list[str]]:
        """The peers of an actor's first bound socket stand on its left, those of its further ones on its right."""
        right_of: dict[str, dict[str, None]] = {name: {} for name in actors}
        for socket in self.sockets.values():
            right_of.setdefault(socket.actor, {})
        binds: dict[str, list[Socket]] = defaultdict(list)
        for socket in self.sockets.values():
            if socket.binds:
                binds[socket.actor].append(socket)
        for edge in self.edges:
            left, right = self.actor(edge.client), self.actor(edge.server)
            for name in (left, right):
                right_of.setdefault(name, {})
            if left != right and self._flows_back(edge, binds):
                left, right = right, left
            if left != right and left not in right_of[right]:
                right_of[left][right] = None
        columns: dict[int, list[str]] = defaultdict(list)
        for name, depth in _depths(right_of).items():
            columns[depth].append(name)
        return [columns[depth] for depth in sorted(columns)]

    def _cards(self) -> dict[str, list[str]]:
        """The open sockets of each, or those of its last run."""
        owned: dict[str, list[Socket]] = defaultdict(list)
        for socket in self.sockets.values():
            owned[socket.actor].append(socket)
        cards = {}
        for actor, sockets in owned.items():
            still = [socket for socket in sockets if socket.closed is None]
            shown = still or [socket for socket in sockets if _together(socket, sockets[-1])]
            cards[actor] = [socket.id for socket in shown]
        return cards

    def _flows_back(self, edge: Edge, binds: dict[str, list[Socket]]) -> bool:
        server = self.sockets.get(edge.server)
        if server is None:
            return False
        if server.type in SOURCES:
            return True
        first = next((socket for socket in binds.get(server.actor, ()) if _together(socket, server)), server)
        return first is not server


def asks(socket: Socket) -> bool:
    """Does it stand at the side that begins?"""
    return bool(socket.connects) and not socket.binds


def _together(one: Socket, other: Socket) -> bool:
    """Were both open at the same time? An actor that runs again has sockets of each run."""
    return (other.closed is None or one.opened < other.closed) and (one.closed is None or other.opened < one.closed)


def _depths(right_of: dict[str, dict[str, None]]) -> dict[str, int]:
    """The longest way to each from the left; a circle is cut where it closes."""
    depth = dict.fromkeys(right_of, 0)
    for _ in depth:
        moved = False
        for left, rights in right_of.items():
            for right in rights:
                if depth[right] < depth[left] + 1 < len(depth):
                    depth[right] = depth[left] + 1
                    moved = True
        if not moved:
            break
    return depth
