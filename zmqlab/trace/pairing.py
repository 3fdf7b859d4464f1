"""Pairing: which send was this wire message, and which wire message was this receive?

Two steps, because they are of different certainty: `departures` (send to wire) and `arrivals` (wire to receive). Here
each event goes to those whom it concerns, these two and: who sends to whom (`routes`), what becomes of connections
(`connections`), and the receives of which no relay tells (`unreported`), which have a *direct* lane named "3.17→3.4".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from .arrivals import Arrivals, shared
from .connections import Connections
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
from .model import Message, Socket, Work
from .proxies import Proxies
from .refusals import over_the_limit
from .routes import OTHER_WAY, Lanes, Routes, Sockets
from .state import KEYED, Receive, Send, SocketState
from .unreported import Unreported

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
        self._gap = False  # events were missing: who has used a socket is not known
        self._departures = Departures(self._lanes, create, self._lose, touch)
        self._routes = Routes(self._sockets, self._lanes, self._departures.join)
        self._proxies = Proxies(self._passed)
        self._unreported = Unreported(self._routes, self._departures, self._proxies, create, touch)
        self._arrivals = Arrivals(self._unreported.deliver, self._end, touch)
        self._fanout = Fanout(self._lanes, self._end, touch)
        self._endings = Endings(self._end, touch)
        self.connections = Connections(
            self._sockets, self._lanes, self._routes, self._fanout, self._endings, self._lose
        )

    # -- what the sockets and connections are ---------------------------------------------------------------------

    def add_socket(self, socket: Socket) -> None:
        state = self._sockets[socket.id]
        state.socket, state.type = socket, socket.type

    def moved(self, socket: str, time: int, data: EndpointData) -> None:
        """The socket has bound, connected, unbound or disconnected."""
        state = self._sockets[socket]
        state.move(time)
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
        if lane_id in self.connections.encrypted:
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
            self.connections.forget_empty(lane)

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
            self._unreported.from_a_pipe(receive)
        else:
            state.nameless = state.nameless or not data.peer
            self._unreported.deliver(self._routes.direct(state, data.peer), receive)

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
                    self._unreported.deliver(lane if lane.opened else None, receive)
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
