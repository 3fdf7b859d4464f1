"""`zmq.Socket` that reports what passes through it, and changes nothing else.

What a program can tell apart from the plain class: SOCKS_PROXY and its user and password are set on sockets that go
through the relay, the READY of every socket carries one metadata property more (``X-Zmqlab``), and monitors show
the relay's endpoint. `zmq.Poller` and `zmq.proxy` read the socket's handle in C: what the proxy carries, and a use
of these two from a wrong thread, is not seen here.
"""

from __future__ import annotations

import contextlib
from threading import get_ident
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

import zmq
from zmq.backend import Socket as _Backend

from ..trace import Log
from ..trace.events import CLIP, clip
from . import addresses
from .errors import address_in_use
from .reporter import BLOCKED, PEER, Intent, Reporter, keep, reporter_of, why
from .router import ALONE, send_routing_id
from .tap import Tap

if TYPE_CHECKING:
    from typing import Self

    from .links import Relay

_MORE = int(zmq.SNDMORE)
_MANDATORY = int(zmq.ROUTER_MANDATORY)
_RAW = int(zmq.ROUTER_RAW)
_PROXY = int(zmq.SOCKS_PROXY)
_RECORDED = {
    int(option): option.name
    for option in (
        zmq.ROUTING_ID,
        zmq.PROBE_ROUTER,
        zmq.ROUTER_HANDOVER,
        zmq.ROUTER_MANDATORY,
        zmq.REQ_CORRELATE,
        zmq.REQ_RELAXED,
        zmq.CONFLATE,
        zmq.IMMEDIATE,
    )
}
_UNWATCHED = Tap(Log(max_events=0), "", 0)  # for shadows of sockets that are not ours

_send = _Backend.send
_recv = _Backend.recv
_recv_into = _Backend.recv_into
_get = _Backend.get
_set = _Backend.set


