"""The worker: it offers one service to a broker, and lets a handler do the work."""

from __future__ import annotations

import logging
import os
import queue
import random
import time
from math import inf
from typing import Any

import zmq

from . import checks, wire
from .cache import ReplyCache
from .endpoints import Endpoints, Round, prepare
from .errors import Status
from .executors import Handler, Task, executor_for
from .limits import REPLY_ENVELOPE, Announced
from .presence import Presence
from .security import Curve
from .sockets import copying
from .wakeup import Wakeup
from .wire import Disconnect, Heartbeat, Malformed, Wishes, Work

LONGEST_WAIT = 0.25  # seconds that the loop sleeps at most: how soon a hung handler or a dead broker is noticed
MOST_CAPACITY = 999_999  # of six digits, see PROTOCOL.md
SOON = 1.0  # seconds after READY; who is sent away within them was refused, and waits before it comes again
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds; each pause is twice the one before

_log = logging.getLogger("zmqlab.majordomo.worker")


class Worker:
    """Offers `service`: ``handler(*frames)`` gets a request's frames and returns the reply's (see `Handler`).

    `capacity` requests run at the same time: a plain handler in as many threads, an async one in one event loop.
    `run` works in the calling thread until `stop`, which any thread and any signal handler may call, has finished what
    was begun. Heartbeats go on while a handler works; when one works for longer than `deadline` seconds it counts as
    hung, and they stop until it returns, so that the broker gives its request to somebody else. `busy_timeout` is how
    long the broker waits for an answer before it gives a request to another worker too, in place of its own. With a
    `cache`, a request that comes a second time is answered from there, or joins the work on the first one. `heartbeat`
    (seconds) and `liveness` are for a broker that does not announce its own, as ours does. With a list as `endpoint` it
    is at one broker at a time, and goes on to the next when it hears nothing for `heartbeat` times `liveness`.

    Raises TypeError or ValueError for an argument that cannot be right; `run` raises RuntimeError in a forked child.
    """

    def __init__(
        self,
        endpoint: Endpoints,
        service: str | bytes,
        handler: Handler,
        *,
        capacity: int = 1,
        deadline: float | None = None,
        busy_timeout: float | None = None,
        cache: ReplyCache | None = None,
        heartbeat: float = 2.5,
        liveness: int = 3,
        drain_timeout: float = 30.0,
        curve: Curve | None = None,
        context: zmq.Context[Any] | None = None,
    ) -> None:
        self._brokers = Round(endpoint)
        self._service = checks.service_name(service)
        if not callable(handler):
            raise TypeError(f"handler must be a function, not {type(handler).__name__}")
        self._handler = handler
        self._capacity = int(checks.count("capacity", capacity, most=MOST_CAPACITY))
        self._deadline = inf if deadline is None else checks.seconds("deadline", deadline)
        busy_timeout = None if busy_timeout is None else checks.seconds("busy_timeout", busy_timeout)
        self._wishes = Wishes(busy_timeout)
        self._cache = checks.instance("cache", cache, ReplyCache)
        self._own_heartbeat = checks.seconds("heartbeat", heartbeat)
        self._own_liveness = checks.count("liveness", liveness, infinite=True)
        self._drain_timeout = checks.seconds("drain_timeout", drain_timeout, above=False)
        self._curve = checks.instance("curve", curve, Curve)
        self._context = checks.context(context)
        self._made_in = os.getpid()
        self._wakeup = Wakeup()
        self._finished: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._tasks: set[Task] = set()
        self._working: dict[bytes, Task] = {}  # by request id, where there is a cache
        self._held: dict[bytes, Task] = {}  # by address: begun on an earlier connection, and told to the broker
        self._socket: zmq.Socket[bytes] | None = None  # None: we wait before we come again
        self._poller = zmq.Poller()
        self._conversation = 0
        self._connect_at = 0.0  # when the wait is over
        self._refusals = self._silences = 0  # in a row: who sent us away, and who has not said a word
        self._older_broker = False  # it did not take our wishes
        self._began = self._heard = self._sent = 0.0
        self._has_heard = False  # anything in this conversation
        self._broker_is_ours = False  # it has confirmed our capacity, so it knows our extensions
        self._listen_to(Announced(heartbeat=self._own_heartbeat, liveness=self._own_liveness))
        self._is_hung = self._stopping = False
        self._leave_by: float | None = None  # when we stop to wait for the end of the drain
        self._dry = False  # nothing more will come

    def run(self) -> None:
        """Work until stopped."""
        checks.same_process("Worker", self._made_in)
        if self._conversation:
            raise RuntimeError("this Worker has run already: make another one")
        executor = self._executor = executor_for(self._handler, self._capacity, self._on_done)
        self._poller.register(self._wakeup, zmq.POLLIN)
        try:
            self._connect()
            self._presence = Presence(time.monotonic(), usual=2 * LONGEST_WAIT)
            while not self._may_leave():
                self._wait()
                self._excuse_our_absence()
                self._read()
                self._reply()
                self._keep_in_touch()
            self._send(wire.build_sign(wire.DISCONNECT))
        finally:
            executor.stop()
            self._disconnect(linger=1000)
            self._wakeup.close()

    def stop(self) -> None:
        """Take nothing more, finish what was begun, then end `run`."""
        self._stopping = True
        self._wakeup.set()

    # -- the steps of the loop ---------------------------------------------------------------------------------------

    def _wait(self) -> None:
        due = LONGEST_WAIT
        if self._socket is None:
            due = self._connect_at - time.monotonic()
        elif not self._is_hung:
            due = self._sent + self._heartbeat - time.monotonic()
        self._poller.poll(int(max(0.0, min(due, LONGEST_WAIT)) * 1000) + 1)
        self._wakeup.clear()

    def _excuse_our_absence(self) -> None:
        """If this process was suspended or starved, the broker was not silent in that time, and no handler hung."""
        if missed := self._presence.missed(time.monotonic()):
            self._heard += missed
            for task in self._tasks:
                if task.began is not None:
                    task.began += missed

    def _read(self) -> None:
        """All that the broker has sent."""
        while self._socket is not None:
            try:
                message = wire.read_work(self._line.receive())
            except zmq.Again:
                return
            except Malformed as error:
                _log.warning("dropped a message of the broker: %s", error)
                continue
            is_first_word, self._has_heard = not self._has_heard, True
            self._silences = 0
            self._heard = time.monotonic()
            if isinstance(message, Work):
                self._begin(message)
            elif isinstance(message, Disconnect):
                self._on_disconnect(message.reason.decode(errors="replace"), is_first_word)
            elif message.capacity is not None:
                self._on_confirmation(message)

    def _on_confirmation(self, confirmed: Heartbeat) -> None:
        """The broker is ours. Take over its limits, and go on with the requests that it leaves with us."""
        self._broker_is_ours = True
        self._dry = confirmed.capacity == 0
        for task in [self._held.pop(token) for token in confirmed.held if token in self._held]:
            task.conversation = self._conversation
            if task not in self._tasks:  # it was finished meanwhile
                self._finished.put(task)
        if confirmed.limits and (told := Announced.read(confirmed.limits)):
            if (told.heartbeat, told.liveness) != (self._limits.heartbeat, self._limits.liveness):
                _log.info("the broker's heartbeat counts: every %g s, %g may be missing", told.heartbeat, told.liveness)
            self._listen_to(told)

    def _listen_to(self, limits: Announced) -> None:
        self._limits = limits
        self._heartbeat = limits.heartbeat
        self._expiry = limits.heartbeat * limits.liveness

    def _on_disconnect(self, reason: str, is_first_word: bool) -> None:
        """The broker does not know us any more, or refuses us."""
        if is_first_word and not reason and not self._older_broker:
            self._older_broker = True  # or it is not ours: our wishes may be too much for it
            self._begin_anew()
            return
        self._older_broker = False
        if time.monotonic() - self._began > SOON:
            self._refusals = 0
            told = f": {reason}" if reason else ""
            _log.info("the broker does not know us (any more)%s; registering anew", told)
            self._begin_anew()
            return
        pause = min(FIRST_PAUSE * 2**self._refusals, LONGEST_PAUSE)
        self._refusals = min(self._refusals + 1, 30)
        level = logging.WARNING if self._refusals == 1 else logging.INFO
        _log.log(level, "the broker refuses us as a worker of %r: %s", self._service, reason or "it does not say why")
        self._begin_anew(pause * random.uniform(0.5, 1.0))

    def _begin(self, work: Work) -> None:
        task = Task(self._conversation, work)
        self._tasks.add(task)
        _tell_step("a request has come", work)
        if self._cache is None or work.header is None:
            self._executor.begin(task)
            return
        id = work.header.id
        known = self._cache.get(id)
        if known is not None:
            task.body = known
            self._on_done(task)
        elif id in self._working:  # a broker that was killed and started again sends once more what we work on
            self._working[id].joined.append(task)
        else:
            self._working[id] = task
            self._executor.begin(task)

    def _on_done(self, task: Task) -> None:
        """In a thread of the executor."""
        self._finished.put(task)
        self._wakeup.set()

    def _reply(self) -> None:
        """Send what the executor has finished."""
        while not self._finished.empty():
            task = self._finished.get()
            self._tasks.discard(task)
            work = task.work
            if work.header and self._working.get(work.header.id) is task:
                del self._working[work.header.id]
            self._check_size(task)
            for other in task.joined:
                other.end_as(task)
                self._finished.put(other)
            if task.status is Status.OK and work.header and self._cache is not None:
                self._cache.put(work.header.id, task.body)
            if task.status is Status.FAILED:
                self._tell_of_failure(task)
            if task.conversation != self._conversation:
                continue  # the broker that wants it is gone, or has given us up; it will send it again
            if task.status is Status.FAILED and not work.header and not self._broker_is_ours:
                # Plain MDP has no errors, and a reply only for a request that succeeded: so we begin anew.
                self._send(wire.build_sign(wire.DISCONNECT))
                self._begin_anew()
            else:
                self._send(wire.build_result(work, task.status, task.body))
                _tell_step("a request is answered", work)

    def _tell_of_failure(self, task: Task) -> None:
        why = task.body[0].decode(errors="replace")
        _log.warning("the handler of %r failed: %s", self._service, why, extra={"facts": _about(task.work)})

    def _check_size(self, task: Task) -> None:
        """Replace a reply beyond the broker's limits by an error: to send it would cost us the connection."""
        if why := self._limits.why_too_large(task.body, REPLY_ENVELOPE):
            task.refuse(f"the reply is too large: {why}")
            task.body[0] = task.body[0][: int(min(self._limits.max_frame_bytes, len(task.body[0])))]

    def _keep_in_touch(self) -> None:
        """Send heartbeats, and notice a broker that sends none."""
        now = time.monotonic()
        self._look_for_hung(now)
        if self._stopping and self._leave_by is None:
            self._leave_by = now + self._drain_timeout
            self._say_that_we_leave()
        elif self._socket is None:
            if now >= self._connect_at:
                self._connect()
        elif self._is_hung:
            return
        elif now - self._heard > self._expiry:
            self._go_on()
        elif now - self._sent >= self._heartbeat:
            self._send(wire.build_sign(wire.HEARTBEAT))

    def _go_on(self) -> None:
        """Nothing was heard of the broker: on to the next one, or to the same anew. The first silence is a warning."""
        silent = self._brokers.present
        where = self._brokers.present if self._brokers.go_on() else "it anew"
        doubt = "" if self._has_heard else " (is that the endpoint for workers, and does the broker trust our key?)"
        level = logging.INFO if self._silences else logging.WARNING
        told = f"no sign of the broker at {silent} for {self._expiry:.1f} s{doubt}: connecting to {where}"
        _log.log(level, "%s", told)
        self._silences += 1
        self._begin_anew()

    def _look_for_hung(self, now: float) -> None:
        """Notice a handler that works for too long. Then heartbeats stop, so that the broker takes us for dead."""
        latest = now - self._deadline
        hung = any(task.began is not None and task.began < latest for task in self._tasks)
        if hung != self._is_hung:
            _log.warning("a handler of %r is hung" if hung else "the hung handler of %r has returned", self._service)
        self._is_hung = hung

    # -- the conversation --------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """A new socket and a new READY. The old socket, and what was not read from it, is gone."""
        self._hang_up()
        socket = self._socket = self._context.socket(zmq.DEALER)
        self._poller.register(socket, zmq.POLLIN)
        socket.linger = 0
        socket.sndhwm = 0  # no limit: what we send is bounded by our capacity, and a result that finds no room is lost
        if self._curve:
            self._curve.call(socket)
        prepare(socket, self._brokers.present, self._curve)
        socket.connect(self._brokers.present)
        self._line = copying(socket)
        self._heard = self._began = time.monotonic()
        self._has_heard = self._broker_is_ours = False
        self._listen_to(Announced(heartbeat=self._own_heartbeat, liveness=self._own_liveness))
        self._held = {} if self._is_hung else {task.work.address: task for task in self._tasks}
        wishes = None if self._older_broker else self._wishes._replace(held=tuple(self._held))
        self._send(wire.build_ready(self._service, self._capacity, wishes))
        if not self._older_broker:
            self._send(wire.build_sign(wire.HEARTBEAT))  # a broker of wire version 1 answers it: it has dropped READY

    def _hang_up(self) -> None:
        """Close the socket. What was begun goes on, and is not answered unless the broker leaves it with us."""
        self._conversation += 1
        self._disconnect(linger=0)

    def _begin_anew(self, pause: float = 0.0) -> None:
        """Connect now, or after a pause. A worker that is to stop does not connect any more."""
        if self._stopping:
            self._leave_by = 0.0
        elif pause:
            self._hang_up()
            self._connect_at = time.monotonic() + pause
        else:
            self._connect()

    def _disconnect(self, linger: int) -> None:
        if self._socket is not None:
            self._poller.unregister(self._socket)
            self._socket.close(linger)
            self._socket = None

    def _send(self, frames: list[bytes]) -> None:
        self._sent = time.monotonic()
        if self._socket is None:
            return
        try:
            self._line.send(frames)
        except zmq.Again:
            _log.info("the broker does not take our messages")

    # -- the end -----------------------------------------------------------------------------------------------------

    def _say_that_we_leave(self) -> None:
        """Our broker is told to send no more; its confirmation comes behind the last request. See PROTOCOL.md."""
        if self._broker_is_ours and self._socket is not None:
            self._send(wire.build_sign(wire.HEARTBEAT, capacity=0))
        else:
            self._dry = True  # a plain broker cannot be told

    def _may_leave(self) -> bool:
        if self._leave_by is None:
            return False
        return (self._dry and not self._tasks) or time.monotonic() > self._leave_by


def _about(work: Work) -> dict[str, str]:
    """The id that the logs of broker and client have, if the client has given it one."""
    return {"request": work.header.id.hex()} if work.header else {}


def _tell_step(text: str, work: Work) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug(text, extra={"facts": _about(work)})
