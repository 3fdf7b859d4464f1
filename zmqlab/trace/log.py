"""The log: append-only, bounded, read by index.

Appending stands in the way of the learner's messages, so it is one append to a list, which is atomic. The events get
their indices, and the log its bounds, when they are sealed into a block: marshalled, as what the relay process tells is
as well. Hundreds of thousands of tuples that stay would cost the program more than that, in memory and in time, and a
block is ready to be written to a file.
"""

from __future__ import annotations

import marshal
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from time import monotonic_ns
from typing import Any, NamedTuple

from . import forks, native
from .events import DATA, Event, Raw, UseData
from .source import Source

TRAFFIC = frozenset(
    ("send", "blocked", "sent", "unsent", "drop", "wait", "recv", "wire", "arrived", "print", "note", "log")
)
"""The kinds that a full log drops. The others tell what there is (actors, sockets, connections); without them the newer
events would make no sense."""

_LASTING = tuple(kind.encode() for kind in DATA if kind not in TRAFFIC)

BLOCK = 1024  # events sealed (and dropped when the log is full) at a time: more of them do not fit into a cache
UNBOUNDED = 1 << 62  # bytes that no log ever has
FORMAT = 4  # of marshal, which all versions of Python read


class Chunk(NamedTuple):
    """Some events in their order, as they were appended, and marshalled."""

    number: int  # of events
    blob: bytes

    @classmethod
    def of(cls, raws: list[Raw]) -> Chunk:
        return cls(len(raws), _dump(raws))


@dataclass(slots=True)
class _Block:
    first: int
    count: int
    blob: bytes

    def load(self) -> list[Raw]:
        raws: list[Raw] = marshal.loads(self.blob)
        return raws

    def after(self, start: int) -> tuple[int, list[Raw]]:
        """Its events from that index on, and the index of the first of them."""
        raws, skip = self.load(), max(0, start - self.first)
        return self.first + skip, raws[skip:] if skip else raws

    def lasting(self) -> list[tuple[int, list[Raw]]]:
        """The events that stay when the block goes."""
        if not any(kind in self.blob for kind in _LASTING):
            return []
        return [(self.first + i, [raw]) for i, raw in lasting(self.load())]


def lasting(raws: list[Raw]) -> list[tuple[int, Raw]]:
    """The events that stay when a full log drops these, each with its place. Of who uses a socket that is the last one
    alone: two that share one take turns for ever."""
    kept = [(i, raw) for i, raw in enumerate(raws) if raw[1] not in TRAFFIC]
    last = {(raw[2], UseData(*raw[3:]).asked > 0): i for i, raw in kept if raw[1] == "use"}
    newest = set(last.values())
    return [(i, raw) for i, raw in kept if raw[1] != "use" or i in newest]


def _dump(raws: list[Raw]) -> bytes:
    try:
        return marshal.dumps(raws, FORMAT)
    except ValueError:  # some have named tuples, or an enum for a number
        return marshal.dumps([_plain(raw) for raw in raws], FORMAT)


def _plain(value: Any) -> Any:
    """The same of Python's own types alone."""
    for kind in (str, bytes, bool, int, float):
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)  # type: ignore[arg-type]
    return tuple([_plain(each) for each in value]) if isinstance(value, tuple) else value


