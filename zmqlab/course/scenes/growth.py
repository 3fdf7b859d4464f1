"""Whether something stays in memory of every request, for scenarios of many."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

ROUNDS = 6
SMALL = 2  # rounds: in one of them, what somebody else in this process gave back may hide what is kept


def grows(requests: int, one_round: Callable[[], None]) -> bool:
    """Whether rounds, of so many requests each, leave a block of memory for three in four of them: what is kept of it.

    The first round does not count, in which everything is made that is made once; and as Python, the event loop and
    what a program keeps for use again take their memory in several rounds, two that leave little are enough. To be used
    in a `bulk` scenario: any other keeps the messages itself.
    """
    one_round()
    small = 0
    for _ in range(ROUNDS):
        before = _blocks()
        one_round()
        small += _blocks() - before < 0.75 * requests
        if small == SMALL:
            return False
    return True


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()
