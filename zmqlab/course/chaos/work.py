"""What the requests of the graded run ask for, and what befalls the worker that gets one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, cast

QUICK = 0.005  # seconds that a request takes which is no trouble
HANG, SLOW = 4, 2  # how long these take, as multiples of the broker's patience


class Request(NamedTuple):
    """What a client wants done: one operation, however often it asks for it (lesson 05)."""

    client: str
    number: int

    def __str__(self) -> str:
        return f"{self.client} {self.number}"


TROUBLES = {
    Request("alice", 4): "slow",
    Request("bob", 9): "slow",
    Request("alice", 18): "hang",
    Request("alice", 20): "crash",
    Request("alice", 24): "crash",
}
"""What is to happen. With five workers, and one whose link is cut, one is left that nothing befalls."""


def payload_of(request: Request) -> bytes:
    return f"{TROUBLES.get(request, 'quick')} {request}".encode()


def answer_to(payload: bytes) -> bytes:
    return payload.upper()


Word = Literal["begun", "done", "crashed"]


class Note(NamedTuple):
    """What a worker reports of itself. Times are those of `time.monotonic`, one clock for all processes of a host."""

    at: float
    word: Word
    request: Request
    worker: str


class Work:
    """In a worker process. `folder` is where all of them note what they began, finished, and died of."""

    def __init__(self, name: str, folder: Path, patience: float) -> None:
        self._name = name
        self._folder = folder
        self._patience = patience

    def do(self, payload: bytes, alive: Callable[[], object]) -> bytes:
        """Returns the answer. Calls `alive` again and again while it works; not while it hangs.

        Who gets a b"crash" or a b"hang" first is gone, or stands still; for everybody after that it is quick.
        """
        kind, _, request = payload.decode().partition(" ")
        first = self._is_first(request)
        self._note("begun", request)
        if kind == "crash" and first:
            self._note("crashed", request)
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows ends a process at once by both
        if kind == "hang" and first:
            time.sleep(HANG * self._patience)
        if kind == "slow":
            for _ in range(4 * SLOW):
                time.sleep(self._patience / 4)
                alive()
        else:
            time.sleep(QUICK)
        self._note("done", request)
        return answer_to(payload)

    def _is_first(self, request: str) -> bool:
        """Whether nobody has begun it before."""
        try:
            (self._folder / f"begun {request}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _note(self, word: Word, request: str) -> None:
        """Each process has a file of its own, and none is lost with it."""
        with (self._folder / f"notes {self._name}").open("a", encoding="ascii") as notes:
            notes.write(f"{time.monotonic()} {word} {request}\n")


def noted(folder: Path) -> list[Note]:
    """What the workers have reported."""
    return sorted(note for notes in folder.glob("notes *") for note in _read(notes))


def _read(notes: Path) -> Iterator[Note]:
    for line in notes.read_text(encoding="ascii").splitlines(keepends=True):
        if line.endswith("\n"):  # else it is being written
            at, word, client, number = line.split()
            yield Note(float(at), cast(Word, word), Request(client, int(number)), notes.name.partition(" ")[2])
