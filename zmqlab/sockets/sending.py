"""Every form of send, recorded before libzmq gets the message."""

from __future__ import annotations

from threading import get_ident
from time import monotonic_ns
from typing import Any

import zmq
from zmq.backend import Socket as _Backend

from ..trace.events import CLIP
from ..trace.log import BLOCK
from .owned import OwnedSocket
from .reporter import BLOCKED, Intent, keep, why
from .router import ALONE, send_routing_id

_MORE = int(zmq.SNDMORE)

_send: Any = _Backend.send


class SendingSocket(OwnedSocket):
    """`send` and `send_multipart`, which pyzmq's other forms call.

    The first lines of both are for the common case, bytes; whatever else can be sent takes the general way. An
    `_intent` comes from the asyncio socket, which may have to try more than once.
    """

    def send(
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
        _intent: Intent | None = None,
    ) -> Any:
        reporter = self._reporter
        if get_ident() != reporter.owner:
            reporter.stop()
        if (
            type(data) is not bytes
            or flags
            or len(data) > CLIP
            or reporter.outgoing
            or reporter.router
            or routing_id is not None
            or group is not None
            or _intent is not None
        ):
            return self._send_part(_intent or Intent(), data, flags, copy, track, routing_id, group)
        number = reporter.sends
        reporter.sends = number + 1
        if not number % BLOCK:
            reporter.seal()
        started = monotonic_ns()
        reporter.append((started, "send", reporter.id, number, (data,), None))
        try:
            result = _send(self, data, 0, copy, track)
        except BaseException as error:
            reporter.unsent(number, why(error))
            raise
        reporter.returned = number
        if monotonic_ns() - started > BLOCKED:
            reporter.sent(number, started)
        return result

    def send_multipart(
        self,
        msg_parts: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        _intent: Intent | None = None,
        **kwargs: Any,
    ) -> Any:
        reporter = self._reporter
        if get_ident() != reporter.owner:
            reporter.stop()
        if flags:
            flags = int(flags)  # an enum's operators are slow
        if not copy or flags & _MORE or type(msg_parts) is not list or reporter.outgoing or _intent:
            return self._send_parts(_intent or Intent(), msg_parts, flags, copy, track)
        for part in msg_parts:
            if type(part) is not bytes or len(part) > CLIP:
                return self._send_parts(Intent(), msg_parts, flags, copy, track)
        router = reporter.router
        if len(msg_parts) <= router:
            return self._send_parts(Intent(), msg_parts, flags, copy, track)
        frames = tuple(msg_parts)
        number = reporter.sends
        reporter.sends = number + 1
        if not number % BLOCK:
            reporter.seal()
        started = monotonic_ns()
        reporter.append((started, "send", reporter.id, number, frames, None))
        try:
            if router and not reporter.mandatory:
                send_routing_id(self, reporter, frames[0], flags)
                for frame in frames[1:-1]:
                    _send(self, frame, flags | _MORE)
            else:
                for frame in frames[:-1]:
                    _send(self, frame, flags | _MORE)
            result = _send(self, frames[-1], flags)
        except BaseException as error:
            reporter.unsent(number, why(error))
            raise
        reporter.returned = number
        if reporter.reason or monotonic_ns() - started > BLOCKED:
            reporter.sent(number, started)
        return result

    def _send_parts(self, intent: Intent, msg_parts: Any, flags: int, copy: bool, track: bool) -> Any:
        """A whole message of anything that can be sent."""
        reporter = self._reporter
        try:
            parts = [keep(part) for part in msg_parts]
        except Exception:
            parts = []
        if not parts or flags & _MORE:
            # It raises, or it is a part of a longer message: pyzmq does it with our send.
            return zmq.Socket.send_multipart(self, msg_parts, flags, copy, track)
        first = not reporter.outgoing
        reporter.intend(intent, parts)
        try:
            for part in msg_parts[:-1]:
                self._pass(part, flags | _MORE, copy, track, first)
                first = False
            result = self._pass(msg_parts[-1], flags, copy, track, first)
        except BaseException as error:
            reporter.failed(intent, error, parts)
            raise
        reporter.outgoing.clear()
        reporter.sent(intent.number, intent.started)
        intent.over = True
        return result

    def _send_part(
        self, intent: Intent, data: Any, flags: int, copy: bool, track: bool, routing_id: Any, group: Any
    ) -> Any:
        """One frame of anything that can be sent; the last one completes the message."""
        reporter = self._reporter
        draft = routing_id is not None or group is not None
        try:
            part = keep(data)
        except Exception:
            return zmq.Socket.send(self, data, flags, copy, track, routing_id, group)  # which raises
        more = bool(flags & _MORE)
        first = not reporter.outgoing
        if not more:
            reporter.intend(intent, [part])
        try:
            if draft:
                result = zmq.Socket.send(self, data, flags, copy, track, routing_id, group)
            else:
                result = self._pass(data, flags, copy, track, first)
        except BaseException as error:
            if first or not more:
                reporter.failed(intent, error, [part])
            raise
        if more:
            reporter.outgoing.append(part)
            return result
        reporter.outgoing.clear()
        reporter.sent(intent.number, intent.started)
        intent.over = True
        return result

    def _pass(self, data: Any, flags: int, copy: bool, track: bool, first: bool) -> Any:
        """Hand a frame to libzmq; `first` says that a message begins with it."""
        reporter = self._reporter
        if first and reporter.router:
            if not flags & _MORE:
                reporter.reason = ALONE
            elif not reporter.mandatory:
                return send_routing_id(self, reporter, data, flags, copy, track)
        return _send(self, data, flags, copy, track)
