"""What an exercise is made of."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .scenes.scenario import Scenario


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
