"""The programs that the lessons write into `shop/`, and how they are run: as processes, each in its own terminal."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

LIMIT = 20.0
"""Seconds for what must happen."""

AGAIN = 4.0
"""Seconds after which Ctrl-C is pressed again. A lesson's program may linger for one."""

MAGIC = "%%writefile shop/"

CTRL_C = b"\x03"
ECHO = "^C"  # what a terminal shows of it

# Its standard input, which is a terminal, becomes the terminal of the session, so that Ctrl-C is for this program.
IN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Written(NamedTuple):
    """One program: its file's name, and its text."""

    name: str
    text: str


def is_program(cell: NotebookNode) -> bool:
    """Does the cell write one?"""
    return bool(cell.cell_type == "code" and cell.source.startswith(MAGIC))


def written(notebook: NotebookNode) -> Iterator[Written]:
    for cell in notebook.cells:
        if is_program(cell):
            first, _, text = cell.source.partition("\n")
            yield Written(first.removeprefix(MAGIC).strip(), text + "\n")


def twice(programs: Iterable[Written]) -> list[str]:
    """Names that two cells write: lessons may run side by side, and one would run the other's program."""
    return [name for name, times in Counter(program.name for program in programs).items() if times > 1]


class Program:
    """A process of one of them, in a terminal of its own. `with` ends it, whatever has happened."""

    def __init__(self, file: Path, *arguments: str) -> None:
        self._terminal, inner = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, sys.executable, str(file), *arguments],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with os.fdopen(self._terminal, "rb", buffering=0, closefd=False) as stream:
            text = b""
            while part := _more(stream.fileno()):
                *lines, text = (text + part).split(b"\n")
                for line in lines:
                    self._lines.put(line.decode().rstrip("\r"))
        self._lines.put(None)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        os.close(self._terminal)

    def line(self) -> str:
        """The next line on its terminal. Raises `queue.Empty` when none comes, EOFError after the last."""
        for found in self._left(LIMIT):
            return found
        raise EOFError("the program has ended")

    def ended(self) -> tuple[int, list[str]]:
        """When it has ended by itself: its exit status, and all lines that are left."""
        lines = list(self._left(LIMIT))
        return self._process.wait(LIMIT), lines

    def rest(self) -> list[str]:
        """All lines that are left, when it has ended by itself with exit status 0."""
        return self._well(*self.ended())

    def tell(self, number: signal.Signals) -> None:
        """As `kill` sends it."""
        self._process.send_signal(number)

    def interrupt(self) -> list[str]:
        """Ctrl-C. Returns what is still printed, when it has ended with exit status 0.

        A signal that comes just before libzmq begins to wait does not end the wait: who sits there presses again.
        """
        lines: list[str] = []
        for patience in (AGAIN, AGAIN, LIMIT):
            os.write(self._terminal, CTRL_C)
            with contextlib.suppress(queue.Empty):
                for line in self._left(patience):
                    lines.append(line.replace(ECHO, ""))
                break
        status, more = self.ended()
        return self._well(status, lines + more)

    def kill(self) -> None:
        """As `kill -9` does it."""
        self._process.kill()

    def _well(self, status: int, lines: list[str]) -> list[str]:
        assert status == 0, f"exit status {status}: {lines}"
        return lines

    def _left(self, patience: float) -> Iterator[str]:
        while (found := self._lines.get(timeout=patience)) is not None:
            yield found
        self._lines.put(None)  # it is still the last, for who asks again


def _more(terminal: int) -> bytes:
    """What the terminal shows next; nothing when the last program in it has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:  # EIO, on Linux
        return b""
