"""Whether something stays in memory of every request, for scenarios of many."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

ROUNDS = 3


def grows(requests: int, one_round: Callable[[], None]) -> bool:
    """Whether each round, of so many requests, leaves a block of memory for half of them at least: what is kept of it.

    The first round does not count, in which everything is made that is made once. To be used in a `bulk` scenario: any
    other keeps the messages itself.
    """
    one_round()
    for _ in range(ROUNDS):
        before = _blocks()
        one_round()
        if _blocks() - before < requests / 2:
            return False
    return True


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()
