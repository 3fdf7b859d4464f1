"""Replies kept by request id, so that a request that comes a second time is answered and not executed again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from . import checks


class ReplyCache:
    """At most `max_count` replies, none older than `max_age` seconds (`inf`: no limit); the oldest go first.

    Thread-safe.

    Give it to a `Worker`. It knows what this worker has done, and no other: for work that must never happen twice, keep
    the ids where the work has its effect, in the same transaction.
    """

    def __init__(
        self, max_count: float = 10_000, max_age: float = 300.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_count = checks.count("max_count", max_count, infinite=True)
        self._max_age = checks.seconds("max_age", max_age)
        self._clock = clock
        self._lock = threading.Lock()
        self._replies: OrderedDict[bytes, tuple[float, list[bytes]]] = OrderedDict()  # oldest first

    def __len__(self) -> int:
        with self._lock:
            self._drop_old()
            return len(self._replies)

    def get(self, id: bytes) -> list[bytes] | None:
        """The reply to the request with that id; None if it is not known (any more)."""
        with self._lock:
            self._drop_old()
            found = self._replies.get(id)
            return found[1] if found else None

    def put(self, id: bytes, body: list[bytes]) -> None:
        """Keep a reply."""
        with self._lock:
            self._replies.pop(id, None)
            self._replies[id] = self._clock(), body
            self._drop_old()

    def _drop_old(self) -> None:
        oldest_allowed = self._clock() - self._max_age
        while self._replies:
            when, _ = next(iter(self._replies.values()))
            if len(self._replies) <= self._max_count and when >= oldest_allowed:
                return
            self._replies.popitem(last=False)
