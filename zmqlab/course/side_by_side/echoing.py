"""A client and two workers around a broker, for as long as a measurement takes; and several brokers in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median

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


def beside(
    first: Side, others: Sequence[Side], windows: Sequence[int], *, rounds: int = 3, seconds: float = 0.05
) -> dict[str, list[float]]:
    """The rate of each side as a share of the first one's, at each window: the median over the rounds.

    All are there at once and have their turns, so that a machine that is busy meanwhile is busy for all of them.
    """
    with ExitStack() as stack:
        callers = {side.name: stack.enter_context(echoing(side)) for side in (first, *others)}
        shares: dict[str, list[float]] = {side.name: [] for side in others}
        for window in windows:
            taken = [
                {name: caller.run(window, seconds).rate for name, caller in callers.items()} for _ in range(rounds)
            ]
            for name, found in shares.items():
                found.append(median(rates[name] / rates[first.name] for rates in taken))
    return shares
