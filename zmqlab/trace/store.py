"""A log as JSON Lines: one header line, then one event a line. Bytes survive exactly (as base64)."""

from __future__ import annotations

import json
import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import Any, BinaryIO

from . import spool, whole
from .events import DATA, FRAMED, FRAMES, PEER, Raw
from .log import Log
from .pause import without_collector
from .source import Source

FORMAT = {"zmqlab": "trace", "version": 1}
READ = 64 << 10  # bytes of lines that are read at a time: what is made of more does not fit into a cache
_BEGINS = b'{"zmqlab"'
_SPOOL = json.dumps(spool.FORMAT)[:-1].encode()  # how its first line begins


def _lengths(data: Any) -> tuple[int, int]:
    """The least and the most that a raw event with such data has."""
    return 3 + len(data._fields) - len(data._field_defaults), 3 + len(data._fields)


_FIELDS = {kind: _lengths(data) for kind, data in DATA.items()}
_RENAMED = {"link": "connection"}  # in files of version 0.1.0
_code = itemgetter("b")  # of bytes: they are decoded where they stand


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": b2a_base64(value, newline=False).decode()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def _bytes(value: dict[str, str]) -> bytes | dict[str, str]:
    return a2b_base64(value["b"], strict_mode=True) if "b" in value else value  # the header is a dict too


class _Decoded(dict[str, bytes]):
    """By its code. A payload is in the file where it was sent, seen and received, and is decoded once."""

    def __missing__(self, code: str) -> bytes:
        frame = self[code] = a2b_base64(code, strict_mode=True)
        return frame


def _raw(row: list[Any], line: bytes, decode: Callable[[str], bytes]) -> Raw:
    """`row` was read of the line without a look at its bytes. Names that come again and again are one object each: so
    they are looked up, kept and written faster."""
    kind = row[1] = intern(row[1])
    if kind in FRAMED:
        row[2] = intern(row[2])
        row[FRAMES] = tuple(map(decode, row[FRAMES]))
        if kind == "recv":
            row[PEER] = intern(row[PEER])
        if type(row[-1]) is list:  # sizes
            row[-1] = tuple(row[-1])
    else:
        time, kind, *rest = json.loads(line, object_hook=_bytes)
        kind = _RENAMED.get(kind, kind)
        row = [time, kind, *_tuple(rest)]
    least, most = _FIELDS[kind]
    if not (type(row[0]) is int and type(row[2]) is str and least <= len(row) <= most):
        raise ValueError(f"{len(row) - 3} fields of {kind!r}")
    return tuple(row)


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuple(value) if type(value) is list else value for value in values])


def save(log: Log, path: str | os.PathLike[str]) -> None:
    """Write what the log still holds; the header tells how many older events it no longer had."""
    events, gap = log.since(0)
    header = {**FORMAT, "missing": gap, "forgotten": log.forgotten, "over": log.over, "remarks": log.remarks}
    header["kept_after"] = log.kept_after
    header["sources"] = [source.stored() for source in log.sources]
    with whole.draft(path) as draft, open(draft, "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(header) + "\n")
        for event in events:
            file.write(json.dumps([event.time, event.kind, event.subject, *map(_plain, event.data)]) + "\n")


def load(path: str | os.PathLike[str]) -> Log:
    """Read a file that `save` wrote, or a spool. Of a file that was cut off, or is empty, what is whole is read, and
    `Log.remarks` says so. Raises ValueError, naming the line, when it is something else.
    """
    name = os.fspath(path)
    with open(path, "rb") as file, without_collector():
        first = file.readline()
        if first.startswith(_SPOOL) and first.endswith(b"\n"):
            return _spooled(spool.read(Path(path)), name)
        return _lined(file, first, name)


def _lined(file: BinaryIO, first: bytes, name: str) -> Log:
    """JSON Lines, whose first is read already."""
    remarks = [] if first else [f"{name} is empty"]
    header: dict[str, Any] = {}
    if first.endswith(b"\n"):
        header = _header(first, name)
    elif first[: len(_BEGINS)] != _BEGINS[: len(first)]:
        raise _wrong(name, 1, "its first line is another")
    elif first:
        remarks.append(_torn(name))
    log = Log.of(chain.from_iterable(_raws(file, name, remarks)))
    log.sources = tuple(Source.read(source) for source in header.get("sources", ()))
    log.forgotten, log.over = header.get("forgotten", 0), header.get("over", False)
    log.kept_after = header.get("kept_after", 0)
    log.remarks = [*header.get("remarks", ()), *remarks]
    return log


def _torn(name: str) -> str:
    return f"{name} was cut off: its last line is missing"


def _wrong(name: str, n: int, error: Exception | str) -> ValueError:
    return ValueError(f"{name}, line {n}: not a zmqlab trace ({error}); write one with lab.save() or Trace.save()")


def _header(line: bytes, name: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(line)
        if header.get("zmqlab") != FORMAT["zmqlab"] or header.get("version") != FORMAT["version"]:
            raise ValueError(f"its first line is not {json.dumps(FORMAT)}")
    except (ValueError, AttributeError) as error:
        raise _wrong(name, 1, error) from error
    return header


def _raws(file: BinaryIO, name: str, remarks: list[str]) -> Iterator[list[Raw]]:
    """The events of the lines from the second on; a last one that is not whole is left out, and remarked."""
    before = 1  # lines
    while lines := file.readlines(READ):
        if not lines[-1].endswith(b"\n"):
            lines.pop()
            remarks.append(_torn(name))
        rows = _all_at_once(lines) or (json.loads(line, object_hook=_code) for line in lines)
        raws: list[Raw] = []
        decode = _Decoded().__getitem__
        try:
            for row, line in zip(rows, lines, strict=True):
                raws.append(_raw(row, line, decode))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise _wrong(name, before + len(raws) + 1, error) from error
        before += len(raws)
        yield raws


def _spooled(read: spool.Spooled, name: str) -> Log:
    log = Log.unbounded()
    for chunk in read.chunks:
        log.append_chunk(*chunk)
    log.sources = (read.source,)
    dropped = read.dropped
    log.forgotten, log.kept_after = dropped.messages, dropped.until
    if dropped.events and read.source.name:
        until = datetime.fromtimestamp((dropped.until + read.source.epoch) / 1e9)
        log.remarks.append(
            f"of {read.source.name} (pid {read.source.pid}) what happened before {until:%H:%M:%S} was not kept, as was "
            f"asked: {dropped.events:,} events, {dropped.messages:,} messages sent"
        )
    if "ended" not in read.notes and read.source.name:
        log.remarks.append(
            f"{read.source.name} (pid {read.source.pid}) was killed, or still runs: of its last tenth of a second "
            "something may be missing"
        )
    if read.torn:
        log.remarks.append(f"{name} was cut off: its last {read.torn:,} bytes are no whole block")
    log.remarks += [str(text) for text in read.notes.get("remark", [])]
    return log


def _all_at_once(lines: list[bytes]) -> list[Any]:
    """What stands in each line, read faster than line by line; [] where one of them is wrong."""
    try:
        rows: list[Any] = json.loads(b"[%b]" % b",".join(lines), object_hook=_code)
    except (ValueError, TypeError, KeyError):
        return []
    return rows if len(rows) == len(lines) else []
