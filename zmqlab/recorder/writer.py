"""A thread beside the program that writes down what is recorded, while it happens."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from ..trace import native
from ..trace.log import Log
from ..trace.spool import Spool

OFTEN, SELDOM = 0.01, 0.1  # seconds between two writes: at first, as a process may live for a moment only, and later


class Writer:
    """Writes what is appended to `log`; with `keep` the log keeps it as well, as far as its own bounds go.

    `beside` is called now and then, in the thread.

    What cannot be written is counted, said once, and the program goes on.
    """

    def __init__(self, log: Log, spool: Spool, keep: bool, beside: Callable[[], None] = lambda: None) -> None:
        self.spool = spool
        self.trouble = ""
        self.lost = 0  # events
        self._log = log
        self._keep = keep
        self._beside = beside
        self._next = 0
        self._lock = native.lock()
        self._stop = native.Flag()
        self._began = monotonic()

    def start(self) -> None:
        """Begin the thread."""
        native.original("_thread", "start_new_thread")(self._run, ())

    def flush(self) -> None:
        """When this returns, what was recorded before outlives the process."""
        with self._lock:
            chunks, upto, gap = self._log.chunks(self._next)
            self.lost += gap
            if chunks and not self.trouble:
                try:
                    self.spool.write(chunks)
                except OSError as error:
                    self._give_up(error)
            if self.trouble:
                self.lost += sum(chunk.number for chunk in chunks)
            self._next = upto
            if not self._keep:
                self._log.let_go(upto)

    def end(self, remarks: list[str]) -> None:
        """Write the rest, and that it was all, if anything was written."""
        self._stop.set()
        self.flush()
        if self.lost and not self.trouble:
            remarks = [*remarks, f"{self.lost:,} events came faster than they could be written, and are missing"]
        if not (self._next or remarks):
            return
        with self._lock:
            try:
                for remark in remarks:
                    self.spool.note("remark", remark)
                self.spool.note("ended", True)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if not self.trouble:
            self.trouble = str(error)
            print(f"zmqlab: recording stops, and the program goes on: {error}", file=sys.stderr)

    def _run(self, *_: Any) -> None:
        while not self._stop.wait(min(SELDOM, max(OFTEN, (monotonic() - self._began) / 10))):
            self.flush()
            self._beside()
