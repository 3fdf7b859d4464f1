"""The threads that the learner's code runs in and starts: which live on, which died, and how much they compute."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

LAB = "zmqlab.lab."  # its own threads, such as the relay's, start where the first socket connects


class Spent(NamedTuple):
    """How a thread has spent its time: seconds in which it computed, and in which it waited for a processor."""

    computed: float
    waited: float


class Watch:
    """``with Watch() as watch:`` sees every thread that a watched thread starts, and its exception, if it dies of one.

    For so long ``threading.Thread.start``, ``threading.excepthook`` and ``BaseEventLoop.run_forever`` are ours. Threads
    of others are left alone.

    A thread runs for an owner, and so does each that it starts; what the play has killed is forgotten.
    """

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self._first: list[threading.Thread] = []
        self._started: list[threading.Thread] = []
        self._owners: dict[threading.Thread, object] = {}
        self._forgotten: set[object] = set()
        self._loops: list[tuple[asyncio.AbstractEventLoop, threading.Event]] = []  # each with: it has stopped
        self._spent: dict[int, Spent] = {}  # by the system's id of a thread, as it was when somebody asked last
        self._start: Callable[[threading.Thread], None] = threading.Thread.start
        self._hook: Callable[[Any], object] = threading.excepthook
        self._run_forever: Callable[[Any], None] = asyncio.BaseEventLoop.run_forever

    def __enter__(self) -> Watch:
        self._start, self._hook = threading.Thread.start, threading.excepthook
        self._run_forever = asyncio.BaseEventLoop.run_forever
        ours = self

        def start(thread: threading.Thread) -> None:
            if ours._is_watched() and not sys._getframe(1).f_globals.get("__name__", "").startswith(LAB):
                ours._owners[thread] = ours._owners[threading.current_thread()]  # first: whose it is must be known
                ours._started.append(thread)
            ours._start(thread)

        def run_forever(loop: Any) -> None:
            stopped = threading.Event()
            if ours._is_watched():
                ours._loops.append((loop, stopped))
            try:
                ours._run_forever(loop)
            finally:
                stopped.set()

        threading.Thread.start = start  # type: ignore[method-assign, assignment]
        threading.excepthook = self._died
        asyncio.BaseEventLoop.run_forever = run_forever  # type: ignore[method-assign, assignment]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        threading.Thread.start = self._start  # type: ignore[method-assign, assignment]
        threading.excepthook = self._hook
        asyncio.BaseEventLoop.run_forever = self._run_forever  # type: ignore[method-assign, assignment]

    def this_thread(self, owner: object) -> None:
        """The calling thread runs the learner's code, for that owner."""
        self._owners[threading.current_thread()] = owner
        self._first.append(threading.current_thread())

    def forget(self, owner: object) -> None:
        """What runs for that owner dies, as with a process that is killed: how, and when, is not its own doing."""
        self._forgotten.add(owner)

    def alive(self) -> list[threading.Thread]:
        """The threads that were started and have not ended."""
        return [thread for thread in self._started if thread.is_alive() and not self._is_forgotten(thread)]

    def spent(self) -> dict[int, Spent]:
        """How each of the learner's threads has spent its time until now; empty where the system does not tell."""
        for thread in (*self._first, *self._started):
            spent = spent_by(thread.native_id)
            if spent is not None:
                self._spent[thread.native_id or 0] = spent
        return dict(self._spent)

    def cancel_tasks(self, patience: float) -> None:
        """Cancel what runs in the event loops that the learner's code has started, and wait for so many seconds at
        most: the end of a context does not wake what waits there."""
        for loop, _ in self._loops:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_cancel_all, loop)
        deadline = time.monotonic() + patience
        for _, stopped in self._loops:
            stopped.wait(max(0.0, deadline - time.monotonic()))

    def _is_watched(self) -> bool:
        return threading.current_thread() in (*self._first, *self._started)

    def _is_forgotten(self, thread: threading.Thread) -> bool:
        return self._owners[thread] in self._forgotten

    def _died(self, details: Any) -> None:
        if details.thread not in self._started:
            self._hook(details)
        elif details.exc_value is not None and not self._is_forgotten(details.thread):
            self.errors.append(details.exc_value)


def spent_by(native_id: int | None) -> Spent | None:
    """How that thread has spent its time; None when it has ended, or has not begun, or the system does not tell."""
    try:
        words = Path(f"/proc/self/task/{native_id}/schedstat").read_bytes().split()
        return Spent(int(words[0]) / 1e9, int(words[1]) / 1e9)
    except (OSError, ValueError):
        return None


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
