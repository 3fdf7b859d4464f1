"""A lesson as the rules look at it: its file, and what is saved in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from tests.notebooks import markdown
from tests.notebooks.clean import goes_deeper


class Lesson(NamedTuple):
    path: Path
    notebook: NotebookNode

    @property
    def text(self) -> str:
        return markdown.markdown_of(self.notebook)

    @property
    def main(self) -> list[NotebookNode]:
        """Its cells without the sections for who wants to go deeper."""
        kept, deeper = [], False
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown" and cell.source.startswith("## "):
                deeper = goes_deeper(cell)
            kept += [] if deeper else [cell]
        return kept

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def code_lines(source: str) -> list[str]:
    """Those to be read: no remarks, no imports, no magic that says where the cell goes."""
    lines = [line.strip() for line in source.splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "import ", "from ", "%%"))]
