"""Refreshing changes what changed and no more."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebooks import exercises
from tests.notebooks import kernel as kernels
from tests.notebooks.__main__ import main
from tests.notebooks.lesson import EXERCISE, Course
from tests.notebooks.run import read, refresh

CODE = ["import time\nprint('hello')", "print(f'{time.perf_counter():.3f} s')", "2 + 2"]


def save(path: Path, *code: str) -> Path:
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Title"), *map(new_code_cell, code)]), path)
    return path


def test_a_refresh_saves_the_outputs_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "00-a.ipynb", *CODE)
    assert refresh(path)
    hello, _, four = read(path).cells[1:]
    assert hello.outputs[0].text == "hello\n"
    assert four.outputs[0].data["text/plain"] == "4"
    assert [cell.execution_count for cell in read(path).cells[1:]] == [1, 2, 3]
    saved = path.read_bytes()
    assert not refresh(path)  # though the time was another one
    assert path.read_bytes() == saved


def test_a_changed_result_is_saved(tmp_path: Path) -> None:
    path = save(tmp_path / "00-a.ipynb", *CODE)
    refresh(path)
    notebook = read(path)
    notebook.cells[1].source = notebook.cells[1].source.replace("hello", "goodbye")
    nbformat.write(notebook, path)
    times = read(path).cells[2].outputs
    assert refresh(path)
    assert read(path).cells[1].outputs[0].text == "goodbye\n"
    assert read(path).cells[2].outputs == times


def test_an_empty_check_cell_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_course", Course)
    notebook = new_notebook(cells=[new_code_cell("", id="check-05-a"), new_code_cell("mine", id="check-99-z")])
    exercises.put_exercises(notebook)
    assert [cell.source for cell in notebook.cells] == [exercises.check_call(EXERCISE), "mine"]


def test_a_refresh_brings_the_skeleton_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_course", Course)
    path = tmp_path / "05-good.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("def twice(): ...", id="exercise-05-a")]), path)
    assert refresh(path)
    assert read(path).cells[0].source == EXERCISE.skeleton.strip("\n")


def test_a_failing_cell_leaves_the_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "00-a.ipynb", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError):
        refresh(path)
    assert main(["refresh", str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_check_names_the_rules_and_executes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "00-a.ipynb", "1 / 0")
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "executed: " in said
    assert "ZeroDivisionError" not in said


def test_a_kernel_that_dies_at_its_start_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[NotebookClient] = []
    make = kernels._client

    def client(folder: Path, timeout: float) -> NotebookClient:
        made.append(make(folder, timeout))
        if len(made) == 1:
            made[0].extra_arguments = ["--shell=not-a-port"]
        return made[-1]

    monkeypatch.setattr(kernels, "_client", client)
    cell = new_code_cell("print(6 * 7)")
    with kernels.kernel(tmp_path) as running:
        running.run([cell])
    assert (running.starts, cell.outputs[0].text) == (2, "42\n")
