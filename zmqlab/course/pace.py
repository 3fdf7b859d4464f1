"""Whether the machine kept pace while a scenario was played, and whether the learner's code rests when it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

from ..trace import Trace

STILL = 0.1  # seconds between two looks, or from one station of a message to the next, that take a moment at most
WORTH = 0.1  # seconds of rest: what is shorter says nothing about who rests
BUSY = 0.3  # of its rest that the code computed: a machine with much to do leaves it no more than that


class Pace:
    """Fed by the checking thread, which looks every 20 ms. `burned` says how long the learner's threads have computed.

    A gap between two looks is the machine's fault, unless the learner's code computed for half of it: it may hold
    Python's lock for so long.
    """

    def __init__(self, burned: Callable[[], float]) -> None:
        self._burned = burned
        self._looked = 0.0  # not yet: the first wait comes after the lab has started its relay
        self._computed = 0.0
        self._gap = 0.0  # seconds, the longest
        self.rested = 0.0  # seconds in which the learner's code had nothing to do
        self.restless = 0.0  # seconds of these in which it computed

    def look(self) -> float:
        """The time now, in seconds."""
        now, computed = monotonic(), self._burned()
        gap = now - self._looked
        if self._looked and computed - self._computed < gap / 2:
            self._gap = max(self._gap, gap)
        self._looked, self._computed = now, computed
        return now

    def stood_still(self) -> bool:
        return self._gap > STILL

    def rest(self) -> Callable[[], None]:
        """Something is waited for now. Call the result when it has not come: who had nothing to do, has rested."""
        began, computed = monotonic(), self._burned()

        def over() -> None:
            rested = monotonic() - began
            if rested >= WORTH:
                self.rested += rested
                self.restless += self._burned() - computed

        return over


def messages_stood_still(trace: Trace) -> bool:
    """Whether a message waited for the machine on its way between two sockets: for the relay, or for the system.

    How long a program takes to send or to receive does not count, and neither does the time before there is somebody
    connected.
    """
    opened = {link.id: link.opened for link in trace.links.values()}
    for message in list(trace.messages.values()):
        if message.left is None:
            continue
        ready = max(message.sent or 0, opened.get(message.lane[:-1], 0)) or message.left
        if _late(ready, message.left) or (message.arrived is not None and _late(message.left, message.arrived)):
            return True
    return False


def connecting_stood_still(trace: Trace) -> bool:
    """Whether a connection took long, although both ends were there. The relay tries every 50 ms."""
    since = _endpoint_times(trace)
    for link in trace.links.values():
        both = [since.get((link.client, "connect")), since.get((link.server, "bind"))]
        if None not in both and _late(max(time for time in both if time is not None), link.opened, 2 * STILL):
            return True
    return False


def _endpoint_times(trace: Trace) -> dict[tuple[str, str], int]:
    events, _ = trace.log.since(0)
    return {(each.subject, str(each.data[0])): each.time for each in events if each.kind == "endpoint"}


def _late(before: int, after: int, limit: float = STILL) -> bool:
    return after - before > limit * 1e9


def is_busy(paces: Iterable[tuple[float, float]]) -> bool:
    """Whether code computed all the time where it had nothing to do: pairs of `rested` and `restless`."""
    all_of_them = list(paces)
    rested = sum(rested for rested, _ in all_of_them)
    return rested > 0 and sum(restless for _, restless in all_of_them) > BUSY * rested
