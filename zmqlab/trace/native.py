"""Locks and threads of the operating system, also in a program whose `threading` is that of gevent or eventlet.

``gevent.monkey.patch_all()`` puts greenlets in the place of threads: they take turns in one thread, and one that waits
inside libzmq stops all the others. What has to go on beside the program is made with these. And as they are none of
`threading`, a program that counts its threads, or waits for all of them, does not meet ours.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Protocol


class Lock(AbstractContextManager[Any], Protocol):
    """As `threading.Lock` gives."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self) -> None: ...


def original(module: str, name: str) -> Any:
    """``module.name`` as Python has made it, where gevent or eventlet has put its own in its place."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if gevent is not None:
        return gevent.get_original(module, name)
    return getattr(eventlet.original(module) if eventlet is not None else import_module(module), name)


def lock() -> Lock:
    made: Lock = original("_thread", "allocate_lock")()
    return made


class Flag:
    """One thread sets it, once and for all; others wait for that."""

    def __init__(self) -> None:
        self._is_set = False
        self._unset = lock()
        self._unset.acquire()

    def set(self) -> None:
        if not self._is_set:
            self._is_set = True
            self._unset.release()

    def wait(self, timeout: float) -> bool:
        """Is it set? After `timeout` seconds at the latest."""
        if not self._is_set and self._unset.acquire(timeout=timeout):
            self._unset.release()  # for the next who waits
        return self._is_set
