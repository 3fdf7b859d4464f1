"""ZMTP 3.x as it passes by: bytes in, whole messages and the bytes to pass on out; no sockets here.

Sources: ZeroMQ RFC 23 (ZMTP 3.0), RFC 37 (ZMTP 3.1), RFC 26 (CurveZMQ). One `Decoder` reads one direction of a
connection. NULL and PLAIN show everything. Under CURVE the frames, and which of them belong together, stay unseen:
each encrypted MESSAGE counts as a message of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..trace.events import CLIP, MAX_FRAMES, Frames, Handshake, Sizes

MAX_FRAME = 1 << 40  # no frame is longer than a tebibyte: such a length is noise
MAX_COMMAND = 1 << 24  # bytes of a command between messages: a SUBSCRIBE may carry a long topic
MAX_HANDSHAKE = 1 << 16  # bytes of a handshake command: they are kept whole

PROPERTY = b"X-Zmqlab"
GREETING = 64  # bytes
MECHANISMS = ("NULL", "PLAIN", "CURVE")

MORE, LONG, COMMAND = 1, 2, 4
FLAGS = frozenset((0, MORE, LONG, LONG | MORE, COMMAND, COMMAND | LONG))
MOST = MAX_FRAMES + 256  # frames that a message has meanwhile
CURVE_MESSAGE = b"\x07MESSAGE"
SUBSCRIPTIONS = {b"\x09SUBSCRIBE": True, b"\x06CANCEL": False}
MISSPELT_ERROR = b"^RROR"  # what libzmq 4.3.5 sends under PLAIN, where "\x5ERROR" is read as "\x5E" and "RROR"
CURVE_OVERHEAD = len(CURVE_MESSAGE) + 8 + 16 + 1  # name, nonce, authentication code, inner flags

Message: TypeAlias = tuple[Frames, Sizes, int]
"""``(frames, sizes, end)``: frames clipped to `CLIP` bytes, their true sizes where one was clipped (else None), and
the offset, in the bytes passed on, just behind the message. An encrypted message is ``((), (size,), end)``."""

Properties: TypeAlias = list[tuple[bytes, bytes]]


class ZmtpError(ValueError):
    """These bytes are no ZMTP 3.x. `good` is what may still be passed on: all up to the last whole message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.good = b""


def encode_frame(body: bytes, flags: int = 0) -> bytes:
    """One frame; LONG is set where the body needs it."""
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | LONG,)) + len(body).to_bytes(8, "big") + body


def encode_greeting(mechanism: str = "NULL", as_server: bool = False) -> bytes:
    """The 64 bytes that open a ZMTP 3.1 connection."""
    signature = b"\xff" + bytes(7) + b"\x01\x7f"
    return signature + b"\x03\x01" + mechanism.encode().ljust(20, b"\0") + bytes((as_server,)) + bytes(31)


