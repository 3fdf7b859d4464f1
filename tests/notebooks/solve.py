"""A lesson with its exercises solved: the checks pass, and all else shows what is saved."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from tests.notebooks.clean import clean_outputs
from tests.notebooks.exercises import is_check, is_skeleton, key_of, load
from tests.notebooks.fresh import differences
from tests.notebooks.outputs import tags
from tests.notebooks.run import same

UNSEEN = {"nbval-ignore-output", "nbval-skip"}


def solved(notebook: NotebookNode) -> NotebookNode:
    """A copy with the solutions in place of the skeletons; its checks raise AssertionError unless they pass."""
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        exercise = load(key_of(cell)) if is_skeleton(cell) else None
        if exercise is not None:
            cell.source = exercise.solution.strip("\n")
        elif is_check(cell):
            cell.source = f"verdict = {cell.source}\nassert verdict.passed, verdict.text"
    return copied


def not_as_saved(saved: NotebookNode, fresh: NotebookNode) -> list[str]:
    """What a solved run shows that the saved lesson does not, but for the exercises themselves."""
    old, new = (_without_exercises(notebook) for notebook in (saved, fresh))
    for cell in new.cells:
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs)
    found = differences(old, new)
    lines = [f"cell {id}: {line}" for id, line in found]
    named = {id for id, _ in found}
    for before, after in zip(old.cells, new.cells, strict=True):
        seen = before.cell_type == "code" and not tags(before) & UNSEEN
        if seen and before.id not in named and not same(before, after):
            lines.append(f"cell {before.id}: saved {_shown(before)}\n    now {_shown(after)}")
    return lines


def _without_exercises(notebook: NotebookNode) -> NotebookNode:
    copied = copy.deepcopy(notebook)
    copied.cells = [cell for cell in copied.cells if not is_skeleton(cell) and not is_check(cell)]
    return copied


def _shown(cell: NotebookNode) -> str:
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain") or output.get("evalue", "")
        for output in cell.outputs
    ]
    return repr("".join(texts))
