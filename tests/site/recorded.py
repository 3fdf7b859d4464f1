"""The run of each live view of a lesson, as a page that plays it without a kernel."""

from __future__ import annotations

import copy
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.notebooks.clean import clean
from tests.notebooks.kernel import kernel

VIEW = "<zmqlab view of "
"""What the saved output of a cell says that shows a live view."""

# In the kernel, before the first cell: which cell makes which view. It stands for the learner's JupyterLab.
WATCH = """
import zmqlab.view as _house
_seen, _cell, _view = [], "", _house.view
def _watched(trace, title, *others, **options):
    _seen.append((_cell, trace, title))
    return _view(trace, title, *others, **options)
_house.view = _watched
"""

# After the last: all that has happened is in the traces when their labs are closed.
KEEP = """
from pathlib import Path as _Path
from zmqlab.lab.lab import _close_all
from zmqlab.view.html import page as _page
_close_all()
for _cell, _trace, _title in _seen:
    (_Path({folder!r}) / f"{{_cell}}.html").write_text(_page(_trace, _title), encoding="utf-8")
"""


def execute(notebook: NotebookNode, folder: Path, players: Path) -> NotebookNode:
    """A copy with the outputs of a run in `folder`; for each cell that shows a view, `players` has a page.

    A page is named after its cell, ``<id>.html``, and has all that happened in its lab, to the end of the lesson.
    """
    fresh = copy.deepcopy(notebook)
    players.mkdir(parents=True, exist_ok=True)
    with kernel(folder) as running:
        running.run([new_code_cell(WATCH)])
        for cell in fresh.cells:
            if cell.cell_type == "code":
                running.run([new_code_cell(f"_cell = {cell.id!r}"), cell])
        running.run([new_code_cell(KEEP.format(folder=str(players.resolve())))])
    return clean(fresh)
