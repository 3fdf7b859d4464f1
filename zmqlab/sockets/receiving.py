"""Every form of recv, recorded when it returns a whole message."""

from __future__ import annotations

from threading import get_ident
from time import monotonic_ns
from typing import Any

import zmq
from zmq.backend import Socket as _Backend

from ..trace.events import CLIP, clip
from ..trace.log import BLOCK
from .names import PEER
from .owned import OwnedSocket
from .reporter import keep

_recv: Any = _Backend.recv
_recv_into: Any = _Backend.recv_into
_get = _Backend.get


class ReceivingSocket(OwnedSocket):
    """`recv`, `recv_multipart` and `recv_into`, which pyzmq's other forms call.

    `_called` comes from the asyncio socket: the time when the program asked, in monotonic ns.
    """

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False, _called: int = 0) -> Any:
        """As pyzmq's; but every frame is received as a `zmq.Frame`, which alone tells where it came from."""
        called = _called or monotonic_ns()
        reporter = self._reporter
        if get_ident() != reporter.owner:
            reporter.stop()
        frame = _recv(self, flags, False, track)
        try:
            peer = frame.get(PEER) if reporter.named else ""
        except Exception:  # EINVAL: the peer is not traced; or it has a property of that name that is no text
            peer = ""
        if frame.more or reporter.incoming or len(frame) > CLIP:
            reporter.came(keep(frame), frame.more, peer, called)
            return frame.bytes if copy else frame
        data = frame.bytes
        received = reporter.received
        number = received.get(peer, 0)
        received[peer] = number + 1
        if not number % BLOCK:
            reporter.seal()
        reporter.append((monotonic_ns(), "recv", reporter.id, number, (data,), peer, called, None))
        return data if copy else frame

    def recv_multipart(self, flags: int = 0, copy: bool = True, track: bool = False, _called: int = 0) -> Any:
        called = _called or monotonic_ns()
        reporter = self._reporter
        if not copy or reporter.incoming:
            parts = [self.recv(flags, copy, track, called)]
            while reporter.incoming:
                parts.append(self.recv(flags, copy, track, called))
            return parts
        if get_ident() != reporter.owner:
            reporter.stop()
        frame = _recv(self, flags, False)
        try:
            peer = frame.get(PEER) if reporter.named else ""
        except Exception:  # as in recv
            peer = ""
        data = frame.bytes
        parts = [data]
        large = len(data) > CLIP
        while frame.more:
            frame = _recv(self, flags, False)
            data = frame.bytes
            parts.append(data)
            if len(data) > CLIP:
                large = True
        received = reporter.received
        number = received.get(peer, 0)
        received[peer] = number + 1
        if not number % BLOCK:
            reporter.seal()
        frames, sizes = clip(parts) if large else (tuple(parts), None)
        reporter.append((monotonic_ns(), "recv", reporter.id, number, frames, peer, called, sizes))
        return parts

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0, _called: int = 0) -> int:
        called = _called or monotonic_ns()
        reporter = self._reporter
        if get_ident() != reporter.owner:
            reporter.stop()
        try:
            view = memoryview(buffer)
            plain = view.c_contiguous and not view.readonly and 0 <= nbytes <= view.nbytes
        except TypeError:
            plain = False
        if not plain:  # libzmq raises, or fills a buffer that only C can fill
            size = _recv_into(self, buffer, nbytes=nbytes, flags=flags)
            kept = view.tobytes("A")[: min(size, nbytes or view.nbytes, CLIP)]
            reporter.came((kept, size), bool(_get(self, zmq.RCVMORE)), "", called)
            return int(size)
        frame = self.recv(flags, copy=False, _called=called)
        filled = min(len(frame), nbytes or view.nbytes)
        if filled:
            view.cast("B")[:filled] = frame.buffer[:filled]
        return len(frame)
