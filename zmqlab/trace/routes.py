"""Who sends to whom, and by which lane: what connections, receives and endpoints tell of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from .events import RecvData
from .model import Socket
from .state import KEYED, LANES, Lane, SocketState, Stream

OTHER_WAY = {">": "<", "<": ">"}


class Routes:
    """The sockets and lanes by their ids. `join(lane, stream)` is told that a stream has one way more."""

    def __init__(self, lanes: dict[str, Lane], join: Callable[[Lane, Stream], None]) -> None:
        self.sockets: dict[str, SocketState] = {}
        self.lanes = lanes
        self._tell = join
        self._inproc: dict[str, str] = {}  # a socket's one inproc peer, until some socket moves

    def socket(self, socket: str) -> SocketState:
        state = self.sockets.get(socket)
        if state is None:
            state = self.sockets[socket] = SocketState(socket)
        return state

    def lane(self, id: str) -> Lane:
        """A receive may name a lane before the relay's report of its connection is here."""
        lane = self.lanes.get(id)
        if lane is None:
            nobody = self.socket("")
            lane = self.lanes[id] = Lane(id, nobody, nobody)
        return lane

    def join(self, lane: Lane, sender: SocketState, key: Hashable) -> None:
        stream = sender.stream(key)
        if lane not in stream.lanes:
            self._tell(lane, stream)
            del stream.lanes[:-LANES]

    def moved(self) -> None:
        """Some socket has bound, connected, unbound, disconnected or closed."""
        self._inproc.clear()

    def hear(self, state: SocketState, data: RecvData, peer: str) -> None:
        """Learn from a receive where the answers will go. `peer` is the lane by which it came, or who sent it."""
        back = OTHER_WAY.get(peer[-1])
        answers = self.lane(peer[:-1] + back) if back else self._direct_lane(state, self.socket(peer))
        if state.type == "REP":
            state.asker = answers.id
            self.join(answers, state, answers.id)
        elif data.frames:
            state.heard[data.frames[0]] = answers.id
            self.join(answers, state, data.frames[0])

    def direct(self, receiver: SocketState, peer: str) -> Lane | None:
        """The lane of a receive that came by no relay, from the socket that its metadata (or inproc) names."""
        sender = self.sockets.get(peer or self._inproc_peer(receiver))
        if sender is None or sender.socket is None:
            return None
        lane = self._direct_lane(sender, receiver)
        if lane.stream is None and sender.type:
            routing_id = receiver.socket.routing_id if receiver.socket is not None else None
            if sender.type == "ROUTER" and routing_id:
                self.join(lane, sender, routing_id)
            elif sender.type not in KEYED:
                self.join(lane, sender, None)
        return lane

    def _direct_lane(self, sender: SocketState, receiver: SocketState) -> Lane:
        name = f"{sender.id}→{receiver.id}"
        lane = self.lanes.get(name)
        if lane is None:
            lane = self.lanes[name] = Lane(name, sender, receiver, direct=True)
        return lane

    def _inproc_peer(self, state: SocketState) -> str:
        """inproc carries no metadata: the peer is known when only one socket is at the other side."""
        if state.id not in self._inproc:
            self._inproc[state.id] = _only_peer(state.socket, [s.socket for s in self.sockets.values() if s.socket])
        return self._inproc[state.id]


def _only_peer(me: Socket | None, sockets: list[Socket]) -> str:
    """The one open socket that is at the other side of an inproc endpoint of this one; "" if there are several."""
    if me is None:
        return ""
    peers = [
        other.id
        for other in sockets
        if other.actor == me.actor
        and other.closed is None
        and any(
            endpoint.startswith("inproc:") and endpoint in there
            for here, there in ((me.connects, other.binds), (me.binds, other.connects))
            for endpoint in here
        )
    ]
    return peers[0] if len(peers) == 1 else ""
