"""The exercises in the notebooks: which cells they are, and what the course has for them.

`zmqlab.course.exercises` is asked when an exercise is needed, not before: most commands here need none.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

from nbformat import NotebookNode

SKELETON, CHECK = "exercise-", "check-"


class Exercise(Protocol):
    """What is needed of `zmqlab.course.exercise.Exercise`."""

    key: str
    lesson: str
    name: str
    skeleton: str
    solution: str
    wrong_ways: Mapping[str, str]


def load(key: str) -> Exercise | None:
    """The exercise of that key, None when the course has none."""
    found: Exercise | None = _course().load(key) if key in _course().KEYS else None
    return found


def of_lesson(lesson: str) -> list[Exercise]:
    """The exercises of the notebook with that stem, in the order of the course."""
    found: list[Exercise] = [_course().load(key) for key in _course().KEYS]
    return [exercise for exercise in found if exercise.lesson == lesson]


def _course() -> Any:
    return import_module("zmqlab.course.exercises")


def is_skeleton(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and str(cell.id).startswith(SKELETON)


def is_check(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and str(cell.id).startswith(CHECK)


def key_of(cell: NotebookNode) -> str:
    """``05-a`` for the cells ``exercise-05-a`` and ``check-05-a``."""
    return str(cell.id).partition("-")[2]


def check_call(exercise: Exercise) -> str:
    """The source of its check cell."""
    return f'check("{exercise.key}", {exercise.name})'


def put_exercises(notebook: NotebookNode) -> None:
    """Every exercise cell and its check, in place, as the exercise's module has them now."""
    for cell in notebook.cells:
        exercise = load(key_of(cell)) if is_skeleton(cell) or is_check(cell) else None
        if exercise is not None:
            cell.source = exercise.skeleton.strip("\n") if is_skeleton(cell) else check_call(exercise)
