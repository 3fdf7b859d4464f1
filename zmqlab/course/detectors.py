"""Lesson 09's watch over workers in trouble: what the connection says, what silence says, and when.

A monitor does not say whose connection has ended (on the bound side the endpoint that it tells is the ROUTER's own), so
each worker has a ROUTER of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import zmq

LOOK = 0.01  # seconds from one look to the next
SOON = 0.75  # of the limit: what is noticed before was noticed for another reason than the limit


class Noticed(NamedTuple):
    """Of one worker: how soon each of the two has noticed its trouble, in words, and whether it has worked on."""

    end: str  # of its connection, as the monitor of the ROUTER says: "at once", "at its limit", "-"
    silence: str  # of its program
    answered: bool  # something other than READY and ALIVE came from it after all


def watch(
    routers: Mapping[str, zmq.Socket[bytes]], trouble: Callable[[], object], *, limit: float, seconds: float
) -> dict[str, Noticed]:
    """Bring the workers of `routers`, by name, into `trouble`, and look at their ROUTERs for so many seconds after.

    Silence is noticed `limit` seconds after the last message. What is received is gone from the ROUTERs.
    """
    with _monitors(routers) as monitors:
        trouble()
        began = time.monotonic()
        heard = dict.fromkeys(routers, began)
        ends: dict[str, float] = {}
        silences: dict[str, float] = {}
        answered = set()
        while (now := time.monotonic()) < began + seconds:
            for name, router in routers.items():
                while router.poll(0):
                    heard[name] = now
                    if router.recv_multipart()[1] not in (b"READY", b"ALIVE"):
                        answered.add(name)
                if monitors[name].poll(0):
                    monitors[name].recv_multipart()
                    ends.setdefault(name, now - began)
                if now > heard[name] + limit:
                    silences.setdefault(name, now - began)
            time.sleep(LOOK)
    return {
        name: Noticed(_word(ends.get(name), limit), _word(silences.get(name), limit), name in answered)
        for name in routers
    }


@contextmanager
def _monitors(routers: Mapping[str, zmq.Socket[bytes]]) -> Iterator[dict[str, Any]]:
    """For each of them a socket that hears of connections that end."""
    try:
        yield {name: router.get_monitor_socket(zmq.EVENT_DISCONNECTED) for name, router in routers.items()}
    finally:
        for router in routers.values():
            router.disable_monitor()


def _word(after: float | None, limit: float) -> str:
    if after is None:
        return "-"
    return "at once" if after < SOON * limit else "at its limit"
