"""One background thread that brings all live views of this process up to date, ten times a second.

One for all, because every thread that writes to the kernel's output costs a pipe of its own.
"""

from __future__ import annotations

import atexit
import logging
import threading
from typing import Protocol

from ..trace import forks

INTERVAL = 0.1  # seconds

log = logging.getLogger(__name__)


class Flushable(Protocol):
    def flush(self) -> None: ...


class Flusher:
    """Calls `flush()` of everything added, from its own thread; the thread ends when nothing is left."""

    def __init__(self) -> None:
        self.in_child()
        forks.tell(self)

    def in_child(self) -> None:
        """The views and the thread are the parent's."""
        self._lock = threading.Lock()
        self._views: dict[int, Flushable] = {}
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def add(self, view: Flushable) -> None:
        with self._lock:
            self._views[id(view)] = view
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="zmqlab-view", daemon=True)
                self._thread.start()

    def remove(self, view: Flushable) -> None:
        # Without the lock: a view that is garbage-collected may call this from anywhere, also from inside it.
        self._views.pop(id(view), None)

    def stop(self) -> None:
        """For good: nothing is sent after this returns."""
        self._stopped.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=2)

    def _run(self) -> None:
        while True:
            with self._lock:
                views = list(self._views.values())
                if not views or self._stopped.is_set():
                    self._thread = None
                    return
            for view in views:
                self._flush(view)
            self._stopped.wait(INTERVAL)

    def _flush(self, view: Flushable) -> None:
        try:
            view.flush()
        except Exception:
            log.exception("a view could not be brought up to date and is no longer followed")
            self.remove(view)


shared = Flusher()
# When the kernel ends, its output thread goes first; what another thread sent then would be torn to pieces.
atexit.register(shared.stop)
