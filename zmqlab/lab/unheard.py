"""Who has failed while a cell goes on, which may wait for them: the cell is told.

`Lab.wait` and `Lab.until` raise the failed actor's error. A plain ``socket.recv()`` would wait for ever without a word.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from contextvars import Context
from time import monotonic, sleep
from types import FrameType

from ..trace.pause import current_frames
from .actor import Run, failure
from .kernel import kernel
from .printed import filled
from .progress import PATIENCE, tell
from .tracebacks import describe, where

LOOK = 0.5  # seconds from one look to the next


class Unheard:
    """Looks, in a thread of its own, for those of `runs` who have failed and whose error nobody has been shown. Once a
    cell has gone on for `PATIENCE` seconds meanwhile, its output says so, once for each failure.

    The thread ends when `over()`. There is one in a notebook alone.
    """

    def __init__(self, runs: Callable[[], Iterable[Run]], over: Callable[[], bool]) -> None:
        self._runs = runs
        self._over = over
        self._told: set[Run] = set()
        if kernel() is not None:
            # In a context without a cell, or what is shown would go to the one that has made the lab.
            run = Context().run
            threading.Thread(target=run, args=(self._look,), name="zmqlab unheard", daemon=True).start()

    def _look(self) -> None:
        seen: tuple[FrameType, set[Run]] | None = None
        began = 0.0
        while not self._over():
            failed = self._failed()
            cell = _cell() if failed else None
            if cell is None:
                seen = None
            elif seen != (cell, failed):
                seen, began = (cell, failed), monotonic()
            elif monotonic() - began >= PATIENCE:
                self._say(failed)
            del cell  # it would live on with all that it refers to
            sleep(LOOK)

    def _failed(self) -> set[Run]:
        return {run for run in self._runs() if failure(run) is not None and not run.reported} - self._told

    def _say(self, failed: set[Run]) -> None:
        self._told |= failed
        lines = [f"{run.name} has failed: {describe(error)}" for run in failed if (error := failure(run)) is not None]
        doing = where(threading.main_thread().ident)
        names = " or ".join(run.name for run in failed)
        lines.append(f"This cell goes on: {doing}. If it waits for {names}, the stop button ends the wait.")
        tell("\n".join(part for line in lines for part in filled(line)))


def _cell() -> FrameType | None:
    """What runs in the main thread of the notebook's own code, if anything does."""
    own = sys.modules["__main__"].__dict__
    frame = current_frames().get(threading.main_thread().ident or 0)
    found = None
    while frame is not None:
        if frame.f_globals is own:
            found = frame
        frame = frame.f_back
    return found
