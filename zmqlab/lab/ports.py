"""Ports that are given to nobody who asks for any port."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

LOWEST = 20_000
TRIES = 50
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL = 32_768  # of Linux; other systems begin higher

_chance = random.Random()  # the learner's own keeps its seed
T = TypeVar("T")


def apart(bind: Callable[[int], T]) -> T:
    """What `bind` makes of a port below those that a system gives to who asks for any; of 0, any port, if none is free.

    Jupyter asks for free ports, closes them, and its kernel binds them a second later: of twenty kernels at once, one
    met a lab there.
    """
    highest = _first_given()
    for _ in range(TRIES if highest > LOWEST else 0):
        with suppress(OSError):
            return bind(_chance.randrange(LOWEST, highest))
    return bind(0)


def _first_given() -> int:
    try:
        return int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _USUAL
