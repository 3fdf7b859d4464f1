"""What a fresh run shows that nbval does not compare: stripped outputs, and the structure of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from tests.notebooks.pictures import HTML, SVG, Structure, comparable, difference, structure


def differences(saved: NotebookNode, fresh: NotebookNode) -> list[tuple[str, str]]:
    """All that nbval would let pass though the saved notebook no longer tells the truth: cell id, what is wrong."""
    return [line for pair in zip(saved.cells, fresh.cells, strict=True) for line in _cell(*pair)]


def _cell(saved: NotebookNode, fresh: NotebookNode) -> Iterator[tuple[str, str]]:
    if saved.cell_type != "code":
        return
    if bool(saved.outputs) != bool(fresh.outputs):
        yield saved.id, f"saved {len(saved.outputs)} outputs, now {len(fresh.outputs)}"
    old, new = _pictures(saved), _pictures(fresh)
    if len(old) != len(new):
        yield saved.id, f"saved {len(old)} pictures, now {len(new)}"
    if _html(saved) != _html(fresh):
        yield saved.id, f"saved HTML {_html(saved)}, now {_html(fresh)}"
    for before, after in zip(old, new, strict=False):
        yield from ((saved.id, line) for line in difference(before, after))


def _pictures(cell: NotebookNode) -> list[Structure]:
    return [structure(output.data[SVG]) for output in cell.outputs if SVG in output.get("data", {})]


def _html(cell: NotebookNode) -> list[object]:
    bundles = [output.get("data", {}) for output in cell.outputs]
    return [comparable(data)[HTML] for data in bundles if HTML in data]
