"""What an actor prints goes to the actor, not into whichever cell happens to run."""

from __future__ import annotations

import io
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

from ..trace import forks

KEPT_LINES = 10_000

_lock = threading.Lock()
_sinks: dict[int, Output] = {}  # thread id -> where its prints go
# One for each stream that we have ever taken the place of, kept for ever: print() in another thread may still be inside
# one that has just been taken out of sys.stdout, and holds no reference to it.
_streams: list[_Stream] = []


class Output:
    """The lines one actor printed. `tell` hears each complete line as it comes."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._partial = ""
        self.left: int | None = None  # characters that are still kept of what is printed; None: of all
        self.lines = KEPT_LINES  # after so many nothing more is kept, once `left` counts

    def write(self, text: str) -> None:
        if self.left is not None:
            text = text[: self.left]
            self.left -= len(text)
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._lines.append(line)
            self._tell(line)
        if self.left is not None and len(self._lines) >= self.lines:
            self.left, self._partial = 0, ""

    def finish(self) -> None:
        """A last line without its newline counts too."""
        if self._partial:
            self.write("\n")

    @property
    def text(self) -> str:
        """Everything printed so far; the oldest of more than `KEPT_LINES` lines are gone."""
        return "".join(line + "\n" for line in list(self._lines)) + self._partial


class _Stream(io.TextIOBase):
    """Stands for sys.stdout or sys.stderr: an actor's thread writes to its `Output`, everyone else as before."""

    def __init__(self, original: TextIO) -> None:
        self.original = original

    def write(self, text: str) -> int:
        sink = _sinks.get(threading.get_ident())
        if sink is None:
            return self.original.write(text)
        sink.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if threading.get_ident() not in _sinks:
            self.original.flush()

    # Without these properties TextIOBase would answer, and it does not know what the original stream knows.
    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.original.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.original.errors

    @property
    def closed(self) -> bool:
        return self.original.closed

    def isatty(self) -> bool:
        return self.original.isatty()

    def fileno(self) -> int:
        return self.original.fileno()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Never close a stream that belongs to somebody else."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


def capture(output: Output) -> None:
    """From now on what this thread prints goes to `output`."""
    with _lock:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if not isinstance(stream, _Stream):
                setattr(sys, name, _standing_for(stream))
        _sinks[threading.get_ident()] = output


def limit(characters: int, lines: int = KEPT_LINES) -> None:
    """From now on keep only the beginning of what the calling thread prints: about so many characters and lines. Its
    output must have been captured."""
    sink = _sinks[threading.get_ident()]
    sink.left, sink.lines = characters, lines


def _standing_for(original: TextIO) -> _Stream:
    for stream in _streams:
        if stream.original is original:
            return stream
    _streams.append(_Stream(original))
    return _streams[-1]


def release() -> None:
    """This thread's prints go where they went before. The last one puts sys.stdout and sys.stderr back."""
    with _lock:
        sink = _sinks.pop(threading.get_ident(), None)
        if not _sinks:
            _put_back()
    if sink is not None:
        sink.finish()


def _put_back() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, _Stream):
            setattr(sys, name, stream.original)


def _anew() -> None:
    """The actors are the parent's. What is printed in a child of one of them is not: nobody would read it there."""
    global _lock
    _lock = threading.Lock()
    _sinks.clear()
    _put_back()


forks.call(_anew)
