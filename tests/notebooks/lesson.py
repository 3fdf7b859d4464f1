"""A small lesson that breaks no rule, for the tests of the rules to break."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.clean import clean
from tests.notebooks.hygiene import CELLS, WORDS

NAME = "05-good.ipynb"


def good_lesson() -> NotebookNode:
    """Executed, with prose and cells just above the least a lesson has."""
    cells = [
        new_markdown_cell("# A good lesson\n\nAbout 20 minutes."),
        new_markdown_cell("## One\n\n[the title](#A-good-lesson), [the words](words.md#dealer)"),
        new_markdown_cell("### Two\n\n![A dot](dot.png)\n\n" + "word " * WORDS[0]),
    ]
    for count in range(1, CELLS[0] - 3):
        cell = new_code_cell(f"print({count})", execution_count=count)
        cell.outputs = [new_output("stream", name="stdout", text=f"{count}\n")]
        cells.append(cell)
    cells.append(new_markdown_cell("[Previous](04-before.ipynb) · [Contents](words.md) · [Next](06-after.ipynb)"))
    return clean(new_notebook(cells=cells))


def save_lesson(notebook: NotebookNode, folder: Path) -> Path:
    """Write it beside the files it links to."""
    for name in ("04-before.ipynb", "06-after.ipynb"):
        nbformat.write(new_notebook(), folder / name)
    (folder / "words.md").write_text("# Words\n\n## DEALER\n", encoding="utf-8")
    (folder / "dot.png").write_bytes(b"")
    path = folder / NAME
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    return path
