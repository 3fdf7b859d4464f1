"""What `recall` asks stands in the lessons, and is written as the bank says."""

from __future__ import annotations

import pytest

from tests.notebooks import markdown
from tests.notebooks.paths import lessons, number, numbered
from tests.notebooks.run import read
from zmqlab.course.bank import ITEMS, LESSONS, NUMBERED, Item
from zmqlab.course.quiz import LAST, quiz

HEADINGS = {number(path): markdown.headings(markdown.markdown_of(read(path))) for path in lessons()}
LEAST = 5
LEAST_OF_AN_APPENDIX = 2
ALL = [item for items in ITEMS.values() for item in items]


def elsewhere(key: str, item: Item) -> bool:
    """Is there no such section in that lesson?"""
    return item.where not in {heading.text for heading in HEADINGS[key] if heading.level in (2, 3)}


def test_each_lesson_is_asked_about_under_its_own_title() -> None:
    assert list(LESSONS) == list(HEADINGS), "LESSONS in zmqlab/course/bank.py: a row for each lesson, in order"
    assert list(ITEMS) == list(HEADINGS), "ITEMS in zmqlab/course/bank.py: questions about each lesson, in order"
    titles = [HEADINGS[key][0].text for key in LESSONS]
    assert list(LESSONS.values()) == [(title, path.name) for title, path in zip(titles, lessons(), strict=True)]
    assert [number(path) for path in numbered()] == NUMBERED
    assert all(len(ITEMS[key]) >= (LEAST if key in NUMBERED else LEAST_OF_AN_APPENDIX) for key in ITEMS)


@pytest.mark.parametrize("key", ITEMS)
def test_each_question_leads_to_a_section_of_its_lesson(key: str) -> None:
    assert not [item.where for item in ITEMS[key] if elsewhere(key, item)]


def test_a_section_that_is_not_there_is_seen() -> None:
    item = ITEMS["00"][0]
    assert elsewhere("00", item._replace(where=f"{item.where}?"))
    assert elsewhere("01", item)
    assert elsewhere("00", item._replace(where=LESSONS["00"].title))  # the title of the whole lesson finds nothing


def test_no_question_is_asked_in_two_ways_or_has_a_choice_twice() -> None:
    assert len({item.question for item in ALL}) == len(ALL)
    assert not [item.question for item in ALL if len({item.right, *item.wrong}) < max(3, 1 + len(item.wrong))]


def test_questions_and_reasons_are_sentences_and_choices_are_none() -> None:
    assert not [item.question for item in ALL if not item.question.endswith(("?", "`"))]
    assert not [item.why for item in ALL if not item.why.endswith(".") or item.why.count(". ")]
    assert not [choice for item in ALL for choice in (item.right, *item.wrong) if choice.endswith(".")]
    assert not [text for item in ALL for text in (*item[:2], *item.wrong, item.why) if text.count("`") % 2]


def test_the_right_choice_is_not_known_by_its_length() -> None:
    longest = [item for item in ALL if len(item.right) > max(map(len, item.wrong))]
    assert len(longest) < 0.45 * len(ALL)


def test_the_quiz_of_lesson_13_is_saved_as_it_asks_now(capsys: pytest.CaptureFixture[str]) -> None:
    """It asks about every lesson and appendix, so a new one changes it."""
    quiz()
    asked = capsys.readouterr().out.strip()
    [lesson] = [path for path in lessons() if number(path) == LAST]
    outputs = [output for cell in read(lesson).cells for output in cell.get("outputs", ())]
    saved = [output.get("data", {}).get("text/plain", "").strip() for output in outputs]
    assert asked in saved, f"python -m tests.notebooks refresh notebooks/{lesson.name}"
