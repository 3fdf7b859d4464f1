"""The programs that the lessons write into `shop/`, and how they are run: as processes, from a terminal's side."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from nbformat import NotebookNode

LIMIT = 20.0
"""Seconds for what must happen."""

MAGIC = "%%writefile shop/"


class Written(NamedTuple):
    """One program: its file's name, and its text."""

    name: str
    text: str


def written(notebook: NotebookNode) -> Iterator[Written]:
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith(MAGIC):
            first, _, text = cell.source.partition("\n")
            yield Written(first.removeprefix(MAGIC).strip(), text + "\n")


def twice(programs: Iterable[Written]) -> list[str]:
    """Names that two cells write: lessons may run side by side, and one would run the other's program."""
    return [name for name, times in Counter(program.name for program in programs).items() if times > 1]


class Program:
    """A process of one of them. `with` ends it, whatever has happened."""

    def __init__(self, file: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(file), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        stream = self._process.stdout
        assert stream is not None
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def line(self) -> str:
        """The next line that it prints, stderr too. Raises `queue.Empty` when none comes, EOFError after the last."""
        found = self._lines.get(timeout=LIMIT)
        if found is None:
            raise EOFError("the program has ended")
        return found

    def rest(self) -> list[str]:
        """All lines that are left, when it has ended by itself with exit code 0."""
        lines = []
        while (found := self._lines.get(timeout=LIMIT)) is not None:
            lines.append(found)
        code = self._process.wait(LIMIT)
        assert code == 0, f"exit code {code}: {lines}"
        return lines

    def interrupt(self) -> list[str]:
        """Ctrl-C. Returns what is still printed, when it has ended with exit code 0."""
        self._process.send_signal(signal.SIGINT)
        return self.rest()
