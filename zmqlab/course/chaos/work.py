"""What the requests of the chaos run ask for, and what befalls the worker that gets one."""

from __future__ import annotations

import os
import signal
import time
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
    """In a worker process. `folder` is where all of them note what was begun and done."""

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder = folder
        self._patience = patience

    def do(self, payload: bytes, alive: Callable[[], object]) -> bytes:
        """Returns the answer. Calls `alive` again and again while it works; not while it hangs.

        Who gets a b"crash" or a b"hang" first is gone, or stands still; for everybody after that it is quick.
        """
        kind, _, number = payload.decode().partition(" ")
        first = self._begin(number)
        if kind == "crash" and first:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows ends a process at once by both
        if kind == "hang" and first:
            time.sleep(HANG * self._patience)
        if kind == "slow":
            for _ in range(4 * SLOW):
                time.sleep(self._patience / 4)
                alive()
        else:
            time.sleep(QUICK)
        with (self._folder / "done").open("ab", buffering=0) as done:
            done.write(f"{number}\n".encode())
        return answer_to(payload)

    def _begin(self, number: str) -> bool:
        """Whether nobody has begun it before."""
        try:
            (self._folder / f"begun-{number}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def times_done(folder: Path) -> int:
    """How often any request was worked out to its end."""
    done = folder / "done"
    return len(done.read_bytes().splitlines()) if done.exists() else 0
