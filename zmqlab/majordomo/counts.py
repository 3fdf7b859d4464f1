"""What a broker counts, and how fast it goes."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from typing import Any

WINDOW = 5.0  # seconds over which rates are taken
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Of the histograms, in seconds; the last box has what took longer."""


class Histogram:
    """How often something took how long."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self._sum += seconds

    def told(self) -> dict[str, Any]:
        """For JSON: how many took at most so long as each bound says, and not as long as the one before."""
        return {"bounds": BOUNDS, "counts": self._counts, "sum": round(self._sum, 6)}


class Counts:
    """Totals since the start, and rates over the last seconds.

    ``drops`` has the reasons for which something was thrown away: malformed messages, late replies, answers for
    clients that are gone or do not read.
    """

    def __init__(self, now: float) -> None:
        self.accepted = 0
        self.answered = 0  # with a result
        self.dispatched = 0
        self.retried = 0  # given to one more worker
        self.cancelled = 0  # by their clients, before a worker had them
        self.rejoined = 0  # a client's retries whose request was still here, or just answered
        self.errors: Counter[str] = Counter()  # ended in an error, by its name
        self.refused: Counter[str] = Counter()  # peers that may not come: workers that registered, and keys
        self.lost_workers: Counter[str] = Counter()  # by reason
        self.drops: Counter[str] = Counter()
        self.waits = Histogram()  # of a request, from when it was accepted to when it was first given to a worker
        self.works = Histogram()  # of the worker that has answered it
        self._marks: deque[tuple[float, int, int]] = deque([(now, 0, 0)])

    def mark(self, now: float) -> None:
        """Remember where the totals stand, once a second."""
        if now - self._marks[-1][0] >= 1.0:
            self._marks.append((now, self.accepted, self.answered))
            while len(self._marks) > 2 and now - self._marks[1][0] >= WINDOW:
                self._marks.popleft()

    def rates(self, now: float) -> dict[str, float]:
        """Requests accepted and answered per second, lately."""
        then, accepted, answered = self._marks[0]
        seconds = max(now - then, 0.001)
        return {
            "accepted": round((self.accepted - accepted) / seconds, 1),
            "answered": round((self.answered - answered) / seconds, 1),
        }

    def totals(self) -> dict[str, object]:
        return {
            "accepted": self.accepted,
            "answered": self.answered,
            "dispatched": self.dispatched,
            "retried": self.retried,
            "cancelled": self.cancelled,
            "rejoined": self.rejoined,
            "errors": dict(self.errors),
            "refused": dict(self.refused),
            "lost_workers": dict(self.lost_workers),
            "drops": dict(self.drops),
            "waits": self.waits.told(),
            "works": self.works.told(),
        }
