"""The brokers that ours is compared with, beside those of lesson 12: from books, and majortomo."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import zmq

from tests.bench import textbook
from zmqlab.course.side_by_side.dialects import MDP, SERVICE, Dialect
from zmqlab.course.side_by_side.sides import ANY, FLOOR, OURS, PROXY, Endpoints, Side, boundless, proxy, routers
from zmqlab.majordomo.broker import bound_to

TWO_FRAMES = Dialect(before=(b"0001",))
LRU = Dialect(before=(b"",), ready=(b"", b"READY"))
MDP_02 = Dialect(  # RFC 18, which majortomo speaks
    before=(b"", b"MDPC02", b"\x02", SERVICE),
    ready=(b"", b"MDPW02", b"\x01", SERVICE),
    command_at=2,
    request=b"\x02",
    reply=b"\x04",
    disconnect=b"\x06",
    heartbeat=(b"", b"MDPW02", b"\x05"),
)


def textbook_lru(tell: Connection, endpoints: Endpoints) -> None:
    frontend, backend, bound = routers(zmq.ROUTER, endpoints)
    tell.send(bound)
    textbook.lru(frontend, backend)


def textbook_majordomo(tell: Connection, endpoints: Endpoints) -> None:
    socket, _, (bound, _) = routers(zmq.ROUTER, (endpoints[0], ANY))
    tell.send((bound, bound))
    textbook.Majordomo(socket).run()


def majortomo(tell: Connection, endpoints: Endpoints) -> None:
    import majortomo.broker

    other: Any = majortomo.broker.Broker(bind=endpoints[0], zmq_context=boundless())
    other.bind()
    endpoint = bound_to(other._socket)
    tell.send((endpoint, endpoint))
    other.bind = lambda: None  # `run` would bind once more
    other.run()


PROXY_TWO = Side("proxy, 2 frames", proxy, TWO_FRAMES)
TEXTBOOK_LRU = Side("textbook LRU", textbook_lru, LRU)
TEXTBOOK = Side("textbook Majordomo", textbook_majordomo, MDP)
MAJORTOMO = Side("majortomo", majortomo, MDP_02)
SIDES = [PROXY_TWO, PROXY, FLOOR, TEXTBOOK_LRU, TEXTBOOK, MAJORTOMO, OURS]
