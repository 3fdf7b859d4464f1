"""Two TCP connections made one, and what is reported of its beginning and its end."""

from __future__ import annotations

import re
from time import monotonic_ns

from ..trace.events import ConnectionData, Raw, plain
from .lane import Lane
from .sink import Sink
from .socks import Request
from .transport import READ, WRITE, LabConnections, Transport
from .zmtp import PROPERTY, ZmtpError

EARLY = 1000  # reports of messages kept for a connection that is not opened yet

CLIENT, SERVER = "the connecting side", "the bound side"
SOCKET_ID = re.compile(rb"\d+\.\d+")


class Connection:
    """A connecting side, a bound side and the two lanes between them.

    It is opened when both ZMTP handshakes are over.
    """

    def __init__(self, lab: LabConnections, request: Request, client: Transport, server: Transport) -> None:
        number = next(lab.numbers)
        self.opened = False
        self.closed = False
        self.subject = str(number)
        self.user = request.user  # the socket id of the connecting side
        self.actor = request.actor
        self.endpoint = request.endpoint
        self._request = request
        self._cut = False
        self._slowed = False  # messages wait for their latency
        self._alarm = 0  # when it will be woken, ns
        self.client = client
        self.server = server
        self._lab = lab
        self._forward = Lane(f"{number}>", client, server, self)
        self._back = Lane(f"{number}<", server, client, self)
        self._early: list[Raw] = []  # reports of messages that came before it was opened
        self._reason = ""
        self._met = 0  # when the first READY was about to be passed on: no socket had a queue for this peer before
        self.lanes = (self._forward, self._back)
        lab.members.add(self)
        self.steer()

    def report(self, events: list[Raw], size: int = 0) -> None:
        """Tell of messages, but never before the connection was said to be open."""
        if self.opened:
            self._lab.reports.add(events, size)
        elif len(self._early) < EARLY:
            self._early += events

    def look(self) -> None:
        """Report the connection as opened once both sides have ended their handshakes."""
        one, other = self._forward.decoder.ready, self._back.decoder.ready
        if (one or other) and not self._met:
            self._met = monotonic_ns()
        if one and other:
            self.opened = True
            self._lab.refusals.pop((self.user, self.endpoint), None)
            self._report_state("opened")
            self.report(self._early)
            self._early = []

    def ended(self, lane: Lane) -> None:
        """The lane's source has closed, or shut down its half."""
        self._because(f"{self._source_of(lane)} closed it")

    def lost(self, lane: Lane, error: OSError) -> None:
        """The lane's source is dead: nothing can be passed on to it either."""
        self._because(f"{self._source_of(lane)} broke off: {error.strerror}")
        self._opposite(lane).abandon()

    def unwritable(self, lane: Lane, error: OSError) -> None:
        """The lane's target takes nothing any more; what it sent before it died may still be read."""
        self._because(f"{self._source_of(self._opposite(lane))} broke off: {error.strerror}")

    def malformed(self, lane: Lane, error: ZmtpError) -> None:
        self.close(f"{self._source_of(lane)} sent what is no ZMTP: {error}")

    def close(self, reason: str) -> None:
        for transport in self._release(reason):
            transport.close()

    def sink(self, sockets: set[str]) -> None:
        """If it has one of those sockets, go on reading both sides, but discard what they send.

        One whose handshake is not over is closed: libzmq tries again, and meets a `SinkPeer`.
        """
        if self.user in sockets:
            side = CLIENT
        elif self._server_id() in sockets:
            side = SERVER
        else:
            return
        if self.opened:
            Sink(self._lab, self._release(f"{side} was closed, and what it still sends is swallowed"))
        else:
            self.close(f"{side} was closed")

    def steer(self) -> None:
        """Do as the gates say now."""
        gates, port = self._lab.gates, self._request.port
        for actor in (self.actor, gates.server(port)):
            if actor and actor in gates.fallen:
                self._reason = f"{actor} crashed"  # also where one side had closed before: there was more to come
                self.close("")
                return
        setting = gates.between(self.actor, port)
        self._cut, self._slowed = setting.cut, setting.latency > 0
        for lane in self.lanes:
            lane.steer(setting)
        self._pass_on()

    @property
    def ends(self) -> frozenset[str]:
        """The names of the two actors; "" for one that is none of the lab's."""
        return frozenset((self.actor, self._lab.gates.server(self._request.port)))

    @property
    def steps(self) -> bool:
        """Can its messages be let go one by one?"""
        return not self._cut

    def step(self, lane: Lane) -> None:
        """Let the first message of a lane go on."""
        lane.step()
        self._settle()

    def _pass_on(self) -> None:
        """Pass on what no gate holds back any more."""
        self._alarm = 0
        for lane in self.lanes:
            if not (self._cut or self.closed) and lane.writes:
                lane.write()
        self._settle()

    def _on_client(self, mask: int) -> None:
        if mask & READ:
            self._forward.read()
        if mask & WRITE and not self.closed:
            self._back.write()
        self._settle()

    def _on_server(self, mask: int) -> None:
        if mask & READ:
            self._back.read()
        if mask & WRITE and not self.closed:
            self._forward.write()
        self._settle()

    def _settle(self) -> None:
        """Wait for what there is to wait for now."""
        if self.closed:
            return
        forward, back = self._forward, self._back
        if forward.done and back.done:
            self.close("it ended")
            return
        if self._lab.sunk:  # only now it may be known who the bound side is
            self.sink(self._lab.sunk)
            if self.closed:
                return
        alive = not self._cut
        self.client.wait(alive * (READ * forward.reads | WRITE * back.writes), self._on_client)
        self.server.wait(alive * (READ * back.reads | WRITE * forward.writes), self._on_server)
        if self._slowed and alive:
            self._wake_when_due()

    def _wake_when_due(self) -> None:
        due = min((lane.due for lane in self.lanes if lane.due), default=0)
        if due and not 0 < self._alarm <= due:
            self._alarm = due
            self._lab.at(due, self._pass_on)

    def _server_id(self) -> str:
        """The socket id of the bound side, as its READY gave it, or that of the process which is bound there; ""
        before, and when it is neither."""
        name = self._back.decoder.properties.get(PROPERTY.decode().lower(), b"")
        return name.decode() if SOCKET_ID.fullmatch(name) else self._lab.gates.socket(self._request.port)

    def _source_of(self, lane: Lane) -> str:
        return CLIENT if lane is self._forward else SERVER

    def _opposite(self, lane: Lane) -> Lane:
        return self._back if lane is self._forward else self._forward

    def _because(self, reason: str) -> None:
        """The first reason is the one that counts."""
        self._reason = self._reason or reason

    def _release(self, reason: str) -> tuple[Transport, Transport]:
        """Report the connection as closed; its two transports stay open."""
        if not self.closed:
            self.closed = True
            self._report_end(self._reason or reason)
            self._lab.members.discard(self)
        return self.client, self.server

    def _report_end(self, reason: str) -> None:
        if self.opened:
            self._report_state("closed", reason)
            return
        client, server = self._forward.decoder, self._back.decoder
        refusal = server.refusal or client.refusal
        if refusal:
            reason = f"{SERVER if server.refusal else CLIENT} refused: {refusal}"
        else:
            reason += " before the ZMTP handshake was over"
        if {client.mechanism, server.mechanism} & {"PLAIN", "CURVE"} and client.mechanism != server.mechanism:
            wants = [(CLIENT, client.mechanism), (SERVER, server.mechanism)]
            reason += "".join(f"; {side} wants {mechanism}" for side, mechanism in wants if mechanism)
        self._lab.refused(self.user, self.endpoint, reason, self.subject)

    def _report_state(self, state: str, reason: str = "") -> None:
        client, server = self._forward.decoder, self._back.decoder
        data = ConnectionData(
            state,
            self.user,
            self._server_id(),
            self.endpoint,
            client.properties.get("identity", b""),
            server.properties.get("identity", b""),
            reason,
            client.encrypted,
            client.handshake,
            server.handshake,
        )
        time = self._met if state == "opened" else monotonic_ns()
        self._lab.reports.add([(time, "connection", self.subject, *plain(data))])
