"""What a trace tells, as the fold keeps it: actors, sockets, links, messages, remarks and work.

Every item carries `rev`, the revision of the fold that changed it last; a viewer asks for what is newer than
the revision it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .events import Frames, Sizes


@dataclass(slots=True)
class Actor:
    name: str
    kind: str  # "thread", "asyncio", "cell", "process"
    state: str  # "started", "ended", "failed", "stopped", "abandoned"
    started: int
    ended: int | None = None
    text: str = ""  # the error, where it failed
    rev: int = 0


@dataclass(slots=True)
class Socket:
    id: str
    actor: str
    type: str  # "DEALER"
    opened: int
    closed: int | None = None
    routing_id: bytes | None = None  # only where the program set one
    binds: list[str] = field(default_factory=list)
    connects: list[str] = field(default_factory=list)
    rev: int = 0


@dataclass(slots=True)
class Link:
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
    rev: int = 0


@dataclass(slots=True)
class Message:
    """A message's journey. Times are monotonic ns, None while (or where) unknown:

    sent      the application called send       left      the relay read it: it is on the wire
    arrived   it was handed to the peer's TCP    received  the application's recv returned
    """

    id: int
    sender: str = ""  # socket id, "" where unknown
    receiver: str = ""  # socket id, "" where unknown (yet)
    lane: str = ""  # "12>", or "" where no relay saw it
    number: int | None = None  # its place on the lane, from 0
    sent: int | None = None
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
    end: str = ""  # "" (open or received), "dropped", "lost", "unsent"
    reason: str = ""  # why it was dropped, lost or not sent
    ended: int | None = None  # when it was dropped, lost or not sent
    certain: bool = True  # False: which send this was is inferred, not seen
    rev: int = 0


@dataclass(slots=True)
class Mark:
    """A line that an actor printed ("print") or noted ("note"), or its error ("error")."""

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
class Changes:
    """What is newer than a revision, each list in order of creation."""

    since: int
    revision: int
    actors: list[Actor]
    sockets: list[Socket]
    links: list[Link]
    messages: list[Message]
    marks: list[Mark]
    work: list[Work]
    forgotten: int  # messages that the bounded trace no longer has
