"""A saved notebook has nothing of the machine, and the same run is the same file."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.clean import WIDGET_VIEW, clean
from tests.notebooks.paths import ROOT


def test_metadata_of_the_machine_goes_and_ours_stays() -> None:
    cell = new_code_cell(
        "1", metadata={"execution": {"iopub.status.busy": "2026"}, "tags": ["x"], "reason": "r", "trusted": True}
    )
    notebook = clean(
        new_notebook(cells=[cell], metadata={"widgets": {}, "kernelspec": {"name": "x", "display_name": "x"}})
    )
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    assert cell.metadata == {"tags": ["x"], "reason": "r"}


def test_the_answer_to_a_prediction_is_folded_and_nothing_else() -> None:
    answers = ["guess.answer(3)", "if n:\n    guess.answer(n)"]
    others = ["guess = predict('?', ['a', 'b'])", "print('guess.answer(3)')", "answer(3)"]
    cells = clean(new_notebook(cells=[new_code_cell(source) for source in answers + others])).cells
    folded = [cell.source for cell in cells if cell.metadata == {"jupyter": {"outputs_hidden": True}}]
    assert folded == answers


def test_ids_are_kept_and_bad_or_double_ones_replaced_alike_each_time() -> None:
    cells = [new_markdown_cell(text, id="same") for text in "abc"]
    cells[2].id = "c!"
    first = [cell.id for cell in clean(NotebookNode(metadata={}, cells=copy.deepcopy(cells))).cells]
    second = [cell.id for cell in clean(NotebookNode(metadata={}, cells=copy.deepcopy(cells))).cells]
    assert first == second
    assert first[0] == "same"
    assert len(set(first)) == 3


def test_widget_views_go_and_their_text_stays() -> None:
    with_text = new_output("display_data", data={WIDGET_VIEW: {"model_id": "1"}, "text/plain": "a view"})
    bare = new_output("display_data", data={WIDGET_VIEW: {"model_id": "1"}})
    notebook = clean(new_notebook(cells=[new_code_cell("view", outputs=[with_text, bare])]))
    assert [output.data for output in notebook.cells[0].outputs] == [{"text/plain": "a view"}]


def test_a_stream_is_one_output() -> None:
    pieces = [new_output("stream", name=name, text=text) for name, text in (("stdout", "a"), ("stderr", "!"))]
    pieces.append(new_output("stream", name="stdout", text="b"))
    notebook = clean(new_notebook(cells=[new_code_cell("x", outputs=pieces)]))
    assert [(output.name, output.text) for output in notebook.cells[0].outputs] == [("stdout", "ab"), ("stderr", "!")]


def test_tracebacks_name_no_place_on_the_machine() -> None:
    lines = [f"File {ROOT}/zmqlab/lab/lab.py:3", f"File {Path(nbformat.__file__)}:7", "File /x/ipykernel_17/99.py:1"]
    error = new_output("error", ename="E", evalue="e", traceback=lines)
    notebook = clean(new_notebook(cells=[new_code_cell("x", outputs=[error])]))
    ours, library, cell = notebook.cells[0].outputs[0].traceback
    assert ours == "File zmqlab/lab/lab.py:3"
    assert library.startswith("File …/")
    assert cell == "File <cell>:1"
