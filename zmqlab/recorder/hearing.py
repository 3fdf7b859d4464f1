"""What a program prints, logs, and what its threads fail by, heard while it is recorded.

The streams stay the objects that they are: their `write` stands before that of their class, hands on, and then tells.
A log record is told when a handler of the program asks for its message, which is asked for no further time. What hears
raises nothing.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from traceback import format_exception_only
from typing import Any, Protocol, TypeAlias

from ..trace import forks

LONGEST = 2_000  # characters of a line that are kept
STREAMS = ("stdout", "stderr")


class Hearer(Protocol):
    """A recording that runs. Its methods are called in the thread of the program that says something."""

    def printed(self, line: str) -> None: ...

    def logged(self, level: int, logger: str, text: str) -> None: ...

    def failed(self, text: str) -> None:
        """The calling thread ends by an error."""
        ...


Write: TypeAlias = Callable[[str], Any]


class _Here(threading.local):
    silent = 0  # what is written now was told already
    record: logging.LogRecord | None = None  # that is handled now, and was not told yet


_here = _Here()
_lock = threading.Lock()
_hearers: list[Hearer] = []  # newest last
_partial: dict[tuple[int, str], str] = {}  # by thread and stream: a line that has not ended
_streams: list[tuple[Any, Write]] = []  # and what we have put there
_handle, _message = logging.Logger.handle, logging.LogRecord.getMessage
_before: Callable[..., Any] = threading.excepthook


def listen(hearer: Hearer) -> None:
    """From now on it hears; the last one that was told so, where there are several."""
    with _lock:
        _hearers.append(hearer)
        if len(_hearers) == 1:
            _begin()


def leave(hearer: Hearer) -> None:
    """No longer; a line that has not ended is told. With the last of them all is as it was."""
    with _lock:
        _hearers.remove(hearer)
        for line in list(_partial.values()) if not _hearers else ():
            with contextlib.suppress(Exception):
                hearer.printed(line)
        if not _hearers:
            _end()


def _begin() -> None:
    global _before
    for name in STREAMS:
        stream = getattr(sys, name)
        with contextlib.suppress(AttributeError, TypeError):  # None, or one that nothing can be put on
            write = _telling(stream.write, name)
            stream.write = write
            _streams.append((stream, write))
    logging.Logger.handle = _telling_handle  # type: ignore[method-assign]
    logging.LogRecord.getMessage = _telling_message  # type: ignore[method-assign]
    _before, threading.excepthook = threading.excepthook, _telling_error


def _end() -> None:
    for stream, write in _streams:
        if getattr(stream, "__dict__", {}).get("write") is write:  # or the program has put its own there
            del stream.write
    _streams.clear()
    _partial.clear()
    if logging.Logger.handle is _telling_handle:
        logging.Logger.handle = _handle  # type: ignore[method-assign]
    if logging.LogRecord.getMessage is _telling_message:
        logging.LogRecord.getMessage = _message  # type: ignore[method-assign]
    if threading.excepthook is _telling_error:
        threading.excepthook = _before


def _telling(plain: Write, name: str) -> Write:
    def write(text: str, /) -> Any:
        written = plain(text)
        if _hearers and not _here.silent:
            _hear(text, name)
        return written

    return write


def _hear(text: str, stream: str) -> None:
    _here.silent += 1
    try:
        key = threading.get_ident(), stream
        *lines, rest = (_partial.pop(key, "") + str(text)).split("\n")
        if rest:
            _partial[key] = rest[:LONGEST]
        for line in lines:
            if line:
                _hearers[-1].printed(line[:LONGEST])
    except Exception:  # the program is not to fail by what hears it
        pass
    finally:
        _here.silent -= 1


def _telling_handle(self: logging.Logger, record: logging.LogRecord) -> Any:
    _here.silent += 1
    before, _here.record = _here.record, record
    try:
        return _handle(self, record)
    finally:
        _here.record = before
        _here.silent -= 1


def _telling_message(self: logging.LogRecord) -> str:
    text = _message(self)
    if self is _here.record and _hearers:
        _here.record = None
        with contextlib.suppress(Exception):
            error = self.exc_info[1] if self.exc_info else None
            lines = [text, *(format_exception_only(error) if error is not None else ())]
            _hearers[-1].logged(self.levelno, self.name, "\n".join(line.strip("\n") for line in lines)[:LONGEST])
    return text


def _telling_error(args: Any, /) -> Any:
    _here.silent += 1
    try:
        if _hearers and args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            with contextlib.suppress(Exception):
                _hearers[-1].failed("".join(format_exception_only(args.exc_value)).strip()[:LONGEST])
        return _before(args)
    finally:
        _here.silent -= 1


def _anew() -> None:
    """The recordings that run are the parent's."""
    global _lock
    _lock = threading.Lock()
    if _hearers:
        _hearers.clear()
        _end()


forks.call(_anew)
