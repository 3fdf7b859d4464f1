"""What goes wrong in the storm: processes are killed and stopped, links are cut, silenced, halved and made slow."""

from __future__ import annotations

import heapq
import itertools
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.majordomo.cut import BACK, BOTH, NEITHER, THERE, Link

STOPPED = (0.1, 4.0)  # seconds that a process is stopped, or a link is silent or slow, at random
SLOW = (0.02, 0.2)  # seconds of delay


class Actor:
    """A process that is there all the time, and its link to the broker; the broker itself has none."""

    kind: str
    process: Any
    link: Link | None = None

    def start(self) -> None:
        raise NotImplementedError

    def replace(self) -> None:
        """Kill it, and start another one."""
        self.process.kill()
        self.process.join()
        self.start()


class Faults:
    """Does one thing after another to the actors, and undoes what lasts."""

    def __init__(self, actors: list[Actor], chance: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self._actors = actors
        self._chance = chance
        self._undo: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def do_one(self, now: float) -> None:
        kind = self._chance.choice(sorted({actor.kind for actor in self._actors}))
        actor = self._chance.choice([actor for actor in self._actors if actor.kind == kind])
        what = [self.kill, self.stop]
        if actor.link:
            what += [self.cut, self.silence, self.halve, self.slow_down]
        fault = self._chance.choice(what)
        fault(actor, now)
        self.done[f"{kind} {fault.__name__.replace('_', ' ')}"] += 1

    def undo(self, now: float) -> None:
        """All whose time is over."""
        while self._undo and self._undo[0][0] <= now:
            heapq.heappop(self._undo)[2]()

    def kill(self, actor: Actor, now: float) -> None:
        actor.replace()

    def stop(self, actor: Actor, now: float) -> None:
        process = actor.process
        send(process, signal.SIGSTOP)
        self._later(now, lambda: send(process, signal.SIGCONT))

    def cut(self, actor: Actor, now: float) -> None:
        assert actor.link
        actor.link.reset()

    def silence(self, actor: Actor, now: float) -> None:
        self._hush(actor, now, BOTH)

    def halve(self, actor: Actor, now: float) -> None:
        self._hush(actor, now, frozenset({self._chance.choice((THERE, BACK))}))

    def slow_down(self, actor: Actor, now: float) -> None:
        assert actor.link
        actor.link.delay = self._chance.uniform(*SLOW)
        self._later(now, lambda link=actor.link: setattr(link, "delay", 0.0))  # type: ignore[misc]

    def _hush(self, actor: Actor, now: float, ways: frozenset[str]) -> None:
        assert actor.link
        actor.link.silent = ways
        self._later(now, lambda link=actor.link: setattr(link, "silent", NEITHER))  # type: ignore[misc]

    def _later(self, now: float, undo: Callable[[], None]) -> None:
        heapq.heappush(self._undo, (now + self._chance.uniform(*STOPPED), next(self._numbers), undo))


def send(process: Any, number: signal.Signals) -> None:
    """A signal, to a process that is still there."""
    if process.is_alive():
        os.kill(process.pid, number)
