"""A log as JSON Lines: one header line, then one event a line. Bytes survive exactly (as base64)."""

from __future__ import annotations

import json
import os
from binascii import a2b_base64, b2a_base64
from datetime import datetime
from pathlib import Path
from typing import Any

from . import spool
from .events import DATA, Raw
from .log import Log
from .pause import without_collector
from .source import Source

FORMAT = {"zmqlab": "trace", "version": 1}
_BEGINS = b'{"zmqlab"'
_SPOOL = json.dumps(spool.FORMAT)[:-1].encode()  # how its first line begins

_FIELDS = {kind: (len(data._fields) - len(data._field_defaults), len(data._fields)) for kind, data in DATA.items()}  # type: ignore[attr-defined]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": b2a_base64(value, newline=False).decode()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def _bytes(value: dict[str, str]) -> bytes | dict[str, str]:
    return a2b_base64(value["b"], strict_mode=True) if "b" in value else value  # the header is a dict too


_RENAMED = {"link": "connection"}  # in files of version 0.1.0


def _raw(row: list[Any]) -> Raw:
    time, kind, subject, *data = row
    kind = _RENAMED.get(kind, kind)
    least, most = _FIELDS[kind]
    if not (isinstance(time, int) and isinstance(subject, str) and least <= len(data) <= most):
        raise ValueError(f"{len(data)} fields of {kind!r}")
    if kind == "connection":  # the only lists in lists are its handshakes, and connections are few
        return (time, kind, subject, *_tuple(data))
    return (time, kind, subject, *[tuple(value) if type(value) is list else value for value in data])


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuple(value) if type(value) is list else value for value in values])


def save(log: Log, path: str | os.PathLike[str]) -> None:
    """Write what the log still holds; the header tells how many older events it no longer had."""
    events, gap = log.since(0)
    header = {**FORMAT, "missing": gap, "forgotten": log.forgotten, "remarks": log.remarks}
    header["sources"] = [source.stored() for source in log.sources]
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(header) + "\n")
        for event in events:
            file.write(json.dumps([event.time, event.kind, event.subject, *map(_plain, event.data)]) + "\n")


def load(path: str | os.PathLike[str]) -> Log:
    """Read a file that `save` wrote, or a spool. Of a file that was cut off, or is empty, what is whole is read, and
    `Log.remarks` says so. Raises ValueError, naming the line, when it is something else.
    """
    with open(path, "rb") as file:
        content = file.read()
    name = os.fspath(path)
    if content.startswith(_SPOOL) and b"\n" in content:
        return _spooled(spool.read(Path(path)), name)
    remarks = []
    whole, _, torn = content.rpartition(b"\n")
    if torn or not whole:
        remarks.append(f"{name} is empty" if not content else f"{name} was cut off: its last line is missing")
    try:
        lines = whole.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is no text ({error}): not a zmqlab trace") from error
    if torn and not lines and torn[: len(_BEGINS)] != _BEGINS[: len(torn)]:
        raise ValueError(f"{name}, line 1: not a zmqlab trace; write one with lab.save() or Trace.save()")
    raws, header = _raws(lines, name)
    log = Log.of(raws)
    log.sources = tuple(Source.read(source) for source in header.get("sources", ()))
    log.forgotten = header.get("forgotten", 0)
    log.remarks = [*header.get("remarks", ()), *remarks]
    return log


def _raws(lines: list[str], name: str) -> tuple[list[Raw], dict[str, Any]]:
    raws: list[Raw] = []
    header: dict[str, Any] = {}
    n = 0
    with without_collector():
        rows = _all_at_once(lines)
        try:
            for n, line in enumerate(lines, 1):
                row = rows[n - 1] if rows else json.loads(line, object_hook=_bytes)
                if n > 1:
                    raws.append(_raw(row))
                elif row.get("zmqlab") != FORMAT["zmqlab"] or row.get("version") != FORMAT["version"]:
                    raise ValueError(f"its first line is not {json.dumps(FORMAT)}")
                else:
                    header = row
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{name}, line {n}: not a zmqlab trace ({error}); write one with lab.save() or Trace.save()"
            ) from error
    return raws, header


def _spooled(read: spool.Spooled, name: str) -> Log:
    log = Log.of(read.raws)
    log.sources = (read.source,)
    dropped = read.dropped
    log.forgotten = dropped.messages
    if dropped.events:
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


def _all_at_once(lines: list[str]) -> list[Any]:
    """What stands in each line, read faster than line by line; [] where one of them is wrong."""
    try:
        rows: list[Any] = json.loads(f"[{','.join(lines)}]", object_hook=_bytes)
    except (ValueError, TypeError):
        return []
    return rows if len(rows) == len(lines) else []
