"""What the processes of a program have written, each for itself, as one trace and its outputs."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..trace import store
from ..trace.log import Log
from ..trace.reading import Decode, Reading
from ..trace.trace import Trace
from ..view.feed import MOST
from . import outputs, place

PATIENCE = 2.0  # seconds after which a person is told how far it is


class Progress:
    """Says on standard error how far it is, when that lasts: on a terminal in one line, else once in a while."""

    def __init__(self) -> None:
        self._told = time.monotonic()
        self._line = False

    def say(self, what: str) -> None:
        terminal = sys.stderr.isatty()
        if time.monotonic() - self._told < (0.5 if self._line and terminal else PATIENCE):
            return
        self._told = time.monotonic()
        before, after = ("\r\x1b[K", "") if terminal else ("", "\n")
        with contextlib.suppress(OSError):
            print(f"{before}zmqlab: {what}", end=after, file=sys.stderr, flush=True)
        self._line = True

    def clear(self) -> None:
        if self._line and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def found(paths: Iterable[Path]) -> list[Path]:
    """The files that are meant: a folder stands for the spools in it. Raises FileNotFoundError, ValueError."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"there is no file {path}")
        inside = place.spools(path) if path.is_dir() else [path]
        if not inside:
            raise ValueError(f"nothing was recorded in {path}: no process there has made a socket")
        files += inside
    return files


def read(files: Iterable[Path], progress: Progress) -> list[Log]:
    """Raises ValueError for what is no trace."""
    logs: list[Log] = []
    for n, file in enumerate(files, 1):
        progress.say(f"reading file {n}, {file.name}")
        logs.append(store.load(file))
    return logs


def put(
    files: Sequence[Path], paths: Sequence[Path], title: str, decode: Decode | None = None, over: bool = False
) -> Trace:
    """Write what is in `files` to each of the `paths`; returns the trace with its last `MOST` messages. `decode` says
    what is in their frames. If it is `over` the processes that have written them have ended.

    Raises ValueError for a file that is no trace, OSError.
    """
    progress = Progress()
    logs = read(files, progress)
    for log in logs:
        log.over = log.over or over
    trace = whole = Trace.of(logs, MOST, lambda part: progress.say(f"putting it together: {part:.0%}"))
    if trace.forgotten > trace.log.forgotten and any(path.suffix in outputs.WHOLE for path in paths):
        whole = Trace.of(logs, 0, lambda part: progress.say(f"putting all of it together: {part:.0%}"))
    trace.reading = whole.reading = Reading(decode=decode)
    for path in paths:
        progress.say(f"writing {path}")
        outputs.write(whole if path.suffix in outputs.WHOLE else trace, path, title)
    progress.clear()
    return trace


def whole(files: Sequence[Path]) -> Trace:
    """All that is in `files`. Raises ValueError for a file that is no trace, OSError."""
    progress = Progress()
    trace = Trace.of(read(files, progress), progress=lambda part: progress.say(f"putting it together: {part:.0%}"))
    progress.clear()
    return trace


def told(trace: Trace, paths: Sequence[Path]) -> list[str]:
    """What a person should know of it: how much it is, and what is missing."""
    kept, total = len(trace.messages), len(trace.messages) + trace.forgotten - trace.log.forgotten
    processes = len({(source.host, source.pid) for source in trace.log.sources if source.name})
    of = f" of {processes} processes" if processes > 1 else ""
    lines = []
    for path in paths:
        count = f"{total:,} message{'s' * (total != 1)}"
        if path.suffix in outputs.BOUNDED and kept < total:
            count = f"the last {kept:,} of {count}"
        lines.append(f"{path} has {count}{of}")
    return [*lines, *trace.log.remarks, *trace.reading.trouble]


def say(lines: Iterable[str]) -> None:
    """On standard error, which may be closed."""
    with contextlib.suppress(OSError):
        for line in lines:
            print(f"zmqlab: {line}", file=sys.stderr, flush=True)
