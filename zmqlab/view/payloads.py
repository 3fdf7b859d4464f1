"""What a frame that is no text seems to be: told by its bytes alone. Nothing of it is ever loaded."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator

DEEP = 32  # containers in containers
PICKLES = (2, 3, 4, 5)  # protocols that say so in their first bytes
_SIZED = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4}  # str and bin: bytes of their length
_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4}
_FIXED |= {0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}  # ... and ext: of the value


def kind_of(frame: bytes, size: int) -> str:
    """``"pickle"``, ``"msgpack"``, or "" where nothing says what it is; `size` is how long it was before it was
    clipped."""
    whole = size == len(frame)
    if frame[:1] == b"\x80" and frame[1:2] and frame[1] in PICKLES and _is_pickle(frame, whole):
        return "pickle"
    return "msgpack" if _is_msgpack(frame, whole) else ""


def hex_and_size(frame: bytes, size: int, room: int) -> str:
    """The first bytes, as many as fit into so many letters with the size: ``07 00 00… 16 B``."""
    told = f" {size:,} B"
    most = max(1, (room - len(told) - 1) // 3 + ((room - len(told) - 1) % 3 == 2))
    return frame[:most].hex(" ") + ("…" if size > most else "") + told


def _is_pickle(frame: bytes, whole: bool) -> bool:
    """Its opcodes are read, and none is done."""
    last, at = "", 0
    try:
        for opcode, _, place in pickletools.genops(frame):
            last, at = opcode.name, place or 0
    except Exception:  # what was clipped ends within an opcode
        return not whole and last not in ("", "PROTO")
    return last == "STOP" and at == len(frame) - 1


class _Over(Exception):
    """The bytes end here."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.texts = data, 0, 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        self.at += count
        if len(part) < count:
            raise _Over
        return part

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count))


def _is_msgpack(frame: bytes, whole: bool) -> bool:
    """A map, or an array, that ends where the frame ends. Something in it must be text: else too much that is not
    msgpack would look like it."""
    if not frame or not (0x81 <= frame[0] <= 0x8F or 0x91 <= frame[0] <= 0x9F or 0xDC <= frame[0] <= 0xDF):
        return False
    reader = _Reader(frame)
    try:
        todo = [_entries(reader)]
        while todo:
            entry = next(todo[-1], None)
            if entry is None:
                todo.pop()
            elif len(todo) > DEEP:
                return False
            else:
                todo.append(_entries(reader))
    except _Over:
        return not whole and reader.texts > 0
    except ValueError:
        return False
    return reader.at == len(frame) and reader.texts > 0


def _entries(reader: _Reader) -> Iterator[int]:
    """Read one value, and give as many numbers as there are values in it. Raises ValueError for what is no msgpack."""
    first = reader.number(1)
    count = 0
    if 0x80 <= first <= 0x8F:
        count = 2 * (first & 0x0F)
    elif 0x90 <= first <= 0x9F:
        count = first & 0x0F
    elif first in (0xDC, 0xDD):
        count = reader.number(2 if first == 0xDC else 4)
    elif first in (0xDE, 0xDF):
        count = 2 * reader.number(2 if first == 0xDE else 4)
    elif 0xA0 <= first <= 0xBF:
        _text(reader, first & 0x1F)
    elif first in _SIZED:
        length = reader.number(_SIZED[first])
        if first >= 0xD9:
            _text(reader, length)
        else:
            reader.take(length)
    elif first in (0xC7, 0xC8, 0xC9):
        reader.take(reader.number(1 << (first - 0xC7)) + 1)
    elif first in _FIXED:
        reader.take(_FIXED[first])
    elif 0x80 <= first < 0xE0:  # 0xC1 alone
        raise ValueError(f"{first:#x} is never used")
    return iter(range(count))


def _text(reader: _Reader, length: int) -> None:
    text = reader.take(length)
    text.decode()  # which is a ValueError, too
    reader.texts += bool(text)
