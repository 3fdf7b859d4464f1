"""The client: requests from any thread, answers as futures."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from typing import Any

import zmq

from . import wire
from .errors import ERRORS, Closed, MajordomoError, Status, Timeout
from .security import Curve
from .sockets import Line
from .wakeup import Wakeup
from .wire import Header, Malformed

Reply = list[bytes]
TICK = 50  # ms between two looks at timeouts and retries

_THE_END = float("inf")


class Pending:
    """A request whose future has no result yet."""

    def __init__(self, id: bytes, service: bytes, body: list[bytes], until: float) -> None:
        self.id = id
        self.service = service
        self.body = body
        self.until = until
        self.ask_again = _THE_END  # not asked yet
        self.future: Future[Reply] = Future()


class Client:
    """Sends requests to a broker. Thread-safe; a thread of its own owns the socket.

    A request has `timeout` seconds. It is asked again, under the same id, every `retry_every` seconds: a broker that
    still has it does nothing, one that was restarted begins anew. So a request may be executed more than once, but its
    future gets one result. At most `max_in_flight` requests are under way; one more waits in `submit`.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout: float = 30.0,
        retry_every: float = 2.5,
        max_in_flight: int = 1000,
        curve: Curve | None = None,
        context: zmq.Context[Any] | None = None,
    ) -> None:
        self.timeout = timeout
        self.max_in_flight = max_in_flight
        self.retries = 0  # requests asked once more
        self.late = 0  # answers that nobody waited for: late, or second ones
        self._retry_every = retry_every
        self._slots = threading.BoundedSemaphore(max_in_flight)
        self._session = os.urandom(8)
        self._numbers = itertools.count(1)
        self._submitted: deque[Pending] = deque()
        self._pending: dict[bytes, Pending] = {}
        self._unsent: deque[Pending] = deque()
        self._wakeup = Wakeup()
        self._gate = threading.Lock()  # nothing is submitted after the last look at what was
        self._closed = False
        opened: Future[None] = Future()
        arguments = (context or zmq.Context.instance(), endpoint, curve, opened)
        self._thread = threading.Thread(target=self._run, args=arguments, name="majordomo-client", daemon=True)
        self._thread.start()
        opened.result()

    def submit(self, service: str | bytes, *body: bytes, timeout: float | None = None) -> Future[Reply]:
        """Ask `service`; the future has the frames of the reply, or a `MajordomoError`.

        Raises Timeout if `max_in_flight` requests stay under way for all of `timeout` seconds. Don't call it in a
        callback of a future: the thread that would make room is the one that calls you.
        """
        timeout = self.timeout if timeout is None else timeout
        until = time.monotonic() + timeout
        if not self._slots.acquire(timeout=max(0.0, timeout)):
            raise Timeout(f"{self.max_in_flight} requests are under way, and none ended within {timeout} s")
        id = self._session + next(self._numbers).to_bytes(8, "big")
        name = service.encode() if isinstance(service, str) else service
        pending = Pending(id, name, list(body) or [b""], until)
        pending.future.add_done_callback(self._release)
        with self._gate:
            if self._closed:
                pending.future.set_exception(Closed("the client is closed"))
                return pending.future
            self._submitted.append(pending)
        self._wakeup.set()
        return pending.future

    def call(self, service: str | bytes, *body: bytes, timeout: float | None = None) -> Reply:
        """Ask, wait, and return the frames of the reply. Raises MajordomoError."""
        return self.submit(service, *body, timeout=timeout).result()

    def map(
        self,
        service: str | bytes,
        bodies: Iterable[bytes | Sequence[bytes]],
        *,
        timeout: float | None = None,
        window: int = 64,
    ) -> Iterator[Reply]:
        """The reply to each of the bodies, in their order, with up to `window` of them under way."""
        waiting: deque[Future[Reply]] = deque()
        try:
            for body in bodies:
                frames = [body] if isinstance(body, bytes) else body
                waiting.append(self.submit(service, *frames, timeout=timeout))
                if len(waiting) >= window:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:  # nobody will look at them
                future.cancel()

    def close(self) -> None:
        """End it; what is under way gets `Closed`. Idempotent."""
        with self._gate:
            self._closed = True
        self._wakeup.set()
        self._thread.join()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _release(self, _: Future[Reply]) -> None:
        self._slots.release()

    # -- in the thread that owns the socket --------------------------------------------------------------------------

    def _run(self, context: zmq.Context[Any], endpoint: str, curve: Curve | None, opened: Future[None]) -> None:
        try:
            with context.socket(zmq.DEALER) as socket:
                self._connect(socket, endpoint, curve)
                opened.set_result(None)
                self._serve(socket)
        except zmq.ContextTerminated:
            pass  # somebody else ends us
        except BaseException as error:
            if opened.done():
                raise
            opened.set_exception(error)
        finally:
            self._finish()

    def _connect(self, socket: zmq.Socket[bytes], endpoint: str, curve: Curve | None) -> None:
        socket.linger = 0
        socket.immediate = True  # what a dead broker shall get waits here, where it can be taken back
        # MDP has no heartbeats for clients, ZMTP has: a dead connection is given up and made anew.
        socket.heartbeat_ivl = max(1, int(self._retry_every * 1000))
        socket.heartbeat_timeout = 3 * socket.heartbeat_ivl
        if curve:
            curve.call(socket)
        socket.connect(endpoint)

    def _serve(self, socket: zmq.Socket[bytes]) -> None:
        line = Line(socket)
        poller = zmq.Poller()
        poller.register(self._wakeup, zmq.POLLIN)
        next_look = 0.0
        while not self._closed:
            poller.register(socket, zmq.POLLIN | zmq.POLLOUT if self._unsent else zmq.POLLIN)
            poller.poll(TICK if self._pending else None)
            self._wakeup.clear()
            self._take()
            self._send(line)
            self._read(line)
            now = time.monotonic()
            if now >= next_look:
                self._look_at_the_clock(now)
                next_look = now + TICK / 1000

    def _finish(self) -> None:
        """Whatever ended us: nothing more can be submitted, and no future stays without a result."""
        with self._gate:
            self._closed = True
        self._wakeup.close()
        for pending in [*self._pending.values(), *self._submitted]:
            self._settle(pending, Closed("the client was closed"))

    def _take(self) -> None:
        """What other threads have submitted."""
        while self._submitted:
            pending = self._submitted.popleft()
            self._pending[pending.id] = pending
            self._unsent.append(pending)

    def _send(self, line: Line) -> None:
        """Ask, as far as the socket takes it."""
        while self._unsent:
            pending = self._unsent[0]
            now = time.monotonic()
            if not pending.future.done():
                left = min(int((pending.until - now) * 1000), wire.MAX_TIMEOUT)
                header = Header(pending.id, max(1, left))
                try:
                    line.send(wire.build_request(pending.service, header, pending.body))
                except zmq.Again:
                    return
            self._unsent.popleft()
            pending.ask_again = now + self._retry_every

    def _read(self, line: Line) -> None:
        while True:
            try:
                answer = wire.read_answer(line.receive())
            except zmq.Again:
                return
            except Malformed:
                self.late += 1
                continue
            header = answer.header
            pending = self._pending.pop(header.id, None) if header else None
            if pending is None or header is None:
                self.late += 1
            elif header.status is Status.OK:
                self._settle(pending, answer.body)
            else:
                text = answer.body[0].decode(errors="replace")
                self._settle(pending, ERRORS[header.status](f"{pending.service.decode(errors='replace')}: {text}"))

    def _look_at_the_clock(self, now: float) -> None:
        for pending in list(self._pending.values()):
            if pending.future.cancelled():
                del self._pending[pending.id]
            elif now >= pending.until:
                del self._pending[pending.id]
                self._settle(pending, Timeout(f"{pending.service.decode(errors='replace')}: no answer in time"))
            elif now >= pending.ask_again:
                pending.ask_again = _THE_END
                self.retries += 1
                self._unsent.append(pending)

    def _settle(self, pending: Pending, outcome: Reply | MajordomoError) -> None:
        with contextlib.suppress(InvalidStateError):  # it was cancelled
            if isinstance(outcome, MajordomoError):
                pending.future.set_exception(outcome)
            else:
                pending.future.set_result(outcome)
