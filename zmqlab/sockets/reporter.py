"""What a traced socket keeps to tell its story: one `Reporter` for a libzmq socket and all its Python shadows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic_ns
from typing import Any
from weakref import WeakSet, WeakValueDictionary

import zmq

from ..trace import events
from ..trace.events import CLIP, Frames, Raw, Sizes
from . import addresses
from .errors import wrong_thread
from .tap import Tap

WAITS = 20_000_000  # ns; a send that has not returned for so long waits, and is no victim of the scheduler
BLOCKED = 1_000_000  # ns; a send that took longer had to wait, and "sent" says when it was over

Part = tuple[bytes, int]  # what is kept of a frame, and its true length

_by_handle: WeakValueDictionary[int, Reporter] = WeakValueDictionary()


class _Leaver:
    """Goes when its thread ends: the system may give its id to the next one, which does not use its sockets."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.reporters: WeakSet[Reporter] = WeakSet()

    def __del__(self) -> None:
        try:
            for reporter in list(self.reporters):
                reporter.leave(self.thread)
        except Exception:  # the interpreter ends, and half of its modules are gone
            pass


class _Here(threading.local):
    def __init__(self) -> None:
        self.leaver = _Leaver()


_here = _Here()


class Intent:
    """A send that has begun. It gets its number when its message is complete, and is over when send has ended."""

    __slots__ = ("number", "over", "started", "waits")

    def __init__(self, waits: bool = False) -> None:
        self.started = monotonic_ns()
        self.number = -1
        self.over = False
        self.waits = waits  # EAGAIN does not end it, it will be tried again (asyncio)


