"""The lessons as learners use them: solved, and again section by section. Each trouble is seen once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebooks import exercises
from tests.notebooks.__main__ import main
from tests.notebooks.lesson import EXERCISE, Course
from tests.notebooks.paths import is_appendix, lessons
from tests.notebooks.run import refresh
from tests.notebooks.sections import sections, set_up
from tests.notebooks.tryout import AT_ONCE, Found, try_out

SET_UP = """
from types import SimpleNamespace
Lab = dict
lab = Lab(count=0)
def check(key, code):
    try:
        passed = code(21) == 42
    except NotImplementedError:
        passed = False
    return SimpleNamespace(passed=passed, text="solved" if passed else "21 twice is not 42")
"""
GOOD = ["## One", "first = 1\nprint('one', first)", "## Two", "second = 2\nprint('two', second)", "## Exercise"]


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Writes a lesson with an exercise, executes it and saves it. Its cells are headings and code."""
    monkeypatch.setattr(exercises, "_course", Course)

    def write(*texts: str) -> Path:
        cells = [new_markdown_cell("# Title"), new_code_cell("import sys"), new_code_cell(SET_UP)]
        for text in texts or GOOD:
            cells.append(new_markdown_cell(text) if text.startswith("#") else new_code_cell(text))
        cells.append(new_code_cell(EXERCISE.skeleton, id="exercise-05-a"))
        cells.append(new_code_cell('check("05-a", twice)', id="check-05-a"))
        path = tmp_path / "05-good.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        refresh(path)
        return path

    return write


def test_a_good_lesson_has_no_trouble(lesson: Callable[..., Path]) -> None:
    assert try_out(lesson()) == Found([], [])


def test_a_solution_that_does_not_pass_is_seen(lesson: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = lesson()
    monkeypatch.setattr(EXERCISE, "solution", "def twice(number):\n    return number")
    (failed,) = try_out(path).solve
    assert "check-05-a" in failed
    assert "21 twice is not 42" in failed


def test_another_output_than_the_saved_is_seen(lesson: Callable[..., Path]) -> None:
    path = lesson()
    path.write_text(path.read_text(encoding="utf-8").replace("two 2", "two 3"), encoding="utf-8")
    (line,) = try_out(path, again=False).solve
    assert "saved 'two 3\\n'" in line
    assert "now 'two 2\\n'" in line


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.seen = getattr(sys, 'seen', 0) + 1\nassert sys.seen < 2", "section 'Two' again"),
        ("if hasattr(sys, 'seen'): print('The run says: 3. That was none of the choices.')\nsys.seen = 1", "choices"),
        ("print(first)", "alone after the set-up: cell"),
    ],
    ids=["not twice", "another answer", "not alone"],
)
def test_what_works_only_once_or_only_in_order_is_seen(lesson: Callable[..., Path], code: str, words: str) -> None:
    found = try_out(lesson("## One", "first = 1", "## Two", code))
    assert found.solve == []
    assert len(found.again) == 1
    assert words in found.again[0]


def test_an_error_that_is_meant_is_none(lesson: Callable[..., Path]) -> None:
    path = lesson()
    notebook = nbformat.read(path, 4)
    notebook.cells.insert(-2, new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}))
    nbformat.write(notebook, path)
    refresh(path)
    assert try_out(path) == Found([], [])


def test_the_commands_say_what_is_wrong(lesson: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = str(lesson("## One", "first = 1", "## Two", "print(first)"))
    assert main(["solve", path]) == 0
    assert main(["again", path]) == 1
    assert "name 'first' is not defined" in capsys.readouterr().out


def test_sections_and_the_set_up() -> None:
    texts = [
        "# T",
        "import zmq",
        "## A",
        "lab = Lab('x')",
        "%%writefile x",
        "### Deep",
        "1",
        "## B",
        "## C\n\n## D",
        "2",
    ]
    cells = [new_markdown_cell(text) if text.startswith("#") else new_code_cell(text) for text in texts]
    notebook = new_notebook(cells=cells)
    assert [cell.source for cell in set_up(notebook)] == ["import zmq", "lab = Lab('x')"]
    found = [(section.title, [cell.source for cell in section.cells]) for section in sections(notebook)]
    assert found == [("A", ["%%writefile x", "1"]), ("D", ["2"])]
    assert set_up(new_notebook(cells=cells[:3])) == []


@pytest.fixture(scope="module")
def tried(request: pytest.FixtureRequest) -> Iterator[dict[Path, Future[Found]]]:
    """All lessons that are asked for, some at a time, while the tests wait for them one by one.

    The last numbered lessons take longest, and begin first; the appendices begin last.
    """
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    paths: list[Any] = [item.callspec.params["path"] for item in items if "tried" in item.fixturenames]
    order = sorted(set(paths), key=lambda path: (not is_appendix(path), path), reverse=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {path: pool.submit(try_out, path) for path in order}
        pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_the_lessons_are_solved_and_saved_as_they_run(path: Path, tried: dict[Path, Future[Found]]) -> None:
    assert tried[path].result().solve == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_the_lessons_run_again_and_in_parts(path: Path, tried: dict[Path, Future[Found]]) -> None:
    assert tried[path].result().again == []
