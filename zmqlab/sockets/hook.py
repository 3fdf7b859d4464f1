"""Sockets that pyzmq's own contexts make, and that report all the same.

While a recording runs, the contexts of `zmq` and `zmq.asyncio` make watched sockets: whichever context it is, whoever
made it and when. While there is a lab, those do that are shadows of one of its contexts. A recording watches other
blocking sockets too, those that are made without a context's help (``zmq.Socket(ctx, zmq.PUSH)``) and those of classes
that are built on `zmq.Socket`. Sockets that cannot be watched are counted. What notebooks, pyzmq and the lab need for
themselves stays as it is.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import zmq
import zmq.asyncio

from ..trace import forks
from . import proxies
from .aio import TracedAsyncSocket
from .reporter import reporter_of
from .tap import Tap
from .traced import TracedSocket, owner_of

OTHERS = ("ipykernel", "jupyter_client", "zmqlab", "zmq.utils.garbage")  # their sockets are not the program's
PROGRAMS = ("zmqlab.majordomo",)  # but those of these are
FOREIGN = ("zmq.green", "eventlet", "zmq.asyncio", "zmq._future")  # their sockets do not work as `zmq.Socket` does
HOOK = "_socket_class"  # what a context makes its sockets with


class _Watcher(NamedTuple):
    """A recording that runs."""

    find_tap: Callable[[], Tap]  # where the sockets of the caller report
    missed: Callable[[str], None]  # hears of a socket that is not recorded, by what its class is called


_plain_init: Any = zmq.Socket.__init__
_lock = threading.Lock()
_watching: list[_Watcher] = []  # newest last
_labs: set[object] = set()  # those that are open
_before: dict[type, Any] = {}  # what the contexts made their sockets with
_reporting: WeakKeyDictionary[type, type] = WeakKeyDictionary()  # classes of programs, and what reports in their place


class RecordedSocket(TracedSocket):
    _repr_cls = "zmq.Socket"  # pyzmq asks the class itself

    def _find_tap(self) -> Tap:
        return _watching[-1].find_tap()


class RecordedAsyncSocket(TracedAsyncSocket):
    _repr_cls = "zmq.asyncio.Socket"

    def _find_tap(self) -> Tap:
        return _watching[-1].find_tap()


RecordedSocket.__name__ = RecordedAsyncSocket.__name__ = zmq.Socket.__name__  # pyzmq puts it into its errors

_CLASSES: dict[type, tuple[type, type, type]] = {
    zmq.Context: (zmq.Socket, TracedSocket, RecordedSocket),
    zmq.asyncio.Context: (zmq.asyncio.Socket, TracedAsyncSocket, RecordedAsyncSocket),
}


def watch(find_tap: Callable[[], Tap], missed: Callable[[str], None] = lambda kind: None) -> None:
    """From now on new sockets report to what `find_tap` gives in the thread that makes them; see `unwatch`."""
    with _lock:
        _watching.append(_Watcher(find_tap, missed))
        _fit()


def unwatch(find_tap: Callable[[], Tap]) -> None:
    """No longer. With the last of them and of the labs pyzmq is as it was."""
    with _lock:
        _watching.remove(next(each for each in _watching if each.find_tap == find_tap))
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
            setattr(context, HOOK, _chooser(*kinds))
        zmq.Socket.__init__ = _init  # type: ignore[assignment, method-assign]
        proxies.tell(True)
    elif _before and not wanted:
        zmq.Socket.__init__ = _plain_init  # type: ignore[method-assign]
        proxies.tell(False)
        for context, made_with in _before.items():
            if getattr(context.__dict__.get(HOOK), "chooses", False):  # or the program has put its own there
                setattr(context, HOOK, made_with)
        _before.clear()


def _init(socket: zmq.Socket[Any], *args: Any, **kwargs: Any) -> None:
    """`zmq.Socket`'s own. A plain shadow of a socket that reports becomes one that does so, too; and so does a socket
    that no context of ours has made."""
    _plain_init(socket, *args, **kwargs)
    made: Any = socket
    if isinstance(socket, TracedSocket):
        return
    if socket._shadow:
        reporter = reporter_of(socket.underlying)
        if reporter is not None and type(socket) is zmq.Socket:
            made.__class__, made._reporter = RecordedSocket, reporter
    elif _watching and not _of_others(1):
        kind = type(socket)
        if kind.__module__.startswith(FOREIGN):
            _watching[-1].missed(_called(kind))
            return
        try:
            made.__class__ = _reporting_one(kind)
        except Exception:  # nobody may build on that class in this way
            _watching[-1].missed(_called(kind))
        else:
            made._begin()


def _reporting_one(kind: type) -> type:
    """A class that reports, and is the same in all else."""
    if kind is zmq.Socket:
        return RecordedSocket
    found = _reporting.get(kind)
    if found is None:
        names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
        found = _reporting[kind] = type(kind.__name__, (kind, RecordedSocket), names)
    return found


def _called(kind: type) -> str:
    """As a person knows it."""
    return kind.__module__.removesuffix(".core") if kind.__module__.startswith("zmq.") else kind.__qualname__


def _of_others(depth: int) -> bool:
    """Is a socket made for notebooks, for pyzmq itself or for the lab? Who asks pyzmq for it tells."""
    frame: Any = sys._getframe(depth + 1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if _is_of(module, OTHERS) or not _is_of(module, ("zmq",)):
            return _is_of(module, OTHERS) and not _is_of(module, PROGRAMS)
        frame = frame.f_back
    return False


def _is_of(module: str, packages: tuple[str, ...]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def _anew() -> None:
    """The recordings that run are the parent's; a recording of the child is its first."""
    global _lock
    _lock = threading.Lock()
    _watching.clear()
    _labs.clear()
    _fit()


forks.call(_anew)


def _chooser(plain: type, traced: type, recorded: type) -> type:
    """In the place of `plain`: a class too, as programs build on what they find there, keep it, and put it back."""

    class Chooser(plain):  # type: ignore[misc]
        chooses = True

        def __new__(cls, context: Any = None, *args: Any, **kwargs: Any) -> Any:
            if cls is not Chooser:  # a class of the program
                return super().__new__(cls, context, *args, **kwargs)
            if owner_of(context) is not None:
                kind = traced
            elif not _watching or _of_others(1):
                kind = plain
            else:
                kind = recorded
            return kind(context, *args, **kwargs)

    Chooser.__name__, Chooser.__qualname__, Chooser.__module__ = plain.__name__, plain.__qualname__, plain.__module__
    return Chooser
