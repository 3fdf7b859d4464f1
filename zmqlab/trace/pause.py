"""Python's collector of cyclic garbage looks at all objects that there are. Here it is kept from what stays, and from
where it must not come."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_left_alone = False  # by us: to ask Python takes as long as there are objects that are


@contextmanager
def without_collector() -> Iterator[None]:
    """Hundreds of thousands of objects are made that all stay. The collector would take as long as the work itself: it
    looks again and again at all that is there, and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        with old_left_alone():  # after which all that is there counts as old, and is not looked at again at once
            pass
        if was_on:
            gc.enable()


@contextmanager
def old_left_alone() -> Iterator[None]:
    """The collector looks only at what is made meanwhile. For who calls it again and again: in a program with many
    modules, such as a Jupyter kernel, that takes 30 ms each time."""
    global _left_alone
    if _left_alone or gc.get_freeze_count():  # we, or somebody else, have done so before, for longer
        yield
        return
    gc.freeze()
    _left_alone = True
    try:
        yield
    finally:
        _left_alone = False
        gc.unfreeze()


def current_frames() -> dict[int, FrameType]:
    """What each thread of this process does: `sys._current_frames()`. In Python 3.11 the whole process stands still for
    ever when the collector runs in the middle of it (https://github.com/python/cpython/issues/106883)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        if was_on:
            gc.enable()
