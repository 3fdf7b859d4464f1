"""What the relay tells the kernel: events in batches, over one ZeroMQ socket, in bounded memory.

A batch is one frame: ``marshal((lab, count, missed, connections, blob))``, where `blob` is a marshalled list of `count`
raw events, `connections` repeats those of that kind, and `missed` counts the events that were given up so far.
A reply to a command is two frames: the caller's id and the answer, in JSON.

Where the kernel has named a folder for a lab, what is reported of it is written there, in a spool of this process, and
the kernel is told of connections alone. So nothing of it is lost with the kernel, however that ends.

While the kernel does not read, the traffic goes on: batches queue up to a limit, beyond it only connection events are
kept, and the others are counted as missed. Messages are numbered on each lane before that, so the reader of a trace
sees which ones it does not have.
"""

from __future__ import annotations

import json
import marshal
from collections import deque
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

import zmq

from ..trace.events import Raw

PERIOD = 5_000_000  # ns that an event waits for company
BATCH_EVENTS = 512
BATCH_BYTES = 1 << 18  # traffic after which a batch goes even so
QUEUE_BYTES = 32 << 20  # of batches that wait here for the kernel
HIGH_WATER = 16  # batches, at each end of the ZeroMQ connection


class Outbox:
    """The relay's socket to the kernel. Nothing here blocks."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.due: int | None = None  # when `flush` is to be called, ns
        self.used = False  # the socket was used since this was last set to False
        self._socket = socket
        self._telling: list[LabReports] = []  # those that have something to say
        self._queue: deque[list[bytes]] = deque()
        self._queued = 0  # bytes

    def reply(self, caller: bytes, answer: dict[str, Any]) -> None:
        """Answer a command, behind all that was reported before."""
        self.flush()
        self._put(caller, json.dumps(answer).encode())
        self._send()

    def flush(self) -> None:
        """Send what there is."""
        telling, self._telling = self._telling, []
        for reports in telling:
            batch = reports.take(full=self._queued >= QUEUE_BYTES)
            if batch:
                self._put(batch)
        self._send()

    def add(self, reports: LabReports) -> None:
        self._telling.append(reports)
        if self.due is None:
            self.due = monotonic_ns() + PERIOD

    def _put(self, *frames: bytes) -> None:
        self._queue.append(list(frames))
        self._queued += len(frames[-1])

    def _send(self) -> None:
        self.used = True
        try:
            while self._queue:
                self._socket.send_multipart(self._queue[0], zmq.DONTWAIT)
                self._queued -= len(self._queue.popleft()[-1])
            self.due = None
        except zmq.Again:
            self.due = monotonic_ns() + PERIOD


class LabReports:
    """Gathers the events of one lab."""

    def __init__(self, outbox: Outbox, lab: int) -> None:
        self._outbox = outbox
        self._lab = lab
        self._events: list[Raw] = []
        self._bytes = 0
        self._missed = 0
        self._write: Callable[[list[Raw]], None] | None = None

    def keep(self, write: Callable[[list[Raw]], None]) -> None:
        """From now on have this write down what is reported; it may raise OSError."""
        self._write = write

    def add(self, events: list[Raw], size: int = 0) -> None:
        """Report `events`, which stand for `size` bytes of traffic."""
        if not self._events:
            self._outbox.add(self)
        self._events += events
        self._bytes += size
        if len(self._events) >= BATCH_EVENTS or self._bytes >= BATCH_BYTES:
            self._outbox.flush()

    def take(self, full: bool) -> bytes | None:
        """The batch to send, of connection events alone when the queue is `full`; None when there is nothing new."""
        events = self._events
        connections = [event for event in events if event[1] == "connection"]
        self._events, self._bytes = [], 0
        if self._write is not None and self._written(self._write, events):
            events = []
            if not connections:
                return None
        elif full:
            self._missed += len(events) - len(connections)
            events = connections
            if not connections:
                return None
        return marshal.dumps((self._lab, len(events), self._missed, connections, marshal.dumps(events)))

    def _written(self, write: Callable[[list[Raw]], None], events: list[Raw]) -> bool:
        """Where the disk is full, say, the kernel is told again."""
        try:
            if events:
                write(events)
        except OSError:
            self._write = None
        return self._write is not None
