"""What happened, one `Event` at a time.

Times are monotonic nanoseconds (`time.monotonic_ns`), the same clock in every process of one machine.
A socket id is ``"<lab>.<number>"`` (``"3.17"``), a connection id a number (``"12"``), and a *lane* is one direction
of a connection: ``"12>"`` from the connecting side to the bound side, ``"12<"`` back. A lane is FIFO.

Writers append a `Raw`, one flat tuple: it stands in the way of the program's messages, and Python's collector of
garbage looks for long at tuples in tuples. Readers get `Event`s, whose ``data`` is the named tuple of that kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

CLIP = 1024
"""A recorded frame keeps at most this many bytes; ``sizes`` then tells the true lengths."""

MAX_FRAMES = 1024
"""Of a message on the wire the last so many frames are kept."""

Frames: TypeAlias = tuple[bytes, ...]
Sizes: TypeAlias = tuple[int, ...] | None


def clip(frames: Iterable[bytes]) -> tuple[Frames, Sizes]:
    """Cut every frame to `CLIP` bytes; the sizes are None when nothing was cut."""
    kept = tuple(frames)
    for frame in kept:
        if len(frame) > CLIP:
            return tuple(bytes(f[:CLIP]) for f in kept), tuple(len(f) for f in kept)
    return kept, None


class ActorData(NamedTuple):
    """Subject: the actor's name. States: started, ended, failed, stopped, crashed, abandoned; gone (all its sockets
    are, or its process is)."""

    state: str
    text: str = ""  # what it is ("thread", "asyncio", "cell", "process"), or the error


class Setting(NamedTuple):
    """How every TCP connection between two actors is steered, in both directions."""

    hold: bool = False  # messages wait until they are let go one by one, or all
    latency: float = 0.0  # seconds from a message's departure to its arrival
    cut: bool = False  # nothing is read from either side, and nothing is passed on


class ControlData(NamedTuple):
    """Somebody steered. Subject: an actor's name, or "" for the whole lab."""

    action: str  # a name in `zmqlab.trace.actions`
    value: float = 0.0  # seconds, of a latency
    peer: str = ""  # the other actor, where it is about their link


class TextData(NamedTuple):
    """Kinds "print" and "note"; subject: the actor's name."""

    text: str


class LogData(NamedTuple):
    """A record of `logging`. Subject: the actor's name."""

    level: int  # 20 is INFO, 30 WARNING, 40 ERROR
    logger: str  # its name, "root"
    text: str


class SocketData(NamedTuple):
    """Subject: the socket id. States: opened, closed."""

    state: str
    actor: str
    type: str  # "DEALER"; "" for one that stands for the sockets of a process, which nobody watches
    context: int = 0  # tells contexts apart: over inproc the sockets of one alone meet; 0 where nobody has said it
    linger: int | None = None  # of a closed one: for how many ms it still sends, -1: without an end; None: not known


class UseData(NamedTuple):
    """Subject: the socket id. Another thread or task than before uses it from now on. With `asked` (ns) it is about
    receives alone: what is asked for at that time or later is for that one."""

    actor: str
    asked: int = 0


class OptionData(NamedTuple):
    """A socket option that the picture needs (ROUTING_ID, PROBE_ROUTER, ROUTER_HANDOVER …)."""

    name: str
    value: bytes | int

    @property
    def bytes_value(self) -> bytes:
        return self.value if isinstance(self.value, bytes) else str(self.value).encode()


class EndpointData(NamedTuple):
    """Subject: the socket id. Actions: bind, unbind, connect, disconnect."""

    action: str
    endpoint: str
    routing_id: bytes = b""  # of a ROUTER that connects with CONNECT_ROUTING_ID: what it calls that peer
    direct: bool = False  # it connects past the relay, over TCP: nobody tells what goes there


class SendData(NamedTuple):
    """The application called send. Recorded before the call, so that no wire event can overtake it."""

    number: int  # counts the sends of this socket, from 0
    frames: Frames
    sizes: Sizes = None


class SentData(NamedTuple):
    """Kinds "blocked": send `number` has not returned yet, it waits; and "sent": it has returned, later than a
    millisecond after the call, so it had waited."""

    number: int


class UnsentData(NamedTuple):
    """Kinds "unsent" (the call raised) and "drop" (ROUTER dropped it in silence): send `number` went nowhere."""

    number: int
    reason: str


