"""The frames of the Majordomo Protocol, apart from any socket: read and built, and refused where they are malformed.

MDP 0.1 is ZeroMQ RFC 7. `PROTOCOL.md` beside this file has every message with what we add to it.
A ROUTER puts the routing id of the sender in front of what it receives, and takes the receiver's from there.
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, overload

from .checks import LONGEST_TIME
from .errors import Status

if TYPE_CHECKING:
    import zmq

Part: TypeAlias = "bytes | zmq.Frame"
"""A frame at the broker: a large one, which it only passes on, is not copied into bytes."""
P = TypeVar("P", bound=Part)

WIRE_VERSION = 2  # of our extensions; PROTOCOL.md has the change log

EMPTY = b""
CLIENT = b"MDPC01"
WORKER = b"MDPW01"
LATER = "speaks MDP 0.2, and this broker 0.1"
_LATER = (b"MDPC02", b"MDPW02")

READY = b"\x01"
REQUEST = b"\x02"
REPLY = b"\x03"
HEARTBEAT = b"\x04"
DISCONNECT = b"\x05"

FOUND = b"200"  # a yes of RFC 8
MMI_LIMITS = b"mmi.limits"  # ours, beside RFC 8
MMI_REJOIN = b"mmi.rejoin"  # ours: the name of a service, under the id of a request
MMI_CANCEL = b"mmi.cancel"  # ours: the name of a service and an id, two frames

# The second body frame of an error, for programs: what a client can do about it.
DRAINING = b"draining"  # the broker shuts down: ask again, there may soon be another one
TOO_LARGE = b"too large"  # beyond the broker's limits: asking again does not help

_HEADER = struct.Struct(">4sBI16s")
_HEADER_MAGIC = b"MDX1"  # the header is as in the first wire version
_STATUSES = {int(status): status for status in Status}
MAX_TIMEOUT = 2**32 - 1  # ms


class Malformed(Exception):
    """A message that the protocol does not know; the text says why, in a few fixed words."""


def new_id() -> bytes:
    """16 random bytes for a request: who has seen one id cannot tell another, and ask for that answer."""
    return os.urandom(16)


def read_object(frame: Part) -> dict[str, Any] | None:
    """The JSON object in that frame; None where there is something else, like the ``501`` of a service that is none."""
    try:
        found = json.loads(frame if isinstance(frame, bytes) else frame.bytes)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class Header(NamedTuple):
    """Our extended header: one body frame between our client, our broker and our worker."""

    id: bytes  # 16 bytes that name the request, the same in every retry and in the reply
    timeout: int = 0  # ms that the client still waits; 0: it does not say
    status: Status = Status.OK

    def pack(self) -> bytes:
        return _HEADER.pack(_HEADER_MAGIC, self.status, self.timeout, self.id)

    @classmethod
    def unpack(cls, frame: Part) -> Header | None:
        """The header in that frame; None if it is an ordinary body frame."""
        if len(frame) != _HEADER.size or not isinstance(frame, bytes) or not frame.startswith(_HEADER_MAGIC):
            return None
        _, status, timeout, id = _HEADER.unpack(frame)
        return cls(id, timeout, _STATUSES[status]) if status in _STATUSES else None


@overload
def split_header(body: list[P]) -> tuple[Header | None, list[P]]: ...
@overload
def split_header(body: Sequence[P]) -> tuple[Header | None, Sequence[P]]: ...
def split_header(body: Sequence[P]) -> tuple[Header | None, Sequence[P]]:
    """A body without its header, and the header. A header alone is an ordinary body: no message has an empty one."""
    header = Header.unpack(body[0]) if len(body) > 1 else None
    return (header, body[1:]) if header else (None, body)


# -- at the broker -----------------------------------------------------------------------------------------------


class Request(NamedTuple):
    """What a client asks."""

    client: bytes  # routing id
    service: bytes
    header: Header | None  # of a client that speaks our extensions
    body: Sequence[Part]

    def envelope(self) -> int:
        """How many frames stood around the body when the ROUTER received it."""
        return 5 if self.header else 4


class Ready(NamedTuple):
    """A worker offers a service."""

    service: bytes
    capacity: int | None = None  # how many requests it takes at a time; None: a plain MDP worker, which takes one
    wishes: Wishes | None = None  # of a worker that knows wire version 2


class Wishes(NamedTuple):
    """What a worker may want of a broker of ours. That it says so tells that it reads limits and reasons."""

    busy_timeout: float | None = None  # seconds it may work on one request; `inf`: for ever; None: the broker's
    held: tuple[bytes, ...] = ()  # tokens of requests that came on an earlier connection, and that it works on still

    def pack(self) -> bytes:
        wishes: dict[str, Any] = {}
        if self.busy_timeout is not None:
            wishes["busy_timeout"] = None if math.isinf(self.busy_timeout) else self.busy_timeout
        if self.held:
            wishes["held"] = [token.hex() for token in self.held]
        return json.dumps(wishes).encode()

    @classmethod
    def unpack(cls, frame: Part) -> Wishes:
        """The wishes in that frame, which may have others that a later version knows."""
        wishes = read_object(frame)
        if wishes is None:
            raise Malformed("malformed wishes")
        busy_timeout = _busy_timeout(wishes["busy_timeout"]) if "busy_timeout" in wishes else None
        return cls(busy_timeout, _tokens(wishes.get("held", [])))


def _busy_timeout(value: Any) -> float:
    if value is None:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise Malformed("malformed wishes")
    return value if value <= LONGEST_TIME else math.inf


def _tokens(value: Any) -> tuple[bytes, ...]:
    try:
        return tuple(bytes.fromhex(token) for token in value)
    except (TypeError, ValueError):
        raise Malformed("malformed wishes") from None


class Reply(NamedTuple):
    """A worker's answer to the request with that token."""

    token: bytes
    body: Sequence[Part]


