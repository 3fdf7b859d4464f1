"""What a forked process must not inherit, and makes anew.

A child of ``os.fork`` (`multiprocessing` and `pty.fork` are built on it) is a copy of its parent with one thread: the
one that forked. A lock that another thread held is locked for ever, threads that were counted on do not run, and what
leads to another process, such as the relay, is the parent's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """An object that has something to make anew."""

    def in_child(self) -> None:
        """Called in the child, before anything else runs there. It may wait for nothing."""
        ...


_living: WeakSet[Forked] = WeakSet()


def tell(one: Forked) -> None:
    """Have ``one.in_child()`` called in each process that is forked while `one` lives."""
    _living.add(one)


def call(anew: Callable[[], None]) -> None:
    """The same for what belongs to a module."""
    if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
        os.register_at_fork(after_in_child=anew)


def _tell_all() -> None:
    for one in list(_living):
        one.in_child()


call(_tell_all)
