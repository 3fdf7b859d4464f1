"""The rules for what makes a lesson teach: predictions that the run answers, a fault to cause, an exercise.

As in hygiene.py, each is a function that yields what is wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from nbformat import NotebookNode

from tests.notebooks import exercises, markdown
from tests.notebooks.paths import is_appendix
from tests.notebooks.saved import Lesson
from zmqlab.course.predict import NO_CHOICE

PREDICTIONS = 2
"""At least so many in a lesson."""

EXCUSED = {
    ("00-start-here", "fault"): "it shows where things are; the learner has nothing yet that could break",
    ("00-start-here", "exercise"): "the first program to write comes in lesson 01",
}
"""(lesson, rule) -> why the rule does not hold there."""

NOT_IN_AN_APPENDIX = {"exercise": "no later lesson needs what could be trained there"}
"""Rule -> why no appendix has to keep it."""


class Call(NamedTuple):
    """A call outside of any function: its place, and the name that is assigned to or called upon."""

    place: int
    name: str


def predictions(lesson: Lesson) -> Iterator[str]:
    """At least two, each with a name of its own and an answer in a cell after it, which is one of the choices."""
    asked, answered = _asked(lesson.notebook), _answered(lesson.notebook)
    if len(asked) < PREDICTIONS:
        yield f"{len(asked)} predictions; a lesson has at least {PREDICTIONS}: name = predict(…)"
    names = [call.name for call in asked]
    for place, name in asked:
        cell = lesson.notebook.cells[place].id
        if not name:
            yield f"cell {cell} gives its prediction no name, so no run can answer it: name = predict(…)"
        elif names.count(name) > 1:
            yield f"cell {cell} predicts {name!r}, which another cell predicts too: give each its own name"
        elif not any(call.name == name and call.place > place for call in answered):
            yield f"cell {cell} predicts {name!r}, and no cell after it calls {name}.answer(…)"
    for cell in lesson.code:
        if any(NO_CHOICE in output.get("text", "") for output in cell.outputs):
            yield f"cell {cell.id} gives an answer that is none of the choices"


def _asked(notebook: NotebookNode) -> list[Call]:
    """The calls of `predict`, with the name that each is assigned to, or ''."""
    found = []
    for place, tree in _trees(notebook):
        named = {
            id(node.value): node.targets[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "predict":
                found.append(Call(place, named.get(id(node), "")))
    return found


def _answered(notebook: NotebookNode) -> list[Call]:
    return [
        Call(place, node.func.value.id)
        for place, tree in _trees(notebook)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "answer"
        and isinstance(node.func.value, ast.Name)
    ]


def _trees(notebook: NotebookNode) -> Iterator[tuple[int, ast.AST]]:
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            try:
                tree = compile(cell.source, cell.id, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
            except SyntaxError:  # a magic; or no Python, which another rule says
                continue
            yield place, tree


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
            yield f"the course has an exercise {wanted.key} for it, and there is no cell exercise-{wanted.key}"
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


def due(lesson: Lesson) -> dict[str, Callable[[Lesson], Iterator[str]]]:
    """The rules that this lesson has to keep."""
    free = {name for stem, name in EXCUSED if stem == lesson.path.stem}
    if is_appendix(lesson.path):
        free |= NOT_IN_AN_APPENDIX.keys()
    return {name: rule for name, rule in RULES.items() if name not in free}
