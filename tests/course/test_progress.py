"""`progress` says what is solved and what is open, and forgets it all when asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.course.exercises.learner import verdict
from zmqlab.course import exercises, progress_file
from zmqlab.course.progress import progress

KEY = "01-a"


def test_what_is_solved_is_kept_and_forgotten(own_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(KEY, exercises.load(KEY).solution).passed
    progress()
    assert "solved  01-a" in capsys.readouterr().out
    progress(reset=True)
    assert "open    01-a" in capsys.readouterr().out
    assert not own_file.exists()


def test_a_file_that_is_none_leaves_all_open(own_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_file.write_text("{ no json", encoding="utf-8")
    progress()
    said = capsys.readouterr().out
    assert "open    01-a" in said
    assert "solved" not in said


def test_predictions_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    for question, right in (("How many?", True), ("How often?", False)):
        progress_file.predicted(question, right)
    progress()
    assert "predictions: 1 of 2 right\n" in capsys.readouterr().out


def test_what_is_asked_again_is_said_without_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    progress()
    assert "recall: no question answered yet\n" in capsys.readouterr().out
    progress_file.recalled("How many?", True)
    progress()
    assert "recall: 1 question answered, none of them to be asked again soon\n" in capsys.readouterr().out
    progress_file.recalled("How often?", False)
    progress()
    assert "recall: 2 questions answered, 1 of them to be asked again soon\n" in capsys.readouterr().out
