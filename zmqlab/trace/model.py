"""What a trace tells, as the fold keeps it: actors, sockets, connections, messages, remarks and work.

Every item carries `rev`, the revision of the fold that changed it last; a viewer asks for what is newer than
the revision it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .events import Frames, Handshake, Sizes

OUTSIDE = "outside"
"""The place of a message that went to a peer which is not watched, and the lane of all such peers."""

UNSEEN = "unseen"
AWAY = (OUTSIDE, UNSEEN)  # places of messages that nobody here follows any further


@dataclass(slots=True)
class Actor:
    name: str
    kind: str  # "thread", "asyncio", "cell", "process"
    state: str  # "started", "hung", "ended", "failed", "stopped", "crashed", "abandoned"
    started: int
    ended: int | None = None
    text: str = ""  # the error, where it failed
    first: int = 0  # when its first run began, of which `earlier` may tell no more
    earlier: list[tuple[int, int, str]] = field(default_factory=list)  # its last runs before: from, until, how it ended
    idle: bool = False  # it made sockets that others use, and has done nothing else
    rev: int = 0


@dataclass(slots=True)
class Socket:
    id: str
    actor: str  # who uses it, most of the time where several do
    type: str  # "DEALER"; "" while it is not known
    opened: int
    closed: int | None = None
    watched: bool = True  # False: it stands for the sockets of a process, of which only the connections are seen
    routing_id: bytes | None = None  # only where the program set one
    binds: list[str] = field(default_factory=list)
    connects: list[str] = field(default_factory=list)
    context: int = 0  # tells contexts apart; 0 where nobody has said it
    rev: int = 0


@dataclass(slots=True)
class Connection:
    """One TCP connection, seen by the relay. `client` is the connecting side. Ids are "" for an untraced side."""

    id: str
    client: str
    server: str
    endpoint: str
    opened: int
    closed: int | None = None
    reason: str = ""
    encrypted: bool = False
    client_identity: bytes = b""
    server_identity: bytes = b""
    client_handshake: Handshake | None = None  # None where it was not seen
    server_handshake: Handshake | None = None
    rev: int = 0


@dataclass(slots=True)
class Message:
    """A message's journey. Times are monotonic ns, None while (or where) unknown:

    sent      the application called send       left      the relay read it: it is on the wire
    arrived   it was handed to the peer's TCP    received  the application's recv returned, or a proxy passed it on
    """

    id: int
    sender: str = ""  # socket id, "" where unknown
    sent_by: str = ""  # the actor that called send, "" where nobody saw it
    receiver: str = ""  # socket id, "" where unknown (yet)
    received_by: str = ""  # the actor that called recv, "" where nobody saw it
    lane: str = ""  # "12>", or "" where no relay saw it
    number: int | None = None  # its place on the lane, from 0
    sent: int | None = None
    blocked: int | None = None  # when send was found to wait, where it did
    returned: int | None = None  # send returned; set only where it had been blocked
    left: int | None = None
    arrived: int | None = None
    received: int | None = None
    sent_frames: Frames | None = None  # as the sending program gave them
    wire_frames: Frames | None = None  # as the relay saw them
    received_frames: Frames | None = None  # as the receiving program got them
    sent_sizes: Sizes = None
    wire_sizes: Sizes = None
    received_sizes: Sizes = None
    end: str = ""  # "" (open or received), "dropped", "lost", "unsent", "passed"
    reason: str = ""  # why it was dropped, lost or not sent, or why it waits to be sent
    ended: int | None = None  # when it was dropped, lost or not sent
    watched: bool = True  # False: what becomes of it where it went (a process, a proxy, outside), nobody sees
    certain: bool = True  # False: which send this was is inferred, not seen
    rev: int = 0

    @property
    def frames(self) -> Frames | None:
        """As the sending program gave them, or else as they were first seen; None where nobody saw them."""
        return self.first_seen[0]

    @property
    def first_seen(self) -> tuple[Frames | None, Sizes]:
        """Those frames and their sizes."""
        if self.sent_frames is not None:
            return self.sent_frames, self.sent_sizes
        if self.wire_frames is not None:
            return self.wire_frames, self.wire_sizes
        return self.received_frames, self.received_sizes

    @property
    def start(self) -> int | None:
        """When it began, as far as anybody saw it."""
        if self.sent is not None:
            return self.sent
        return self.received if self.left is None else self.left

    @property
    def place(self) -> str:
        """Where it is, or how it ended: "received", "dropped", "lost", "unsent"; "passed": a proxy has received it, and
        sent a message of its own; "outside": it went to a peer that is not watched, and what became of it there
        nobody here can tell; "unseen": nor whether it has gone, for no relay sees that way; "in" and "out": it waits in
        the receiver's or the sender's queue; "wire": it is under way between them."""
        if self.received is not None:
            return self.end or "received"
        if self.end:
            return self.end
        if self.arrived is not None:
            return "in" if self.receiver and self.watched else OUTSIDE
        if self.left is not None:
            return "wire"
        return "out" if self.watched else UNSEEN


@dataclass(slots=True)
class Mark:
    """A line that an actor printed ("print"), noted ("note") or logged ("log", "warning", and "severe" from the level
    ERROR on), its error ("error"), or what was done to it ("fault")."""

    actor: str
    time: int
    kind: str
    text: str
    n: int = 0  # a running number
    rev: int = 0


@dataclass(slots=True)
class Work:
    """From a receive to the actor's next send or receive call: the application had the message in hand."""

    actor: str
    start: int
    message: int = 0  # Message.id of the message received; 0 while the relay's report is under way
    end: int | None = None
    n: int = 0  # a running number
    rev: int = 0


@dataclass(slots=True)
class Hang:
    """A time in which an actor hung."""

    actor: str
    start: int
    end: int | None = None
    n: int = 0  # a running number
    rev: int = 0


@dataclass(slots=True)
class Wait:
    """A time in which an actor waited in a call of a socket, as far as anybody looked: "recv", "poll" or "send"."""

    actor: str
    socket: str
    call: str
    start: int
    end: int | None = None
    n: int = 0  # a running number
    rev: int = 0


@dataclass(slots=True)
class Changes:
    """What is newer than a revision, each list in order of creation."""

    since: int
    revision: int
    actors: list[Actor]
    sockets: list[Socket]
    connections: list[Connection]
    messages: list[Message]
    marks: list[Mark]
    work: list[Work]
    hangs: list[Hang]
    waits: list[Wait]
    forgotten: int  # messages that the bounded trace no longer has
