"""`zmq.Socket` that reports what passes through it, and changes nothing else.

What a program can tell apart from the plain class: SOCKS_PROXY and its user and password are set on sockets that go
through the relay, the READY of every socket carries one metadata property more (``X-Zmqlab``), and monitors show
the relay's endpoint. While an endpoint is dead it is the relay that tries again (every 50 ms): RECONNECT_IVL and
RECONNECT_STOP_CONN_REFUSED have no effect then, and a monitor sees CONNECT_DELAYED alone. The relay's own TCP buffers
come on top of the system's. A connect that names a source address (``tcp://source;target``) goes past the relay,
which could not keep the source; it has to be the socket's first, because libzmq takes no proxy back.

`zmq.Poller` and `zmq.proxy` read the socket's handle in C: what the proxy carries, and a use of these two from a wrong
thread, is not seen here.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import zmq
from zmq.backend import Socket as _Backend

from ..trace import forks
from ..trace.events import CLIP, OptionData
from ..trace.log import Log
from . import addresses, names
from .errors import address_in_use
from .receiving import ReceivingSocket
from .reporter import Reporter, reporter_of
from .sending import SendingSocket
from .tap import Proxy, Tap

if TYPE_CHECKING:
    from typing import Self


_MANDATORY = int(zmq.ROUTER_MANDATORY)
_PROXY = int(zmq.SOCKS_PROXY)
_NEXT_PEER = int(zmq.CONNECT_ROUTING_ID)
_LIMIT = int(zmq.MAXMSGSIZE)
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
        zmq.INVERT_MATCHING,
        zmq.XPUB_MANUAL,
        zmq.XPUB_MANUAL_LAST_VALUE,
        zmq.CONNECT_ROUTING_ID,
        zmq.MAXMSGSIZE,
        zmq.SUBSCRIBE,
        zmq.UNSUBSCRIBE,
        zmq.IMMEDIATE,
    )
}
_UNWATCHED = Tap(Log(max_events=0), "", 0)  # for shadows of sockets that are not ours

_get = _Backend.get
_set = _Backend.set


class TracedSocket(SendingSocket, ReceivingSocket):
    """A `zmq.Socket` that reports to the tap of its context, and that only the thread which made it may use.

    Every method raises `WrongThread` elsewhere, before libzmq is touched.
    """

    _repr_cls = "zmq.Socket"
    _plain_class: type[zmq.Socket[Any]] = zmq.Socket

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begin()

    def _begin(self) -> None:
        """Report from now on."""
        reporter = reporter_of(self.underlying) if self._shadow else None
        if reporter is None:
            reporter = Reporter(self._find_tap(), self)
            reporter.told = self._shadow  # of a socket that is not ours
        self._reporter = reporter

    def _find_tap(self) -> Tap:
        owner = owner_of(self.context)
        if owner is not None and owner is not self.context:
            owner._add_socket(self)  # who ends that context closes what was made of its shadows, too
        return _UNWATCHED if owner is None else owner.tap

    def _tell_name(self, reporter: Reporter) -> None:
        """Before its first connection, and not when it is made: another socket may say first how little it takes."""
        if not (reporter.told or names.is_narrow(reporter.tap.lab)):
            reporter.told = True
            names.tell(self, reporter.id)

    def close(self, linger: int | None = None) -> None:
        super().close(linger)
        owner = owner_of(self.context)
        if owner is not None:  # of a shadow, too, which alone pyzmq tells
            owner._rm_socket(self)

    def bind(self, addr: str) -> Any:
        reporter = self._own()
        self._tell_name(reporter)
        try:
            result = super().bind(addr)
        except zmq.ZMQError as error:
            if error.errno == zmq.EADDRINUSE and reporter.tap.user is None:
                holder = addresses.who_holds(_text(addr), reporter.context, reporter.id)
                error.strerror = address_in_use(addr, holder)
            raise
        reporter.bind(_text(_get(self, zmq.LAST_ENDPOINT)))
        return result

    def connect(self, addr: str) -> Any:
        reporter = self._own()
        self._tell_name(reporter)
        proxy = None if names.is_narrow(reporter.tap.lab) else reporter.tap.proxy
        over_tcp = _text(addr).startswith("tcp:")
        direct = not proxy or ";" in _text(addr) or reporter.has_proxy or reporter.type == "STREAM"
        if proxy and over_tcp and not direct:
            # A closed socket, or one whose context has ended: connect itself says so.
            with contextlib.suppress(zmq.ContextTerminated):
                if not reporter.closed:
                    self._go_through(proxy())
        place, peer = _text(addr), reporter.next_peer
        if not place.startswith("inproc:"):
            result = super().connect(addr)
            reporter.endpoint("connect", place, peer, over_tcp and direct)
        else:  # told before: another thread may be sent a message by it, and tell of that
            reporter.endpoint("connect", place, peer)
            try:
                result = super().connect(addr)
            except BaseException:
                reporter.endpoint("disconnect", place)
                raise
        reporter.next_peer = b""
        return result

    def _go_through(self, proxy: Proxy | None) -> None:
        """At every connect, because a relay that ended has been replaced by one at another address."""
        if proxy is None:
            return
        _set(self, zmq.SOCKS_PROXY, proxy.address.encode())
        reporter = self._reporter
        _set(self, zmq.SOCKS_USERNAME, f"{reporter.id} {reporter.tap.actor}".encode())
        _set(self, zmq.SOCKS_PASSWORD, proxy.token.encode())

    def unbind(self, addr: str | bytes) -> None:
        reporter = self._own()
        super().unbind(addr)
        reporter.unbind(_text(addr))

    def disconnect(self, addr: str | bytes) -> None:
        reporter = self._own()
        super().disconnect(addr)
        reporter.endpoint("disconnect", _text(addr))

    def set(self, option: int, optval: Any) -> None:
        reporter = self._own()
        _set(self, option, optval)
        if option == _PROXY:
            reporter.has_proxy = True
        elif option in _RECORDED:
            if option == _MANDATORY:
                reporter.mandatory = bool(optval)
            elif option == _LIMIT:
                names.limit(reporter.tap.lab, int(optval))
            elif option == _NEXT_PEER:
                reporter.next_peer = _bytes(optval)
            value = optval[:CLIP] if isinstance(optval, bytes) else optval
            reporter.record("option", OptionData(_RECORDED[option], value))

    setsockopt = set

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


def owner_of(context: Any) -> TracedContext | None:
    """The traced context that this one is, or is a shadow of."""
    while context is not None and not isinstance(context, TracedContext):
        context = getattr(context, "_shadow_obj", None)
    return context


# pyzmq puts the name of the class into its errors.
TracedSocket.__name__ = zmq.Socket.__name__


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _text(addr: object) -> str:
    return addr.decode() if isinstance(addr, bytes) else str(addr)


class TracedContext(zmq.Context[Any]):
    """A `zmq.Context` whose sockets report to `tap`. Contexts may be used from any thread, their sockets may not."""

    _repr_cls = "zmq.Context"
    _socket_class = TracedSocket
    _term_lock: Any = threading.RLock()  # of all contexts that were interrupted before they had one of their own
    tap: Tap

    def __init__(self, tap: Tap, io_threads: int = 1, shadow: Any = 0) -> None:
        super().__init__(io_threads, shadow=shadow)  # type: ignore[call-overload]
        self.tap = tap
        self.in_child()
        forks.tell(self)

    def in_child(self) -> None:
        self._term_lock = threading.RLock()

    def term(self) -> None:
        """As pyzmq's. Called by two threads at the same time, which aborts the process in libzmq, the second waits."""
        with self._term_lock:
            super().term()

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
        """The sockets made here (monitor sockets too) or by a shadow that are not closed yet. From any thread."""
        while True:
            try:
                return list(self._sockets)
            except RuntimeError:
                continue  # another thread has just made or closed one

    def own_sockets(self) -> list[TracedSocket]:
        """The open sockets that the calling thread may close: its own, and those of threads that are gone."""
        living = {thread.ident for thread in threading.enumerate()}
        mine = []
        for socket in self.open_sockets():
            if not isinstance(socket, TracedSocket) or socket._reporter is None:
                continue  # the latter was interrupted while it was made
            reporter = socket._reporter
            if reporter.thread not in living:
                reporter.moved_here()
            if reporter.thread == threading.get_ident():
                mine.append(socket)
        return mine

    def foreign_sockets(self) -> list[zmq.Socket[Any]]:
        """The other open sockets: those of living threads, and plain ones (monitors), whose thread nobody knows."""
        mine = self.own_sockets()
        return [socket for socket in self.open_sockets() if socket not in mine]
