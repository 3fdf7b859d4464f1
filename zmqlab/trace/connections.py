"""What becomes of the lanes of a connection, and of what is on them, when it opens, is refused, and ends."""

from __future__ import annotations

from collections.abc import Callable

from .endings import Endings
from .fanout import Fanout
from .model import Connection, Message
from .places import place_of
from .refusals import refusal
from .routes import Lanes, Routes, Sockets
from .state import FANOUT, Lane, SocketState, Stream


class Connections:
    """`end(message, end, time, reason)` ends one."""

    def __init__(
        self,
        sockets: Sockets,
        lanes: Lanes,
        routes: Routes,
        fanout: Fanout,
        endings: Endings,
        end: Callable[[Message, str, int, str], None],
    ) -> None:
        self._sockets = sockets
        self._lanes = lanes
        self._routes = routes
        self._fanout = fanout
        self._endings = endings
        self._end = end
        self.encrypted: set[str] = set()  # lanes whose frames nobody sees

    def open(self, connection: Connection) -> None:
        client, server = self._sockets[connection.client], self._sockets[connection.server]
        for lane_id, sender, receiver, identity in (
            (f"{connection.id}>", client, server, connection.server_identity),
            (f"{connection.id}<", server, client, connection.client_identity),
        ):
            self._endings.refused(sender, "")
            if connection.encrypted:
                self.encrypted.add(lane_id)
                continue
            sender.meet(receiver)
            lane = self._lanes[lane_id]
            lane.sender, lane.receiver, lane.opened = sender, receiver, connection.opened
            lane.endpoint = connection.endpoint
            lane.identity = connection.client_identity if lane_id[-1] == ">" else connection.server_identity
            lane.refusal = refusal(lane)
            receiver.incoming[lane_id] = lane
            if sender.socket is not None:
                sender.type = sender.socket.type  # that of a process is known by now
            if sender.type in FANOUT:
                self._fanout.opened(lane)
            sender.bound_lanes += lane.bound
            if sender.type == "ROUTER":
                identity = (_called(client, connection.endpoint) if sender is client else b"") or identity
                if identity:
                    self._routes.join(lane, sender, identity)
            elif sender.type:
                self._routes.join(lane, sender, lane_id if sender.type == "REP" else None)

    def refuse(self, connection: Connection) -> None:
        self._endings.refused(self._sockets[connection.client], connection.reason)
        self.close(connection)

    def close(self, connection: Connection) -> None:
        assert connection.closed is not None
        for lane_id in (f"{connection.id}>", f"{connection.id}<"):
            if lane_id in self.encrypted:
                self.encrypted.discard(lane_id)
                self._sockets[connection.client].move(connection.closed)
                self._sockets[connection.server].move(connection.closed)
            lane = self._lanes.get(lane_id)
            if lane is None:
                continue
            if lane.closed is None and lane.opened:
                lane.sender.bound_lanes -= lane.bound
            lane.closed = connection.closed
            for message in lane.on_the_way.values():
                if message.arrived is None:
                    self._end(message, "lost", connection.closed, f"the connection ended: {connection.reason}")
            if lane.stream is not None and lane.stream.keyed and lane.bound:
                self._lose_queue(lane, lane.stream, connection.closed)
            self.forget_empty(lane)

    def forget_empty(self, lane: Lane) -> None:
        """A lane that ended and was read to the end is not needed any more, nor is what only it was for."""
        if lane.closed is None or lane.on_the_way or lane.early:
            return
        lane.landed.clear()
        self._lanes.pop(lane.id, None)
        lane.receiver.incoming.pop(lane.id, None)
        stream = lane.stream
        if stream is None or stream.waiting:
            return
        automatic = isinstance(stream.key, bytes) and stream.key[:1] == b"\0"  # such an id never comes back
        if automatic or stream.owner.type == "REP":
            stream.owner.streams.pop(stream.key, None)
            stream.owner.heard.pop(stream.key, None)

    def _lose_queue(self, lane: Lane, stream: Stream, closed: int) -> None:
        """A bound ROUTER or REP throws a peer's outbound queue away when its connection ends."""
        if stream.lanes[-1] is not lane:
            return
        type = stream.owner.type
        for send in list(stream.queue):
            if not send.gone and send.sent < closed and (type == "REP" or send.heard == lane.id):
                stream.owner.take(send)
                self._end(send.message, "lost", closed, f"{type} threw the queue away when the peer's connection ended")


def _called(client: SocketState, endpoint: str) -> bytes:
    """What a ROUTER calls the peer that it has connected to there, where it has said that."""
    for place, name in client.called.items():
        if place_of(place) == place_of(endpoint):
            return name
    return b""