class TracedSocket(zmq.Socket[Any]):
    """A `zmq.Socket` that reports to the tap of its context, and that only the thread which made it may use.

    Every method raises `WrongThread` elsewhere, before libzmq is touched.
    """

    _repr_cls = "zmq.Socket"
    _plain_class: type[zmq.Socket[Any]] = zmq.Socket
    _reporter: Reporter = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reporter = reporter_of(self.underlying) if self._shadow else None
        if reporter is None:
            reporter = Reporter(getattr(self.context, "tap", _UNWATCHED), self)
            if not self._shadow and reporter.type != "STREAM":
                self._tell_name(reporter)
        self._reporter = reporter

    def _tell_name(self, reporter: Reporter) -> None:
        with contextlib.suppress(zmq.ZMQError):  # a libzmq without it: receives then say less about their origin
            _set(self, zmq.METADATA, PEER + b":" + reporter.id.encode())

    def __del__(self) -> None:
        if not self._shadow and self._reporter is not None:
            self._reporter.moved_here()
        super().__del__()

    def _own(self) -> Reporter:
        """The reporter, for the thread that may use the socket."""
        reporter = self._reporter
        if get_ident() != reporter.owner:
            raise reporter.wrong_thread()
        return reporter

    def close(self, linger: int | None = None) -> None:
        reporter = self._reporter
        if get_ident() != reporter.owner and not reporter.closed:
            raise reporter.wrong_thread()
        handle = self.underlying
        super().close(linger)
        reporter.close(handle)

    # -- sending -----------------------------------------------------------------------------------------------

    def send(  # type: ignore[override]
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> Any:
        reporter = self._reporter
        if get_ident() != reporter.owner:
            raise reporter.wrong_thread()
        if (
            type(data) is not bytes
            or flags
            or len(data) > CLIP
            or reporter.outgoing
            or reporter.router
            or routing_id is not None
            or group is not None
        ):
            return self._send_part(Intent(), data, flags, copy, track, routing_id, group)
        number = reporter.sends
        reporter.sends = number + 1
        started = monotonic_ns()
        reporter.append((started, "send", reporter.id, (number, (data,), None)))
        try:
            result = _send(self, data, 0, copy, track)
        except BaseException as error:
            reporter.unsent(number, why(error))
            raise
        if monotonic_ns() - started > BLOCKED:
            reporter.sent(number, started)
        return result

    def send_multipart(  # type: ignore[override]
        self, msg_parts: Any, flags: int = 0, copy: bool = True, track: bool = False, **kwargs: Any
    ) -> Any:
        reporter = self._reporter
        if get_ident() != reporter.owner:
            raise reporter.wrong_thread()
        if flags:
            flags = int(flags)  # an enum's operators are slow
        if reporter.outgoing or flags & _MORE or not copy or type(msg_parts) is not list:
            return self._send_parts(Intent(), msg_parts, flags, copy, track)
        for part in msg_parts:
            if type(part) is not bytes or len(part) > CLIP:
                return self._send_parts(Intent(), msg_parts, flags, copy, track)
        router = reporter.router
        if len(msg_parts) <= router:
            return self._send_parts(Intent(), msg_parts, flags, copy, track)
        frames = tuple(msg_parts)
        number = reporter.sends
        reporter.sends = number + 1
        started = monotonic_ns()
        reporter.append((started, "send", reporter.id, (number, frames, None)))
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

    # -- receiving ---------------------------------------------------------------------------------------------

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> Any:  # type: ignore[override]
        return self._take(flags, copy, track, monotonic_ns())

    def recv_multipart(self, flags: int = 0, copy: bool = True, track: bool = False) -> Any:  # type: ignore[override]
        return self._take_all(flags, copy, track, monotonic_ns())

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> int:  # type: ignore[override]
        return self._take_into(buffer, nbytes, flags, monotonic_ns())

    def _take(self, flags: int, copy: bool, track: bool, called: int) -> Any:
        """One frame. It is always received as a `zmq.Frame`: that alone tells where it came from."""
        reporter = self._reporter
        if get_ident() != reporter.owner:
            raise reporter.wrong_thread()
        frame = _recv(self, flags, False, track and not copy)
        peer = _peer(frame) if reporter.named else ""
        if frame.more or reporter.incoming or len(frame) > CLIP:
            reporter.came(keep(frame), frame.more, peer, called)
            return frame.bytes if copy else frame
        data = frame.bytes
        received = reporter.received
        number = received.get(peer, 0)
        received[peer] = number + 1
        reporter.append((monotonic_ns(), "recv", reporter.id, (number, (data,), peer, called, None)))
        return data if copy else frame

    def _take_all(self, flags: int, copy: bool, track: bool, called: int) -> list[Any]:
        """A whole message, or what is left of one."""
        reporter = self._reporter
        if get_ident() != reporter.owner:
            raise reporter.wrong_thread()
        if not copy or reporter.incoming:
            parts = [self._take(flags, copy, track, called)]
            while reporter.incoming:
                parts.append(self._take(flags, copy, track, called))
            return parts
        frame = _recv(self, flags, False)
        peer = _peer(frame) if reporter.named else ""
        data = frame.bytes
        parts = [data]
        large = len(data) > CLIP
        while frame.more:
            frame = _recv(self, flags, False)
            data = frame.bytes
            parts.append(data)
            large = large or len(data) > CLIP
        received = reporter.received
        number = received.get(peer, 0)
        received[peer] = number + 1
        frames, sizes = clip(parts) if large else (tuple(parts), None)
        reporter.append((monotonic_ns(), "recv", reporter.id, (number, frames, peer, called, sizes)))
        return parts

    def _take_into(self, buffer: Any, nbytes: int, flags: int, called: int) -> int:
        reporter = self._reporter
        if get_ident() != reporter.owner:
            raise reporter.wrong_thread()
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
        frame = _recv(self, flags, False)
        size = len(frame)
        filled = min(size, nbytes or view.nbytes)
        if filled:
            view.cast("B")[:filled] = frame.buffer[:filled]
        reporter.came(keep(frame), frame.more, _peer(frame) if reporter.named else "", called)
        return size

    # -- endpoints and options ---------------------------------------------------------------------------------

    def bind(self, addr: str) -> Any:
        reporter = self._own()
        try:
            result = super().bind(addr)
        except zmq.ZMQError as error:
            if error.errno == zmq.EADDRINUSE:
                holder = addresses.who_holds(_text(addr), reporter.context, reporter.id)
                error.strerror = address_in_use(addr, holder)
            raise
        reporter.bind(_get(self, zmq.LAST_ENDPOINT).decode())
        return result

    def connect(self, addr: str) -> Any:
        reporter = self._own()
        if reporter.tap.relay is not None and reporter.type != "STREAM" and not reporter.has_proxy:
            self._go_through(reporter.tap.relay())
        result = super().connect(addr)
        reporter.endpoint("connect", _text(addr))
        return result

    def _go_through(self, relay: Relay) -> None:
        """Only TCP connections take notice of it."""
        _set(self, zmq.SOCKS_PROXY, relay.address.encode())
        _set(self, zmq.SOCKS_USERNAME, self._reporter.id.encode())
        _set(self, zmq.SOCKS_PASSWORD, relay.token.encode())

    def unbind(self, addr: str) -> None:
        reporter = self._own()
        super().unbind(addr)
        reporter.unbind(_text(addr))

    def disconnect(self, addr: str) -> None:
        reporter = self._own()
        super().disconnect(addr)
        reporter.endpoint("disconnect", _text(addr))

    def set(self, option: int, optval: Any) -> None:
        reporter = self._own()
        _set(self, option, optval)
        if option == _PROXY:
            reporter.has_proxy = True
        elif option == _RAW:
            reporter.router = not optval
        elif option in _RECORDED:
            if option == _MANDATORY:
                reporter.mandatory = bool(optval)
            reporter.record("option", (_RECORDED[option], optval))

    def get(self, option: int) -> Any:
        reporter = self._reporter
        if reporter is not None and get_ident() != reporter.owner:  # None: while it is being made
            raise reporter.wrong_thread()
        return _get(self, option)

    setsockopt = set
    getsockopt = get

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> int:
        self._own()
        return super().poll(timeout, flags)

    def monitor(self, addr: Any, events: int = zmq.EVENT_ALL) -> None:
        self._own()
        super().monitor(addr, events)

    def get_monitor_socket(self, events: int | None = None, addr: str | None = None) -> Any:
        """As pyzmq's, but the PAIR socket is a plain one: what it carries is no message of the program."""
        monitor = self._monitor_socket
        if monitor is not None and not monitor.closed:
            return monitor
        addr = addr or f"inproc://monitor.s-{self.FD}"
        self.monitor(addr, zmq.EVENT_ALL if events is None else events)
        self._monitor_socket = monitor = self.context.socket(zmq.PAIR, socket_class=self._plain_class)
        monitor.connect(addr)
        return monitor


def _peer(frame: zmq.Frame) -> str:
    """The lane that the message came by, or else the socket it came from; nothing for peers that are not traced."""
    try:
        return frame.get(PEER)
    except Exception:  # EINVAL, or another program's property of that name that is no text
        return ""


def _text(addr: str | bytes) -> str:
    return addr if isinstance(addr, str) else addr.decode()


class TracedContext(zmq.Context[Any]):
    """A `zmq.Context` whose sockets report to `tap`. Contexts may be used from any thread, their sockets may not."""

    _repr_cls = "zmq.Context"
    _socket_class = TracedSocket
    tap: Tap

    def __init__(self, tap: Tap, io_threads: int = 1, shadow: Any = 0) -> None:
        super().__init__(io_threads, shadow=shadow)  # type: ignore[call-overload]
        self.tap = tap

    def __del__(self) -> None:
        for socket in self.open_sockets():
            if isinstance(socket, TracedSocket):
                socket._reporter.moved_here()
        super().__del__()

    def __copy__(self, memo: Any = None) -> Self:
        return type(self)(self.tap, shadow=self.underlying)

    __deepcopy__ = __copy__

    @classmethod
    def shadow(cls, address: Any) -> Any:
        """Of a traced context a traced one; of any other, which nobody watches, a plain one."""
        if isinstance(address, TracedContext):
            return cls(address.tap, shadow=address)
        return zmq.Context.shadow(address)

    @classmethod
    def instance(cls, io_threads: int = 1) -> Any:
        """The plain context of the whole process, as everywhere."""
        return zmq.Context.instance(io_threads)

    def open_sockets(self) -> list[zmq.Socket[Any]]:
        """The sockets made here (monitor sockets too) that are not closed yet. From any thread."""
        while True:
            try:
                return list(self._sockets)
            except RuntimeError:
                continue  # another thread has just made or closed one
