"""What the learner's code is asked for, as far as a scene must know it."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Contract:
    """`skeleton` is a source text: the notebook has it, to the letter. `call` says how the scenarios call the learner's
    code, in the learner's words; `causes` what an exception most likely means here, where that is more than the general
    word about it; `stuck` why it may not return.
    """

    key: str
    call: str
    skeleton: str
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
