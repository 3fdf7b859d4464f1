"""Pairing: which send was this wire message, and which wire message was this receive?

Two steps, because they are of different certainty: `departures` (send to wire) and `arrivals` (wire to receive). Here
each event goes to those whom it concerns, these two and: what a program's sends become (`sends`), who sends to whom
(`routes`), what becomes of connections (`connections`), and the receives of which no relay tells (`unreported`), which
have a *direct* lane named "3.17→3.4".
"""

from __future__ import annotations

from collections.abc import Callable

from .arrivals import Arrivals, shared
from .connections import Connections
from .departures import Departures
from .endings import Endings
from .events import EndpointData, OptionData, ProxyData, RecvData, SubscriptionData, WireData
from .fanout import Fanout, is_wish
from .model import Message, Socket, Work
from .proxies import Proxies
from .refusals import over_the_limit
from .routes import OTHER_WAY, Lanes, Routes, Sockets
from .sends import Sends
from .state import EVER, KEYED, KILLED, Receive
from .unreported import Unreported

LATE = 1_000_000_000  # ns after which the relay has surely told what it saw


class Pairing:
    """Turns sends, wire messages and receives into `Message` journeys.

    `create()` makes an empty message with a new id, `touch(item)` is told of each message or work bar that changed.
    """

    def __init__(self, create: Callable[[], Message], touch: Callable[[Message | Work], None]) -> None:
        self._create = create
        self._touch = touch
        self._sockets = Sockets()
        self._lanes = Lanes(self._sockets)
        self._departures = Departures(self._lanes, create, self._end, touch)
        self._routes = Routes(self._sockets, self._lanes, self._departures.join)
        self._proxies = Proxies(touch)
        self._unreported = Unreported(self._routes, self._departures, self._proxies, create, touch)
        self._arrivals = Arrivals(self._unreported.deliver, self._end, touch)
        self._fanout = Fanout(self._lanes, self._end, touch)
        self._endings = Endings(self._end, touch)
        self.sends = Sends(self._sockets, self._fanout, self._endings, self._proxies, create, self._end, touch)
        self.connections = Connections(self._sockets, self._lanes, self._routes, self._fanout, self._endings, self._end)

    # -- what the sockets and connections are ---------------------------------------------------------------------

    def add_socket(self, socket: Socket) -> None:
        state = self._sockets[socket.id]
        state.socket, state.type = socket, socket.type

    def moved(self, socket: str, time: int, data: EndpointData) -> None:
        """The socket has bound, connected, unbound or disconnected."""
        state = self._sockets[socket]
        state.move(time)
        self._routes.moved(state, data, time)
        for lane in self._routes.deserted(state, data):
            self._arrivals.desert(lane, time)

    def option(self, socket: str, time: int, data: OptionData) -> None:
        """What the options mean of which `sockets.traced` tells."""
        if data.name in ("SUBSCRIBE", "UNSUBSCRIBE"):
            self._fanout.wish(socket, time, SubscriptionData(data.bytes_value, data.name == "SUBSCRIBE"))
        else:
            self._sockets[socket].set(data.name, data.value)

    def subscription(self, lane_id: str, time: int, data: SubscriptionData) -> None:
        """Who sends by that lane wants those messages from its peer."""
        self._fanout.wish_by(lane_id, time, data)

    def proxy(self, socket: str, data: ProxyData) -> None:
        """A proxy has taken the socket and its backend, or has ended."""
        front, back = self._sockets[socket], self._sockets[data.backend]
        (self._proxies.begin if data.on else self._proxies.finish)(front, back)
        if data.control and data.on:
            self._proxies.steered(self._sockets[data.control])

    def close_socket(self, socket: str, time: int, linger: int | None, how: str = "") -> None:
        """What lay unread in it is gone; what has not left it goes, if it does not linger. `how` it was closed, where
        its program has not done so."""
        state = self._sockets[socket]
        state.killed = how == KILLED
        self._routes.closed(state)
        for lane in state.incoming.values():
            self._arrivals.bury(lane, time)
        self._endings.closed(state, time, linger, how or f"its socket was closed with LINGER {linger}")

    def discard(self, socket: str, time: int) -> None:
        """The socket and its context are gone."""
        self._endings.discarded(self._sockets[socket], time)

    def forget(self, message: Message) -> None:
        """The trace keeps this message no longer."""
        lane = self._lanes.get(message.lane)
        if lane is not None and message.number is not None and lane.on_the_way.get(message.number) is message:
            del lane.on_the_way[message.number]
        self.sends.forget(message)

    def gap(self) -> None:
        """Events are missing from the log."""
        self._proxies.gap = True
        self.sends.gap()

    # -- what the programs and the wire do ------------------------------------------------------------------

    def wire(self, lane_id: str, data: WireData) -> None:
        if lane_id in self.connections.encrypted:
            return  # it names no send: the receives tell, by their metadata
        number, frames, left, arrived, sizes = data
        lane = self._lanes[lane_id]
        sender, receiver = lane.sender, lane.receiver
        if number != lane.seen + 1:
            sender.lost = True
        if sender.type in ("SUB", "XSUB") and frames[0][:1] in (b"\0", b"\1"):
            self._fanout.wish_by(lane_id, left, SubscriptionData.of(frames[0]))
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
                self._proxies.notice(sender)
        message.lane, message.number, message.receiver = lane_id, number, receiver.id
        message.left, message.arrived = left, arrived
        message.wire_frames, message.wire_sizes = shared(frames, message.sent_frames), sizes
        known = self._proxies.known and self._proxies.knows(receiver)
        message.watched = (receiver.socket is None or receiver.socket.watched) and (known or not receiver.read_in_c)
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
        if state.type == "XPUB" and is_wish(data.frames):
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
            if not (data.peer or state.nameless):
                state.nameless = True
                if state.speaks_outside:
                    self.sends.go_outside(state)
            self._unreported.deliver(self._routes.direct(state, data.peer), receive)

    def settle(self, now: int, final: bool) -> None:
        """Tell the ends of which nobody tells. If it is `final` no more reports will come."""
        if final:
            self._arrivals.settle(list(self._lanes.values()))
            self.sends.settle()
        until = EVER if final else now - LATE
        self._proxies.settle(max(until, self._arrivals.reported))
        self._fanout.settle(until, final)
        self._endings.settle(until, final)

    def _end(self, message: Message, end: str, time: int, reason: str) -> None:
        message.end, message.ended, message.reason = end, time, reason
        self._touch(message)
