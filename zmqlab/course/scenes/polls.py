"""How the learner's code waits: what it asks of a poller, and what it is told. A scenario may keep it in there.

All of this is of `zmq.Poller`, which a socket's own `poll` is made of too. Who waits in another way is not seen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic, monotonic_ns
from typing import Any, NamedTuple

import zmq

Events = list[tuple[Any, int]]
Poll = Callable[[zmq.Poller, int | None], Events]

COMPANY = 50  # ms within which somebody says something, where many speak all the time
ASLEEP = 0.05  # seconds that a wait still lasts, of who does not look at the time again and again
LONG = 5.0  # seconds that nobody is kept for: longer than a scenario


class Wait(NamedTuple):
    """When it began, by `time.monotonic`, and how many seconds it may last; `inf` without a limit."""

    began: float
    limit: float


@contextmanager
def waits_seen() -> Iterator[list[Wait]]:
    """Gets each wait for what comes to a ROUTER."""
    seen: list[Wait] = []

    def watched(poll: Poll, poller: zmq.Poller, timeout: int | None) -> Events:
        if _has(poller, zmq.ROUTER):
            seen.append(Wait(monotonic(), inf if timeout is None or timeout < 0 else timeout / 1000))
        return poll(poller, timeout)

    with _in_place(watched):
        yield seen


def had_its_turn(waits: list[Wait], since: float) -> bool:
    """Whether who waits so has done since then what it does between two waits; or sleeps, so that it will not."""
    if not waits:  # it waits in another way
        return True
    began, limit = waits[-1]
    return (len(waits) > 1 and waits[-2].began > since) or began + limit > monotonic() + ASLEEP


@contextmanager
def kept_waiting() -> Iterator[None]:
    """Who waits for a ROUTER waits until the end of this, and hears then of all that is there."""
    over = threading.Event()

    def watched(poll: Poll, poller: zmq.Poller, timeout: int | None) -> Events:
        if over.is_set() or timeout == 0 or not _has(poller, zmq.ROUTER):
            return poll(poller, timeout)
        over.wait(LONG)
        return poll(poller, 0)

    with _in_place(watched):
        try:
            yield
        finally:
            over.set()


@contextmanager
def stops_seen(crowded: bool = False) -> Iterator[list[int]]:
    """Gets the time, by `time.monotonic_ns`, each time that a poller reports that a PULL has something. Where it is
    `crowded`, something comes to the other sockets all the time, and the poller never reports the PULL alone."""
    seen: list[int] = []

    def watched(poll: Poll, poller: zmq.Poller, timeout: int | None) -> Events:
        events = poll(poller, timeout)
        told = [socket for socket, _ in events if _type(socket) == zmq.PULL]
        if crowded and told and len(told) == len(events):
            others = _others(poller)
            poll(others, COMPANY if others.sockets else 0)
            events = poll(poller, 0)
        if any(_type(socket) == zmq.PULL for socket, _ in events):
            seen.append(monotonic_ns())
        return events

    with _in_place(watched):
        yield seen


@contextmanager
def _in_place(watched: Callable[[Poll, zmq.Poller, int | None], Events]) -> Iterator[None]:
    poll = zmq.Poller.poll

    def instead(poller: zmq.Poller, timeout: int | None = None) -> Events:
        return watched(poll, poller, timeout)

    zmq.Poller.poll = instead  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        zmq.Poller.poll = poll  # type: ignore[method-assign]


def _type(socket: object) -> object:
    return getattr(socket, "type", None)


def _has(poller: zmq.Poller, kind: int) -> bool:
    return any(_type(socket) == kind for socket, _ in poller.sockets)


def _others(poller: zmq.Poller) -> zmq.Poller:
    """The sockets of a poller that are no PULL."""
    others = zmq.Poller()
    for socket, flags in poller.sockets:
        if _type(socket) != zmq.PULL:
            others.register(socket, flags)
    return others
