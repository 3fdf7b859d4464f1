"""The worker: it offers one service to a broker, and lets a handler do the work."""

from __future__ import annotations

import logging
import queue
import time
from typing import Any

import zmq

from . import wire
from .cache import ReplyCache
from .errors import Status
from .hands import Handler, Task, hands_for
from .security import Curve
from .sockets import Line
from .wakeup import Wakeup
from .wire import Disconnect, Malformed, Work

LONGEST_WAIT = 0.25  # seconds that the loop sleeps at most: how soon a hung handler or a dead broker is noticed

_log = logging.getLogger("zmqlab.majordomo.worker")


class Worker:
    """Offers `service`: ``handler(*frames)`` gets a request's frames and returns the reply's (see `Handler`).

    `capacity` requests run at the same time: a plain handler in as many threads, an async one in one event loop.
    `run` works in the calling thread until `stop`, which any thread and any signal handler may call, has finished what
    was begun. Heartbeats go on while a handler works; when one works for longer than `deadline` seconds it counts as
    hung, and they stop until it returns, so that the broker gives its request to somebody else. With a `cache`, a
    request that comes a second time is answered from there. `heartbeat` (seconds) and `liveness` must be like the
    broker's.
    """

    def __init__(
        self,
        endpoint: str,
        service: str | bytes,
        handler: Handler,
        *,
        capacity: int = 1,
        deadline: float | None = None,
        cache: ReplyCache | None = None,
        heartbeat: float = 2.5,
        liveness: int = 3,
        drain_timeout: float = 30.0,
        curve: Curve | None = None,
        context: zmq.Context[Any] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._service = service.encode() if isinstance(service, str) else service
        self._handler = handler
        self._capacity = capacity
        self._deadline = deadline
        self._cache = cache
        self._heartbeat = heartbeat
        self._expiry = heartbeat * liveness
        self._drain_timeout = drain_timeout
        self._curve = curve
        self._context = context or zmq.Context.instance()
        self._wakeup = Wakeup()
        self._finished: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._tasks: set[Task] = set()
        self._socket: zmq.Socket[bytes] | None = None
        self._poller = zmq.Poller()
        self._conversation = 0
        self._heard = self._sent = 0.0
        self._broker_is_ours = False  # it has confirmed our capacity, so it knows our extensions
        self._is_hung = False
        self._stopping = False
        self._leave_by: float | None = None  # when we stop to wait for the end of the drain
        self._dry = False  # nothing more will come

    def run(self) -> None:
        """Work until stopped."""
        hands = self._hands = hands_for(self._handler, self._capacity, self._on_done)
        self._poller.register(self._wakeup, zmq.POLLIN)
        try:
            self._connect()
            while not self._may_leave():
                self._wait()
                self._read()
                self._reply()
                self._keep_in_touch()
            self._send(wire.build_sign(wire.DISCONNECT))
        finally:
            hands.stop()
            self._disconnect(linger=1000)
            self._wakeup.close()

    def stop(self) -> None:
        """Take nothing more, finish what was begun, then end `run`."""
        self._stopping = True
        self._wakeup.set()

    # -- the steps of the loop ---------------------------------------------------------------------------------------

    def _wait(self) -> None:
        due = LONGEST_WAIT if self._is_hung else self._sent + self._heartbeat - time.monotonic()
        self._poller.poll(int(max(0.0, min(due, LONGEST_WAIT)) * 1000) + 1)
        self._wakeup.clear()

    def _read(self) -> None:
        """All that the broker has sent."""
        while True:
            try:
                message = wire.read_work(self._line.receive())
            except zmq.Again:
                return
            except Malformed as error:
                _log.warning("dropped a message of the broker: %s", error)
                continue
            self._heard = time.monotonic()
            if isinstance(message, Work):
                self._begin(message)
            elif isinstance(message, Disconnect):
                _log.info("the broker does not know us (any more): registering anew")
                self._begin_anew()
            elif message.capacity is not None:
                self._broker_is_ours = True
                self._dry = message.capacity == 0

    def _begin(self, work: Work) -> None:
        task = Task(self._conversation, work)
        known = self._cache.get(work.header.id) if self._cache is not None and work.header else None
        self._tasks.add(task)
        if known is not None:
            task.body = known
            self._on_done(task)
        else:
            self._hands.begin(task)

    def _on_done(self, task: Task) -> None:
        """In the thread of a hand."""
        self._finished.put(task)
        self._wakeup.set()

    def _reply(self) -> None:
        """Send what the hands have finished."""
        while not self._finished.empty():
            task = self._finished.get()
            self._tasks.discard(task)
            work = task.work
            if task.status is Status.OK and work.header and self._cache is not None:
                self._cache.put(work.header.id, task.body)
            if task.status is Status.FAILED:
                _log.warning("the handler of %r failed: %s", self._service, task.body[0].decode())
            if task.conversation != self._conversation:
                continue  # the broker that wants it is gone, or has given us up; it will send it again
            if task.status is Status.FAILED and not work.header and not self._broker_is_ours:
                # Plain MDP has no errors, and a reply only for a request that succeeded: so we begin anew.
                self._send(wire.build_sign(wire.DISCONNECT))
                self._begin_anew()
            else:
                self._send(wire.build_result(work, task.status, task.body))

    def _keep_in_touch(self) -> None:
        """Say that we live, and notice when the broker does not."""
        now = time.monotonic()
        self._look_for_hung(now)
        if self._stopping and self._leave_by is None:
            self._leave_by = now + self._drain_timeout
            self._say_that_we_leave()
        elif self._is_hung:
            return
        elif now - self._heard > self._expiry:
            _log.info("no sign of the broker for %.1f s: connecting anew", self._expiry)
            self._begin_anew()
        elif now - self._sent >= self._heartbeat:
            self._send(wire.build_sign(wire.HEARTBEAT))

    def _look_for_hung(self, now: float) -> None:
        """Whether a handler works for too long. Then the broker shall think that we are dead."""
        latest = now - self._deadline if self._deadline is not None else 0.0
        hung = any(task.began is not None and task.began < latest for task in self._tasks)
        if hung != self._is_hung:
            _log.warning("a handler of %r is hung" if hung else "the hung handler of %r has returned", self._service)
        self._is_hung = hung

    # -- the conversation --------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """A new socket and a new READY: what the broker sent on the old one is no concern of ours any more."""
        self._disconnect(linger=0)
        self._conversation += 1
        socket = self._socket = self._context.socket(zmq.DEALER)
        socket.linger = 0
        if self._curve:
            self._curve.call(socket)
        socket.connect(self._endpoint)
        self._poller.register(socket, zmq.POLLIN)
        self._line = Line(socket)
        self._heard = time.monotonic()
        self._broker_is_ours = False
        self._send(wire.build_ready(self._service, self._capacity))

    def _begin_anew(self) -> None:
        """What the broker wanted of us it wants no more. Who is leaving anyway leaves now."""
        if self._stopping:
            self._leave_by = 0.0
        else:
            self._connect()

    def _disconnect(self, linger: int) -> None:
        if self._socket is not None:
            self._poller.unregister(self._socket)
            self._socket.close(linger)
            self._socket = None

    def _send(self, frames: list[bytes]) -> None:
        self._sent = time.monotonic()
        try:
            self._line.send(frames)
        except zmq.Again:
            _log.info("the broker does not take our messages")

    # -- the end -----------------------------------------------------------------------------------------------------

    def _say_that_we_leave(self) -> None:
        """Our broker is told to send no more; its confirmation comes behind the last request. See PROTOCOL.md."""
        if self._broker_is_ours:
            self._send(wire.build_sign(wire.HEARTBEAT, capacity=0))
        else:
            self._dry = True  # a plain broker cannot be told

    def _may_leave(self) -> bool:
        if self._leave_by is None:
            return False
        return (self._dry and not self._tasks) or time.monotonic() > self._leave_by