class Reporter:
    """Counts and remembers; the hot paths in `sending` and `receiving` use its fields directly."""

    __slots__ = (
        "__weakref__", "append", "asker", "blocked", "bound", "called", "closed", "context", "fate", "has_proxy", "id",
        "incoming", "mandatory", "named", "next_peer", "outgoing", "owner", "owner_name", "peer", "pending", "reason",
        "received", "returned", "router", "seal", "sends", "tap", "thread", "tidy", "told", "type", "user",
    )  # fmt: skip

    def __init__(self, tap: Tap, socket: zmq.Socket[Any]) -> None:
        self.tap = tap
        self.append = tap.append
        self.seal = tap.log.seal  # to be called every BLOCK messages
        self.tidy = tap.log.tidy
        self.id = tap.new_socket_id()
        self.type = socket._type_name
        self.context = socket.context.underlying if socket.context else 0
        self.thread = threading.get_ident()  # whose socket it is
        self.owner = self.thread  # who may go on with it: nobody while the actor hangs
        self.owner_name = threading.current_thread().name
        self.user = self.asker = tap.actor  # who uses it, and for whom its task's receives are
        if tap.user is not None:
            _here.leaver.reporters.add(self)
        self.closed = False
        self.fate = ""  # why the lab has closed it, in words
        self.named = False  # peers can have a name: there is an endpoint other than inproc
        self.told = False  # it has told its name to libzmq
        self.has_proxy = False  # the program has set SOCKS_PROXY itself
        self.mandatory = False  # the program has set ROUTER_MANDATORY itself
        self.router = self.type == "ROUTER"  # drops in silence
        self.next_peer = b""  # what it will call the peer that it connects to next: CONNECT_ROUTING_ID
        self.bound: list[str] = []
        self.sends = 0
        self.returned = -1  # the number of the send that has returned last
        self.blocked = (-1, 0)  # the send that was under way when it was looked at last, and when that was
        self.outgoing: list[Part] = []  # of a message sent part by part
        self.reason = ""  # why the ROUTER dropped the message that is being sent
        self.received: dict[str, int] = {}  # messages by peer
        self.incoming: list[Part] = []  # of a message received part by part
        self.called = 0  # when the program asked for the first of them
        self.peer = ""  # where they come from
        self.pending: tuple[str, int] | None = None  # what a task awaits here ("recv", "poll"), and since when in ns
        _by_handle[socket.underlying] = self
        self.record("socket", events.SocketData("opened", tap.actor, self.type, self.context))
        tap.join(self)

    def record(self, kind: str, data: tuple) -> None:  # type: ignore[type-arg]
        self.append((monotonic_ns(), kind, self.id, *data))
        self.tidy()

    def stop(self) -> None:
        """For a caller that is not `owner`: raise what tells why, or stand still while the actor hangs."""
        if self.fate:
            raise zmq.ZMQError(zmq.ENOTSOCK, f"this {self.type} socket is closed: {self.fate}")
        self.hand_on()
        if threading.get_ident() != self.thread:
            raise wrong_thread(f"{self.type} socket {self.id}", self.tap.actor, self.owner_name)
        self.tap.pause()

    def hang(self) -> None:
        """Stop the next call at its entry, and the one under way when it has something to report, which is its end."""
        self.owner = 0
        self.append = self._append_and_stop

    def resume(self) -> None:
        self.append = self.tap.append
        self.owner = self.thread

    def mute(self, on: bool) -> None:
        """What it does from now on is nobody's business; or, it is again."""
        self.append = _nothing if on else self.tap.log.append

    def _append_and_stop(self, raw: Raw) -> None:
        self.tap.append(raw)
        if threading.get_ident() == self.thread:
            self.tap.pause()

    def retire(self, fate: str) -> None:
        """The lab has closed the socket; who uses it from now on is told why."""
        self.fate = fate
        self.owner = 0

    def moved_here(self) -> None:
        """Nobody else uses the socket any more: the garbage collector has it, or it was handed to this thread."""
        self.owner = self.thread = threading.get_ident()

    def hand_on(self) -> None:
        """The calling thread uses the socket from now on, if it may."""
        if threading.get_ident() != self.thread and self.tap.user is not None:
            self.moved_here()
            _here.leaver.reporters.add(self)
            self.use()

    def leave(self, thread: int) -> None:
        """That thread has ended."""
        if self.thread == thread:
            self.owner = self.thread = 0

    def use(self, asked: int = 0) -> None:
        """The calling thread or task uses the socket, or has asked it for a message at a time in ns: tell it if it is
        another one than before."""
        who = self.tap.user() if self.tap.user is not None else ""
        if not who or who == (self.asker if asked else self.user):
            return
        if asked:
            self.asker = who
        else:
            self.user = who
        self.record("use", events.UseData(who, asked))

    def close(self, handle: int, linger: int | None = None) -> None:
        if not self.closed:
            self.closed = True
            if _by_handle.get(handle) is self:  # libzmq may have given a new socket this address by now
                del _by_handle[handle]
            while self.bound:
                addresses.release(self.bound.pop(), self.context, self.id)
            self.record("socket", events.SocketData("closed", self.tap.actor, self.type, self.context, linger))

    def bind(self, endpoint: str) -> None:
        self.bound.append(endpoint)
        holder = addresses.Holder(self.id, self.type, self.tap.actor, self.tap.lab_name)
        addresses.claim(endpoint, self.context, holder)
        if self.tap.bound is not None:
            self.tap.bound(endpoint)
        self.endpoint("bind", endpoint)

    def unbind(self, endpoint: str) -> None:
        addresses.release(endpoint, self.context, self.id)
        self.endpoint("unbind", endpoint)

    def endpoint(self, action: str, endpoint: str, routing_id: bytes = b"", direct: bool = False) -> None:
        if not endpoint.startswith("inproc:"):
            self.named = True
        self.record("endpoint", events.EndpointData(action, endpoint, routing_id, direct))

    def awaits(self, kind: str, called: int) -> Callable[[Any], None]:
        """A task waits here until what is returned is called."""
        pending = self.pending = kind, called

        def over(_: Any) -> None:
            if self.pending is pending:
                self.pending = None

        return over

    def intend(self, intent: Intent, parts: list[Part]) -> None:
        """Record the send that ends with `parts`, once."""
        if intent.number < 0:
            intent.number = self.sends
            self.sends += 1
            frames, sizes = _columns([*self.outgoing, *parts])
            self.append((intent.started, "send", self.id, *events.SendData(intent.number, frames, sizes)))
            self.tidy()

    def sent(self, number: int, started: int) -> None:
        """Send `number` has returned: tell if it had been blocked, or if a ROUTER dropped the message."""
        self.returned = number
        if monotonic_ns() - started > BLOCKED:
            self.record("sent", events.SentData(number))
        if self.reason:
            self.record("drop", events.UnsentData(number, self.reason))
            self.reason = ""

    def failed(self, intent: Intent, error: BaseException, parts: list[Part]) -> None:
        """The send raised: nothing of it went out."""
        if not (intent.waits and isinstance(error, zmq.Again)):
            self.intend(intent, parts)
            intent.over = True
            self.unsent(intent.number, why(error))

    def unsent(self, number: int, reason: str) -> None:
        self.returned = number
        self.reason = ""
        self.record("unsent", events.UnsentData(number, reason))

    def look(self, now: int) -> None:
        """From any thread: tell, once, of a send that is under way for so long that it must be waiting."""
        number = self.sends - 1
        if number == self.returned or self.tap.hung:
            return
        before, since = self.blocked
        if before != number:
            self.blocked = number, now
        elif since and now - since > WAITS:
            self.blocked = number, 0
            self.tap.append((now, "blocked", self.id, *events.SentData(number)))

    def came(self, part: Part, more: bool, peer: str, called: int) -> None:
        """A frame was received; the message is recorded with its last one."""
        incoming = self.incoming
        if not incoming:
            self.called, self.peer = called, peer
        incoming.append(part)
        if not more:
            number = self.received.get(self.peer, 0)
            self.received[self.peer] = number + 1
            frames, sizes = _columns(incoming)
            self.record("recv", events.RecvData(number, frames, self.peer, self.called, sizes))
            incoming.clear()


def _nothing(_: Raw) -> None:
    """In place of a log."""


def reporter_of(handle: int) -> Reporter | None:
    """The reporter of the libzmq socket at this address, if it is a traced one."""
    return _by_handle.get(handle)


def why(error: BaseException) -> str:
    """``"EAGAIN"`` and the like for a ZMQError, the class name for other exceptions."""
    if isinstance(error, zmq.ZMQError) and error.errno is not None:
        try:
            return zmq.Errno(error.errno).name
        except ValueError:
            pass
    return type(error).__name__


def keep(data: Any) -> Part:
    """What is kept of anything that can be sent. Raises TypeError or BufferError where it cannot be sent."""
    if type(data) is bytes:
        return (data, len(data)) if len(data) <= CLIP else (data[:CLIP], len(data))
    view = memoryview(data)
    size = view.nbytes
    if size > CLIP and view.c_contiguous:
        return bytes(view.cast("B")[:CLIP]), size
    return view.tobytes("A")[:CLIP], size


def _columns(parts: list[Part]) -> tuple[Frames, Sizes]:
    frames, sizes = zip(*parts, strict=True)
    return frames, (sizes if any(size > CLIP for size in sizes) else None)
