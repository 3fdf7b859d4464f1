"""What was solved and predicted is kept, the first time counts, and a place that is no good disturbs no lesson."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from zmqlab.course import progress_file

NOTHING: dict[str, dict[str, object]] = {"solved": {}, "predictions": {}, "recalled": {}}


def test_the_first_day_counts(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    progress_file.solved("01-a")
    today = progress_file.read()["solved"]

    class Tomorrow(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return date(2999, 1, 1)

    monkeypatch.setattr(progress_file, "date", Tomorrow)
    progress_file.solved("01-a")
    progress_file.solved("02-a")
    assert progress_file.read()["solved"] == {**today, "02-a": "2999-01-01"}
    assert json.loads(own_file.read_text(encoding="utf-8")) == progress_file.read()


def test_the_first_answer_to_a_question_counts() -> None:
    progress_file.predicted("How many?", False)
    progress_file.predicted("How many?", True)
    assert progress_file.read()["predictions"] == {"How many?": False}


@pytest.mark.parametrize("text", ["{ no json", "[]", '{"solved": 3}'])
def test_a_file_that_is_none_counts_as_empty_and_is_written_anew(own_file: Path, text: str) -> None:
    own_file.write_text(text, encoding="utf-8")
    assert progress_file.read() == NOTHING
    progress_file.solved("01-a")
    assert list(progress_file.read()["solved"]) == ["01-a"]


def test_a_place_that_cannot_be_written_to_is_told_once_and_ends_no_lesson(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(progress_file.VARIABLE, str(tmp_path / "file" / "progress.json"))
    monkeypatch.setattr(progress_file, "_tell", cache(progress_file._tell.__wrapped__))
    progress_file.solved("01-a")
    progress_file.predicted("How many?", True)
    progress_file.recalled("How many?", True)
    assert progress_file.read() == NOTHING
    told = capsys.readouterr().err
    assert told.count("Your progress is not kept") == 1
    assert str(tmp_path / "file") in told
    assert f"name another file in {progress_file.VARIABLE}" in told


def test_a_wrong_answer_to_a_question_from_before_begins_its_count_anew(own_file: Path) -> None:
    for right in (True, True, False, True):
        progress_file.recalled("How many?", right)
    assert progress_file.read()["recalled"] == {"How many?": 1}
    own_file.write_text('{"recalled": {"How many?": "often", "How often?": 2}}', encoding="utf-8")
    assert progress_file.read()["recalled"] == {"How often?": 2}
