"""Who sends to whom, and by which lane: what connections, receives and endpoints tell of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from .events import EndpointData, RecvData
from .places import Places, place_of
from .state import KEYED, LANES, Lane, Pipe, SocketState, Stream

OTHER_WAY = {">": "<", "<": ">"}
SOMEBODY = "?"  # where REP answers to when nobody can tell who has asked


class Sockets(dict[str, SocketState]):
    """By id. One that nobody has told of is made when it is asked for."""

    def __missing__(self, id: str) -> SocketState:
        state = self[id] = SocketState(id)
        return state


class Lanes(dict[str, Lane]):
    """By id. A receive may name one before the relay's report of its connection is here: it leads from nobody to
    nobody."""

    def __init__(self, sockets: Sockets) -> None:
        super().__init__()
        self._sockets = sockets

    def __missing__(self, id: str) -> Lane:
        nobody = self._sockets[""]
        lane = self[id] = Lane(id, nobody, nobody)
        return lane


class Routes:
    """What is told of `sockets` and `lanes`. `join(lane, stream)` is told that a stream has one way more."""

    def __init__(self, sockets: Sockets, lanes: Lanes, join: Callable[[Lane, Stream], None]) -> None:
        self.sockets = sockets
        self.lanes = lanes
        self._tell = join
        self._places = Places()

    def join(self, lane: Lane, sender: SocketState, key: Hashable) -> None:
        stream = sender.stream(key)
        if lane not in stream.lanes:
            self._tell(lane, stream)
            del stream.lanes[:-LANES]

    def moved(self, state: SocketState, data: EndpointData, time: int) -> None:
        """The socket has bound, connected, unbound or disconnected."""
        if state.socket is None:
            return
        if data.routing_id:
            state.called[data.endpoint] = data.routing_id
        over_tcp = data.endpoint.startswith("tcp:")
        if data.action in ("bind", "connect") and not data.endpoint.startswith("inproc:"):
            state.may_have_guests |= data.direct or data.action == "bind" or not over_tcp
        if data.action == "bind":
            self._places.bind(state, data.endpoint, time)
        elif data.action == "connect":
            self._places.connect(state, data.endpoint, time)
        else:
            self._places.leave(state, data.endpoint)

    def deserted(self, state: SocketState, data: EndpointData) -> list[Lane]:
        """Those by which nothing comes to the socket any more, because it has unbound or disconnected."""
        lanes = state.incoming.values()
        if data.action == "disconnect":
            return [lane for lane in lanes if lane.bound and lane.endpoint == data.endpoint]
        if data.action == "unbind":
            place = place_of(data.endpoint)
            return [lane for lane in lanes if not lane.bound and place_of(lane.endpoint) == place]
        return []

    def closed(self, state: SocketState) -> None:
        """Nobody gets a pipe to it any more."""
        if state.socket is not None:
            for endpoint in (*state.socket.binds, *state.socket.connects):
                self._places.leave(state, endpoint)

    def hear(self, state: SocketState, data: RecvData, peer: str) -> None:
        """Learn from a receive where the answers will go. `peer` is the lane by which it came, or who sent it."""
        back = OTHER_WAY.get(peer[-1])
        answers = self.lanes[peer[:-1] + back] if back else self._direct_lane(state, self.sockets[peer])
        if state.type == "REP":
            state.asker = answers.id
            self.join(answers, state, answers.id)
        elif data.frames:
            state.heard[data.frames[0]] = answers.id
            self.join(answers, state, data.frames[0])

    def direct(self, receiver: SocketState, peer: str) -> Lane | None:
        """The lane of a receive that came by no relay, from the socket that its metadata names."""
        sender = self.sockets.get(peer) if peer else None
        if sender is None or sender.socket is None:
            return None
        lane = self._direct_lane(sender, receiver)
        if lane.stream is None and sender.type:
            routing_id = self.name_of(sender, receiver)
            if sender.type == "ROUTER" and routing_id:
                self.join(lane, sender, routing_id)
            elif sender.type not in KEYED:
                self.join(lane, sender, None)
        return lane

    def name_of(self, sender: SocketState, receiver: SocketState) -> bytes | None:
        """What a ROUTER calls that peer, as far as a program has said it."""
        there = receiver.socket
        if there is None:
            return None
        for endpoint, name in sender.called.items():
            if place_of(endpoint) in map(place_of, there.binds):
                return name
        return there.routing_id

    def origins(self, receiver: SocketState, data: RecvData) -> list[tuple[Lane, Stream]]:
        """Where a message can have come from by inproc, which names nobody: each lane with each stream that may have
        left by it."""
        return [
            (self._inproc_lane(pipe, receiver), stream)
            for pipe in self._senders(receiver, data)
            for stream in self._streams(pipe.peer, receiver)
        ]

    def _senders(self, receiver: SocketState, data: RecvData) -> list[Pipe]:
        """ROUTER's first frame says who: the routing id that the peer has set, or one that was heard before."""
        pipes = list(receiver.pipes.values())
        if receiver.type != "ROUTER" or not data.frames or len(pipes) < 2:
            return pipes
        name = data.frames[0]
        heard = self.lanes.get(receiver.heard.get(name, ""))
        if heard is not None and heard.receiver.id in receiver.pipes:
            return [pipe for pipe in pipes if pipe.peer is heard.receiver]
        if name[:1] != b"\0":
            return [pipe for pipe in pipes if pipe.routing_id == name]
        heard_of = {self.lanes[id].receiver.id for id in receiver.heard.values() if id in self.lanes}
        return [pipe for pipe in pipes if not pipe.routing_id and pipe.peer.id not in heard_of]

    def _streams(self, sender: SocketState, receiver: SocketState) -> Iterator[Stream]:
        lane = self._direct_lane(sender, receiver)
        if sender.type not in KEYED:
            self.join(lane, sender, None)
        if lane.stream is not None:
            yield lane.stream
        elif sender.type == "ROUTER":
            name = sender.pipes[receiver.id].routing_id
            for key, stream in list(sender.streams.items()):
                if key == name if name else not stream.lanes:
                    yield stream
        if sender.type == "REP" and SOMEBODY in sender.streams:
            yield sender.streams[SOMEBODY]

    def _inproc_lane(self, pipe: Pipe, receiver: SocketState) -> Lane:
        lane = self._direct_lane(pipe.peer, receiver)
        lane.inproc, lane.fifo = True, pipe.count == 1
        return lane

    def _direct_lane(self, sender: SocketState, receiver: SocketState) -> Lane:
        name = f"{sender.id}→{receiver.id}"
        lane = self.lanes.get(name)
        if lane is None:
            lane = self.lanes[name] = Lane(name, sender, receiver, direct=True)
        return lane
