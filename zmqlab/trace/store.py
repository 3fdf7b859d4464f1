"""A log as JSON Lines: one header line, then one event a line. Bytes survive exactly (as base64)."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from .events import Event
from .log import Log

FORMAT = {"zmqlab": "trace", "version": 1}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def _real(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["b"], validate=True)
    if isinstance(value, list):
        return tuple(_real(v) for v in value)
    return value


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
    log = Log(max_events=max(len(lines), 1), max_bytes=1 << 62)
    for n, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if n == 1:
                if row.get("zmqlab") != FORMAT["zmqlab"] or row.get("version") != FORMAT["version"]:
                    raise ValueError(f"its first line is not {json.dumps(FORMAT)}")
                continue
            time, kind, subject, *data = row
            raw = (time, kind, subject, tuple(_real(v) for v in data))
            Event.of(0, raw)  # refuses an unknown kind and a wrong number of fields
            log.append(raw)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{os.fspath(path)}, line {n}: not a zmqlab trace ({error}); write one with lab.save() or Trace.save()"
            ) from error
    if not lines:
        raise ValueError(f"{os.fspath(path)} is empty: not a zmqlab trace")
    return log
