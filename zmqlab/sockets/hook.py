"""Sockets of a program that was written without the lab: pyzmq makes them, and they report to the recording that runs.

While a recording runs, the contexts of `zmq` and `zmq.asyncio` make watched sockets: whichever context it is, whoever
made it and when. What else pyzmq offers stays as it is, and so do the sockets that notebooks and the lab need for
themselves.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import zmq
import zmq.asyncio

from ..trace import forks
from .aio import TracedAsyncSocket
from .tap import Tap
from .traced import TracedSocket

OTHERS = frozenset(("ipykernel", "jupyter_client", "zmqlab"))  # their sockets are not the program's
HOOK = "_socket_class"  # what a context makes its sockets with

_lock = threading.Lock()
_watching: list[
    Callable[[], Tap]
] = []  # the recordings that run, each as what gives the tap of its caller; newest last
_before: dict[type, Any] = {}  # what the contexts made their sockets with


class RecordedSocket(TracedSocket):
    _repr_cls = "zmq.Socket"  # pyzmq asks the class itself

    def _find_tap(self) -> Tap:
        return _watching[-1]()


class RecordedAsyncSocket(TracedAsyncSocket):
    _repr_cls = "zmq.asyncio.Socket"

    def _find_tap(self) -> Tap:
        return _watching[-1]()


RecordedSocket.__name__ = RecordedAsyncSocket.__name__ = zmq.Socket.__name__  # pyzmq puts it into its errors

_CLASSES: dict[type, tuple[type, type]] = {
    zmq.Context: (zmq.Socket, RecordedSocket),
    zmq.asyncio.Context: (zmq.asyncio.Socket, RecordedAsyncSocket),
}


def watch(find_tap: Callable[[], Tap]) -> None:
    """From now on new sockets report to what `find_tap` gives in the thread that makes them; see `unwatch`."""
    with _lock:
        if not _watching:
            for context, (plain, recorded) in _CLASSES.items():
                _before[context] = context.__dict__[HOOK]
                setattr(context, HOOK, staticmethod(_maker(plain, recorded)))
        _watching.append(find_tap)


def unwatch(find_tap: Callable[[], Tap]) -> None:
    """No longer. With the last of them pyzmq is as it was."""
    with _lock:
        _watching.remove(find_tap)
        if not _watching:
            _put_back()


def _put_back() -> None:
    for context, made_with in _before.items():
        setattr(context, HOOK, made_with)
    _before.clear()


def _anew() -> None:
    """The recordings that run are the parent's; a recording of the child is its first."""
    global _lock
    _lock = threading.Lock()
    _watching.clear()
    _put_back()


forks.call(_anew)


def _maker(plain: type, recorded: type) -> Callable[..., Any]:
    def make(context: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(2).f_globals.get("__name__", "")  # who called context.socket()
        return (plain if caller.partition(".")[0] in OTHERS else recorded)(context, *args, **kwargs)

    return make
