"""Where the processes of one recording write while they run: a folder beside what it is to become."""

from __future__ import annotations

import contextlib
import os
import time
from itertools import count
from pathlib import Path

from ..trace.spool import SUFFIX

FOLDER = ".recording"  # "run.html" is made of what is in "run.recording"


def free_folder(path: Path) -> Path:
    """A folder for a recording that becomes `path`; it is not made. One that is there is of a run that was killed, and
    stays."""
    for n in count(1):
        folder = path.absolute().with_name(f"{path.stem}{FOLDER}{f'-{n}' if n > 1 else ''}")
        if not folder.exists():
            return folder
    raise AssertionError


def new_spool(folder: Path) -> Path:
    """A file of this process, which is not made. The names of processes that begin later come later."""
    return folder / f"{time.time_ns()}-{os.getpid()}{SUFFIX}"


def spools(folder: Path) -> list[Path]:
    """What the processes have written there, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def remove(spool: Path) -> None:
    """A spool with its segments, and its folder when nothing else is there."""
    for path in spool.parent.glob(f"{spool.name}*"):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        spool.parent.rmdir()
