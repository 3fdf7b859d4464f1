"""A link: two TCP connections made one. What comes from one side is read as ZMTP, reported and passed on.

Back-pressure passes through: a lane whose target takes nothing more is read no further than `PENDING` bytes.
"""

from __future__ import annotations

import re
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Protocol

from .reports import Raw, Reporter
from .zmtp import PROPERTY, Decoder, Message, ZmtpError

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
CHUNK = 1 << 16  # bytes of one recv
PENDING = 1 << 18  # bytes that wait in a lane before it is read no further
EARLY = 1000  # reports of messages kept for a link that is not opened yet

CLIENT, SERVER = "the connecting side", "the bound side"
SOCKET_ID = re.compile(rb"\d+\.\d+")


class Member(Protocol):
    """What the relay serves for a lab: a newcomer, a connection or a sink."""

    def close(self, reason: str) -> None: ...


@dataclass
class LabLinks:
    """All that the relay has to do with one lab."""

    reporter: Reporter
    numbers: Iterator[int]  # the connection ids, of all labs
    members: set[Member] = field(default_factory=set)
    sunk: bool = False  # its sockets are closed, and what they still send is swallowed
    refusals: dict[tuple[str, str], str] = field(default_factory=dict)  # the last of each (socket, endpoint)


class Port:
    """A non-blocking socket and what it waits for."""

    def __init__(self, selector: selectors.BaseSelector, sock: socket.socket) -> None:
        self.sock = sock
        self._selector = selector
        self._mask = 0
        self._handler: Callable[[int], None] | None = None
        sock.setblocking(False)

    def wait(self, mask: int, handler: Callable[[int], None]) -> None:
        """Call ``handler(mask)`` whenever the socket can be read or written, as `mask` says; 0 is never."""
        if mask == self._mask and handler == self._handler:
            return
        if not mask:
            self._selector.unregister(self.sock)
        elif self._mask:
            self._selector.modify(self.sock, mask, handler)
        else:
            self._selector.register(self.sock, mask, handler)
        self._mask, self._handler = mask, handler

    def close(self) -> None:
        if self._mask:
            self._selector.unregister(self.sock)
            self._mask = 0
        self.sock.close()


class Lane:
    """One direction of a connection: from `source` to `target`, first in, first out."""

    def __init__(self, name: str, source: Port, target: Port, link: Connection) -> None:
        self.name = name  # "12>" or "12<"
        self.decoder = Decoder(name.encode())
        self.done = False  # nothing will pass any more
        self._source = source
        self._target = target
        self._link = link
        self._ended = False  # the source sends no more
        self._count = 0  # messages read
        self._passed = 0  # bytes passed on
        self._pending: deque[memoryview] = deque()  # bytes read and not passed on
        self._waiting = 0  # how many
        self._queue: deque[tuple[int, int]] = deque()  # (number, end) of the messages not wholly passed on

    @property
    def reads(self) -> bool:
        return not (self._ended or self.done) and self._waiting < PENDING

    @property
    def writes(self) -> bool:
        return self._waiting > 0

    def read(self) -> None:
        """Take what the source has, and pass it on."""
        try:
            data = self._source.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self.end()
            self._link.lost(self, error)
            return
        left = monotonic_ns()
        if not data:
            self.end()
            self._link.ended(self)
            return
        messages: list[Message] = []
        try:
            data = self.decoder.feed(data, messages)
        except ZmtpError as error:
            self._pass_on(error.good, left, messages)
            self._link.malformed(self, error)
            return
        self._pass_on(data, left, messages)

    def write(self) -> None:
        """Pass on what is pending, as far as the target takes it."""
        events: list[Raw] = []
        while self._pending:
            now = monotonic_ns()
            sent = self._send(self._pending[0])
            while self._queue and self._queue[0][1] <= self._passed:
                events.append((now, "arrived", self.name, (self._queue.popleft()[0],)))
            if not sent:
                break
            self._waiting -= sent
            if sent < len(self._pending[0]):
                self._pending[0] = self._pending[0][sent:]
            else:
                self._pending.popleft()
        if events:
            self._link.report(events)
        self._finish()

    def end(self) -> None:
        """The source sends no more; what is pending is still passed on."""
        self._ended = True
        self._finish()

    def abandon(self) -> None:
        """Nothing can be passed on any more."""
        self._pending.clear()
        self._waiting = 0
        self.done = True

    def _finish(self) -> None:
        if self._ended and not (self._pending or self.done):
            self.done = True
            try:
                self._target.sock.shutdown(socket.SHUT_WR)
            except OSError:  # it is gone already
                return

    def _pass_on(self, data: bytes, left: int, messages: list[Message]) -> None:
        if self._link.state == "new":
            self._link.look()
        arrived = monotonic_ns()
        sent = 0 if self._pending or not data else self._send(data)
        if sent < len(data) and not self.done:
            self._pending.append(memoryview(data)[sent:])
            self._waiting += len(data) - sent
        if messages:
            self._link.report(self._wire_events(messages, left, arrived), len(data))

    def _wire_events(self, messages: list[Message], left: int, arrived: int) -> list[Raw]:
        name, passed = self.name, self._passed
        number = self._count
        self._count += len(messages)
        if messages[-1][2] <= passed:
            return [
                (left, "wire", name, (n, frames, left, arrived, sizes))
                for n, (frames, sizes, _) in enumerate(messages, number)
            ]
        events: list[Raw] = []
        for n, (frames, sizes, end) in enumerate(messages, number):
            if end > passed:
                self._queue.append((n, end))
            events.append((left, "wire", name, (n, frames, left, arrived if end <= passed else None, sizes)))
        return events

    def _send(self, data: bytes | memoryview) -> int:
        try:
            sent = self._target.sock.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self.abandon()
            self._link.unwritable(self, error)
            return 0
        self._passed += sent
        return sent


