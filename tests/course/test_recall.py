"""`recall` asks about the lessons before, what was missed first, and its text is the same in every run."""

from __future__ import annotations

from collections import Counter

import pytest

import zmqlab
from zmqlab.course import progress_file, recall
from zmqlab.course.bank import ITEMS, NUMBERED, Shown
from zmqlab.course.questions import OPEN, Questions

KEYS = NUMBERED


@pytest.fixture(autouse=True)
def another_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "_shown", Counter())


def drawn(before: list[str]) -> list[str]:
    """The questions, shown as in a notebook."""
    asked = [item.question for _, item in recall.draw(before)]
    recall._shown.update(asked)
    return asked


def of(*keys: str) -> set[str]:
    return {item.question for key in keys for item in ITEMS[key]}


def test_one_is_from_the_lesson_before_and_two_are_from_earlier_ones() -> None:
    for count in range(2, len(KEYS)):
        before = KEYS[:count]
        asked = set(drawn(before))
        assert len(asked) == 3
        assert len(asked & of(before[-1])) == 1
        assert len(asked & of(*before[:-1])) == 2


def test_the_first_recall_asks_about_the_only_lesson_there_is() -> None:
    assert set(drawn(["00"])) < of("00")


def test_the_same_cell_run_again_asks_something_else_until_all_was_asked_though_something_was_missed() -> None:
    for _ in range(10):  # by chance alone it would be so in three of ten
        recall._shown.clear()
        first = drawn(["00"])
        progress_file.recalled(first[0], False)
        assert len({*first, *drawn(["00"])}) == min(6, len(ITEMS["00"]))


def test_what_was_missed_comes_first_and_what_is_known_comes_last() -> None:
    missed, *known = sorted(of("00"))
    for question in known[:-2]:
        progress_file.recalled(question, True)
    progress_file.recalled(missed, False)
    for _ in range(20):  # by chance alone it would be among them nearly always
        asked = [item.question for _, item in recall.draw(["00"])]
        assert asked[0] == missed
        assert set(asked) == {missed, *known[-2:]}


def test_what_was_answered_right_more_often_comes_later() -> None:
    for place, question in enumerate(sorted(of("00"))):
        for _ in range(place + 1):
            progress_file.recalled(question, True)
    assert [item.question for _, item in recall.draw(["00"])] == sorted(of("00"))[:3]


def test_chance_decides_between_those_that_nobody_has_answered() -> None:
    assert len({tuple(item.question for _, item in recall.draw(KEYS)) for _ in range(20)}) > 1


def test_the_text_is_the_same_in_every_run_and_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert zmqlab.recall("05") is None
    once = capsys.readouterr().out
    zmqlab.recall("05")
    assert capsys.readouterr().out == once
    assert once.startswith("Three questions about lessons 00 to 04 (answered in JupyterLab or Notebook 7).\n")
    zmqlab.recall("01")
    assert "about lesson 00 (" in capsys.readouterr().out
    shown = recall._Recall(KEYS[:5])._repr_mimebundle_()
    assert shown["text/plain"] + "\n" == once
    assert shown["application/vnd.jupyter.widget-view+json"]


def test_a_lesson_that_asks_nothing_says_so() -> None:
    with pytest.raises(LookupError, match="00 is the first"):
        recall.recall("00")
    for key in ("A", "5", "99"):
        with pytest.raises(LookupError, match=f"'{key}'.* 01, .*, {KEYS[-1]}$"):
            recall.recall(key)


def test_the_choices_are_shuffled_and_the_right_one_is_still_known() -> None:
    places = set()
    for _ in range(20):
        for asked in recall._asked(KEYS):
            item = next(item for items in ITEMS.values() for item in items if item.question == asked.question)
            assert asked.choices[asked.right] == item.right
            assert sorted(asked.choices) == sorted([item.right, *item.wrong])
            assert asked.section == item.where
            places.add(asked.right)
    assert places >= {0, 1, 2}  # a question may have a fourth choice


def test_each_answer_is_told_once() -> None:
    told = []
    asked = [Shown(name, ["a", "b"], 1, "Because.", "lesson 00", "There", "00.ipynb") for name in ("one", "two")]
    widget = Questions(asked, lambda question, right: told.append((question, right)))
    for answers in ([OPEN, 1], [0, 1], [1, 1]):
        widget.answers = answers
    assert told == [("two", True), ("one", False)]
