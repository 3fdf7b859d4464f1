"""What was solved and predicted is kept, the first time counts, and a place that is no good disturbs no lesson."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from zmqlab.course import memory


def test_the_first_day_counts(progress_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.solved("01-a")
    today = memory.read()["solved"]

    class Tomorrow(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return date(2999, 1, 1)

    monkeypatch.setattr(memory, "date", Tomorrow)
    memory.solved("01-a")
    memory.solved("02-a")
    assert memory.read()["solved"] == {**today, "02-a": "2999-01-01"}
    assert json.loads(progress_file.read_text(encoding="utf-8")) == memory.read()


def test_the_first_answer_to_a_question_counts() -> None:
    memory.predicted("How many?", False)
    memory.predicted("How many?", True)
    assert memory.read()["predictions"] == {"How many?": False}


@pytest.mark.parametrize("text", ["{ no json", "[]", '{"solved": 3}'])
def test_a_file_that_is_none_counts_as_empty_and_is_written_anew(progress_file: Path, text: str) -> None:
    progress_file.write_text(text, encoding="utf-8")
    assert memory.read() == {"solved": {}, "predictions": {}}
    memory.solved("01-a")
    assert list(memory.read()["solved"]) == ["01-a"]


def test_a_place_that_cannot_be_written_to_disturbs_no_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(memory.VARIABLE, str(tmp_path / "file" / "progress.json"))
    memory.solved("01-a")
    memory.predicted("How many?", True)
    assert memory.read() == {"solved": {}, "predictions": {}}
