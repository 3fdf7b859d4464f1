"""A client and two workers around a broker, for as long as a measurement takes; and several brokers in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

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
    first: Side, others: Sequence[Side], windows: Sequence[int], *, rounds: int = 5, seconds: float = 0.05
) -> dict[str, list[float]]:
    """The rate of each side as a share of the first one's, at each window.

    All are there at once and have their turns, and the best of several rounds counts: what else a machine does makes a
    round slower, and never faster.
    """
    with ExitStack() as stack:
        callers = {side.name: stack.enter_context(echoing(side)) for side in (first, *others)}
        best: dict[tuple[str, int], float] = {}
        for window in windows:
            for _ in range(rounds):
                for name, caller in callers.items():
                    rate = caller.run(window, seconds).rate
                    best[name, window] = max(rate, best.get((name, window), 0.0))
    return {side.name: [best[side.name, window] / best[first.name, window] for window in windows] for side in others}
