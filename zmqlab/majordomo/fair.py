"""A queue that is fair between clients."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Queued(Protocol):
    """What can wait here."""

    lane: bytes
    """Whose turn it takes: its client's."""


J = TypeVar("J", bound=Queued)


class FairQueue(Generic[J]):
    """Jobs that wait. Clients take turns, one job each; within a client, first in, first out.

    A job that comes back from a worker goes in front of all: it has waited already. Every operation takes constant
    time, also the removal of a job in the middle.
    """

    def __init__(self) -> None:
        self._again: OrderedDict[J, None] = OrderedDict()
        self._lanes: OrderedDict[bytes, OrderedDict[J, None]] = OrderedDict()  # the client at the front has its turn
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[J]:
        """The jobs, in no order that matters."""
        yield from self._again
        for lane in self._lanes.values():
            yield from lane

    def push(self, job: J) -> None:
        lane = self._lanes.get(job.lane)
        if lane is None:
            lane = self._lanes[job.lane] = OrderedDict()
        lane[job] = None
        self._size += 1

    def push_front(self, job: J) -> None:
        self._again[job] = None
        self._again.move_to_end(job, last=False)
        self._size += 1

    def pop(self) -> J:
        """The job whose turn it is; KeyError if there is none."""
        if self._again:
            job, _ = self._again.popitem(last=False)
        else:
            client, lane = self._lanes.popitem(last=False)
            job, _ = lane.popitem(last=False)
            if lane:
                self._lanes[client] = lane  # now behind the others
        self._size -= 1
        return job

    def remove(self, job: J) -> None:
        """Take out a job that is in the queue."""
        if job in self._again:
            del self._again[job]
        else:
            lane = self._lanes[job.lane]
            del lane[job]
            if not lane:
                del self._lanes[job.lane]
        self._size -= 1
