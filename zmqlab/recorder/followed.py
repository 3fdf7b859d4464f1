"""A process that `python -m zmqlab record` has started, or that such a one has, and that records itself.

`begin` is called when it imports zmq, `end` when it has nothing more to do.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

from ..trace import forks
from ..trace.log import UNBOUNDED, Log
from ..trace.spool import Bound, Spool
from . import place
from .recorder import Recorder, here, name_of_program
from .writer import Writer

BACKLOG = 2_000_000  # events that wait to be written, at the most
MAIN = "MainProcess"  # what multiprocessing calls a process that it has not made

_followed: Followed | None = None


class Followed:
    """Records this process, from now on; the relay is started at once, or with the first socket."""

    def __init__(self, settings: dict[str, Any], relay: bool) -> None:
        self.settings = settings
        self._path = place.new_spool(Path(settings["folder"]))
        self._writer: Writer | None = None
        keep = {key: settings[key] for key in ("folder", "seconds", "size")}
        log = Log(max_events=BACKLOG, max_bytes=UNBOUNDED)
        self._recorder = Recorder("", log, settings["links"], self._write, keep)
        self._recorder.start(relay)

    def _write(self) -> None:
        """It makes its first socket."""
        if self._writer is not None:
            return
        self._recorder.name = name = _name_in_pool() or name_of_program()
        bound = Bound(self.settings["seconds"], self.settings["size"])
        spool = Spool(self._path, here(name), bound)
        with contextlib.suppress(OSError):  # which the writer will meet as well, and tell
            spool.begin()
        self._writer = Writer(self._recorder.log, spool, keep=False, beside=self._recorder.revive)
        self._writer.start()

    def end(self) -> None:
        remarks = self._recorder.finish(getattr(sys, "last_value", None), over=True)
        if self._writer is None and self._recorder.missed:
            self._write()
        if self._writer is not None:
            self._writer.end([*remarks, *self._recorder.unseen()])


def begin(settings: dict[str, Any]) -> None:
    """Record this process, and each that it forks."""
    global _followed
    _followed = Followed(settings, relay=True)
    forks.call(_in_child)


def end() -> None:
    """Nothing of this process is recorded any more."""
    global _followed
    followed, _followed = _followed, None
    if followed is not None:
        followed.end()


def _in_child() -> None:
    global _followed
    parent, _followed = _followed, None
    if parent is not None:
        _followed = Followed(parent.settings, relay=False)


def _name_in_pool() -> str:
    """What multiprocessing calls this process, if it has made it."""
    multiprocessing = sys.modules.get("multiprocessing.process")
    name = str(multiprocessing.current_process().name) if multiprocessing is not None else MAIN
    return "" if name == MAIN else name
