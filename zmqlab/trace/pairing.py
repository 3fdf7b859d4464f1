"""Pairing: which send was this wire message, and which wire message was this receive?

Two steps, because they are of different certainty: `departures` (send to wire) and `arrivals` (wire to receive). Here
is what both need to know, beside who sends to whom (`routes`): what becomes of sockets and connections.

Without a relay the receive itself plays the part of the wire message, on a *direct* lane named "3.17→3.4".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from .arrivals import Arrivals, payload, shared
from .departures import Departures
from .endings import Endings
from .events import (
    EndpointData,
    Frames,
    OptionData,
    ProxyData,
    RecvData,
    SendData,
    SubscriptionData,
    UnsentData,
    WireData,
)
from .fanout import Fanout
from .model import Connection, Message, Socket, Work
from .places import place_of
from .proxies import Proxies
from .routes import OTHER_WAY, SOMEBODY, Lanes, Routes, Sockets
from .state import FANOUT, KEYED, LOCK_STEP, Lane, Receive, Send, SocketState, Stream

PROXIED = ("ROUTER", "DEALER", "PUSH", "XPUB")  # sockets that send by themselves only what a proxy passes on
LATE = 1_000_000_000  # ns after which the relay has surely told what it saw
EVER = 1 << 62


class Pairing:
    """Turns sends, wire messages and receives into `Message` journeys.

    `create()` makes an empty message with a new id, `touch(item)` is told of each message or work bar that changed.
    """

    def __init__(self, create: Callable[[], Message], touch: Callable[[Message | Work], None]) -> None:
        self._create = create
        self._touch = touch
        self._sockets = Sockets()
        self._lanes = Lanes(self._sockets)
        self._encrypted: set[str] = set()  # lanes whose frames nobody sees
        self._gap = False  # events were missing: who has used a socket is not known
        self._departures = Departures(self._lanes, create, self._lose, touch)
        self._routes = Routes(self._sockets, self._lanes, self._departures.join)
        self._arrivals = Arrivals(self._deliver, self._end, touch)
        self._proxies = Proxies(self._passed)
        self._fanout = Fanout(self._lanes, self._end, touch)
        self._endings = Endings(self._end, touch)

    # -- what the sockets and connections are ---------------------------------------------------------------------

    def add_socket(self, socket: Socket) -> None:
        state = self._sockets[socket.id]
        state.socket, state.type = socket, socket.type

    def moved(self, socket: str, time: int, data: EndpointData | None = None) -> None:
        """The socket has bound, connected, unbound or disconnected."""
        state = self._sockets[socket]
        state.moves += 1
        state.moved = time
        if data is not None:
            self._routes.moved(state, data, time)

    def option(self, socket: str, time: int, data: OptionData) -> None:
        """What the options mean of which `sockets.traced` tells."""
        state, value = self._sockets[socket], data.value
        number = value if isinstance(value, int) else 0
        if data.name == "PROBE_ROUTER":  # the first message on each connection is an empty one of libzmq's own
            state.probes = bool(number)
        elif data.name == "REQ_CORRELATE":  # which messages it has thrown away, nobody sees
            state.choosy = state.choosy or bool(number)
        elif data.name == "CONFLATE" and not state.moves:  # later it says nothing to the connections that there are
            state.conflates = bool(number)
        elif data.name == "ROUTER_HANDOVER":
            state.handover = bool(number)
        elif data.name == "MAXMSGSIZE" and not state.moves:
            state.maxmsgsize = number
        elif data.name in ("SUBSCRIBE", "UNSUBSCRIBE"):
            topic = value if isinstance(value, bytes) else str(value).encode()
            self._fanout.wish(socket, time, topic, data.name == "SUBSCRIBE")

    def subscription(self, lane_id: str, time: int, data: SubscriptionData) -> None:
        """Who sends by that lane wants those messages from its peer."""
        self._fanout.wish(lane_id[:-1] + OTHER_WAY[lane_id[-1]], time, data.topic, data.on)

    def proxy(self, socket: str, data: ProxyData) -> None:
        """A proxy has taken the socket and its backend, or has ended."""
        front, back = self._sockets[socket], self._sockets[data.backend]
        (self._proxies.begin if data.on else self._proxies.finish)(front, back)

    def close_socket(self, socket: str, time: int, linger: int | None = None, how: str = "") -> None:
        """What lay unread in it is gone; what has not left it goes, if it does not linger. `how` it was closed, where
        its program has not done so."""
        state = self._sockets[socket]
        self._routes.closed(state)
        for lane in state.incoming.values():
            self._arrivals.bury(lane, time)
        self._endings.closed(state, time, linger, how or f"its socket was closed with LINGER {linger}")

    def discard(self, socket: str, time: int) -> None:
        """The socket and its context are gone: what had not left it never will."""
        state = self._sockets[socket]
        for send in state.sends.values():
            state.blocked.pop(send.number, None)
            if not (send.message.lane or send.message.end):
                self._endings.lose(send, time, "it was thrown away with its socket, before it had left")

    def forget(self, message: Message) -> None:
        """The trace keeps this message no longer: the oldest goes first, here as there."""
        lane = self._lanes.get(message.lane)
        if lane is not None and message.number is not None and lane.on_the_way.get(message.number) is message:
            del lane.on_the_way[message.number]
        state = self._sockets.get(message.sender)
        if state is None:
            return
        send = state.oldest_send()
        if send is not None and send.message is message:
            state.take(send)
            send.stream.forgotten = send.number
            return
        recent = state.stream(None).recent
        if recent and recent[0] is message:
            recent.popleft()

    def gap(self) -> None:
        """Events are missing from the log: which send a message was can only be guessed from now on."""
        self._gap = True
        for state in self._sockets.values():
            for send in list(state.sends.values()):
                state.take(send)
            state.lost = True

    def open_connection(self, connection: Connection) -> None:
        client, server = self._sockets[connection.client], self._sockets[connection.server]
        for lane_id, sender, receiver, identity in (
            (f"{connection.id}>", client, server, connection.server_identity),
            (f"{connection.id}<", server, client, connection.client_identity),
        ):
            self._endings.refused(sender, "")
            if connection.encrypted:
                self._encrypted.add(lane_id)
                continue
            sender.meet(receiver)
            lane = self._lanes[lane_id]
            lane.sender, lane.receiver, lane.opened = sender, receiver, connection.opened
            lane.identity = connection.client_identity if lane_id[-1] == ">" else connection.server_identity
            lane.refusal = _refusal(lane)
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

    def refuse_connection(self, connection: Connection) -> None:
        self._endings.refused(self._sockets[connection.client], connection.reason)
        self.close_connection(connection)

    def close_connection(self, connection: Connection) -> None:
        assert connection.closed is not None
        for lane_id in (f"{connection.id}>", f"{connection.id}<"):
            if lane_id in self._encrypted:
                self._encrypted.discard(lane_id)
                self.moved(connection.client, connection.closed)
                self.moved(connection.server, connection.closed)
            lane = self._lanes.get(lane_id)
            if lane is None:
                continue
            if lane.closed is None and lane.opened:
                lane.sender.bound_lanes -= lane.bound
            lane.closed = connection.closed
            for message in lane.on_the_way.values():
                if message.arrived is None:
                    self._lose(message, connection.closed, f"the connection ended: {connection.reason}")
            if lane.stream is not None and lane.stream.keyed and lane.bound:
                self._lose_queue(lane, lane.stream, connection.closed)
            self._forget_empty(lane)

    # -- what the programs and the wire do ------------------------------------------------------------------

    def subscribes(self, socket: str, frames: Frames) -> bool:
        """Is that no message, but what an XSUB says to its peers, or an XPUB is told by them: who wants what?"""
        kind = frames[0][:1] if len(frames) == 1 else b""
        return kind in (b"\0", b"\1") and self._sockets[socket].type in ("XSUB", "XPUB")

    def send(self, socket: str, time: int, data: SendData) -> Message | None:
        """None where it is a subscription."""
        state = self._sockets[socket]
        if data.number != state.next_number:
            state.lost = True
        state.next_number = data.number + 1
        if state.type == "XSUB" and self.subscribes(socket, data.frames):
            self._fanout.wish(socket, time, data.frames[0][1:], data.frames[0][:1] == b"\1")
            return None
        message = self._create()
        message.sender, message.sent = socket, time
        message.sent_frames, message.sent_sizes = data.frames, data.sizes
        key: Hashable = None
        heard = ""
        if state.type == "ROUTER" and data.frames:
            key = data.frames[0]
            heard = state.heard.get(key, "")
        elif state.type == "REP":
            key = state.asker
        elif state.type == "REQ":
            state.asked_before, state.asked = state.asked, time
        stream = state.stream(key)
        send = state.sends[data.number] = Send(data.number, message, time, stream, heard)
        stream.add(send)
        if stream.fanout:
            self._fanout.sent(state, send)
        elif state.refusal:
            self._endings.wait(state, message)
        if self._proxies.known and (state.pipes or state.unmet):
            self._proxies.sent(send)
        return message

    def blocked(self, socket: str, number: int, time: int) -> None:
        """A send waits: at the high-water mark, or for a peer."""
        state = self._sockets[socket]
        send = state.sends.get(number)
        if send is not None and send.message.returned is None:
            send.message.blocked = time
            state.blocked[number] = send.message
            self._touch(send.message)

    def returned(self, socket: str, number: int, time: int) -> None:
        """A send that had been blocked has returned. The peer may have received the message before that was seen."""
        state = self._sockets[socket]
        send = state.sends.get(number)
        message = state.blocked.pop(number, send.message if send is not None else None)
        if message is not None:
            message.returned = time
            self._touch(message)

    def unsent(self, socket: str, time: int, data: UnsentData, end: str) -> None:
        """A send went nowhere: `end` is "unsent" (it raised) or "dropped" (by ROUTER, in silence)."""
        state = self._sockets[socket]
        state.blocked.pop(data.number, None)
        if state.type == "REQ":  # one that did not ask has thrown nothing away
            state.asked = state.asked_before
        send = state.sends.get(data.number)
        if send is not None:
            state.take(send)
            self._end(send.message, end, time, data.reason)

    def wire(self, lane_id: str, data: WireData) -> None:
        if lane_id in self._encrypted:
            return  # it names no send: the receives tell, by their metadata
        number, frames, left, arrived, sizes = data
        lane = self._lanes[lane_id]
        sender, receiver = lane.sender, lane.receiver
        if number != lane.seen + 1:
            sender.lost = True
        if sender.type in ("SUB", "XSUB") and frames[0][:1] in (b"\0", b"\1"):
            self.subscription(lane_id, left, SubscriptionData(frames[0][1:], frames[0][:1] == b"\1"))
            self._arrivals.subscription(lane, number)
            return
        probe = number == 0 and sender.probes and frames == (b"",)
        message = None if probe else self._departures.match(lane, left, frames, sizes)
        if message is None:
            message = self._create()
            message.sender = sender.id
            if self._proxies.knows(sender):
                self._proxies.left(lane, frames, sizes, left)
            elif not probe:
                self._notice_proxy(sender)
        message.lane, message.number, message.receiver = lane_id, number, receiver.id
        message.left, message.arrived = left, arrived
        message.wire_frames, message.wire_sizes = shared(frames, message.sent_frames), sizes
        known = self._proxies.known and self._proxies.knows(receiver)
        message.watched = (receiver.socket is None or receiver.socket.watched) and (known or not receiver.proxied)
        self._touch(message)
        self._arrivals.wire(lane, message, number, left)
        if known and message.received is None:
            self._proxies.came(lane, message)
        over = over_the_limit(receiver, data) if receiver.maxmsgsize >= 0 else ""
        if (over or lane.refusal) and message.received is None:
            self._end(message, "dropped", left, over or lane.refusal)
        if lane.closed is not None:
            self._forget_empty(lane)

    def arrived(self, lane_id: str, number: int, time: int) -> None:
        lane = self._lanes.get(lane_id)
        if lane is not None:
            self._arrivals.arrived(lane, number, time)

    def recv(self, socket: str, time: int, data: RecvData, work: Work | None = None) -> None:
        state = self._sockets[socket]
        state.reads = True
        receive = Receive(state, time, data, work, state.asked, not state.choosy)
        relayed = data.peer[-1:] in OTHER_WAY
        if state.type == "XPUB" and self.subscribes(socket, data.frames):
            receive.subscription = True
            if relayed:
                self._arrivals.receive(self._lanes[data.peer], receive)
            return
        if data.peer and state.type in KEYED:
            self._routes.hear(state, data, data.peer)
        if relayed:
            self._arrivals.receive(self._lanes[data.peer], receive)
        elif not data.peer and state.pipes:
            self._from_a_pipe(receive)
        else:
            state.nameless = state.nameless or not data.peer
            self._deliver(self._routes.direct(state, data.peer), receive)

    def settle(self, now: int, final: bool) -> None:
        """Tell the ends of which nobody tells. If it is `final` no more reports will come. What still waits for one
        came by the relay of another process, or its report is missing: the receive alone tells of it."""
        if final:
            self._settle_receives()
        until = EVER if final else now - LATE
        self._proxies.settle(max(until, self._arrivals.reported))
        self._fanout.settle(until, final)
        self._endings.settle(until, final)

    def _settle_receives(self) -> None:
        self._arrivals.settle(list(self._lanes.values()))
        for lane in list(self._lanes.values()):
            while lane.early:
                receive = lane.early.popleft()
                if not receive.subscription:
                    self._deliver(lane if lane.opened else None, receive)
            closed = lane.receiver.socket.closed if lane.receiver.socket is not None else None
            if closed is not None:
                self._arrivals.bury(lane, closed)
        for state in self._sockets.values():
            for stream in state.streams.values():
                if stream.keyed and not state.inside and not any(lane.opened or lane.direct for lane in stream.lanes):
                    for send in stream.queue:
                        if not send.gone:  # it went to a process outside
                            send.message.watched = False
                            self._touch(send.message)

    # -- inside ---------------------------------------------------------------------------------------------

    def _deliver(self, lane: Lane | None, receive: Receive) -> None:
        """A receive that no relay reported: match the send by the receive itself."""
        message = None
        if lane is not None:
            hidden = receive.socket.type in LOCK_STEP
            message = self._departures.match(lane, receive.time, *payload(receive), hidden)
        self._close(lane, message, receive)

    def _from_a_pipe(self, receive: Receive) -> None:
        """inproc names nobody: who may have sent it, and what they have sent, tell."""
        state = receive.socket
        origins = self._routes.origins(state, receive.data)
        lane, message = self._departures.find(origins, receive.time, *payload(receive), state.type in LOCK_STEP)
        unseen = [lane for lane, _ in origins if lane.sender.proxied]
        if message is None:  # what a proxy sends, nobody sees
            lane = unseen[0] if len(unseen) == 1 else origins[0][0] if len(origins) == 1 else None
        elif unseen or not state.inside:
            message.certain = False
        if state.type in KEYED:
            if lane is not None and (message.certain if message is not None else len(unseen) == 1):
                self._routes.hear(state, receive.data, lane.sender.id)
            elif state.type == "REP":
                state.asker = SOMEBODY
        self._close(lane, message, receive)

    def _close(self, lane: Lane | None, message: Message | None, receive: Receive) -> None:
        if message is None:
            message = self._create()
            message.sender = lane.sender.id if lane is not None else ""
            if lane is not None:
                lane.unknown = True
                if self._proxies.knows(lane.sender):
                    self._proxies.left(lane, *payload(receive), receive.time)
        message.lane, message.number = (lane.id if lane else ""), receive.data.number
        self._arrivals.close_journey(message, receive)

    def _notice_proxy(self, state: SocketState) -> None:
        """No send explains a message of this socket, which no program has ever used: `zmq.proxy` does, in C. What lies
        in it is not unread, but passed on unseen."""
        used = state.next_number or state.reads or self._gap
        if state.socket is None or not state.socket.watched or state.type not in PROXIED or used or state.proxied:
            return
        state.proxied = True
        for lane in state.incoming.values():
            for message in lane.on_the_way.values():
                message.watched = False
                self._touch(message)

    def _lose_queue(self, lane: Lane, stream: Stream, closed: int) -> None:
        """A bound ROUTER or REP throws a peer's outbound queue away when its connection ends."""
        if stream.lanes[-1] is not lane:
            return
        type = stream.owner.type
        for send in list(stream.queue):
            if not send.gone and send.sent < closed and (type == "REP" or send.heard == lane.id):
                stream.owner.take(send)
                self._lose(send.message, closed, f"{type} threw the queue away when the peer's connection ended")

    def _passed(self, message: Message, time: int) -> None:
        """A proxy has received it, and sent it on at that time."""
        message.received = max(
            time - 1, message.arrived or message.sent or 0
        )  # in every picture the one before the other
        message.end, message.reason, message.ended = "passed", "", None
        self._touch(message)

    def _lose(self, message: Message, time: int, reason: str) -> None:
        self._end(message, "lost", time, reason)

    def _end(self, message: Message, end: str, time: int, reason: str) -> None:
        message.end, message.ended, message.reason = end, time, reason
        self._touch(message)

    def _forget_empty(self, lane: Lane) -> None:
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


