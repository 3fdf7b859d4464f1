"""A log as JSON Lines: one header line, then one event a line. Bytes survive exactly (as base64)."""

from __future__ import annotations

import json
import os
from binascii import a2b_base64, b2a_base64
from typing import Any

from .events import DATA, Raw
from .log import UNBOUNDED, Log
from .pause import without_collector

FORMAT = {"zmqlab": "trace", "version": 1}

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
        return time, kind, subject, _tuple(data)
    return time, kind, subject, tuple([tuple(value) if type(value) is list else value for value in data])


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuple(value) if type(value) is list else value for value in values])


def save(log: Log, path: str | os.PathLike[str]) -> None:
    """Write what the log still holds; the header tells how many older events it no longer had."""
    events, gap = log.since(0)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps({**FORMAT, "missing": gap}) + "\n")
        for event in events:
            file.write(json.dumps([event.time, event.kind, event.subject, *map(_plain, event.data)]) + "\n")


def load(path: str | os.PathLike[str]) -> Log:
    """Read a file that `save` wrote. Raises ValueError, naming the line, when it is something else."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    if not lines:
        raise ValueError(f"{os.fspath(path)} is empty: not a zmqlab trace")
    raws: list[Raw] = []
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
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{os.fspath(path)}, line {n}: not a zmqlab trace ({error}); write one with lab.save() or Trace.save()"
            ) from error
    log = Log(max_events=max(len(raws), 1), max_bytes=UNBOUNDED)
    log.extend(raws)
    return log


def _all_at_once(lines: list[str]) -> list[Any]:
    """What stands in each line, read faster than line by line; [] where one of them is wrong."""
    try:
        rows: list[Any] = json.loads(f"[{','.join(lines)}]", object_hook=_bytes)
    except (ValueError, TypeError):
        return []
    return rows if len(rows) == len(lines) else []
