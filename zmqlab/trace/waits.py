"""Which calls of its sockets an actor waits in, folded from what was seen of them and from what it did next."""

from __future__ import annotations

from collections.abc import Callable

from .model import Wait

KEPT = 2_000  # the oldest go first


class Waits:
    """`touch` is called with every wait that begins or ends."""

    def __init__(self, touch: Callable[[Wait], None]) -> None:
        self.all: list[Wait] = []
        self._touch = touch
        self._open: dict[str, dict[str, Wait]] = {}  # actor -> socket -> where it waits now
        self._acted: dict[str, int] = {}  # actor -> when it sent or received last
        self._number = 0

    def begin(self, actor: str, socket: str, call: str, since: int) -> bool:
        """Does it wait there? What was seen may be over: then a later receive or send has been told already."""
        if since < self._acted.get(actor, since):
            return False
        self.end(actor, socket, since)
        self._number += 1
        wait = Wait(actor, socket, call, since, n=self._number)
        self.all.append(wait)
        del self.all[:-KEPT]
        self._open.setdefault(actor, {})[socket] = wait
        self._touch(wait)
        return True

    def end(self, actor: str, socket: str, time: int) -> None:
        """It waits there no more."""
        wait = self._open.get(actor, {}).pop(socket, None)
        if wait is not None:
            wait.end = max(time, wait.start)
            self._touch(wait)

    def acted(self, actor: str, time: int) -> None:
        """It has sent or received something at `time`, and so waits nowhere any more."""
        self._acted[actor] = time
        if actor in self._open:
            self.leave(actor, time)

    def has_acted(self, actor: str) -> bool:
        """Has it ever sent or received anything?"""
        return actor in self._acted

    def leave(self, actor: str, time: int) -> None:
        """It waits nowhere: it has gone on, or ended."""
        for socket in list(self._open.get(actor, {})):
            self.end(actor, socket, time)
        self._open.pop(actor, None)
