"""Lesson 09's workers in trouble, and the watch over them: what the connection says, what silence says, and when.

A monitor does not say whose connection has ended (on the bound side the endpoint that it tells is the ROUTER's own), so
each worker has a ROUTER of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import zmq

from ..lab.lab import Lab
from .first_sign import wait_for

WORK = "WORK"
"""Stands in a command line for the endpoint where the worker finds its broker."""

LOOK = 0.01  # seconds from one look to the next
SOON = 0.75  # of the limit: what is noticed before was noticed for another reason than the limit


class Desk(NamedTuple):
    """Where the broker talks to one worker: a ROUTER, and the routing id that the worker has there."""

    router: zmq.Socket[bytes]
    worker: bytes

    def give(self, *frames: bytes) -> None:
        self.router.send_multipart([self.worker, *frames])


def hire(lab: Lab, *workers: Sequence[str], **options: int) -> dict[str, Desk]:
    """Run each worker as a process of the lab, and wait until all have said READY. `options` are for the ROUTERs.

    A worker is its name, and the arguments for Python; where these say `WORK`, the endpoint of its desk is meant.
    Raises what `first_sign.wait_for` raises when one does not say so.
    """
    context = lab.context("broker")
    routers = {}
    for name, *program in workers:
        routers[name] = router = context.socket(zmq.ROUTER)
        for option, value in options.items():
            setattr(router, option, value)
        router.bind(lab.endpoint(name))
        at = lab.via(name, lab.endpoint(name))
        lab.process(name, [sys.executable, *(at if word == WORK else word for word in program)])
    return {name: Desk(router, _ready(lab, name, router)) for name, router in routers.items()}


def _ready(lab: Lab, name: str, router: zmq.Socket[bytes]) -> bytes:
    """The routing id of a worker that has said READY."""
    wait_for(lab, name, lambda: bool(router.poll(0)))
    return router.recv_multipart()[0]


class Noticed(NamedTuple):
    """Of one worker: how soon each of the two has noticed its trouble, in words, and whether it has worked on."""

    end: str  # of its connection, as the monitor of the ROUTER says: "at once", "at its limit", "-"
    silence: str  # of its program
    answered: bool  # something other than READY and ALIVE came from it after all


def watch(
    desks: Mapping[str, Desk], trouble: Callable[[], object], *, limit: float, seconds: float
) -> dict[str, Noticed]:
    """Bring the workers, by name, into `trouble`, and look at their desks for so many seconds after.

    Silence is noticed `limit` seconds after the last message. What is received is gone from the ROUTERs.
    """
    with _monitors(desks) as monitors:
        trouble()
        began = time.monotonic()
        heard = dict.fromkeys(desks, began)
        ends: dict[str, float] = {}
        silences: dict[str, float] = {}
        answered = set()
        while (now := time.monotonic()) < began + seconds:
            for name, desk in desks.items():
                while desk.router.poll(0):
                    heard[name] = now
                    if desk.router.recv_multipart()[1] not in (b"READY", b"ALIVE"):
                        answered.add(name)
                if monitors[name].poll(0):
                    monitors[name].recv_multipart()
                    ends.setdefault(name, now - began)
                if now > heard[name] + limit:
                    silences.setdefault(name, now - began)
            time.sleep(LOOK)
    return {
        name: Noticed(_word(ends.get(name), limit), _word(silences.get(name), limit), name in answered)
        for name in desks
    }


@contextmanager
def _monitors(desks: Mapping[str, Desk]) -> Iterator[dict[str, Any]]:
    """For each of them a socket that hears of connections that end."""
    try:
        yield {name: desk.router.get_monitor_socket(zmq.EVENT_DISCONNECTED) for name, desk in desks.items()}
    finally:
        for desk in desks.values():
            desk.router.disable_monitor()


def _word(after: float | None, limit: float) -> str:
    if after is None:
        return "-"
    return "at once" if after < SOON * limit else "at its limit"
