"""`hint()` and `solution()`: help for one exercise, a little more each time."""

from __future__ import annotations

from typing import Any

from . import exercises
from .script import tell

WRONG = "Ways that `check` refuses, and why:"

_given: dict[str, int] = {}  # key -> how many hints this kernel has given


class Note:
    """A text that JupyterLab shows as Markdown, and everything else as it is."""

    def __init__(self, text: str, markdown: str) -> None:
        self.text = text
        self.markdown = markdown

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.markdown


def hint(key: str) -> Note:
    """The next of the three hints of exercise `key`; after the third, all of them.

    Raises LookupError for a key that is none.
    """
    exercise = exercises.load(key)
    hints = exercise.hints
    number = _given[key] = _given.get(key, 0) + 1
    if number <= len(hints):
        more = f'hint("{key}") once more says more.' if number < len(hints) else f'The rest is in solution("{key}").'
        return tell(_note(f"Hint {number} of {len(hints)}: {hints[number - 1]}", more))
    listed = [f"{place}. {text}" for place, text in enumerate(hints, 1)]
    return tell(_note(f"These are all {len(hints)} hints:", *listed, f'The rest is in solution("{key}").'))


def solution(key: str) -> Note:
    """One way to solve exercise `key`, and why it is done so; then wrong ways, each with the reason why it is one.

    Raises LookupError for a key that is none.
    """
    exercise = exercises.load(key)
    source, ways = exercise.solution.strip("\n"), exercise.wrong_ways.items()
    text = [source, f"Why: {exercise.why}", "\n".join([WRONG, *(f"- {title}: {reason}" for title, reason in ways)])]
    markdown = [f"```python\n{source}\n```", f"**Why:** {exercise.why}", f"**{WRONG}**"]
    markdown.append("\n".join(f"- *{title}*: {reason}" for title, reason in ways))
    return tell(Note("\n\n".join(text), "\n\n".join(markdown)))


def solved(key: str) -> Any:
    """The function or class of that solution, to be run where a lesson measures it before the learner has written it.

    Raises LookupError for a key that is none.
    """
    exercise = exercises.load(key)
    names: dict[str, Any] = {}
    exec(compile(exercise.solution, f"<solution of {key}>", "exec"), names)
    return names[exercise.name]


def _note(*paragraphs: str) -> Note:
    return Note("\n".join(paragraphs), "\n\n".join(paragraphs))