class Heartbeat(NamedTuple):
    """A sign of life. A worker adds its capacity when it changes (0: it wants no more), our broker confirms it."""

    capacity: int | None = None
    limits: bytes = b""  # the broker's, for a worker of wire version 2 that has said READY
    held: tuple[bytes, ...] = ()  # of the tokens that this worker has named, those under which it may still answer


class Disconnect(NamedTuple):
    """The other side ends the conversation."""

    reason: bytes = b""  # for a worker of wire version 2


Command = Ready | Reply | Heartbeat | Disconnect


def read_request(frames: Sequence[Part]) -> Request:
    """A message that a ROUTER received from a client."""
    if len(frames) < 5:
        raise Malformed(LATER if len(frames) > 2 and frames[2] in _LATER else "too few frames")
    client, empty, protocol, service, *body = frames
    if empty or protocol != CLIENT:
        raise Malformed(LATER if protocol in _LATER else "not MDP/Client")
    header, body = split_header(body)
    if header and header.status is not Status.OK:
        raise Malformed("malformed header")
    return Request(name_in(client), name_in(service), header, body)


def read_command(frames: Sequence[Part]) -> Command:
    """A message that a ROUTER received from a worker."""
    if len(frames) < 4:
        raise Malformed("too few frames")
    if frames[1] or frames[2] != WORKER:
        raise Malformed(LATER if frames[2] in _LATER else "not MDP/Worker")
    command, count = frames[3], len(frames)
    if command == REPLY:
        if count < 7 or frames[5]:
            raise Malformed("malformed REPLY")
        return Reply(name_in(frames[4]), frames[6:])
    if command == HEARTBEAT and count <= 5:
        return Heartbeat(_capacity(frames[4]) if count == 5 else None)
    if command == READY and 5 <= count <= 7:
        capacity = _capacity(frames[5]) if count > 5 else None
        return Ready(name_in(frames[4]), capacity, Wishes.unpack(frames[6]) if count == 7 else None)
    if command == DISCONNECT and count == 4:
        return Disconnect()
    raise Malformed("malformed command")


def name_in(frame: Part) -> bytes:
    """What that frame says, where it may be a name; a large frame says nothing that could be one."""
    return frame if isinstance(frame, bytes) else b""


def _capacity(frame: Part) -> int:
    if not isinstance(frame, bytes) or not frame.isdigit() or len(frame) > 6:
        raise Malformed("malformed capacity")
    return int(frame)