class Log:
    """Events in the order they were appended, each with an index that grows by one.

    The log holds at most about `max_events` events and `max_bytes` bytes; the oldest go first, and `since` tells
    how many a reader has missed. Events that are not `TRAFFIC` stay. Thread-safe.

    ``append((time ns, kind, subject, *fields))`` adds an event, ``extend`` several; see `zmqlab.trace.events` for the
    kinds. Who appends many calls `tidy` now and then, or a log that nobody reads would not be bounded.
    """

    def __init__(self, max_events: int = 200_000, max_bytes: int = 64 << 20) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._lock = native.lock()  # the relay's events are filed by a thread beside the program
        forks.tell(self)
        self._blocks: deque[_Block] = deque()
        self._lasting: list[tuple[int, list[Raw]]] = []  # of the blocks that went
        self._incoming: list[Raw] = []
        self.append = self._incoming.append
        self.probes: list[Callable[[], None]] = []  # called before a read: they may have something to append
        self.extend = self._incoming.extend
        self._sealed = 0  # index after the last block
        self._kept = 0  # events in blocks
        self._bytes = 0  # bytes in blocks
        self.sources: tuple[Source, ...] = ()  # the processes that wrote it, as far as they said
        self.forgotten = 0  # messages that they did not keep, though they were asked to record them
        self.kept_after = 0  # the time, in ns, until which they kept no traffic; 0: they kept all
        self.over = False  # they run no more, also if they did not say so
        self.remarks: list[str] = []  # what else a reader should know: what is missing, and why

    @classmethod
    def of(cls, raws: Iterable[Raw]) -> Log:
        """A log that has these and gets no more."""
        log, rest = cls.unbounded(), iter(raws)
        while part := list(islice(rest, BLOCK)):
            log.append_chunk(*Chunk.of(part))
        return log

    @classmethod
    def unbounded(cls) -> Log:
        """It keeps all."""
        return cls(max_events=UNBOUNDED, max_bytes=UNBOUNDED)

    def in_child(self) -> None:
        self._lock = native.lock()

    def record(self, kind: str, subject: str, data: tuple) -> None:  # type: ignore[type-arg]
        """Append an event that happens now; `kind` and the shape of `data` as in `zmqlab.trace.events`."""
        self.append((monotonic_ns(), kind, subject, *data))
        self.tidy()

    def append_chunk(self, count: int, blob: bytes) -> None:
        """Append `count` events at once: ``marshal.dumps`` of a list of raws, from a process we started."""
        with self._lock:
            self._seal()
            self._push(_Block(self._sealed, count, blob))

    @property
    def next_index(self) -> int:
        """The index that the next event will get."""
        with self._lock:
            self._seal()
            return self._sealed

    def seal(self) -> None:
        """Give what was appended its indices, and let the oldest go."""
        with self._lock:
            self._seal()

    def tidy(self) -> None:
        """`seal`, if there is enough to make a block of."""
        if len(self._incoming) >= BLOCK:
            self.seal()

    def chunks(self, index: int) -> tuple[list[Chunk], int, int]:
        """What `since` tells, as it was appended: in chunks, of which the first begins at `index` or after it; up to
        which index they go; and how many events are missing between the two."""
        with self._lock:
            self._seal()
            blocks = [block for block in self._blocks if block.first >= index]
        gap = (blocks[0].first if blocks else self._sealed) - index
        return [Chunk(block.count, block.blob) for block in blocks], self._sealed, gap

    def let_go(self, index: int) -> None:
        """Keep nothing from before `index`: somebody else has it."""
        with self._lock:
            while self._blocks and self._blocks[0].first + self._blocks[0].count <= index:
                self._pop()

    def since(self, index: int) -> tuple[list[Event], int]:
        """The events from `index` on, and how many of them the bounded log no longer has."""
        pieces, gap = self._pieces(index, UNBOUNDED)
        return [Event.of(n, raw) for first, raws in pieces for n, raw in enumerate(raws, first)], gap

    def raws(self, index: int, most: int) -> tuple[list[Raw], int, int]:
        """The same as it was appended, for who reads very many: `most` of them, or a few more; up to which index that
        is; and how many are missing."""
        pieces, gap = self._pieces(index, most)
        if len(pieces) == 1:
            return pieces[0][1], pieces[0][0] + len(pieces[0][1]), gap
        raws = [raw for _, part in pieces for raw in part]
        return raws, pieces[-1][0] + len(pieces[-1][1]) if pieces else index, gap

    def _pieces(self, index: int, most: int) -> tuple[list[tuple[int, list[Raw]]], int]:
        """Events in a row, with the index of the first of them."""
        for probe in self.probes:
            probe()
        with self._lock:
            self._seal()
            blocks = []
            for block in reversed(self._blocks):
                if block.first + block.count <= index:
                    break
                blocks.append(block)
            oldest = self._blocks[0].first if self._blocks else self._sealed
            pieces = [piece for piece in self._lasting if piece[0] >= index]
        count = len(pieces)
        gap = max(0, oldest - index) - count
        for block in reversed(blocks):
            if count >= most:
                break
            pieces.append(block.after(index))
            count += len(pieces[-1][1])
        return pieces, gap

    def _seal(self) -> None:
        raws = self._incoming[:]
        if raws:
            del self._incoming[: len(raws)]  # others append meanwhile
            self._push(_Block(self._sealed, len(raws), _dump(raws)))

    def _push(self, block: _Block) -> None:
        self._blocks.append(block)
        self._sealed += block.count
        self._kept += block.count
        self._bytes += len(block.blob)
        # The newest block always stays, or a reader could never catch up.
        while len(self._blocks) > 1 and (self._kept > self._max_events or self._bytes > self._max_bytes):
            self._lasting += self._pop().lasting()

    def _pop(self) -> _Block:
        """The oldest block goes."""
        old = self._blocks.popleft()
        self._kept -= old.count
        self._bytes -= len(old.blob)
        return old
