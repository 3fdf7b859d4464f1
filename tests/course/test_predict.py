"""A prediction is locked once, and the run answers it."""

from __future__ import annotations

from typing import Any

import pytest

from zmqlab.course.predict import NO_CHOICE, Prediction, predict
from zmqlab.lab.printed import WIDTH

CHOICES = {"1": "one is enough", "2": "there are `two` of them", "3": "all good things are three."}


def answered(question: str, value: object, *said: str) -> str:
    """What is printed of it."""
    guess = Prediction(question, CHOICES)
    if said:
        guess.lock(*said)
    guess.answer(value)
    return guess.verdict()


def test_a_prediction_is_locked_once_and_answered_by_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    guess = predict("How many `frames`?", CHOICES)
    assert capsys.readouterr().out == "Predict: How many `frames`?\n  ( ) 1\n  ( ) 2\n  ( ) 3\n"
    guess.lock("1")
    guess.lock("2")
    guess.answer(2)
    verdict = "The run says 2: there are two of them.\nYou predicted 1: one is enough.\n"
    assert capsys.readouterr().out == f"How many frames?\n{verdict}"


def test_what_is_printed_is_broken_between_words_and_fits_beside_a_panel(capsys: pytest.CaptureFixture[str]) -> None:
    reason = " ".join(["word after word"] * 10)
    long = Prediction("How long?", {"short": "a word", "long": reason, "two": "of them"})
    long.lock("short")
    long.answer("long")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines[1:]) == f"The run says long: {reason}. You predicted short: a word."


def test_who_is_right_reads_why_and_who_has_said_nothing_too() -> None:
    assert answered("Right?", 3, "3") == "The run says 3, as you predicted: all good things are three."
    assert answered("Said nothing?", 3) == "The run says 3: all good things are three."


def test_ones_own_reason_is_read_again_beside_the_run() -> None:
    said = answered("With a reason?", 2, "1", "  I saw one ")
    assert said.splitlines()[1:] == ["You predicted 1: one is enough.", "Your reason: I saw one"]


def test_a_run_that_was_changed_gives_no_reason_for_what_the_lesson_calls_wrong() -> None:
    """A learner has changed a line, and runs the cell again; then has it as it was."""
    assert answered("Change it?", 2, "2").startswith("The run says 2, as you predicted: ")
    assert answered("Change it?", 1) == "The run says 1 now. It said 2 before something was changed."
    assert answered("Change it?", 2).startswith("The run says 2, as you predicted: ")
    assert answered("Change it?", 7).startswith("The run says 7.\n")


def test_what_is_said_after_the_answer_does_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    late = Prediction("How many more?", CHOICES)
    late.answer(2)
    late.lock("2")
    assert late.said is None
    late.answer(7)
    assert NO_CHOICE in capsys.readouterr().out


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        (["yes", "no", "never"], TypeError),
        ({"yes": "so it is", "no": "so it is not"}, ValueError),
        ({"yes": "so it is", "no": "so it is not", "never": " "}, ValueError),
    ],
)
def test_three_choices_at_least_and_each_has_its_reason(choices: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"why one could think so"):
        predict("Really?", choices)