def build_answer(client: bytes, service: bytes, header: Header | None, body: Sequence[P]) -> list[bytes | P]:
    """A REPLY for a client."""
    if header is None:
        return [client, EMPTY, CLIENT, service, *body]
    return [client, EMPTY, CLIENT, service, header.pack(), *body]


def build_error(text: str, word: bytes = b"") -> list[bytes]:
    """The body of an error: a text for people and, where there is one, a word for programs."""
    return [text.encode(errors="replace"), word] if word else [text.encode(errors="replace")]


def build_work(worker: bytes, token: bytes, header: Header | None, body: Sequence[P]) -> list[bytes | P]:
    """A REQUEST for a worker. The client's address is a token of ours: it is opaque to the worker."""
    if header is None:
        return [worker, EMPTY, WORKER, REQUEST, token, EMPTY, *body]
    return [worker, EMPTY, WORKER, REQUEST, token, EMPTY, header.pack(), *body]


def build_heartbeat(
    worker: bytes, capacity: int | None = None, limits: bytes = b"", held: Sequence[bytes] = ()
) -> list[bytes]:
    """A HEARTBEAT for a worker; with a capacity it confirms the one that the worker has just announced."""
    frames = [worker, EMPTY, WORKER, HEARTBEAT]
    if capacity is not None:
        frames.append(b"%d" % capacity)
        if limits:
            frames += [limits, *held]
    return frames


def build_disconnect(worker: bytes, reason: bytes = b"") -> list[bytes]:
    """A DISCONNECT for a worker; the reason is only for one that has told us its wishes."""
    frames = [worker, EMPTY, WORKER, DISCONNECT]
    return [*frames, reason] if reason else frames


# -- at the worker: a DEALER, so there is no routing id in front --------------------------------------------------


class Work(NamedTuple):
    """A request for a worker, with the address that its reply must carry."""

    address: bytes
    header: Header | None
    body: list[bytes]


def build_ready(service: bytes, capacity: int, wishes: Wishes | None = None) -> list[bytes]:
    frames = [EMPTY, WORKER, READY, service, b"%d" % capacity]
    return frames if wishes is None else [*frames, wishes.pack()]


def build_result(work: Work, status: Status, body: list[bytes]) -> list[bytes]:
    """A worker's REPLY. The header goes back with the status; a failure is told to our broker in any case."""
    header = work.header
    if header is None and status is not Status.OK:
        header = Header(bytes(16))
    head = [EMPTY, WORKER, REPLY, work.address, EMPTY]
    return [*head, header._replace(status=status).pack(), *body] if header else [*head, *body]


def build_sign(command: bytes, capacity: int | None = None) -> list[bytes]:
    """A worker's HEARTBEAT or DISCONNECT."""
    frames = [EMPTY, WORKER, command]
    return frames if capacity is None else [*frames, b"%d" % capacity]


def read_work(frames: list[bytes]) -> Work | Heartbeat | Disconnect:
    """A message that a worker's DEALER received from the broker."""
    if len(frames) < 3 or frames[0] or frames[1] != WORKER:
        raise Malformed("not MDP/Worker")
    command, count = frames[2], len(frames)
    if command == REQUEST and count >= 6 and not frames[4]:
        header, body = split_header(frames[5:])
        return Work(frames[3], header, body)
    if command == HEARTBEAT:
        capacity = _capacity(frames[3]) if count > 3 else None
        return Heartbeat(capacity, frames[4] if count > 4 else b"", tuple(frames[5:]))
    if command == DISCONNECT and count <= 4:
        return Disconnect(frames[3] if count == 4 else b"")
    raise Malformed("malformed command")


# -- at the client: a DEALER too ------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What came back for a client."""

    service: bytes
    header: Header | None
    body: list[bytes]


def build_request(service: bytes, header: Header, body: list[bytes]) -> list[bytes]:
    return [EMPTY, CLIENT, service, header.pack(), *body]


def read_answer(frames: list[bytes]) -> Answer:
    """A message that a client's DEALER received from the broker."""
    if len(frames) < 4 or frames[0] or frames[1] != CLIENT:
        raise Malformed("not MDP/Client")
    header, body = split_header(frames[3:])
    return Answer(frames[2], header, body)
