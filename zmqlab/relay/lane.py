"""One direction of a connection: what its source sends is read as ZMTP, reported and passed on, first in, first out.

Messages are units: each waits, with the offset of its end, until its last byte was taken by the target. Back-pressure
passes through: when the target takes nothing more, or a gate holds the messages back, the source is read no further
than `PENDING` bytes.
"""

from __future__ import annotations

import socket
from collections import deque
from time import monotonic_ns
from typing import Protocol

from ..trace.events import Raw, Setting
from .transport import CHUNK, Transport
from .zmtp import Decoder, Message, ZmtpError

PENDING = 1 << 18  # bytes that wait before the source is read no further
EVERYTHING = 1 << 62  # an offset that no connection reaches


class Owner(Protocol):
    """What a lane tells its connection."""

    opened: bool

    def look(self) -> None:
        """The handshake went on."""

    def report(self, events: list[Raw], size: int = 0) -> None:
        """Messages passed."""

    def ended(self, lane: Lane) -> None:
        """The source has closed, or shut down its half."""

    def lost(self, lane: Lane, error: OSError) -> None:
        """The source is dead: nothing can be passed on to it either."""

    def unwritable(self, lane: Lane, error: OSError) -> None:
        """The target takes nothing any more; what it sent before it died may still be read."""

    def malformed(self, lane: Lane, error: ZmtpError) -> None:
        """The source sent what is no ZMTP."""


class Lane:
    """One direction of a connection: from `source` to `target`, first in, first out."""

    def __init__(self, name: str, source: Transport, target: Transport, owner: Owner) -> None:
        self.name = name  # "12>" or "12<"
        self.decoder = Decoder(name.encode())
        self.done = False  # nothing will pass any more
        self._source = source
        self._target = target
        self._owner = owner
        self._ended = False  # the source sends no more
        self._count = 0  # messages read
        self._end = 0  # the offset just behind the last message read
        self.passed = 0  # bytes passed on
        self._pending: deque[memoryview] = deque()  # bytes read and not passed on
        self._waiting = 0  # how many
        self._queue: deque[tuple[int, int, int]] = deque()  # (number, end, left) of the messages not wholly passed on
        self._hold = False
        self._latency = 0  # ns
        self._open = True  # messages pass at once
        self._free = 0  # messages with a smaller number pass through any gate

    @property
    def reads(self) -> bool:
        if self._ended or self.done:
            return False
        if self._waiting < PENDING:
            return True
        return not (self._open or self._queue)  # a message can be let go only when the whole of it is here

    @property
    def writes(self) -> bool:
        return self._waiting > 0 and (self._open or self._limit() > self.passed)

    @property
    def due(self) -> int:
        """When the next message has waited for its latency, in ns; 0 when none waits for that."""
        if self.held is None or self._hold:
            return 0
        return self._queue[0][2] + self._latency

    @property
    def held(self) -> tuple[int, int] | None:
        """``(left, number)`` of the first message that the gate keeps back: the only one that can be let go."""
        if self._open or self.done or not self._queue or self._queue[0][0] < self._free:
            return None
        number, _, left = self._queue[0]
        return left, number

    def steer(self, setting: Setting) -> None:
        """From now on treat messages so. One that is partly passed on already is passed on to its end."""
        opens = setting == Setting()
        if self._open and not opens:
            if self._queue:
                self._free = self._queue[0][0] + 1
            elif self.passed > max(self._end, self.decoder.command_end):
                self._free = self._count + 1
        self._hold, self._latency, self._open = setting.hold, round(setting.latency * 1e9), opens

    def step(self) -> None:
        """Let the first message that is held go on."""
        self._free = self._queue[0][0] + 1
        self.write()

    def read(self) -> None:
        """Take what the source has, and pass it on."""
        try:
            data = self._source.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self.end()
            self._owner.lost(self, error)
            return
        left = monotonic_ns()
        if not data:
            self.end()
            self._owner.ended(self)
            return
        messages: list[Message] = []
        try:
            data = self.decoder.feed(data, messages)
        except ZmtpError as error:
            self._pass_on(error.good, left, messages)
            self._owner.malformed(self, error)
            return
        self._pass_on(data, left, messages)

    def write(self) -> None:
        """Pass on what is pending, as far as the gate lets it and the target takes it."""
        events: list[Raw] = []
        limit = EVERYTHING if self._open else self._limit()
        while self._pending and self.passed < limit:
            now = monotonic_ns()
            sent = self._send(self._pending[0][: limit - self.passed])
            while self._queue and self._queue[0][1] <= self.passed:
                events.append((now, "arrived", self.name, self._queue.popleft()[0]))
            if not sent:
                break
            self._waiting -= sent
            if sent < len(self._pending[0]):
                self._pending[0] = self._pending[0][sent:]
            else:
                self._pending.popleft()
        if events:
            self._owner.report(events)
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

    def _limit(self) -> int:
        """The offset up to which the gate lets bytes pass now. Commands wait only behind messages."""
        now = monotonic_ns()
        limit = 0
        for number, end, left in self._queue:
            if number >= self._free and (self._hold or left + self._latency > now):
                return limit
            limit = end
        return EVERYTHING if self._count < self._free else max(limit, self.decoder.command_end)

    def _finish(self) -> None:
        if self._ended and not (self._pending or self.done):
            self.done = True
            try:
                self._target.sock.shutdown(socket.SHUT_WR)
            except OSError:  # it is gone already
                return

    def _pass_on(self, data: bytes, left: int, messages: list[Message]) -> None:
        if not self._owner.opened:
            self._owner.look()
        arrived = monotonic_ns()
        sent = self._send(data) if data and self._open and not self._pending else 0
        if sent < len(data) and not self.done:
            self._pending.append(memoryview(data)[sent:])
            self._waiting += len(data) - sent
        if self.decoder.subscriptions:
            self._owner.report([(left, "subscription", self.name, *each) for each in self.decoder.subscriptions])
            self.decoder.subscriptions.clear()
        if messages:
            self._owner.report(self._wire_events(messages, left, arrived), len(data))
        if not self._open:
            self.write()

    def _wire_events(self, messages: list[Message], left: int, arrived: int) -> list[Raw]:
        name, passed = self.name, self.passed
        number = self._count
        self._count += len(messages)
        self._end = messages[-1][2]
        if messages[-1][2] <= passed:
            return [
                (left, "wire", name, n, frames, left, arrived, sizes)
                for n, (frames, sizes, _) in enumerate(messages, number)
            ]
        events: list[Raw] = []
        for n, (frames, sizes, end) in enumerate(messages, number):
            if end > passed:
                self._queue.append((n, end, left))
            events.append((left, "wire", name, n, frames, left, arrived if end <= passed else None, sizes))
        return events

    def _send(self, data: bytes | memoryview) -> int:
        try:
            sent = self._target.sock.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self.abandon()
            self._owner.unwritable(self, error)
            return 0
        self.passed += sent
        return sent
