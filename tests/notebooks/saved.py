"""A lesson as the rules look at it: its file, and what is saved in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from tests.notebooks import markdown


class Lesson(NamedTuple):
    path: Path
    notebook: NotebookNode

    @property
    def text(self) -> str:
        return markdown.markdown_of(self.notebook)

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code" and cell.source.strip()]
