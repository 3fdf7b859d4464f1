"""`zmq.asyncio` that reports what passes through it, and changes nothing else.

An asyncio socket does its work through a blocking shadow of itself. Here that shadow reports: only it knows when a
message really goes in or out. What the program called, and when, comes with the call.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from time import monotonic_ns
from typing import Any

import zmq
import zmq.asyncio

from .reporter import Intent, keep
from .traced import TracedContext, TracedSocket


class TracedAsyncSocket(zmq.asyncio.Socket, TracedSocket):  # type: ignore[misc]
    """A `zmq.asyncio.Socket` that reports to the tap of its context, for the thread that made it alone."""

    _repr_cls = "zmq.asyncio.Socket"
    _plain_class = zmq.asyncio.Socket

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shadow_sock = TracedSocket(shadow=self._shadow_sock)  # type: ignore[has-type]

    def _add_recv_event(self, kind: str, *, args: Any = None, kwargs: Any = None, future: Any = None) -> Any:
        reporter, called = self._own(), monotonic_ns()
        reporter.use(called)
        if kwargs is not None:
            kwargs["_called"] = called
        result: Any = super()._add_recv_event(kind, args=args, kwargs=kwargs, future=future)  # type: ignore[misc]
        if not result.done():
            result.add_done_callback(reporter.awaits("poll" if kind == "poll" else "recv", called))
        return result

    def _add_send_event(self, kind: str, msg: Any = None, kwargs: Any = None, future: Any = None) -> Any:
        self._own().use()
        if kwargs is None:  # poll
            return super()._add_send_event(kind, msg, kwargs, future)  # type: ignore[misc]
        intent = kwargs["_intent"] = Intent(waits=not kwargs["flags"] & zmq.DONTWAIT)
        result: Any = super()._add_send_event(kind, msg, kwargs, future)  # type: ignore[misc]
        if not result.done():
            self._queued(intent, kind, msg)
            result.add_done_callback(partial(self._given_up, intent))
        return result

    def _queued(self, intent: Intent, kind: str, msg: Any) -> None:
        """The send waits its turn: it may not have been tried yet. A message in parts is known only with its last."""
        waiting: Any = self._send_futures
        if intent.number < 0 and not any(_more(event.kwargs) for event in waiting):
            parts = msg if kind == "send_multipart" else [msg]
            with contextlib.suppress(Exception):  # what cannot be sent raises later
                self._reporter.intend(intent, [keep(part) for part in parts])

    def _given_up(self, intent: Intent, future: asyncio.Future[Any]) -> None:
        """The send was cancelled or has timed out before libzmq took the message."""
        if intent.number >= 0 and not intent.over:
            intent.over = True
            self._reporter.unsent(intent.number, "CancelledError" if future.cancelled() else "EAGAIN")


def _more(kwargs: dict[str, Any] | None) -> bool:
    return kwargs is not None and bool(kwargs["flags"] & zmq.SNDMORE)


class TracedAsyncContext(TracedContext, zmq.asyncio.Context):
    """A `zmq.asyncio.Context` whose sockets report to `tap`."""

    _repr_cls = "zmq.asyncio.Context"
    _socket_class = TracedAsyncSocket
