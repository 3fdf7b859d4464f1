"""The parts of a lesson that a learner may run alone: each H2 section, after the set-up."""

from __future__ import annotations

import ast
from typing import NamedTuple

from nbformat import NotebookNode

from tests.notebooks.markdown import headings


class Section(NamedTuple):
    title: str
    cells: list[NotebookNode]


def set_up(notebook: NotebookNode) -> list[NotebookNode]:
    """The first code cells, up to the one that makes the lab."""
    cells = _code(notebook.cells)
    for place, cell in enumerate(cells):
        if _makes_a_lab(cell):
            return cells[: place + 1]
    return []


def sections(notebook: NotebookNode) -> list[Section]:
    """Those that have code beside the set-up."""
    found = [Section("", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found += [Section(heading.text, []) for heading in headings(cell.source) if heading.level == 2]
        found[-1].cells.append(cell)
    first = {cell.id for cell in set_up(notebook)}
    rest = [Section(title, [cell for cell in _code(cells) if cell.id not in first]) for title, cells in found]
    return [section for section in rest if section.cells]


def _code(cells: list[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]


def _makes_a_lab(cell: NotebookNode) -> bool:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # a magic
        return False
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Lab"
        for node in ast.walk(tree)
    )
