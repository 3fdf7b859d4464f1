"""Whether this process was suspended or starved: a peer is not silent or late because we did not listen."""

from __future__ import annotations


class Presence:
    """Notices that its owner was away: suspended, starved, or busy for too long with one thing.

    Who looks at the clock in every round of a loop calls `missed` then, and takes what it returns off every silence and
    every delay that it judges.
    """

    def __init__(self, now: float, usual: float) -> None:
        self._usual = usual  # the longest round of a loop that is nothing special, in seconds
        self._last = now

    def missed(self, now: float) -> float:
        """Seconds since the last call in which we were away; 0.0 if we were not. A short round is taken off them."""
        gap, self._last = now - self._last, now
        return gap - self._usual / 4 if gap > self._usual else 0.0


class Clock:
    """Monotonic time that (nearly) stands still while its owner is away; so all deadlines move along."""

    def __init__(self, now: float, usual: float) -> None:
        self._presence = Presence(now, usual)
        self._missed = 0.0
        self._returned = self._waived = False

    def read(self, now: float) -> float:
        """The time of this clock for that of `time.monotonic`."""
        if missed := self._presence.missed(now):
            self._missed += missed
            self._returned = True
        return now - self._missed

    def just_returned(self) -> bool:
        """Whether we were away since the last call, so something may still be unread. Never true twice in a row."""
        self._waived = self._returned and not self._waived
        self._returned = False
        return self._waived
