"""The brokers as processes: started on free loopback ports, and killed."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import zmq

from ...majordomo import Broker, Limits
from ...majordomo.broker import bound_to
from . import floor
from .dialects import MDP, MDP_FRAMES, Dialect, with_capacity

SPAWN = multiprocessing.get_context("spawn")  # a fork must not share a Context
ANY = "tcp://127.0.0.1:0"
BENCH_LIMITS = Limits(
    max_queued=1_000_000, max_per_client=1_000_000, queue_timeout=600.0, heartbeat=0.5, max_tries=1000
)

Endpoints = tuple[str, str]


def spawned(target: Callable[..., None], *arguments: Any) -> Any:
    """A process that has begun to do this. ``%reset`` in a notebook deletes a name that multiprocessing looks for."""
    vars(sys.modules["__main__"]).setdefault("__spec__", None)
    process = SPAWN.Process(target=_until_stopped, args=(target, *arguments), daemon=True)
    process.start()
    return process


def _until_stopped(target: Callable[..., None], *arguments: Any) -> None:
    """The stop button and Ctrl-C reach this process as well: it ends, and has nothing to say of that."""
    with suppress(KeyboardInterrupt):
        target(*arguments)


def boundless() -> zmq.Context[Any]:
    """Without high-water marks: at the widest window a peer's ROUTER would drop, and the client wait for ever."""
    context: zmq.Context[Any] = zmq.Context()
    context.sndhwm = context.rcvhwm = 0
    return context


def routers(kind: int, endpoints: Endpoints) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes], Endpoints]:
    """A ROUTER, a second socket of that kind, and where they are bound."""
    context = boundless()
    sockets = context.socket(zmq.ROUTER), context.socket(kind)
    bound = []
    for socket, endpoint in zip(sockets, endpoints, strict=True):
        socket.bind(endpoint)
        bound.append(bound_to(socket))
    return sockets[0], sockets[1], (bound[0], bound[1])


def proxy(tell: Connection, endpoints: Endpoints) -> None:
    frontend, backend, bound = routers(zmq.DEALER, endpoints)
    tell.send(bound)
    zmq.proxy(frontend, backend)


def bare_pump(tell: Connection, endpoints: Endpoints) -> None:
    frontend, backend, bound = routers(zmq.ROUTER, endpoints)
    tell.send(bound)
    floor.pump(frontend, backend)


def ours(tell: Connection, endpoints: Endpoints) -> None:
    broker = Broker(*endpoints, limits=BENCH_LIMITS)
    tell.send((broker.endpoint, broker.backend))
    broker.run()


@dataclass(frozen=True)
class Side:
    """A broker, and how its clients and workers talk."""

    name: str
    serve: Callable[[Connection, Endpoints], None]
    dialect: Dialect

    def start(self, endpoints: Endpoints = (ANY, ANY)) -> RunningBroker:
        return RunningBroker(self, endpoints)


class RunningBroker:
    """A broker process; `frontend` and `backend` are its endpoints."""

    def __init__(self, side: Side, endpoints: Endpoints) -> None:
        ours, theirs = SPAWN.Pipe()
        self.process = spawned(side.serve, theirs, endpoints)
        if not ours.poll(30):
            raise RuntimeError(f"{side.name} did not start")
        self.frontend, self.backend = ours.recv()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


PROXY = Side("proxy, MDP frames", proxy, MDP_FRAMES)
FLOOR = Side("bare pump, our frames", bare_pump, MDP)
OURS = Side("ours", ours, MDP)


def ours_with_capacity(capacity: int) -> Side:
    return replace(OURS, dialect=with_capacity(MDP, capacity))
