"""One thing that happens to the learner's code."""

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
