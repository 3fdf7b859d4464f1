"""The drawings: made from their source, each in a lesson, and readable."""

from __future__ import annotations

import pytest

from tests.notebooks import markdown
from tests.notebooks.drawings.kit import MOST, Sheet
from tests.notebooks.drawn import IMAGES, Drawing, all_drawings
from tests.notebooks.paths import lessons
from tests.notebooks.run import read

DRAWINGS = pytest.mark.parametrize("drawing", all_drawings(), ids=lambda drawing: drawing.name)


@DRAWINGS
def test_the_file_is_as_its_source_makes_it(drawing: Drawing) -> None:
    saved = IMAGES / drawing.name
    assert saved.read_text(encoding="utf-8") == drawing.svg, "run python -m tests.notebooks draw"


@DRAWINGS
def test_it_is_in_a_lesson(drawing: Drawing) -> None:
    texts = [markdown.markdown_of(read(path)) for path in lessons() if path.name[:2] == drawing.name[:2]]
    assert any(f"({IMAGES.name}/{drawing.name})" in text for text in texts)


def test_no_drawing_has_lost_its_source() -> None:
    assert {path.name for path in IMAGES.glob("*.svg")} == {drawing.name for drawing in all_drawings()}


def covering(sheet: Sheet) -> None:
    sheet.text((100, 50), "one word")
    sheet.text((120, 55), "another")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda sheet: sheet.box(10, 10, 40, 30, "much too long"), "and its box 40"),
        (lambda sheet: sheet.text((5, 50), "cut off"), "beyond the edge"),
        (covering, "'another' covers 'one word'"),
        (lambda _: Sheet(MOST + 1, 100), f"and {MOST} are seen"),
    ],
    ids=["box", "edge", "covered", "wide"],
)
def test_what_nobody_could_read_is_an_error(wrong: object, words: str) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=words):
        wrong(Sheet(200, 100))
