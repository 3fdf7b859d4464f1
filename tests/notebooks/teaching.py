"""The rules for what makes a lesson teach: predictions that the run answers, a fault to cause, an exercise.

As in hygiene.py, each is a function that yields what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from nbformat import NotebookNode

from tests.notebooks import exercises, markdown
from tests.notebooks.asked import Asked, answers
from tests.notebooks.asked import predictions as predictions_of
from tests.notebooks.saved import Lesson
from zmqlab.course.predict import CHOICES, NO_CHOICE

PREDICTIONS = 2
"""At least so many in a lesson."""

EXCUSED = {
    ("00-start-here", "fault"): "it shows where things are; the learner has nothing yet that could break",
    ("00-start-here", "exercise"): "the first program to write comes in lesson 01",
    ("10-names-that-outlive-their-owner", "exercise"): "that of lesson 13 asks for its tokens",
    ("12-in-production", "exercise"): "it ends with a list for the learner's own program",
}
"""(lesson, rule) -> why the rule does not hold there."""


def predictions(lesson: Lesson) -> Iterator[str]:
    """At least two, each with a name of its own and an answer in a cell after it, which is one of the choices."""
    asked, answered = predictions_of(lesson.notebook), answers(lesson.notebook)
    if len(asked) < PREDICTIONS:
        yield f"{len(asked)} predictions; a lesson has at least {PREDICTIONS}: name = predict(…)"
    names = [each.name for each in asked]
    for each in asked:
        if not each.name:
            yield f"cell {each.cell} gives its prediction no name, so no run can answer it: name = predict(…)"
        elif names.count(each.name) > 1:
            yield f"cell {each.cell} predicts {each.name!r}, which another cell predicts too: give each its own name"
        elif not any(call.name == each.name and call.place > each.place for call in answered):
            yield f"cell {each.cell} predicts {each.name!r}, and no cell after it calls {each.name}.answer(…)"
        yield from _choices(each)
    for cell in lesson.code:
        if any(NO_CHOICE in output.get("text", "") for output in cell.outputs):
            yield f"cell {cell.id} gives an answer that is none of the choices"


def _choices(asked: Asked) -> Iterator[str]:
    if len(asked.choices) < CHOICES or not all(asked.choices.values()):
        yield f"cell {asked.cell} needs {CHOICES} choices or more, written there, and for each why one could think so"
    if asked.bleakest and asked.bleakest not in asked.choices:
        yield f"cell {asked.cell} says that {asked.bleakest!r} is the bleakest choice, and it is none"


def fault(lesson: Lesson) -> Iterator[str]:
    if not _section(lesson, "Break it"):
        yield "no section '## Break it: …' in which the learner causes a fault"


def exercise(lesson: Lesson) -> Iterator[str]:
    if not _section(lesson, "Exercise"):
        yield "no section '## Exercise: …'"


def skeletons(lesson: Lesson) -> Iterator[str]:
    """Of each exercise that the course has for it, the skeleton to the letter, and its check right after it."""
    code = [cell for cell in lesson.notebook.cells if cell.cell_type == "code"]
    there = {exercises.key_of(cell) for cell in code if exercises.is_skeleton(cell)}
    for wanted in exercises.of_lesson(lesson.path.stem):
        if wanted.key not in there:
            yield (
                f"the course has an exercise {wanted.key} for it, and there is no cell exercise-{wanted.key}: "
                f"add two code cells with the ids exercise-{wanted.key} and check-{wanted.key}, and refresh it"
            )
    for cell, after in pairwise([*code, NotebookNode(id="", source="")]):
        if exercises.is_skeleton(cell):
            yield from _skeleton(lesson, cell, after)


def _skeleton(lesson: Lesson, cell: NotebookNode, after: NotebookNode) -> Iterator[str]:
    key = exercises.key_of(cell)
    known = exercises.load(key)
    if known is None or known.lesson != lesson.path.stem:
        yield f"cell {cell.id}: the course has no exercise {key} for this lesson"
        return
    if cell.source != known.skeleton.strip("\n"):
        yield f"cell {cell.id} is not the skeleton of exercise {key}: refresh the notebook"
    if after.id != f"check-{key}":
        yield f"the code cell after {cell.id} must be check-{key}, and is {after.id or 'not there'}"
    elif after.source != exercises.check_call(known):
        yield f"cell {after.id} must be {exercises.check_call(known)}"


def _section(lesson: Lesson, begin: str) -> bool:
    return any(heading.level == 2 and heading.text.startswith(begin) for heading in markdown.headings(lesson.text))


RULES: dict[str, Callable[[Lesson], Iterator[str]]] = {
    "predictions": predictions,
    "fault": fault,
    "exercise": exercise,
    "skeletons": skeletons,
}
