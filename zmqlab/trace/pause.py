"""Making hundreds of thousands of objects that all stay, without looking for garbage among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Python's collector of cyclic garbage would take as long as the work itself: it looks again and again at all that
    is there, and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # the two together: all that is there counts as old, and is not looked at again at once
        if was_on:
            gc.enable()
