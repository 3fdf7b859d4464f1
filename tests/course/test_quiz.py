"""The quiz at the end asks about every lesson, and in every run the same."""

from __future__ import annotations

import pytest

import zmqlab
from zmqlab.course import progress_file, quiz
from zmqlab.course.bank import ITEMS, LESSONS
from zmqlab.lab import printed

OTHERS = [key for key in LESSONS if key != quiz.LAST]


def test_each_lesson_but_the_last_is_asked_about_once_in_their_order() -> None:
    assert next(key for key in reversed(LESSONS) if key.isdigit()) == quiz.LAST
    asked = quiz.draw(1)
    assert [one.file for one in asked] == [LESSONS[key].file for key in OTHERS]
    assert [one.question for one in asked] == [ITEMS[key][0].question for key in OTHERS]
    for one, key in zip(asked, OTHERS, strict=True):
        assert one.choices[one.right] == ITEMS[key][0].right


def test_it_asks_the_same_in_every_run_and_others_in_another_round() -> None:
    assert quiz.draw(1) == quiz.draw(1)
    first, second, long_after = ({one.question for one in quiz.draw(number)} for number in (1, 2, 100))
    assert not first & second
    assert len(long_after) == len(OTHERS)
    with pytest.raises(ValueError, match="no round 0"):
        zmqlab.quiz(0)


def test_the_right_choice_does_not_stand_at_one_place() -> None:
    assert {one.right for one in quiz.draw(1)} >= {0, 1, 2}


def test_the_text_asks_and_says_where_to_read_and_not_what_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    zmqlab.quiz()
    text = capsys.readouterr().out
    assert all(len(line) <= printed.WIDTH for line in text.splitlines())
    flat = " ".join(text.split())
    for one in quiz.draw(1):
        for words in (one.question, *one.choices, f"Read: {one.lesson}, under “{one.section}”"):
            assert words.replace("`", "") in flat
        assert one.why.replace("`", "") not in flat
    shown = quiz._Quiz(quiz.draw(1))._repr_mimebundle_()
    assert shown["text/plain"] + "\n" == text
    assert shown["application/vnd.jupyter.widget-view+json"]


def test_what_was_answered_is_kept_for_recall_too() -> None:
    from zmqlab.course.questions import Questions

    asked = quiz.draw(1)[:2]
    widget = Questions(asked, progress_file.recalled, counted=True)
    widget.answers = [asked[0].right, (asked[1].right + 1) % 3]
    assert progress_file.read()["recalled"] == {asked[0].question: 1, asked[1].question: 0}
