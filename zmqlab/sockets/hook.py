"""Sockets that pyzmq's own contexts make, and that report all the same.

While a recording runs, the contexts of `zmq` and `zmq.asyncio` make watched sockets: whichever context it is, whoever
made it and when. While there is a lab, those do that are shadows of one of its contexts. What else pyzmq offers stays
as it is, and so do the sockets that notebooks and the lab need for themselves.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import zmq
import zmq.asyncio

from ..trace import forks
from . import proxies
from .aio import TracedAsyncSocket
from .reporter import reporter_of
from .tap import Tap
from .traced import TracedSocket, owner_of

OTHERS = frozenset(("ipykernel", "jupyter_client", "zmqlab"))  # their sockets are not the program's
HOOK = "_socket_class"  # what a context makes its sockets with

_plain_init: Any = zmq.Socket.__init__
_lock = threading.Lock()
_watching: list[Callable[[], Tap]] = []  # the recordings that run: each gives the tap of its caller; newest last
_labs: set[object] = set()  # those that are open
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

_CLASSES: dict[type, tuple[type, type, type]] = {
    zmq.Context: (zmq.Socket, TracedSocket, RecordedSocket),
    zmq.asyncio.Context: (zmq.asyncio.Socket, TracedAsyncSocket, RecordedAsyncSocket),
}


def watch(find_tap: Callable[[], Tap]) -> None:
    """From now on new sockets report to what `find_tap` gives in the thread that makes them; see `unwatch`."""
    with _lock:
        _watching.append(find_tap)
        _fit()


def unwatch(find_tap: Callable[[], Tap]) -> None:
    """No longer. With the last of them and of the labs pyzmq is as it was."""
    with _lock:
        _watching.remove(find_tap)
        _fit()


def follow_shadows(lab: object) -> None:
    """Until `leave_shadows`, sockets of a shadow of a traced context report as those of the context itself do."""
    with _lock:
        _labs.add(lab)
        _fit()


def leave_shadows(lab: object) -> None:
    """Idempotent."""
    with _lock:
        _labs.discard(lab)
        _fit()


def _fit() -> None:
    """Have pyzmq's contexts make their sockets as is needed now."""
    wanted = bool(_watching or _labs)
    if wanted and not _before:
        for context, kinds in _CLASSES.items():
            _before[context] = context.__dict__[HOOK]
            setattr(context, HOOK, staticmethod(_maker(*kinds)))
        zmq.Socket.__init__ = _init  # type: ignore[assignment, method-assign]
        proxies.tell(True)
    elif _before and not wanted:
        zmq.Socket.__init__ = _plain_init  # type: ignore[method-assign]
        proxies.tell(False)
        for context, made_with in _before.items():
            setattr(context, HOOK, made_with)
        _before.clear()


def _init(socket: zmq.Socket[Any], *args: Any, **kwargs: Any) -> None:
    """`zmq.Socket`'s own. A plain shadow of a socket that reports becomes one that does so, too."""
    _plain_init(socket, *args, **kwargs)
    if type(socket) is zmq.Socket and socket._shadow:
        reporter = reporter_of(socket.underlying)
        if reporter is not None:
            shadow: Any = socket
            shadow.__class__ = RecordedSocket
            shadow._reporter = reporter


def _anew() -> None:
    """The recordings that run are the parent's; a recording of the child is its first."""
    global _lock
    _lock = threading.Lock()
    _watching.clear()
    _labs.clear()
    _fit()


forks.call(_anew)


def _maker(plain: type, traced: type, recorded: type) -> Callable[..., Any]:
    def make(context: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(2).f_globals.get("__name__", "")  # who called context.socket()
        if owner_of(context) is not None:
            kind = traced
        elif not _watching or caller.partition(".")[0] in OTHERS:
            kind = plain
        else:
            kind = recorded
        return kind(context, *args, **kwargs)

    return make
