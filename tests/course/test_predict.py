"""A prediction is locked once, and the run answers it."""

from __future__ import annotations

import pytest

from zmqlab.course.predict import NO_CHOICE, Prediction, predict


def test_a_prediction_is_locked_once_and_answered_by_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    guess = predict("How many?", ["1", "2"])
    guess.lock("1")
    guess.lock("2")
    guess.answer(2)
    assert capsys.readouterr().out.endswith("How many?\nThe run says: 2. You predicted 1.\n")
    late = Prediction("How many more?", ["1", "2"])
    late.answer(2)
    late.lock("2")
    assert late.choice is None
    late.answer(7)
    assert NO_CHOICE in capsys.readouterr().out


def test_two_choices_at_least() -> None:
    with pytest.raises(ValueError, match="all different"):
        predict("Really?", ["yes", "yes"])
