"""Waiting for a program that was started a moment ago, which may have a mistake in it and never say a word."""

from __future__ import annotations

from collections.abc import Callable

from ..lab.lab import Lab


def wait_for(lab: Lab, name: str, there: Callable[[], bool], patience: float = 30.0) -> None:
    """Wait until the process `name` of the lab has done what `there` looks for.

    Raises `ProcessFailed` as soon as it has failed, and TimeoutError when it has ended without that, or still runs
    after `patience` seconds.
    """
    lab.until(lambda: there() or lab[name].state == "ended", timeout=patience)
    if not there():
        raise TimeoutError(
            f"{name!r} has ended, and said nothing before: is its program whole? Run the cell that writes it, "
            "and then this one again."
        )
