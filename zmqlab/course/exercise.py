"""What an exercise is made of, and what a scenario says when the learner's code does something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .play import Play


class Refused(Exception):
    """The learner's code did not do what was asked. Four short phrases, the same in every run of the same code."""

    def __init__(self, *, called: str, got: str, wanted: str, cause: str) -> None:
        super().__init__(cause)
        self.called = called
        self.got = got
        self.wanted = wanted
        self.cause = cause


class Unsolved(Exception):
    """The skeleton is still there: it raised NotImplementedError."""


@dataclass(frozen=True)
class Scenario:
    """One thing that happens to the learner's code. `run` plays it on real sockets and raises `Refused`."""

    name: str
    run: Callable[[Play], None]


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    `skeleton` and `solution` are source texts that define `name`: the notebook has the first, to the letter. `call`
    says how the scenarios call it, in the learner's words. `causes` says what an exception of the learner's code most
    likely means here, where that is more than the general word about it.
    """

    key: str
    lesson: str
    title: str
    name: str
    call: str
    skeleton: str
    hints: tuple[str, str, str]
    solution: str
    why: str
    scenarios: tuple[Scenario, ...]
    causes: tuple[tuple[type[BaseException], str], ...] = ()
    stuck: str = "It waits for a message that does not come, or in a loop that never ends."