def _called(client: SocketState, endpoint: str) -> bytes:
    """What a ROUTER calls the peer that it has connected to there, where it has said that."""
    for place, name in client.called.items():
        if place_of(place) == place_of(endpoint):
            return name
    return b""


def _refusal(lane: Lane) -> str:
    """Why its receiver does not hear it, from the first message on."""
    receiver = lane.receiver
    others = [other for other in receiver.incoming.values() if other.closed is None and not other.refusal]
    if receiver.type == "PAIR" and others:
        return "PAIR: it has another peer already"
    one_more = bool(lane.identity) and any(other.identity == lane.identity for other in others)
    if receiver.type == "ROUTER" and one_more and not receiver.handover:
        return f"ROUTER: another peer has the routing id {shown(lane.identity)}"
    return ""


def over_the_limit(receiver: SocketState, data: WireData) -> str:
    """Has it a frame that is longer than the limit of its receiver? Then that one closes the connection."""
    limit = receiver.maxmsgsize
    longest = max(data.sizes or map(len, data.frames), default=0)
    return f"over MAXMSGSIZE: {longest:,} bytes, and {receiver.type} takes {limit:,}" if longest > limit else ""


def shown(routing_id: bytes) -> str:
    try:
        text = routing_id.decode()
    except UnicodeDecodeError:
        return routing_id.hex()
    return f"{text!r}" if text.isprintable() and text else routing_id.hex()
