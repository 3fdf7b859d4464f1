"""One thing that happens to the learner's code, and the steps in which such things are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .play import Play


@dataclass(frozen=True)
class Scenario:
    """`run` plays it on real sockets, and raises `Refused`.

    In a scenario of `bulk` there are so many messages that nobody keeps them: the lab has no links and no trace. What
    refuses in a scenario of `advice` is said as a remark: the code passes without.
    """

    name: str
    run: Callable[[Play], None]
    bulk: bool = False
    advice: bool = False


@dataclass(frozen=True)
class Step:
    """What the learner's code can do once it passes these scenarios, and those of the steps before. `title` says so, as
    a clause without a capital; an exercise of one step needs none.
    """

    title: str
    scenarios: tuple[Scenario, ...]
