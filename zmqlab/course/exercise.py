"""What an exercise is made of, and what a scenario says when the learner's code does something else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .shown import short

if TYPE_CHECKING:
    from .play import Play


class Refused(Exception):
    """The learner's code did not do what was asked. Four short phrases, the same in every run of the same code.

    `late` says that it did so, but not in time: it is played again, and believed when it is late again. `timed` says
    that it was about a time, too early or `late`: chance has a part in whether that shows, so it says nothing of what
    earlier calls have left.
    """

    def __init__(
        self, *, called: str, got: str, wanted: str, cause: str, late: bool = False, timed: bool = False
    ) -> None:
        super().__init__(cause)
        self.called = short(called)
        self.got = short(got)
        self.wanted = short(wanted)
        self.cause = cause
        self.late = late
        self.timed = timed or late


class Unsolved(Exception):
    """The skeleton is still there: it raised NotImplementedError."""


@dataclass(frozen=True)
class Scenario:
    """One thing that happens to the learner's code. `run` plays it on real sockets and raises `Refused`.

    In a scenario of `bulk` there are so many messages that nobody keeps them: the lab has no links and no trace. What
    refuses in a scenario of `advice` is said as a remark: the code passes without.
    """

    name: str
    run: Callable[[Play], None]
    bulk: bool = False
    advice: bool = False


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

    def is_skeletons(self, function: str, text: str) -> bool:
        """Whether a NotImplementedError with this text, raised in a function of this name, is the skeleton's own."""
        return (function, text) in _raises(self.skeleton)


def _raises(source: str) -> set[tuple[str, str]]:
    """The functions that only raise, each with what the exception says."""
    functions = [e for e in ast.walk(ast.parse(source)) if isinstance(e, (ast.FunctionDef, ast.AsyncFunctionDef))]
    found = set()
    for each in functions:
        last = each.body[-1]
        if isinstance(last, ast.Raise):
            words = last.exc.args if isinstance(last.exc, ast.Call) else []
            found.add((each.name, str(ast.literal_eval(words[0])) if words else ""))
    return found
