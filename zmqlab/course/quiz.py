"""`quiz()`: a question about each lesson, at the end of the course, and what to read again."""

from __future__ import annotations

from random import Random
from typing import Any

from ..extras import extra
from ..lab.kernel import kernel
from ..lab.printed import filled
from . import progress_file
from .bank import ITEMS, LESSONS, Shown, shown

LAST = "13"  # the lesson that asks: nothing is asked about it


def quiz(round: int = 1) -> None:
    """Ask one question about each lesson before the last one, and about each appendix.

    The widget says at once what is right and why, counts, and names for each wrong answer the place to read again. The
    questions and the order of their choices are the same in every run: ``quiz()`` asks what each lesson is about, and
    ``quiz(2)`` asks others. Without a front end it is text. Raises ValueError for a round before the first.
    """
    if round < 1:
        raise ValueError(f"there is no round {round!r}: the first one is 1")
    asked = draw(round)
    if kernel() is None:
        print(_text(asked))
        return
    from IPython.display import display

    display(_Quiz(asked))  # type: ignore[no-untyped-call]


def draw(round: int) -> list[Shown]:
    """The questions of that round, as they are shown. Who has run out of questions begins anew."""
    chance = Random(round)  # an order, and no secret
    keys = [key for key in LESSONS if key != LAST]
    return [shown(key, ITEMS[key][(round - 1) % len(ITEMS[key])], chance) for key in keys]


def _text(asked: list[Shown]) -> str:
    """To be read without a front end: what is right stands in the lessons, and not here."""
    head = f"{len(asked)} questions, one about each lesson and appendix (answered in JupyterLab or Notebook 7)."
    lines = filled(head)
    for number, one in enumerate(asked, 1):
        lines += ["", *_filled(f"{number}. {one.question}")]
        lines += [line for choice in one.choices for line in _filled(f"( ) {choice}", indent=3)]
        lines += _filled(f"Read: {one.lesson}, under “{one.section}”", indent=3)
    return "\n".join(lines).replace("`", "")


def _filled(text: str, *, indent: int = 0) -> list[str]:
    return filled(text, " " * indent, " " * (indent + 3))


class _Quiz:
    """What `display` shows: the questions in a front end, and otherwise a text."""

    def __init__(self, asked: list[Shown]) -> None:
        self._asked = asked

    def __repr__(self) -> str:
        return _text(self._asked)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        with extra("course"):
            from .questions import Questions

        questions = Questions(self._asked, progress_file.recalled, counted=True)
        data, _metadata = questions._repr_mimebundle_() or ({}, {})
        return {**data, "text/plain": repr(self)}
