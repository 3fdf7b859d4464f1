"""Execute notebooks in fresh kernels."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.notebooks import pictures
from tests.notebooks.clean import clean, clean_outputs, saved_output
from tests.notebooks.exercises import put_exercises
from tests.notebooks.kernel import kernel
from tests.notebooks.sanitize import sanitize


def read(path: Path) -> NotebookNode:
    """As it is saved: `nbformat.read` would mend ids on the way, and a rule could not see them."""
    notebook: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    return notebook


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """A cleaned copy with the outputs of a run in `folder`. Raises CellExecutionError, CellTimeoutError."""
    fresh = copy.deepcopy(notebook)
    with kernel(folder) as running:
        running.run(cell for cell in fresh.cells if cell.cell_type == "code")
    return clean(fresh)


def refresh(path: Path) -> bool:
    """Execute the notebook where it lies and save it; True when the file has changed.

    Its exercises become what their modules say now.
    Outputs that nbval would call equal keep their saved text: a refresh changes only what changed.
    """
    before = path.read_text(encoding="utf-8")
    notebook = read(path)
    put_exercises(notebook)
    fresh = execute(notebook, path.parent)
    for old, new in zip(notebook.cells, fresh.cells, strict=True):
        if old.cell_type == "code" and same(old, new):
            new.outputs = clean_outputs(copy.deepcopy(old.outputs))
            for output in new.outputs:
                if "execution_count" in output:
                    output.execution_count = new.execution_count
    after = str(nbformat.writes(fresh)).rstrip("\n") + "\n"
    if after != before:
        path.write_text(after, encoding="utf-8")
    return after != before


def same(old: NotebookNode, new: NotebookNode) -> bool:
    """Whether two runs of a cell show the same, but for what sanitize.cfg names."""
    return comparable(old) == comparable(new)


def comparable(cell: NotebookNode) -> list[object]:
    """A cell's outputs as they are compared: sanitised text, the structure of SVG, errors by name and text."""
    shown: list[object] = []
    for output in saved_output(cell):
        if output["output_type"] == "stream":
            shown.append((output["name"], sanitize(output["text"])))
        elif output["output_type"] == "error":
            shown.append((output["ename"], sanitize(output["evalue"])))
        else:
            data = {k: v for k, v in output["data"].items() if not k.startswith("application/vnd.jupyter.widget")}
            shown.append(pictures.comparable(data))
    return shown