def encode_command(name: bytes, properties: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A command frame whose data are properties: READY, or INITIATE under PLAIN."""
    parts = [bytes((len(name),)), name]
    for key, value in properties:
        parts += (bytes((len(key),)), key, len(value).to_bytes(4, "big"), value)
    return encode_frame(b"".join(parts), COMMAND)


def parse_properties(data: bytes) -> Properties:
    """The properties of a READY (RFC 23: name length, name, 4-byte value length, value).

    Raises ZmtpError where they do not fill `data` exactly.
    """
    properties: Properties = []
    position, size = 0, len(data)
    while position < size:
        name_end = position + 1 + data[position]
        value_start = name_end + 4
        end = value_start + int.from_bytes(data[name_end:value_start], "big")
        if not data[position] or end > size:
            raise ZmtpError("the properties of its handshake are cut short")
        properties.append((data[position + 1 : name_end], data[value_start:end]))
        position = end
    return properties


class Decoder:
    """Reads one direction: `feed` it whatever arrives, in pieces of any size.

    `mark` becomes the property `X-Zmqlab` of the READY (PLAIN: of the client's INITIATE) that is passed on; CURVE
    keeps its properties to itself, and they go on as they are.
    """

    __slots__ = (
        "_command",
        "_flags",
        "_frames",
        "_gone",
        "_greeting",
        "_held",
        "_kept",
        "_left",
        "_long",
        "_mark",
        "_sent",
        "_size",
        "command_end",
        "encrypted",
        "mechanism",
        "offset",
        "properties",
        "ready",
        "refusal",
        "subscriptions",
    )

    def __init__(self, mark: bytes) -> None:
        self.mechanism = ""  # known once the greeting was read
        self.encrypted = False
        self.ready = False  # its handshake is over, messages follow
        self.properties: dict[str, bytes] = {}  # as READY gave them; names in lower case, for they ignore case
        self.refusal = ""  # what its ERROR command said
        self.subscriptions: list[tuple[bytes, bool]] = []  # topics asked for, or not any more; the reader empties it
        self.offset = 0  # bytes passed on so far
        self.command_end = 0  # the offset just behind the last command that has wholly arrived
        self._mark = mark
        self._greeting = b""
        self._command = ""  # the name of the command that ended its handshake
        self._sent: Properties = []  # its properties, as they were sent
        self._held = b""  # the handshake command, later the frame header, that has not wholly arrived
        self._frames: list[bytes] = []  # of the message being read
        self._gone = 0  # how many of them are not kept
        self._long: dict[int, int] = {}  # the true sizes of those that were clipped, by place
        self._flags = 0  # of the frame whose body is being read
        self._size = 0  # the length of that body
        self._kept = b""  # its first bytes
        self._left = 0  # bytes of its body that have not arrived

    def feed(self, data: bytes, messages: list[Message]) -> bytes:
        """Read on: append what is complete to `messages` and return the bytes to pass on.

        Past the handshake those are `data` itself. Raises ZmtpError, with the reason in words, at the first byte
        that cannot be; the decoder is of no more use then.
        """
        if self.ready:
            return self._read(data, messages)
        passed = bytearray()
        try:
            rest = self._read_greeting(data, passed)
            if len(self._greeting) == GREETING:
                rest = self._read_handshake(rest, passed)
            self.offset += len(passed)
            self.command_end = self.offset
            if self.ready and rest:
                passed += self._read(rest, messages)
        except ZmtpError as error:
            error.good = bytes(passed) + error.good
            raise
        return bytes(passed)

    @property
    def handshake(self) -> Handshake:
        """What this side said of itself: its greeting, and the properties of its READY."""
        greeting = self._greeting.ljust(GREETING, b"\0")
        version = f"{greeting[10]}.{greeting[11]}"
        sent = tuple((name.decode("latin-1"), value) for name, value in self._sent)
        return Handshake(version, self.mechanism, bool(greeting[32]), self._command, sent)

    # -- greeting and handshake -------------------------------------------------------------------------------

    def _read_greeting(self, data: bytes, passed: bytearray) -> bytes:
        """Take and check the greeting; it goes on byte by byte, since each peer waits for the other's."""
        missing = GREETING - len(self._greeting)
        if not missing or not data:
            return data
        greeting = self._greeting = self._greeting + data[:missing]
        if greeting[0] != 0xFF or (len(greeting) > 9 and not greeting[9] & 1):
            raise ZmtpError(f"it does not begin as ZMTP does, but with {greeting[:10]!r}")
        if len(greeting) > 10 and greeting[10] < 3:
            raise ZmtpError(f"it speaks ZMTP {greeting[10]}; the relay reads ZMTP 3")
        if len(greeting) == GREETING:
            name = greeting[12:32].rstrip(b"\0")
            self.mechanism = name.decode("ascii", "replace")
            if self.mechanism not in MECHANISMS:
                raise ZmtpError(f"unknown security mechanism {name!r}")
            self.encrypted = self.mechanism == "CURVE"
        passed += data[:missing]
        return data[missing:]

    def _read_handshake(self, data: bytes, passed: bytearray) -> bytes:
        """Take the whole commands up to the one that ends the handshake; return what follows it."""
        held = self._held + data
        position = 0
        while not self.ready and len(held) > position:
            flags = held[position]
            if flags not in (COMMAND, COMMAND | LONG):
                raise ZmtpError(f"a frame with flags {flags:#04x} where a handshake command is due")
            start = position + (9 if flags & LONG else 2)
            if len(held) < start:
                break
            end = start + int.from_bytes(held[position + 1 : start], "big")
            if end - start > MAX_HANDSHAKE:
                raise ZmtpError(f"a handshake command of {end - start} bytes")
            if len(held) < end:
                break
            passed += self._handshake_command(held[start:end]) or held[position:end]
            position = end
        self._held = b"" if self.ready else held[position:]
        return held[position:] if self.ready else b""

    def _handshake_command(self, body: bytes) -> bytes | None:
        """What to pass on in place of this command, or None for the command itself."""
        length = body[0] if body else 0
        name, data = body[1 : 1 + length], body[1 + length :]
        if body.startswith(MISSPELT_ERROR):
            name, data = b"ERROR", body[len(MISSPELT_ERROR) :]
        if name == b"ERROR":
            self.refusal = data[1:].decode("utf-8", "replace") or "no reason given"
            return None
        if self.mechanism != "NULL" and name in (b"HELLO", b"WELCOME"):
            return None
        if name != b"READY" and (name != b"INITIATE" or self.mechanism == "NULL"):
            raise ZmtpError(f"unknown handshake command {name[:20]!r}")
        self.ready = True
        self._command = name.decode()
        if self.encrypted:
            return None
        self._sent = parse_properties(data)
        self.properties = {key.decode("latin-1").lower(): value for key, value in self._sent}
        others = [(key, value) for key, value in self._sent if key.lower() != PROPERTY.lower()]
        return encode_command(name, [*others, (PROPERTY, self._mark)])

    # -- messages ---------------------------------------------------------------------------------------------

    def _read(self, data: bytes, messages: list[Message]) -> bytes:
        before = len(messages)
        held = len(self._held)
        origin = self.offset - held  # the offset of buffer[0]
        buffer = self._held + data if held else data
        try:
            self._read_frames(buffer, origin, messages)
        except ZmtpError as error:
            if len(messages) > before:
                error.good = buffer[held : messages[-1][2] - origin]
            raise
        self.offset += len(data)
        return data

    def _read_frames(self, buffer: bytes, origin: int, messages: list[Message]) -> None:
        size = len(buffer)
        position = 0
        if self._left:
            position = min(self._left, size)
            self._left -= position
            self._kept += buffer[: min(position, CLIP - len(self._kept))]
            if self._left:
                return
            self._end_frame(self._flags, self._kept, self._size, origin + position, messages)
        self._held = b""
        short = 0 if self.encrypted else LONG
        frames = self._frames
        while position < size:
            flags = buffer[position]
            start = position + (9 if flags & LONG else 2)
            if flags not in FLAGS:
                raise ZmtpError(f"a frame with the impossible flags {flags:#04x}")
            if start > size:
                self._held = buffer[position:]
                return
            if flags < short:  # nearly all frames are short: no call for them
                end = start + buffer[position + 1]
                if end <= size:
                    position = end
                    if not (flags or frames):
                        messages.append(((buffer[start:end],), None, origin + end))
                        continue
                    if len(frames) >= MOST:
                        self._let_go()
                    frames.append(buffer[start:end])
                    if not flags:
                        self._end_message(origin + end, messages)
                    continue
            length = int.from_bytes(buffer[position + 1 : start], "big")
            if length > (MAX_COMMAND if flags & COMMAND else MAX_FRAME):
                raise ZmtpError(f"a frame of {length} bytes")
            end = start + length
            kept = buffer[start : min(end, start + CLIP)]
            if end > size:
                self._flags, self._size, self._kept, self._left = flags, length, kept, end - size
                return
            self._end_frame(flags, kept, length, origin + end, messages)
            position = end

    def _end_frame(self, flags: int, kept: bytes, length: int, end: int, messages: list[Message]) -> None:
        if self.encrypted:  # libzmq sends MESSAGE without the COMMAND flag, RFC 26 has it
            if flags & MORE or length < CURVE_OVERHEAD or not kept.startswith(CURVE_MESSAGE):
                raise ZmtpError("a frame under CURVE that is no MESSAGE")
            messages.append(((), (length - CURVE_OVERHEAD,), end))
        elif flags & COMMAND:
            self.command_end = end
            for name, on in SUBSCRIPTIONS.items():
                if kept.startswith(name):
                    self.subscriptions.append((kept[len(name) :], on))
        else:
            if length > CLIP:
                self._long[self._gone + len(self._frames)] = length
            if len(self._frames) >= MOST:
                self._let_go()
            self._frames.append(kept)
            if not flags & MORE:
                self._end_message(end, messages)

    def _let_go(self) -> None:
        """Of a message of very many frames the last ones are kept: a receiver may not be shown the first ones."""
        self._gone += len(self._frames) - MAX_FRAMES
        del self._frames[:-MAX_FRAMES]
        self._long = {place: length for place, length in self._long.items() if place >= self._gone}

    def _end_message(self, end: int, messages: list[Message]) -> None:
        if len(self._frames) > MAX_FRAMES:
            self._let_go()
        frames = tuple(self._frames)
        long = self._long
        sizes = tuple(long.get(i, len(frame)) for i, frame in enumerate(frames, self._gone)) if long else None
        messages.append((frames, sizes, end))
        self._frames.clear()
        self._long.clear()
        self._gone = 0
