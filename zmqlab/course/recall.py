"""`recall()`: three short questions from the lessons before, at the beginning of a lesson."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import SystemRandom
from typing import Any

from ..extras import extra
from ..lab.kernel import kernel
from . import progress_file
from .bank import ITEMS, NUMBERED, Item, Shown, shown

ASKED = 3
FROM_EARLIER = 2  # of them; the others are from the lesson right before

# A wrong answer comes back first; then what was never answered; then what was answered right, the fewest times first.
# The file counts answers, and not what was shown: a question that somebody scrolled past has taught nobody anything,
# and "Run All" would use up the bank. A kernel remembers what it has shown as well, and brings that last: so the cell
# run again asks something else, and what was answered wrong comes back in the next lesson, when it is half forgotten,
# and not while its answer still stands on the screen.
MISSED, NEW = -2, -1

_shown: Counter[str] = Counter()  # question -> how often in this kernel
_chance = SystemRandom()  # the learner may seed the other one, or count on its numbers


def recall(lesson: str) -> None:
    """Ask three questions before lesson ``"05"``: one about the lesson before it, two about earlier ones.

    The widget says at once what is right, why, and where it was learned; `progress_file` keeps what was answered.
    Without a front end it is text, the same in every run. Raises LookupError for a lesson that asks nothing.
    """
    before = _before(lesson)
    if kernel() is None:
        print(_text(before))
        return
    from IPython.display import display

    display(_Recall(before))  # type: ignore[no-untyped-call]


def _before(lesson: str) -> list[str]:
    """The keys of all lessons before that one."""
    first, *keys = NUMBERED
    if lesson == first:
        raise LookupError(f"lesson {first} is the first one: there is nothing to recall")
    if lesson not in keys:
        raise LookupError(f"there is nothing to recall for {lesson!r}; there is for {', '.join(keys)}")
    return [first, *keys[: keys.index(lesson)]]


def draw(before: Sequence[str]) -> list[tuple[str, Item]]:
    """Three questions, each with the key of its lesson: from the last of those lessons and from the others."""
    *earlier, last = before
    old = _first(earlier, FROM_EARLIER)
    return _first([last], ASKED - len(old)) + old


def _first(lessons: Sequence[str], count: int) -> list[tuple[str, Item]]:
    known = progress_file.read()["recalled"]

    def rank(one: tuple[str, Item]) -> tuple[int, int, float]:
        question = one[1].question
        return _shown[question], known.get(question, NEW) or MISSED, _chance.random()

    return sorted([(key, item) for key in lessons for item in ITEMS[key]], key=rank)[:count]


def _asked(before: Sequence[str]) -> list[Shown]:
    """Three questions as they are shown now."""
    asked = []
    for key, item in draw(before):
        _shown[item.question] += 1
        asked.append(shown(key, item, _chance))
    return asked


def _text(before: Sequence[str]) -> str:
    lessons = f"lessons {before[0]} to {before[-1]}" if len(before) > 1 else f"lesson {before[0]}"
    return (
        f"Three questions about {lessons} (answered in JupyterLab or Notebook 7).\n"
        f"Reading without a kernel? Say in your own words what lesson {before[-1]} has shown, "
        "and compare with the key points at its end."
    )


class _Recall:
    """What `display` shows: the questions in a front end, and otherwise a text that names none of them."""

    def __init__(self, before: Sequence[str]) -> None:
        self._before = before

    def __repr__(self) -> str:
        return _text(self._before)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        with extra("course"):
            from .questions import Questions

        questions = Questions(_asked(self._before), progress_file.recalled)
        data, _metadata = questions._repr_mimebundle_() or ({}, {})
        return {**data, "text/plain": repr(self)}