class WaitData(NamedTuple):
    """Subject: the socket id. Its thread was seen in a call that has not returned since; calls that do not last are
    not told."""

    call: str  # "recv", "poll"; "" when it waits no more
    since: int  # ns


class RecvData(NamedTuple):
    """The application's recv returned. `peer` names the lane ("12>"), the peer's socket ("3.17") or nothing."""

    number: int  # counts this socket's receives from this peer, from 0
    frames: Frames
    peer: str
    called: int  # when the call began, ns
    sizes: Sizes = None


class Handshake(NamedTuple):
    """What one side of a connection said of itself before its first message (RFC 37: greeting, READY)."""

    version: str  # of ZMTP, "3.1"
    mechanism: str  # "NULL", "PLAIN", "CURVE"
    as_server: bool
    command: str  # that carried the properties: "READY", or "INITIATE" of a client under PLAIN and CURVE
    properties: tuple[tuple[str, bytes], ...] = ()  # names and values as sent; CURVE hides them


class ConnectionData(NamedTuple):
    """Subject: the connection id. States: opened (both READYs were seen), closed, refused."""

    state: str
    client: str  # socket id of the connecting side, "" when it is not traced
    server: str  # socket id of the bound side, "" when it is not traced
    endpoint: str
    client_identity: bytes = b""
    server_identity: bytes = b""
    reason: str = ""
    encrypted: bool = False
    client_handshake: Handshake | tuple[()] = ()  # () where it was not seen
    server_handshake: Handshake | tuple[()] = ()


class WireData(NamedTuple):
    """Subject: the lane. The relay has read a whole message; `arrived` is None while it has not passed it on."""

    number: int  # counts the messages of this lane, from 0
    frames: Frames
    left: int  # ns
    arrived: int | None = None  # ns
    sizes: Sizes = None


class SubscriptionData(NamedTuple):
    """Subject: the lane. The relay has passed on that its source wants what begins with `topic`; or no longer."""

    topic: bytes
    on: bool

    @classmethod
    def of(cls, frame: bytes) -> SubscriptionData:
        """As XSUB sends it, and XPUB receives it."""
        return cls(frame[1:], frame[:1] == b"\1")


class ProxyData(NamedTuple):
    """Subject: the frontend's socket id. A proxy has taken the sockets over, and no program sees what it does."""

    backend: str  # socket id; "" where it is not watched
    capture: str = ""  # socket id of one that gets a copy of everything
    on: bool = True  # False: it has ended
    control: str = ""  # socket id of the one that it takes orders from


class ArrivedData(NamedTuple):
    """Subject: the lane. A message reported before without `arrived` was handed to the peer's connection."""

    number: int


DATA: dict[str, type[tuple[Any, ...]]] = {
    "actor": ActorData,
    "control": ControlData,
    "print": TextData,
    "note": TextData,
    "log": LogData,
    "socket": SocketData,
    "use": UseData,
    "option": OptionData,
    "endpoint": EndpointData,
    "send": SendData,
    "blocked": SentData,
    "sent": SentData,
    "unsent": UnsentData,
    "drop": UnsentData,
    "wait": WaitData,
    "recv": RecvData,
    "connection": ConnectionData,
    "wire": WireData,
    "arrived": ArrivedData,
    "subscription": SubscriptionData,
    "proxy": ProxyData,
}

Raw: TypeAlias = tuple[Any, ...]
"""``(time, kind, subject, *fields)``, with the fields of ``DATA[kind]`` in their order."""

FRAMED = frozenset(("send", "recv", "wire"))
"""The kinds that have frames, and bytes nowhere else. Most events are of these."""

FRAMES = 4
"""Where the frames stand in a raw of those kinds."""

PEER = 5
"""Where the peer stands in a raw "recv"."""


def plain(data: tuple[Any, ...]) -> tuple[Any, ...]:
    """A tuple of plain tuples, as `marshal` wants them."""
    return tuple([plain(value) if isinstance(value, tuple) else value for value in data])


class Event(NamedTuple):
    """One thing that happened. `index` grows by one from event to event; `time` may not be in order."""

    index: int  # type: ignore[assignment]  # a tuple has a method of that name; nobody misses it
    time: int
    kind: str
    subject: str
    data: tuple[Any, ...]

    @classmethod
    def of(cls, index: int, raw: Raw) -> Event:
        time, kind, subject, *fields = raw
        return cls(index, time, kind, subject, DATA[kind](*fields))
