"""The page for who teaches fits the lessons."""

from __future__ import annotations

from tests.notebooks.asked import predictions
from tests.notebooks.instructors import NOTES, PAGE, page
from tests.notebooks.paths import lessons, number, numbered
from tests.notebooks.run import read


def test_it_is_made_anew_when_a_lesson_changes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.notebooks map"


def test_every_lesson_has_its_notes() -> None:
    assert [number(path) for path in numbered()] == list(NOTES), "NOTES in tests/notebooks/instructors.py: a row each"
    assert all(notes.idea and len(notes.discuss) > 1 for notes in NOTES.values())


def test_every_prediction_is_there_with_its_answer() -> None:
    told = page()
    for path in lessons():
        for asked in predictions(read(path)) if number(path) in NOTES else []:
            assert asked.right, f"{path.name}: {asked.cell} has no answer among its choices"
            assert f"- {asked.question} **{asked.right}**" in told
