"""A small lesson that breaks no rule, for the tests of the rules to break, and its exercise."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.clean import clean
from tests.notebooks.hygiene import BINDER, CELLS, WORDS
from tests.notebooks.pictures import SVG
from tests.notebooks.telling import TAKEN_ALONG, you_are_here

NAME = "05-good.ipynb"

OPENING = "> Ann asked for one, and got two. Who was wrong? ([the thread](https://example.org/1))"
SENTENCE = "One word and another word make a sentence. "
CHOICES = {"1": "a reason", "2": "a reason", "4": "a reason"}

EXERCISE = SimpleNamespace(
    key="05-a",
    lesson="05-good",
    name="twice",
    skeleton='\ndef twice(number):\n    raise NotImplementedError("write it")\n',
    solution="\ndef twice(number):\n    return 2 * number\n",
)


class Course:
    """Stands for `zmqlab.course.exercises`, with that one exercise."""

    KEYS = (EXERCISE.key,)

    @staticmethod
    def load(key: str) -> Any:
        return {EXERCISE.key: EXERCISE}[key]


TITLE = f"""# A good lesson

{OPENING}

About 20 minutes. **You need:** lesson 04. [On Binder]({BINDER}{NAME})

{you_are_here("05")}"""


def good_lesson() -> NotebookNode:
    """Executed, with prose and cells just above the least a lesson has."""
    taught = [
        code("recall", 'recall("05")', "Three questions"),
        code("predict-one", f'one = predict("1 + 1?",\n{CHOICES})', "Predict: 1 + 1?", bleakest="2"),
        code("answer-one", "one.answer(2)", "The run says 2: a reason."),
        code("predict-two", f'two = predict("2 + 2?",\n{CHOICES})', "Predict: 2 + 2?", bleakest="1"),
        code("answer-two", "for value in [4]:\n    two.answer(value)", "The run says 4: a reason."),
        drawing(),
    ]
    exercise = [
        new_markdown_cell(f"## Break it: nothing is whole\n\n## {TAKEN_ALONG}\n\n## Exercise: twice as much"),
        code("exercise-05-a", EXERCISE.skeleton.strip("\n")),
        code("check-05-a", 'check("05-a", twice)', "05-a  twice: not yet"),
        new_markdown_cell("[Previous](04-before.ipynb) · [Contents](words.md) · [Next](06-after.ipynb)"),
    ]
    cells = [
        new_markdown_cell(TITLE, id="title"),
        new_markdown_cell("## One\n\n[the title](#A-good-lesson), [the words](words.md#dealer)"),
        new_markdown_cell("### Two\n\n![A dot](dot.png)\n\n" + SENTENCE * (WORDS[0] // 8 + 1)),
    ]
    more = CELLS[0] - len(cells) - len(taught) - len(exercise)
    counts = [code(f"count-{count}", f"print({count})", str(count)) for count in range(1, more + 1)]
    notebook = new_notebook(cells=[*cells, *counts[:8], *taught, *counts[8:], *exercise])
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
    return clean(notebook)


def code(name: str, source: str, shown: str = "", **zmqlab: str) -> NotebookNode:
    """A code cell that has printed what is shown; with what is ours in its metadata."""
    outputs = [new_output("stream", name="stdout", text=f"{shown}\n")] if shown else []
    cell: NotebookNode = new_code_cell(source, id=name, outputs=outputs)
    if zmqlab:
        cell.metadata["zmqlab"] = NotebookNode(zmqlab)
    return cell


def drawing() -> NotebookNode:
    """A code cell that ends with a picture."""
    shown = new_output("execute_result", data={SVG: "<svg/>", "text/plain": "a drawing"}, execution_count=1)
    cell: NotebookNode = new_code_cell("lab.picture()", id="drawing", outputs=[shown])
    return cell


def save_lesson(notebook: NotebookNode, folder: Path) -> Path:
    """Write it beside the files it links to."""
    for name in ("04-before.ipynb", "06-after.ipynb"):
        nbformat.write(new_notebook(), folder / name)
    (folder / "words.md").write_text("# Words\n\n## DEALER\n", encoding="utf-8")
    (folder / "dot.png").write_bytes(b"")
    path = folder / NAME
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    return path