class Connection:
    """A connecting side, a bound side and the two lanes between them.

    `state` goes from "new" (the handshake is under way) to "opened" and "closed".
    """

    def __init__(self, lab: LabLinks, user: str, endpoint: str, client: Port, server: Port) -> None:
        number = next(lab.numbers)
        self.state = "new"
        self.subject = str(number)
        self.user = user  # the socket id of the connecting side
        self.endpoint = endpoint
        self.client = client
        self.server = server
        self._lab = lab
        self._forward = Lane(f"{number}>", client, server, self)
        self._back = Lane(f"{number}<", server, client, self)
        self._early: list[Raw] = []  # reports of messages that came before the link was opened
        self._reason = ""
        lab.members.add(self)
        self._settle()

    def report(self, events: list[Raw], size: int = 0) -> None:
        """Tell of messages, but never before the link was said to be open."""
        if self.state == "opened":
            self._lab.reporter.add(events, size)
        elif len(self._early) < EARLY:
            self._early += events

    def look(self) -> None:
        """Report the link as opened once both sides have ended their handshakes."""
        if self._forward.decoder.ready and self._back.decoder.ready:
            self.state = "opened"
            self._lab.refusals.pop((self.user, self.endpoint), None)
            self._report_link("opened")
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

    def release(self, reason: str) -> tuple[Port, Port]:
        """Report the link as closed, but leave its two ports open to whoever calls."""
        if self.state != "closed":
            self._report_end(self._reason or reason)
            self.state = "closed"
            self._lab.members.discard(self)
        return self.client, self.server

    def close(self, reason: str) -> None:
        for port in self.release(reason):
            port.close()

    def _on_client(self, mask: int) -> None:
        if mask & READ:
            self._forward.read()
        if mask & WRITE and self.state != "closed":
            self._back.write()
        self._settle()

    def _on_server(self, mask: int) -> None:
        if mask & READ:
            self._back.read()
        if mask & WRITE and self.state != "closed":
            self._forward.write()
        self._settle()

    def _settle(self) -> None:
        """Wait for what there is to wait for now."""
        if self.state == "closed":
            return
        forward, back = self._forward, self._back
        if forward.done and back.done:
            self.close("it ended")
            return
        self.client.wait(READ * forward.reads | WRITE * back.writes, self._on_client)
        self.server.wait(READ * back.reads | WRITE * forward.writes, self._on_server)

    def _source_of(self, lane: Lane) -> str:
        return CLIENT if lane is self._forward else SERVER

    def _opposite(self, lane: Lane) -> Lane:
        return self._back if lane is self._forward else self._forward

    def _because(self, reason: str) -> None:
        """The first reason is the one that counts."""
        self._reason = self._reason or reason

    def _report_end(self, reason: str) -> None:
        if self.state == "opened":
            self._report_link("closed", reason)
            return
        client, server = self._forward.decoder, self._back.decoder
        if client.mechanism and server.mechanism and client.mechanism != server.mechanism:
            reason = f"{CLIENT} wants {client.mechanism}, {SERVER} {server.mechanism}"
        elif server.refusal or client.refusal:
            reason = f"{SERVER if server.refusal else CLIENT} refused: {server.refusal or client.refusal}"
        else:
            reason += " before the ZMTP handshake was over"
        report_refusal(self._lab, self.user, self.endpoint, reason, self.subject)

    def _report_link(self, state: str, reason: str = "") -> None:
        client, server = self._forward.decoder, self._back.decoder
        name = server.properties.get(PROPERTY.decode().lower(), b"")
        data = (
            state,
            self.user,
            name.decode() if SOCKET_ID.fullmatch(name) else "",
            self.endpoint,
            client.properties.get("identity", b""),
            server.properties.get("identity", b""),
            reason,
            client.encrypted,
        )
        self._lab.reporter.add([(monotonic_ns(), "link", self.subject, data)])


def report_refusal(lab: LabLinks, user: str, endpoint: str, reason: str, subject: str = "") -> None:
    """Report that `user` got no connection; the same again (libzmq tries every 100 ms) is no news."""
    if lab.refusals.get((user, endpoint)) == reason:
        return
    lab.refusals[user, endpoint] = reason
    data = ("refused", user, "", endpoint, b"", b"", reason, False)
    lab.reporter.add([(monotonic_ns(), "link", subject or str(next(lab.numbers)), data)])
