"""Deadlines of very many jobs, kept in slots of one tick, so that setting and clearing one takes constant time."""

from __future__ import annotations

import math

from .jobs import Job


class Deadlines:
    """At most one deadline a job. A deadline is noticed within two ticks after it, never before."""

    def __init__(self, tick: float, now: float) -> None:
        self._tick = tick
        self._slots: dict[int, dict[Job, None]] = {}
        self._done = self._slot(now)  # the last slot that was looked at

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))

    def set(self, job: Job, when: float) -> None:
        """Set the job's deadline, in place of one that it has; `inf`: it has none."""
        self.clear(job)
        if when == math.inf:
            return
        # One slot later than it falls into, so that the whole slot has passed when it is looked at.
        job.slot = max(self._slot(when), self._done) + 1
        slot = self._slots.get(job.slot)
        if slot is None:
            slot = self._slots[job.slot] = {}
        slot[job] = None

    def clear(self, job: Job) -> None:
        """The job has no deadline any more."""
        slot = self._slots.get(job.slot)
        if slot is not None and slot.pop(job, 0) is None and not slot:
            del self._slots[job.slot]

    def due(self, now: float) -> list[Job]:
        """The jobs whose deadline has passed since the last call; they have none any more."""
        upto = self._slot(now)
        if upto - self._done > len(self._slots):  # after a long sleep there are fewer slots than ticks
            passed = sorted(number for number in self._slots if number <= upto)
        else:
            passed = [number for number in range(self._done + 1, upto + 1) if number in self._slots]
        self._done = max(self._done, upto)
        return [job for number in passed for job in self._slots.pop(number)]

    def _slot(self, when: float) -> int:
        return int(when / self._tick)
