"""The thread of a client: it owns the connection, sends requests, repeats them, and completes their futures."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Any

import zmq

from . import checks, wire
from .connection import Connection, Stage, nobody_at
from .endpoints import Endpoints, Round
from .errors import ERRORS, Closed, MajordomoError, Status, Timeout, TooLarge
from .limits import REQUEST_ENVELOPE, Announced
from .security import Curve
from .wakeup import Wakeup
from .wire import Answer, Header, Malformed

Reply = list[bytes]
TICK = 0.05  # seconds between two looks at timeouts and retries
AGAIN = (0.02, 0.2)  # seconds between two connections: after one that carried something, and at most
PATIENCE = 1.0  # seconds that a new connection waits for the broker's limits before it is used without
LARGE = 4096  # bytes of a body; a retry of one first asks whether the broker still has the request
DRAINING = 0.25  # seconds before a broker that shuts down is asked again
HEARTBEATS = (0.1, 10.0)  # seconds, the shortest and the longest time between two heartbeats of ZMTP

_GONE = (zmq.ETERM, zmq.ENOTSOCK, zmq.ENOTSUP)  # the context, or our sockets in it

POLLIN, POLLIN_OR_OUT = int(zmq.POLLIN), int(zmq.POLLIN | zmq.POLLOUT)  # arithmetic with enumerations takes long

_log = logging.getLogger("zmqlab.majordomo.client")


class Promise(Future[Reply]):
    """A future that raises RuntimeError where it would wait for ever."""

    def __init__(self, may_wait: Callable[[], None]) -> None:
        super().__init__()
        self._may_wait = may_wait

    def result(self, timeout: float | None = None) -> Reply:
        if not self.done():
            self._may_wait()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if not self.done():
            self._may_wait()
        return super().exception(timeout)


class Pending:
    """A request whose future has no result yet."""

    def __init__(self, service: bytes, body: list[bytes], seconds: float, may_wait: Callable[[], None]) -> None:
        self.id = b""
        self.service = service
        self.body = body
        self.seconds = seconds
        self.until = time.monotonic() + seconds
        self.ask_again = math.inf  # not asked yet
        self.asked = False
        self.in_doubt = False  # the broker was asked whether it still has it, and has not said yes
        self.is_large = sum(map(len, body)) > LARGE
        self.judged: Announced | None = None  # the limits that it was compared with
        self.breaks = 0  # of the client's connections, before this request
        self.future = Promise(may_wait)

    def left(self) -> float:
        """Seconds that its client still waits."""
        return max(0.0, self.until - time.monotonic())


class Courier:
    """`prepare` and `enter` may be called in any thread; the rest is done in one of its own."""

    def __init__(
        self,
        endpoint: Endpoints,
        *,
        timeout: float,
        retry_every: float,
        curve: Curve | None,
        context: zmq.Context[Any] | None,
    ) -> None:
        self.retries = 0  # requests asked once more
        self.late = 0  # answers that nobody waited for: late, or second ones
        self._timeout = checks.seconds("timeout", timeout)
        self._retry_every = checks.seconds("retry_every", retry_every)
        self._brokers = Round(endpoint)
        self._curve = checks.instance("curve", curve, Curve)
        self._context = checks.context(context)
        self._made_in = os.getpid()
        self._submitted: deque[Pending] = deque()
        self._pending: dict[bytes, Pending] = {}
        self._unsent: deque[Pending] = deque()
        self._limits: Announced | None = None  # what the broker has told on this connection
        self._limits_by = 0.0  # when we wait for them no longer
        self._greeting = b""  # the id of our question for them
        self._resume = 0.0  # when a broker that shuts down is asked again
        self._reconnect = math.inf
        self._pause = AGAIN[0]
        self._breaks = 0
        self._trouble = nobody_at(self._brokers.present)  # why there is no connection
        self._wakeup = Wakeup()
        self._poller = zmq.Poller()
        self._closing = False
        self._end = ""  # why
        self._poller.register(self._wakeup, zmq.POLLIN)
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="majordomo-client", daemon=True)
        self._thread.start()
        try:
            opened.result()
        except BaseException:  # an interrupt, too
            self.close()
            raise

    # -- in any thread -----------------------------------------------------------------------------------------------

    def prepare(self, service: Any, body: tuple[Any, ...], timeout: float | None) -> Pending:
        """Check a request. All that can be wrong with it raises here, before it counts as one of those under way."""
        checks.same_process("client", self._made_in)
        name = checks.service_name(service, mmi=True)
        frames = checks.frames(body)
        seconds = self._timeout if timeout is None else checks.seconds("timeout", timeout)
        pending = Pending(name, frames, seconds, self.may_wait)
        if limits := self._limits:
            if why := limits.why_too_large(frames, REQUEST_ENVELOPE):
                raise TooLarge(f"{name.decode()}: the request was not sent: {why}")
            pending.judged = limits
        return pending

    def enter(self, pending: Pending) -> Promise:
        """Send the request, as soon as may be. The future gets the frames of the reply, or a MajordomoError."""
        pending.id = wire.new_id()
        self._submitted.append(pending)
        if self._end:
            self._refuse_submitted()  # the thread may have had its last look before
        else:
            self._wakeup.set()
        return pending.future

    def may_wait(self) -> None:
        """Raises RuntimeError where to wait for an answer would be to wait for ever."""
        checks.same_process("client", self._made_in)
        if self.is_here():
            raise RuntimeError(
                "a callback of a future runs in the client's own thread, the one that brings the answers: what waits "
                "for an answer there would wait for ever. Use submit and add_done_callback, or wait in another thread"
            )

    def is_here(self) -> bool:
        """Whether this is the client's own thread."""
        return threading.current_thread() is self._thread  # idents come again

    def is_ours(self) -> bool:
        """Whether this process has made it."""
        return os.getpid() == self._made_in

    def close(self) -> None:
        """End it; what is under way gets `Closed`. In a fork there is nothing to end."""
        if not self.is_ours():
            return
        self._closing = True
        self._wakeup.set()
        if not self.is_here():
            self._thread.join()

    # -- in the thread that owns the connection ----------------------------------------------------------------------

    def _run(self, opened: Future[None]) -> None:
        try:
            self._use(self._new_connection())
        except BaseException as error:
            self._finish(f"the client could not be made: {error!r}")
            opened.set_exception(error)
            return
        opened.set_result(None)
        why = "the client is closed"
        try:
            self._serve()
        except BaseException as error:
            if isinstance(error, zmq.ZMQError) and error.errno in _GONE:
                why = "the client's context was terminated, or its sockets were closed, by somebody else"
            else:
                why = f"the client has failed: {error!r}"
                raise
        finally:
            self._connection.close()
            self._finish(why)

    def _finish(self, why: str) -> None:
        """Complete all futures, whatever the reason is that the thread ends."""
        self._end = why
        self._wakeup.close()
        while self._pending:
            self._settle(self._pending.popitem()[1], Closed(why))
        self._refuse_submitted()

    def _refuse_submitted(self) -> None:
        with contextlib.suppress(IndexError):  # two threads may do this at a time
            while True:
                self._settle(self._submitted.popleft(), Closed(self._end))

    def _serve(self) -> None:
        next_look = 0.0
        while not self._closing:
            ready = self._wait()
            self._wakeup.clear()
            self._take()
            if self._connection.news in ready:
                self._listen()
            self._send()
            self._read()
            now = time.monotonic()
            if now >= next_look:
                self._look_at_the_clock(now)
                next_look = now + TICK
            if now >= self._reconnect:
                self._connect_anew()

    def _wait(self) -> dict[Any, int]:
        events = POLLIN_OR_OUT if self._unsent and self._may_send() else POLLIN
        self._poller.register(self._connection.socket, events)
        due = min(self._reconnect - time.monotonic(), TICK if self._pending else math.inf)
        return dict(self._poller.poll(None if due == math.inf else max(0, int(due * 1000) + 1)))

    # -- the connection ----------------------------------------------------------------------------------------------

    def _new_connection(self) -> Connection:
        shortest, longest = HEARTBEATS
        heartbeat = min(max(shortest, self._retry_every), longest)
        return Connection(self._context, self._brokers.present, self._curve, heartbeat=heartbeat)

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self._reconnect = math.inf
        self._poller.register(connection.news, zmq.POLLIN)
        if connection.stage is Stage.OPEN:
            self._greet()
        self._listen()  # its descriptor becomes readable again only after all was read

    def _connect_anew(self) -> None:
        """Replace a connection that is over. What had arrived on it was read before."""
        try:
            connection = self._new_connection()
        except zmq.ZMQError as error:
            if error.errno in _GONE:
                raise
            self._trouble = f"no connection can be made: {error}"  # too many open files
            self._connect_later()
            return
        self._poller.unregister(self._connection.socket)
        self._poller.unregister(self._connection.news)
        self._connection.close()
        self._use(connection)

    def _connect_later(self) -> None:
        """Wait a random time, so that not all clients of a broker come at once; longer each time while it is away."""
        shortest, longest = AGAIN
        self._pause = shortest if not self._connection.silent else min(2 * self._pause, longest)
        self._reconnect = time.monotonic() + self._pause * random.uniform(1.0, 1.5)

    def _listen(self) -> None:
        """Read what the monitor says, and act where the connection has opened, or is over."""
        connection = self._connection
        before = connection.stage
        connection.listen()
        if connection.stage is before:
            return
        if connection.stage is Stage.OPEN:
            self._greet()
        else:
            self._limits = None
            self._breaks += connection.was_open
            self._trouble = connection.trouble()
            self._choose()
            self._connect_later()

    def _choose(self) -> None:
        """A broker whose connection broke is called again; one that no connection could be made to is left."""
        if not self._connection.was_open and self._brokers.go_on():
            _log.info("on to the next broker, %s: %s", self._brokers.present, self._trouble)

    def _greet(self) -> None:
        """The connection is open: ask for the broker's limits, and put all requests without an answer in line again."""
        self._greeting = wire.new_id()
        with contextlib.suppress(zmq.Again):  # it is over already
            self._connection.line.send(wire.build_request(wire.MMI_LIMITS, Header(self._greeting), [b""]))
        self._limits_by = time.monotonic() + PATIENCE
        self._resume = 0.0
        self._trouble = ""
        self._unsent.clear()
        for pending in self._pending.values():
            if not pending.asked or self._retry_every < math.inf:
                pending.ask_again = math.inf
                pending.in_doubt = False
                self._unsent.append(pending)

    def _may_send(self) -> bool:
        """Whether a request can be sent: the connection is open, and the broker's limits are known, or do not come."""
        if self._connection.stage is not Stage.OPEN:
            return False
        now = time.monotonic()
        return now >= self._resume and (self._limits is not None or now >= self._limits_by)

    # -- the requests ------------------------------------------------------------------------------------------------

    def _take(self) -> None:
        """Take over what other threads have submitted."""
        while self._submitted:
            pending = self._submitted.popleft()
            pending.breaks = self._breaks
            self._pending[pending.id] = pending
            self._unsent.append(pending)

    def _send(self) -> None:
        """Send what is in line, until the connection takes no more."""
        if not self._unsent or not self._may_send():
            return
        now = time.monotonic()
        while self._unsent:
            pending = self._unsent[0]
            if not pending.future.done() and self._is_right(pending):
                left = min(max(1.0, (pending.until - now) * 1000), wire.MAX_TIMEOUT)
                asks = self._may_ask_first(pending)
                try:
                    self._connection.line.send(_request(pending, Header(pending.id, int(left)), asks))
                except zmq.Again:
                    return
                _tell_step("asked again" if pending.asked else "asked", pending)
                self.retries += pending.asked and not pending.in_doubt
                pending.asked, pending.in_doubt = True, asks
            self._unsent.popleft()
            pending.ask_again = now + self._retry_every

    def _may_ask_first(self, pending: Pending) -> bool:
        """Whether the question will do if the broker still has it: not where it said no, or nothing, the last time."""
        return pending.is_large and pending.asked and not pending.in_doubt and self._limits is not None

    def _is_right(self, pending: Pending) -> bool:
        """Whether it keeps to the broker's limits. If it does not, its future gets TooLarge."""
        limits = self._limits
        if limits is None or pending.judged is limits:
            return True
        pending.judged = limits
        why = limits.why_too_large(pending.body, REQUEST_ENVELOPE)
        if why:
            self._end_with(pending, TooLarge, f"the request was not sent: {why}")
        return not why

    def _read(self) -> None:
        for frames in self._connection.receive_all():
            try:
                answer = wire.read_answer(frames)
            except Malformed:
                self.late += 1
                continue
            if answer.service == wire.MMI_CANCEL:
                continue  # nobody waits for that
            if answer.header is None:
                self.late += 1
            elif answer.header.id == self._greeting:
                self._limits = Announced.read(answer.body[0]) or Announced()  # 501: it has none
            elif answer.service == wire.MMI_REJOIN:
                self._on_rejoin(answer)
            elif pending := self._pending.get(answer.header.id):
                self._on_answer(pending, answer, answer.header.status)
            else:
                self.late += 1

    def _on_rejoin(self, answer: Answer) -> None:
        """Whether the broker still has a request; one that has not, or does not know the question, gets it again."""
        assert answer.header
        pending = self._pending.get(answer.header.id)
        if pending is None:
            return
        if answer.body[0] == wire.FOUND:
            pending.in_doubt = False
        else:
            self._line_up(pending)

    def _line_up(self, pending: Pending) -> None:
        """It is to be sent once more, if it is not in line already."""
        if pending.ask_again < math.inf:
            pending.ask_again = math.inf
            self._unsent.append(pending)

    def _on_answer(self, pending: Pending, answer: Answer, status: Status) -> None:
        if status is Status.OK:
            _tell_step("answered", pending)
            del self._pending[pending.id]
            self._settle(pending, answer.body)
            return
        text, *words = answer.body
        if wire.DRAINING in words and self._retry_every < math.inf:
            self._resume = time.monotonic() + DRAINING
            self._line_up(pending)
        else:
            error = TooLarge if wire.TOO_LARGE in words else ERRORS[status]
            self._end_with(pending, error, text.decode(errors="replace"))

    def _look_at_the_clock(self, now: float) -> None:
        for pending in list(self._pending.values()):
            if pending.future.cancelled():
                self._take_back(pending)
            elif now >= pending.until:
                self._end_with(pending, Timeout, f"no answer in time{self._why_silent(pending)}")
            elif now >= pending.ask_again:
                self._line_up(pending)

    def _take_back(self, pending: Pending) -> None:
        """Nobody waits for it any more. The broker forgets it, if no worker has it yet and the broker is ours."""
        del self._pending[pending.id]
        self._settle(pending, [])
        if pending.asked and self._may_send():
            body = [pending.service, pending.id]
            with contextlib.suppress(zmq.Again):  # then it will be done in vain
                self._connection.line.send(wire.build_request(wire.MMI_CANCEL, Header(wire.new_id()), body))

    def _why_silent(self, pending: Pending) -> str:
        """What is known of the connection, as the end of an error's text."""
        known = []
        if breaks := self._breaks - pending.breaks:
            known.append(f"the connection broke {'once' if breaks == 1 else f'{breaks} times'} meanwhile")
        is_over = self._connection.stage is Stage.OVER
        if trouble := (self._trouble if is_over else self._connection.trouble() or self._trouble):
            known.append(trouble)
        elif self._resume:
            known.append("the broker is shutting down")
        return ": " + ", and since then ".join(known) + self._brokers.told() if known else ""

    # -- how a request ends ------------------------------------------------------------------------------------------

    def _end_with(self, pending: Pending, error: type[MajordomoError], text: str) -> None:
        del self._pending[pending.id]
        _log.info("a request ends as %s: %s", error.__name__, text, extra={"facts": {"request": pending.id.hex()}})
        self._settle(pending, error(f"{pending.service.decode(errors='replace')}: {text}"))

    def _settle(self, pending: Pending, outcome: Reply | MajordomoError) -> None:
        future = pending.future
        try:
            if isinstance(outcome, MajordomoError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        except InvalidStateError:  # it was cancelled: tell those who wait for it in concurrent.futures.wait
            future.set_running_or_notify_cancel()
        except BaseException:  # also SystemExit: it must not end everybody's requests
            _log.exception("a callback of the future of a request raised")


def _tell_step(text: str, pending: Pending) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug(text, extra={"facts": {"request": pending.id.hex(), "service": pending.service.decode()}})


def _request(pending: Pending, header: Header, asks: bool) -> list[bytes]:
    """The frames of a request, or of the question whether the broker still has it."""
    if asks:
        return wire.build_request(wire.MMI_REJOIN, header, [pending.service])
    return wire.build_request(pending.service, header, pending.body)
