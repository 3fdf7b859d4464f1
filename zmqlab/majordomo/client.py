"""The client: requests from any thread, answers as futures."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any

import zmq

from . import checks
from .courier import Courier, Pending, Reply
from .endpoints import Endpoints
from .errors import Timeout
from .security import Curve


class Client:
    """Sends requests to a broker. Thread-safe; a thread of its own owns the socket.

    With a list as `endpoint` it is at the first broker that accepts its connection, and asks all that has no answer yet
    at the next one when that connection breaks and cannot be made anew.

    A request has `timeout` seconds (`inf`: as long as it takes). It is asked again, under the same id, every
    `retry_every` seconds and when the connection was made anew (`inf`: never): a broker that still has it does nothing,
    one that was restarted begins anew, one that shuts down leaves it to the next. So a request may be executed more
    than once, but its future gets one result. At most `max_in_flight` requests are under way; one more waits in
    `submit`. A client is for the process that made it: in a fork, all but `close` raises RuntimeError.
    """

    def __init__(
        self,
        endpoint: Endpoints,
        *,
        timeout: float = 30.0,
        retry_every: float = 2.5,
        max_in_flight: int = 1000,
        curve: Curve | None = None,
        context: zmq.Context[Any] | None = None,
    ) -> None:
        self.max_in_flight = int(checks.count("max_in_flight", max_in_flight))
        self._slots = threading.BoundedSemaphore(self.max_in_flight)
        self.courier = Courier(endpoint, timeout=timeout, retry_every=retry_every, curve=curve, context=context)

    @property
    def retries(self) -> int:
        """How many requests were asked once more."""
        return self.courier.retries

    @property
    def late(self) -> int:
        """How many answers came that nobody waited for: late, or second ones."""
        return self.courier.late

    def submit(self, service: str | bytes, *body: checks.BytesLike, timeout: float | None = None) -> Future[Reply]:
        """Ask `service`; the future has the frames of the reply, or a `MajordomoError`.

        Raises TypeError or ValueError for what cannot be sent, `TooLarge` among them, and Timeout if `max_in_flight`
        requests stay under way for all of `timeout` seconds. The callbacks of a future run in the client's own thread:
        there, `submit` raises RuntimeError where it would have to wait, and so does what waits for an answer.
        """
        pending = self.courier.prepare(service, body, timeout)
        self._take_slot(pending)
        try:
            pending.future.add_done_callback(self._release)
            return self.courier.enter(pending)
        except BaseException:  # an interrupt
            pending.future.cancel()
            raise

    def call(self, service: str | bytes, *body: checks.BytesLike, timeout: float | None = None) -> Reply:
        """Ask, wait, and return the frames of the reply. Raises MajordomoError, and what `submit` raises."""
        self.courier.may_wait()
        future = self.submit(service, *body, timeout=timeout)
        try:
            return future.result()
        except BaseException:  # an interrupt: nobody waits any more
            future.cancel()
            raise

    def map(
        self,
        service: str | bytes,
        bodies: Iterable[checks.BytesLike | Iterable[checks.BytesLike]],
        *,
        timeout: float | None = None,
        window: int = 64,
    ) -> Iterator[Reply]:
        """The reply to each of the bodies, in their order, with up to `window` of them under way."""
        self.courier.prepare(service, (), timeout)  # what is wrong is told here and not at the first reply
        return self._map(service, checks.bodies(bodies), timeout, checks.count("window", window))

    def close(self) -> None:
        """End it; what is under way gets `Closed`. Idempotent. In a callback of a future it does not wait."""
        self.courier.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _map(
        self, service: str | bytes, bodies: Iterable[Any], timeout: float | None, window: float
    ) -> Iterator[Reply]:
        waiting: deque[Future[Reply]] = deque()
        try:
            for body in bodies:
                waiting.append(self.submit(service, *checks.body(body), timeout=timeout))
                if len(waiting) >= window:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:  # nobody will look at them
                future.cancel()

    def _take_slot(self, pending: Pending) -> None:
        if self._slots.acquire(blocking=False):
            return
        if self.courier.is_here():
            raise RuntimeError(
                f"{self.max_in_flight} requests are under way, and submit would wait for the end of one in the "
                "thread that ends them: submit from another thread, or make the client with more max_in_flight"
            )
        if not self._slots.acquire(timeout=min(pending.left(), threading.TIMEOUT_MAX)):
            raise Timeout(f"{self.max_in_flight} requests are under way, and none ended within {pending.seconds:g} s")

    def _release(self, _: Future[Reply]) -> None:
        self._slots.release()
