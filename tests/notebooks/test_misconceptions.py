"""The page of the misconceptions is complete, fresh, and leads to cells and tests that exist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks import mapped
from tests.notebooks.__main__ import main
from tests.notebooks.hygiene import links
from tests.notebooks.lesson import good_lesson, save_lesson
from tests.notebooks.mapped import PAGE, TRUTHS, cell_of, lesson, page
from tests.notebooks.misconceptions import BELIEFS, Belief
from tests.notebooks.paths import ROOT
from tests.notebooks.run import read
from tests.notebooks.saved import Lesson

ONE = Belief(1, "It is so.", "It is not.", "05", "count-1", "test_05.py::test_one")


def test_the_page_says_what_is_known_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.notebooks map"


def test_each_of_the_26_and_the_six_of_the_second_edition_is_met_and_those_that_came_later_go_on() -> None:
    numbers = {belief.number for belief in BELIEFS}
    assert numbers >= set(range(1, 33))
    assert numbers == set(range(1, max(numbers) + 1)), "a new belief takes the next number"


@pytest.mark.parametrize("belief", BELIEFS, ids=lambda belief: f"{belief.number}-{belief.lesson}")
def test_the_cell_shows_it(belief: Belief) -> None:
    cell = cell_of(read(lesson(belief)), belief.cell)
    assert cell.cell_type == "code"
    assert cell.outputs


@pytest.mark.parametrize("belief", BELIEFS, ids=lambda belief: f"{belief.number}-{belief.lesson}")
def test_the_link_leads_to_its_heading(belief: Belief) -> None:
    link = mapped._link(belief, PAGE.parent)
    there = lesson(belief)
    notebook = read(there)
    notebook.cells[1].source = link  # in a lesson, so that the rule for links looks at it
    assert [problem for problem in links(Lesson(there, notebook)) if "heading" in problem] == []


def test_the_tests_exist() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", TRUTHS], cwd=ROOT, capture_output=True, text=True
    )
    known = {line.partition("[")[0] for line in done.stdout.splitlines()}
    assert [belief.test for belief in BELIEFS if f"{TRUTHS}/{belief.test}" not in known] == []


@pytest.mark.parametrize(
    ("belief", "words"),
    [
        (ONE._replace(lesson="07"), "no lesson 07"),
        (ONE._replace(cell="count-99"), "no cell 'count-99'"),
    ],
)
def test_what_leads_nowhere_is_seen(belief: Belief, words: str, tmp_path: Path) -> None:
    save_lesson(good_lesson(), tmp_path)
    with pytest.raises(LookupError, match=words):
        page([belief], tmp_path)


def test_a_row(tmp_path: Path) -> None:
    save_lesson(good_lesson(), tmp_path)
    assert "| It is so. | It is not. | [05: Two](05-good.ipynb#Two) |" in page([ONE], tmp_path)


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = tmp_path / "page.md"
    monkeypatch.setattr("tests.notebooks.__main__.PAGE", written)
    monkeypatch.setattr("tests.notebooks.instructors.PAGE", tmp_path / "other.md")
    assert main(["map"]) == 0
    assert written.read_text(encoding="utf-8") == page()
