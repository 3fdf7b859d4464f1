"""The rules for what a notebook saves: executed, complete, and nothing of the machine that made it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbformat.validator import iter_validate

from tests.notebooks.clean import FOLDED_HEADING, KEPT_CELL_METADATA, VALID_ID, WIDGET_VIEW, gives_answer, goes_deeper
from tests.notebooks.paths import ROOT

SHOWS = {"print", "display", "doctor", "picture", "view", "predict", "recall", "quiz", "check"}
"""Calls which, at the top level of a cell, leave an output."""

IGNORED = 0.1
"""At most this part of the code cells may ask nbval not to look."""

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|tmp|var/folders)/\w[^\s\"']*|\b[A-Z]:\\\\?Users\\[^\s\"']*")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def schema(notebook: NotebookNode) -> Iterator[str]:
    for error in iter_validate(notebook, version=4, version_minor=5):
        yield f"not a valid notebook: {error}".splitlines()[0]


def kernel(notebook: NotebookNode) -> Iterator[str]:
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"the kernel is {name!r}; it must be 'python3'"


def metadata(notebook: NotebookNode) -> Iterator[str]:
    extra = set(notebook.metadata) - {"kernelspec", "language_info"}
    if extra:
        yield f"the notebook's metadata has {', '.join(sorted(extra))}: refresh it"
    for cell in notebook.cells:
        folded = cell.metadata.get("jupyter", {}) == {"outputs_hidden": True}
        if folded != gives_answer(cell):
            yield f"cell {cell.id}: the output of a cell that answers a prediction is folded, and no other"
        if bool(cell.metadata.get(FOLDED_HEADING)) != goes_deeper(cell):
            yield f"cell {cell.id}: a heading '## Going deeper: …' is folded, and no other"
        extra = set(cell.metadata) - set(KEPT_CELL_METADATA) - {"jupyter", FOLDED_HEADING}
        if extra:
            yield f"the metadata of cell {cell.id} has {', '.join(sorted(extra))}: refresh the notebook"


def ids(notebook: NotebookNode) -> Iterator[str]:
    seen: set[str] = set()
    for cell in notebook.cells:
        name = str(cell.get("id", ""))
        if not VALID_ID.fullmatch(name):
            yield f"{name!r} is no valid cell id"
        if name in seen:
            yield f"the cell id {name!r} is there twice"
        seen.add(name)


def executed(notebook: NotebookNode) -> Iterator[str]:
    """Saved from one run, from the first cell to the last: nbval skips a cell without a count."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells were not executed once each, in order (counts {counts}): refresh the notebook"


def complete(notebook: NotebookNode) -> Iterator[str]:
    """No output stripped."""
    for cell in code_cells(notebook):
        if not cell.outputs and shows(cell.source):
            yield f"cell {cell.id} shows something, but no output is saved: refresh the notebook"


def shows(source: str) -> bool:
    """Whether a call outside of any function prints or draws."""
    try:
        todo: list[ast.AST] = list(ast.parse(source).body)
    except SyntaxError:  # a magic, or await at the top level
        return False
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in SHOWS:
                return True
        todo.extend(ast.iter_child_nodes(node))
    return False


def widgets(notebook: NotebookNode) -> Iterator[str]:
    for cell in code_cells(notebook):
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs):
            yield f"cell {cell.id} saves a widget view, which shows an error without its kernel: refresh"


def paths(notebook: NotebookNode) -> Iterator[str]:
    """Nothing that names a place on somebody's machine."""
    for cell in notebook.cells:
        text = cell.source + "\n" + json.dumps(cell.get("outputs", []), ensure_ascii=False)
        names = [match[0] for match in MACHINE_PATH.finditer(text)]
        names += [place for place in (str(ROOT), str(Path.home())) if f"{place}/" in text]
        if names:
            yield f"cell {cell.id} names a place on one machine: {names[0]}"


def ignored(notebook: NotebookNode) -> Iterator[str]:
    """An output nbval does not compare needs a reason, and there are few."""
    cells = code_cells(notebook)
    unseen = [cell for cell in cells if tags(cell) & {"nbval-ignore-output", "nbval-skip"}]
    for cell in unseen:
        if not str(cell.metadata.get("reason", "")).strip():
            yield f"cell {cell.id} hides its output from nbval without a 'reason' in its metadata"
    if len(unseen) > IGNORED * len(cells):
        yield f"{len(unseen)} of {len(cells)} code cells hide their output from nbval; at most 10 % may"
    for cell in cells:
        if re.search(r"^\s*#\s*(NBVAL_|PYTEST_VALIDATE)", cell.source, re.MULTILINE):
            yield f"cell {cell.id} speaks to nbval in a comment; learners read it: use a tag"


def errors(notebook: NotebookNode) -> Iterator[str]:
    """An exception is saved where one is announced, and nowhere else."""
    for cell in code_cells(notebook):
        raised = any(output.output_type == "error" for output in cell.outputs)
        announced = bool(tags(cell) & {"raises-exception", "nbval-raises-exception"})
        if announced and not raised:
            yield f"cell {cell.id} is tagged raises-exception, but no error is saved"
        if raised and not announced:
            yield f"cell {cell.id} saves an error and is not tagged raises-exception"


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


RULES: dict[str, Callable[[NotebookNode], Iterator[str]]] = {
    "schema": schema,
    "kernel": kernel,
    "metadata": metadata,
    "ids": ids,
    "executed": executed,
    "complete": complete,
    "widgets": widgets,
    "paths": paths,
    "ignored": ignored,
    "errors": errors,
}
