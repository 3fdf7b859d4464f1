"""The threads that the learner's code runs in and starts: which live on, which died, and how much they compute."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

LAB = "zmqlab.lab."  # its own threads, such as the relay's, start where the first socket connects

_clock_of: Callable[[int], int] | None = getattr(time, "pthread_getcpuclockid", None)  # not on Windows, not on macOS


class Watch:
    """``with Watch() as watch:`` sees every thread that a watched thread starts, and its exception, if it dies of one.

    For so long ``threading.Thread.start``, ``threading.excepthook`` and ``BaseEventLoop.run_forever`` are ours. Threads
    of others are left alone.
    """

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self._first: list[threading.Thread] = []
        self._started: list[threading.Thread] = []
        self._loops: list[asyncio.AbstractEventLoop] = []
        self._burned: dict[int, float] = {}  # clock of a thread -> seconds of computing, when they were read last
        self._start: Callable[[threading.Thread], None] = threading.Thread.start
        self._hook: Callable[[Any], object] = threading.excepthook
        self._run_forever: Callable[[Any], None] = asyncio.BaseEventLoop.run_forever

    def __enter__(self) -> Watch:
        self._start, self._hook = threading.Thread.start, threading.excepthook
        self._run_forever = asyncio.BaseEventLoop.run_forever
        ours = self

        def start(thread: threading.Thread) -> None:
            if ours._is_watched() and not sys._getframe(1).f_globals.get("__name__", "").startswith(LAB):
                ours._started.append(thread)
                ours._count(thread)
            ours._start(thread)

        def run_forever(loop: Any) -> None:
            if ours._is_watched():
                ours._loops.append(loop)
            ours._run_forever(loop)

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

    def this_thread(self) -> None:
        """The calling thread runs the learner's code."""
        self._first.append(threading.current_thread())
        self._note_clock()

    def alive(self) -> list[threading.Thread]:
        """The threads that were started and have not ended."""
        return [thread for thread in self._started if thread.is_alive()]

    def burned(self) -> float:
        """Seconds that the learner's threads have computed until now; always 0 where the system does not tell."""
        for clock in list(self._burned):
            with contextlib.suppress(OSError):  # the thread has ended
                self._burned[clock] = time.clock_gettime(clock)
        return sum(self._burned.values())

    def cancel_tasks(self) -> None:
        """Cancel what runs in the event loops that the learner's code has started: the end of a context does not wake
        what waits there."""
        for loop in self._loops:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_cancel_all, loop)

    def _is_watched(self) -> bool:
        return threading.current_thread() in (*self._first, *self._started)

    def _count(self, thread: threading.Thread) -> None:
        """Have the thread note its own clock: asked by another, an ended one would be read from freed memory."""
        run = thread.run

        def counted() -> None:
            thread.__dict__.pop("run", None)
            self._note_clock()
            run()

        thread.run = counted  # type: ignore[method-assign]

    def _note_clock(self) -> None:
        if _clock_of is not None:
            self._burned[_clock_of(threading.get_ident())] = 0.0

    def _died(self, details: Any) -> None:
        if details.thread not in self._started:
            self._hook(details)
        elif details.exc_value is not None:
            self.errors.append(details.exc_value)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
