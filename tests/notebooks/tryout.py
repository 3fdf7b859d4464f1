"""Lessons as learners use them: solved, and then again, section by section. All in one kernel."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tests.notebooks.kernel import Kernel, kernel
from tests.notebooks.paths import NOTEBOOKS
from tests.notebooks.run import read
from tests.notebooks.sections import sections, set_up
from tests.notebooks.solve import not_as_saved, solved
from zmqlab.course.predict import NO_CHOICE

AT_ONCE = 4
"""Lessons tried at the same time: their kernels mostly wait."""


class Found(NamedTuple):
    """What is wrong: in the solved run, and in all that comes after it."""

    solve: list[str]
    again: list[str]


def try_out(path: Path, *, again: bool = True) -> Found:
    """Run a copy of the lesson with its solutions; then, if asked to, each section again, alone after the set-up.

    So each cell runs at least twice in the same kernel: what runs only once in it is seen, and what needs the cells
    before it, too.
    """
    saved = read(path)
    notebook = solved(saved)
    with TemporaryDirectory() as name:
        folder = Path(name) / NOTEBOOKS.name
        shutil.copytree(path.parent, folder)
        with kernel(folder) as running:
            failed = _run(running, _code(notebook))
            if failed:
                return Found([failed], ["not tried: the first run failed"] if again else [])
            first = not_as_saved(saved, notebook)
            if not again:
                return Found(first, [])
            return Found(first, list(_alone(running, notebook)))


def _alone(running: Kernel, notebook: NotebookNode) -> Iterator[str]:
    if not set_up(notebook):
        yield "no cell makes the Lab, so there is no set-up for a section to begin with"
        return
    for title, cells in sections(notebook):
        running.forget()
        failed = _run(running, [*set_up(notebook), *cells])
        if failed:
            yield f"section '{title}' again in the same kernel, alone after the set-up: {failed}"


def _run(running: Kernel, cells: Iterable[NotebookNode]) -> str:
    """'' or what failed."""
    for cell in cells:
        try:
            running.run([cell])
        except CellExecutionError as error:
            return f"cell {cell.id}: {error.ename}: {error.evalue}"
        except (CellTimeoutError, DeadKernelError) as error:
            return f"cell {cell.id}: {error}"
        if any(NO_CHOICE in output.get("text", "") for output in cell.outputs):
            return f"cell {cell.id}: the answer is none of the choices"
    return ""


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
