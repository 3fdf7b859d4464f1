"""What the requests of the chaos run ask for, and what befalls the worker that gets one."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

QUICK = 0.005  # seconds that a request takes which is no trouble
HANG, SLOW = 4, 2  # how long these take, as multiples of the broker's patience

TROUBLES = {4: "crash", 8: "hang", 12: "slow", 16: "crash"}
"""Id -> what is to happen. With five workers, one is left that nothing befalls."""


def requests(count: int) -> dict[bytes, bytes]:
    """Id -> payload: what is to happen, and the id."""
    return {b"%d" % number: f"{TROUBLES.get(number, 'quick')} {number}".encode() for number in range(count)}


def answer_to(payload: bytes) -> bytes:
    return payload.upper()


class Work:
    """In a worker process. `folder` is where all of them note what they began, finished, and died of."""

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder = folder
        self._patience = patience

    def do(self, payload: bytes, alive: Callable[[], object]) -> bytes:
        """Returns the answer. Calls `alive` again and again while it works; not while it hangs.

        Who gets a b"crash" or a b"hang" first is gone, or stands still; for everybody after that it is quick.
        """
        kind, _, number = payload.decode().partition(" ")
        first = self._is_first(number)
        self._note("begun")
        if kind == "crash" and first:
            self._note("crashed")
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows ends a process at once by both
        if kind == "hang" and first:
            time.sleep(HANG * self._patience)
        if kind == "slow":
            for _ in range(4 * SLOW):
                time.sleep(self._patience / 4)
                alive()
        else:
            time.sleep(QUICK)
        self._note("done")
        return answer_to(payload)

    def _is_first(self, number: str) -> bool:
        """Whether nobody has begun it before."""
        try:
            (self._folder / f"begun-{number}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _note(self, word: str) -> None:
        """Each process has a file of its own, and none is lost with it."""
        with (self._folder / f"notes-{os.getpid()}").open("a", encoding="ascii") as notes:
            notes.write(f"{word}\n")


def noted(folder: Path) -> Counter[str]:
    """How often workers have "begun", "crashed" and "done"."""
    return Counter(word for notes in folder.glob("notes-*") for word in notes.read_text(encoding="ascii").split())
