"""Whether something stays in memory of every request, for scenarios of many."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

ROUNDS = 8
SMALL = 3  # rounds: in one or two of them, what somebody else in this process gave back may hide what is kept


def grows(requests: int, one_round: Callable[[], None]) -> bool:
    """Whether rounds, of so many requests each, leave a block of memory for three in four of them: what is kept of it.

    The first round does not count, in which everything is made that is made once; and as Python, the event loop and
    what a program keeps for use again take their memory in several rounds, three that leave little are enough. To be
    used in a `bulk` scenario: any other keeps the messages itself.
    """
    one_round()
    small = large = 0
    while small < SMALL and large <= ROUNDS - SMALL:
        before = _blocks()
        one_round()
        if _blocks() - before < 0.75 * requests:
            small += 1
        else:
            large += 1
    return small < SMALL


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()
