from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebooks.paths import lessons
from tests.notebooks.run import read
from tests.notebooks.shop import written
from zmqlab.course.earlier import program

WRITES = "%%writefile shop/broker.py\nimport zmq\n\nprint('a broker')"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current one, with a lesson that writes broker.py."""
    monkeypatch.chdir(tmp_path)
    cells = [new_markdown_cell("%%writefile shop/client.py\nin a text"), new_code_cell("1 + 1"), new_code_cell(WRITES)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "07-a-broker.ipynb")
    return tmp_path


def test_the_text_is_that_of_the_lesson_and_no_file_is_needed(folder: Path) -> None:
    assert program("broker.py") == "import zmq\n\nprint('a broker')\n"
    assert [path.name for path in folder.iterdir()] == ["07-a-broker.ipynb"]


@pytest.mark.parametrize("name", ["server.py", "broker.p", "client.py"])
def test_a_program_that_no_lesson_writes_is_an_error_that_says_where_it_looked(folder: Path, name: str) -> None:
    with pytest.raises(LookupError, match=f"no lesson in {folder} writes shop/{name}"):
        program(name)


def test_it_finds_all_that_the_lessons_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word what `%%writefile` writes."""
    first, *_ = lessons()
    monkeypatch.chdir(first.parent)
    for lesson in lessons():
        for one in written(read(lesson)):
            assert program(one.name) == one.text
