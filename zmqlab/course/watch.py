"""The threads that the learner's code starts: which live on, and which died of an exception."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

LAB = "zmqlab.lab."  # its own threads, such as the relay's, start where the first socket connects


class Watch:
    """``with Watch() as watch:`` sees every thread that a watched thread starts, and its exception, if it dies of one.

    For so long ``threading.Thread.start`` and ``threading.excepthook`` are ours. Threads of others are left alone.
    """

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self._first: list[threading.Thread] = []
        self._started: list[threading.Thread] = []
        self._start: Callable[[threading.Thread], None] = threading.Thread.start
        self._hook: Callable[[Any], object] = threading.excepthook

    def __enter__(self) -> Watch:
        self._start, self._hook = threading.Thread.start, threading.excepthook
        ours = self

        def start(thread: threading.Thread) -> None:
            watched = threading.current_thread() in (*ours._first, *ours._started)
            if watched and not sys._getframe(1).f_globals.get("__name__", "").startswith(LAB):
                ours._started.append(thread)
            ours._start(thread)

        threading.Thread.start = start  # type: ignore[method-assign, assignment]
        threading.excepthook = self._died
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        threading.Thread.start = self._start  # type: ignore[method-assign, assignment]
        threading.excepthook = self._hook

    def this_thread(self) -> None:
        """The calling thread runs the learner's code."""
        self._first.append(threading.current_thread())

    def alive(self) -> list[threading.Thread]:
        """The threads that were started and have not ended."""
        return [thread for thread in self._started if thread.is_alive()]

    def _died(self, details: Any) -> None:
        if details.thread not in self._started:
            self._hook(details)
        elif details.exc_value is not None:
            self.errors.append(details.exc_value)
