"""Whether the machine kept pace while a scenario was played, and whether the learner's code rests when it can."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from time import monotonic

from ...trace.trace import Trace
from .watch import Spent, spent_by

STILL = 0.1  # seconds between two looks, or from one station of a message to the next, that take a moment at most
WORTH = 0.1  # seconds of rest: what is shorter says nothing about who rests
BUSY = 0.5  # of its rest that a thread computed, as far as it got a processor


class Looks:
    """Those of one thread of the scenario, which looks again and again.

    A gap between two looks is the machine's fault, unless the learner's code computed for half of it: it may hold
    Python's lock for so long.
    """

    def __init__(self) -> None:
        self.gap = 0.0  # seconds, the longest that is the machine's fault
        self._looked = 0.0  # not yet
        self._computed = 0.0

    def look(self, computed: float) -> float:
        """The time now, in seconds. So many the learner's code has computed until now."""
        now = monotonic()
        gap = now - self._looked
        if self._looked and computed - self._computed < gap / 2:
            self.gap = max(self.gap, gap)
        self._looked, self._computed = now, computed
        return now


class Pace:
    """Fed by the checking thread, which looks every 20 ms. `spent` says how the learner's threads spend their time."""

    def __init__(self, spent: Callable[[], Mapping[int, Spent]]) -> None:
        self._spent = spent
        self._waited = _own_wait()
        self._own = Looks()  # the first wait comes after the lab has started its relay
        self._looks = [self._own]
        self.kept_waiting = 0.0  # seconds that the learner's threads and this one had no processor, all together
        self.rested = 0.0  # seconds in which the learner's code had nothing to do
        self.restless = 0.0  # seconds of these that a thread of it has spent with computing

    def look(self) -> float:
        """The time now, in seconds."""
        spent = self._spent().values()
        self.kept_waiting = sum(each.waited for each in spent) + _own_wait() - self._waited
        return self._own.look(sum(each.computed for each in spent))

    def another(self) -> Callable[[], object]:
        """For one more thread of the scenario, which goes on all the time: it calls the result again and again."""
        looks = Looks()
        self._looks.append(looks)
        return lambda: looks.look(sum(each.computed for each in self._spent().values()))

    def stood_still(self) -> bool:
        return any(looks.gap > STILL for looks in self._looks)

    def rest(self) -> Callable[[], None]:
        """A wait begins. Call the result if nothing came: the learner's code had nothing to do all this time."""
        began, before = monotonic(), self._spent()

        def over() -> None:
            rested = monotonic() - began
            if rested >= WORTH:
                self.rested += rested
                self.restless += rested * max(
                    (_share(before.get(id, Spent(0, 0)), after, rested) for id, after in self._spent().items()),
                    default=0.0,
                )

        return over


def _own_wait() -> float:
    """Seconds that this thread has waited for a processor."""
    spent = spent_by(threading.get_native_id())
    return spent.waited if spent is not None else 0.0


def _share(before: Spent, after: Spent, rested: float) -> float:
    """How much of its rest a thread computed, as far as it got a processor."""
    had = rested - (after.waited - before.waited)
    return min(1.0, (after.computed - before.computed) / had) if had > rested / 20 else 0.0


def messages_stood_still(trace: Trace) -> bool:
    """Whether a message waited for the machine on its way between two sockets: for the relay, or for the system.

    How long a program takes to send or to receive does not count, and neither does the time before there is somebody
    connected.
    """
    opened = {connection.id: connection.opened for connection in trace.connections.values()}
    for message in list(trace.messages.values()):
        if message.left is None:
            continue
        ready = max(message.sent or 0, opened.get(message.lane[:-1], 0)) or message.left
        if _late(ready, message.left) or (message.arrived is not None and _late(message.left, message.arrived)):
            return True
    return False


def connecting_stood_still(trace: Trace) -> bool:
    """Whether the first connection of two sockets took long, although both were there. The relay tries every 50 ms.

    When the bound socket has refused the other one, for its type, the relay was in time, and libzmq tries anew when it
    likes.
    """
    since = _endpoint_times(trace)
    connections = list(trace.connections.values())
    refused = {(connection.client, connection.endpoint) for connection in connections if not connection.server}
    first = {
        (connection.client, connection.server): connection.opened
        for connection in reversed(connections)
        if (connection.client, connection.endpoint) not in refused
    }
    return any(
        (client, "connect") in since
        and (server, "bind") in since
        and _late(max(since[client, "connect"], since[server, "bind"]), opened, 2 * STILL)
        for (client, server), opened in first.items()
    )


def is_connecting(trace: Trace) -> bool:
    """Whether two sockets are there that are to be connected and are not."""
    sockets = [socket for socket in trace.sockets.values() if socket.closed is None]
    ends = {(connection.client, connection.server) for connection in trace.connections.values()}
    bound = {endpoint: socket.id for socket in sockets for endpoint in socket.binds}
    return any(
        endpoint in bound and (socket.id, bound[endpoint]) not in ends
        for socket in sockets
        for endpoint in socket.connects
    )


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
