"""The page of the misconceptions: made from misconceptions.py and the lessons."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode

from tests.notebooks.markdown import headings
from tests.notebooks.misconceptions import BELIEFS, Belief
from tests.notebooks.paths import NOTEBOOKS, lessons, number
from tests.notebooks.run import read

PAGE = NOTEBOOKS / "misconceptions.md"
TRUTHS = "tests/truths"

HEAD = """# What people believe of ZeroMQ

And what is true. The lessons let you see it with your own eyes: follow the link, and run the cells below that heading.

| what people believe | what is true | see it |
|---|---|---|
"""

TESTS = """
## For maintainers

Made by `python -m tests.notebooks map` from `tests/notebooks/misconceptions.py`. The tests are plain pyzmq.

| | lesson and cell | test |
|---|---|---|
"""


def page(beliefs: list[Belief] | None = None, folder: Path = NOTEBOOKS) -> str:
    """In the order of the course. Raises LookupError for a lesson, cell or heading that is not there."""
    given = BELIEFS if beliefs is None else beliefs
    ordered = sorted(given, key=lambda belief: (belief.lesson, belief.number))
    seen = [f"| {belief.believed} | {belief.true} | {_link(belief, folder)} |\n" for belief in ordered]
    tested = [f"| {belief.number} | {belief.lesson}, `{belief.cell}` | {_test(belief)} |\n" for belief in ordered]
    return HEAD + "".join(seen) + TESTS + "".join(tested)


def _link(belief: Belief, folder: Path) -> str:
    path = lesson(belief, folder)
    heading = heading_of(read(path), belief.cell)
    anchor = quote(heading.replace("`", "").replace("*", "").replace(" ", "-"), safe="-:?!,'")
    return f"[{belief.lesson}: {heading}]({path.name}#{anchor})"


def _test(belief: Belief) -> str:
    file, _, name = belief.test.partition("::")
    return f"[{file}](../{TRUTHS}/{file}) `{name}`"


def lesson(belief: Belief, folder: Path = NOTEBOOKS) -> Path:
    for path in lessons(folder):
        if number(path) == belief.lesson:
            return path
    raise LookupError(f"misconception {belief.number}: there is no lesson {belief.lesson}")


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    cell: NotebookNode
    for cell in notebook.cells:
        if cell.id == name:
            return cell
    raise LookupError(f"there is no cell {name!r}")


def heading_of(notebook: NotebookNode, name: str) -> str:
    """The text of the last heading above that cell."""
    place = notebook.cells.index(cell_of(notebook, name))
    above = [cell.source for cell in notebook.cells[:place] if cell.cell_type == "markdown"]
    found = [heading.text for source in above for heading in headings(source)]
    if not found:
        raise LookupError(f"there is no heading above cell {name!r}")
    return found[-1]
