"""`zmq.proxy` and its like, which say what sockets they have taken over: what they do in C no socket tells."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import zmq
import zmq.backend

from ..trace.events import ProxyData
from .reporter import Reporter, reporter_of

_NAMES = ("proxy", "proxy_steerable", "monitored_queue")  # what programs import them by, as a rule
_PLAIN: tuple[Callable[..., Any], ...] = tuple(
    filter(
        None, (zmq.proxy, zmq.proxy_steerable, getattr(zmq.backend, "monitored_queue", None))
    )  # PyPy has not the last
)


def _telling(carry: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(carry)
    def run(*args: Any, **kwargs: Any) -> Any:
        named = [value for name, value in kwargs.items() if name != "control"]
        given = [*args[:3], *named, None, None, None][:3]
        front, back, capture = map(_reporter, given)
        control = _reporter(kwargs.get("control", args[3] if len(args) > 3 else None))
        told = front or back
        if told is None:
            return carry(*args, **kwargs)
        for reporter in filter(None, (front, back, capture, control)):
            reporter.hand_on()
        backend = back.id if back and told is front else ""
        data = ProxyData(backend, capture.id if capture else "", control=control.id if control else "")
        told.record("proxy", data)
        try:
            return carry(*args, **kwargs)
        finally:
            told.record("proxy", data._replace(on=False))

    return run


def _reporter(socket: Any) -> Reporter | None:
    if not isinstance(socket, zmq.Socket) or socket.closed:
        return None
    return reporter_of(socket.underlying)


_TELLING = tuple(map(_telling, _PLAIN))


def tell(on: bool) -> None:
    """From now on they do so, by whatever name a module has them; or no longer."""
    new = list(zip(_PLAIN, _TELLING, strict=True) if on else zip(_TELLING, _PLAIN, strict=True))
    for module, name in _places():
        value = module.__dict__.get(name)
        for old, other in new:
            if value is old:
                setattr(module, name, other)


def _places() -> Iterator[tuple[ModuleType, str]]:
    for place, module in list(sys.modules.items()):
        if isinstance(module, ModuleType):
            for name in list(module.__dict__) if place == "__main__" else _NAMES:
                yield module, name
