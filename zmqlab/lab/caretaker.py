"""Who does the lab's work: one thing after the other, and each to its end, whatever interrupts those who asked."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from ..trace import forks

T = TypeVar("T")


class Caretaker:
    """Runs what it is given in a thread of its own, in order; there is a thread only while there is work.

    The stop button interrupts the main thread anywhere, also half-way through stopping an actor; and the callbacks of
    a widget must not wait. So both leave the work to the caretaker. Thread-safe.

    ``check()`` raises when nothing more is to be asked for.
    """

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self._check = check
        self._jobs: deque[Callable[[], None]] = deque()
        self._busy = threading.Lock()  # held by the thread that works
        self._worker = 0  # which one that is
        forks.tell(self)

    def in_child(self) -> None:
        """The thread is the parent's, and what it was doing too."""
        self._jobs.clear()
        self._busy = threading.Lock()
        self._worker = 0

    def is_here(self) -> bool:
        """Is this its own thread, doing something already?"""
        return self._worker == threading.get_ident()

    def do(self, work: Callable[[], T]) -> T:
        """Have `work` done, wait for it, and return or raise what it does. An interrupt ends the wait alone.

        What is asked for in the course of such work is a part of it, and done at once.
        """
        __tracebackhide__ = True
        if self.is_here():
            return work()
        self._check()
        done = threading.Event()
        results: list[T] = []
        errors: list[BaseException] = []

        def job() -> None:
            try:
                results.append(work())
            except BaseException as error:
                errors.append(error)
            finally:
                done.set()

        self._add(job)
        while not done.wait(0.05):  # short waits, because a lock wait cannot be interrupted everywhere
            pass
        if errors:
            raise errors[0]
        return results[0]

    def soon(self, work: Callable[[], Any], failed: Callable[[BaseException], Any]) -> None:
        """Have `work` done, and do not wait; `failed` hears of an error, in the caretaker's thread."""

        def job() -> None:
            try:
                self._check()
                work()
            except BaseException as error:
                failed(error)

        self._add(job)

    def _add(self, job: Callable[[], None]) -> None:
        self._jobs.append(job)
        # One thread too many ends at once; a job that an interrupt leaves undone just here is done before the next.
        threading.Thread(target=self._work, name="zmqlab caretaker", daemon=True).start()

    def _work(self) -> None:
        while self._jobs and self._busy.acquire(blocking=False):
            self._worker = threading.get_ident()
            try:
                while self._jobs:
                    self._jobs.popleft()()
            finally:
                self._worker = 0
                self._busy.release()
