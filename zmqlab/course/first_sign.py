"""Waiting for a program that was started a moment ago, which may have a mistake in it and never say a word."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..lab.lab import Lab

PATIENCE = 30.0  # seconds
LOOK = 0.01  # seconds from one look to the next


def wait_for(lab: Lab, name: str, there: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until the process `name` of the lab has done what `there` looks for.

    Raises `ProcessFailed` as soon as it has failed, and TimeoutError when it has ended without that, or still runs
    after `patience` seconds.
    """
    late = time.monotonic() + patience
    while not there():
        if lab[name].state in ("ended", "failed") or time.monotonic() > late:
            lab.wait(name, timeout=0)  # raises, unless it has ended as if all were well
            raise TimeoutError(
                f"{name!r} has ended, and said nothing before: is its program whole? Run the cell that writes it, "
                "and then this one again."
            )
        time.sleep(LOOK)
