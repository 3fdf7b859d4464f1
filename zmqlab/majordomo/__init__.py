"""Majordomo: a broker for services, its worker and its client, in ZeroMQ's Majordomo Protocol (RFC 7, MDP 0.1).

    broker = Broker("tcp://127.0.0.1:5555")                      # broker.run() serves
    worker = Worker(broker.endpoint, "upper", bytes.upper)       # worker.run() works
    client = Client(broker.endpoint)
    client.call("upper", b"hello")                               # [b"HELLO"]

It needs pyzmq and the standard library. `PROTOCOL.md` has the frames; ``python -m zmqlab.majordomo`` is the command.
Read it in this order: `wire`, `jobs`, `core`, `pool`, `broker`; then `worker`;
then `connection`, `courier`, `client`.
"""

from .aio import AsyncClient
from .broker import Broker
from .cache import ReplyCache
from .client import Client
from .errors import (
    Busy,
    Closed,
    HandlerFailed,
    MajordomoError,
    NoService,
    RetriesExhausted,
    Timeout,
    TooLarge,
)
from .limits import Limits
from .security import Curve
from .worker import Worker

__all__ = [
    "AsyncClient",
    "Broker",
    "Busy",
    "Client",
    "Closed",
    "Curve",
    "HandlerFailed",
    "Limits",
    "MajordomoError",
    "NoService",
    "ReplyCache",
    "RetriesExhausted",
    "Timeout",
    "TooLarge",
    "Worker",
]
