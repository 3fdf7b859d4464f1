"""What a process that is recorded writes while it runs.

A spool is made to cost the program little, and to be whole at any moment: it is a line of JSON that says who writes,
and then blocks of marshalled events, each with its length and its checksum. Whatever ends the process, all blocks but
the last can be read. The file is opened for each write and closed again: a program that closes all its files, or
counts them, does not meet ours.

A spool is for the machine on which it is written, as its blocks are Python's own format, which is not made for files
of strangers. `store` has the format to keep and to send.

With a bound there are segments beside the first file, and the oldest goes when there is more than was asked for. What
it told of actors, sockets and connections stays: the rest would make no sense without it.
"""

from __future__ import annotations

import json
import marshal
import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns
from typing import Any, NamedTuple

from .events import Raw
from .log import FORMAT as MARSHAL
from .log import Chunk, lasting
from .source import Source

SUFFIX = ".spool"
FORMAT = {"zmqlab": "spool", "version": 2}
PIECES = 8  # segments that a bound is divided into: so much less than allowed is kept at times
SMALLEST = 64 << 10  # bytes of a segment

_HEAD = struct.Struct(">III")  # bytes of the block, its checksum, its events; without events it is a note


class Bound(NamedTuple):
    """What is kept of a long run: the last seconds, the last bytes; None for all."""

    seconds: float | None = None
    size: int | None = None

    def __bool__(self) -> bool:
        return self.seconds is not None or self.size is not None


class Dropped(NamedTuple):
    """What a bound has let go."""

    events: int
    messages: int  # that were sent
    until: int  # the time of the last of them, ns


@dataclass(slots=True)
class _Segment:
    path: Path
    size: int = 0
    began: int = 0
    ended: int = 0


class Spool:
    """Writes `path`. Not thread-safe. Every method raises OSError where the system will not write.

    Neither file nor folder is made before there is something to write.
    """

    def __init__(self, path: Path, source: Source, bound: Bound | None = None) -> None:
        self.path = path
        self._source = source
        self._bound = bound or Bound()
        self._begun = False
        self._segments: deque[_Segment] = deque()
        self._count = 0

    def write(self, chunks: list[Chunk]) -> None:
        """Append the events of all chunks; when this returns, they outlive the process."""
        if not chunks:
            return
        data = b"".join([_block(count, blob) for count, blob in chunks])
        self.begin()
        if not self._bound:
            _append(self.path, data)
            return
        segment = self._segment()
        _append(segment.path, data)
        segment.size += len(data)
        segment.ended = monotonic_ns()
        self._trim()

    def note(self, key: str, value: Any) -> None:
        """Leave a remark for who reads: a `key`, and anything that marshal can hold."""
        self.begin()
        _append(self.path, _block(0, marshal.dumps((key, value), MARSHAL)))

    def begin(self) -> None:
        """Say who writes, once."""
        if not self._begun:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            header = {**FORMAT, "source": self._source.stored()}
            _append(self.path, json.dumps(header).encode() + b"\n")
            self._begun = True

    def _segment(self) -> _Segment:
        """Where to write now."""
        now = monotonic_ns()
        newest = self._segments[-1] if self._segments else None
        seconds, size = self._bound
        full = newest is not None and (
            (size is not None and newest.size >= max(SMALLEST, size // PIECES))
            or (seconds is not None and now - newest.began >= seconds * 1e9 / PIECES)
        )
        if newest is None or full:
            self._count += 1
            newest = _Segment(self.path.with_name(f"{self.path.name}.{self._count}"), began=now)
            self._segments.append(newest)
        return newest

    def _trim(self) -> None:
        seconds, size = self._bound
        while len(self._segments) > 1:
            oldest = self._segments[0]
            late = seconds is not None and monotonic_ns() - oldest.ended > seconds * 1e9
            large = size is not None and sum(segment.size for segment in self._segments) > size
            if not (late or large):
                return
            self._drop(self._segments.popleft())

    def _drop(self, segment: _Segment) -> None:
        stays: list[Raw] = []
        events = messages = until = 0
        for count, blob in _blocks(segment.path.read_bytes()):
            raws: list[Raw] = marshal.loads(blob)
            stays += [raw for _, raw in lasting(raws)]
            events += count
            messages += sum(raw[1] == "send" for raw in raws)
            until = max(until, max(raw[0] for raw in raws))
        if stays:
            _append(self.path, _block(*Chunk.of(stays)))
        self.note("dropped", tuple(Dropped(events - len(stays), messages, until)))
        segment.path.unlink()


@dataclass(slots=True)
class Spooled:
    """What is read of a spool."""

    source: Source
    chunks: list[Chunk] = field(default_factory=list)
    notes: dict[str, list[Any]] = field(default_factory=dict)
    torn: int = 0  # bytes at its end that are no whole block

    @property
    def dropped(self) -> Dropped:
        all = [Dropped(*each) for each in self.notes.get("dropped", [])]
        return Dropped(
            sum(each.events for each in all),
            sum(each.messages for each in all),
            max((each.until for each in all), default=0),
        )


def source(path: Path) -> Source:
    """Who writes it. Raises ValueError where it is something else, OSError."""
    with open(path, "rb") as file:
        first = file.readline()
    try:
        header = json.loads(first)
        if {key: header.get(key) for key in FORMAT} != FORMAT:
            raise ValueError(f"its first line is not {json.dumps(FORMAT)}")
        return Source.read(header["source"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is no spool of zmqlab ({error})") from error


def read(path: Path) -> Spooled:
    """A spool with its segments, up to the last whole block. Raises ValueError where it is something else, OSError."""
    found = Spooled(source(path))
    _take(found, path.read_bytes().partition(b"\n")[2])
    for segment in sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: int(each.suffix[1:])):
        _take(found, segment.read_bytes())
    return found


def _take(found: Spooled, data: bytes) -> None:
    read = 0
    for count, blob in _blocks(data):
        read += _HEAD.size + len(blob)
        if count:
            found.chunks.append(Chunk(count, blob))
        else:
            key, value = marshal.loads(blob)
            found.notes.setdefault(key, []).append(value)
    found.torn += len(data) - read


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The whole ones."""
    start = 0
    while start + _HEAD.size <= len(data):
        length, checksum, count = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        blob = data[start : start + length]
        if len(blob) < length or zlib.crc32(blob) != checksum:
            return
        yield count, blob
        start += length


def _block(count: int, blob: bytes) -> bytes:
    return _HEAD.pack(len(blob), zlib.crc32(blob), count) + blob


def _append(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)
