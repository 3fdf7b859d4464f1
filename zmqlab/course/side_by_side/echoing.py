"""A client and two workers around a broker, for as long as a measurement takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .load import Caller, Workers
from .sides import Side


@contextmanager
def echoing(side: Side) -> Iterator[Caller]:
    """A client of one broker with two workers, warmed up."""
    broker = side.start()
    workers = Workers(2, broker.backend, side.dialect)
    caller = Caller(broker.frontend, side.dialect)
    try:
        caller.warm_up(2)
        yield caller
    finally:
        caller.close()
        workers.kill()
        broker.kill()
