"""The progress of a class: a table out of many files, of which some are foreign, broken or hostile."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from zmqlab.course import exercises, gathered, progress_file

ALL = len(exercises.KEYS)
HOME = Path(".local/share/jupyter") / progress_file.NAME


def hand_in(path: Path, **known: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known), encoding="utf-8")
    return path


def test_a_class_is_told_by_learner_by_exercise_and_by_prediction(tmp_path, capsys):
    hand_in(tmp_path / "alice" / HOME, solved={"01-a": "2026-11-01"}, predictions={"one": True, "two": False})
    hand_in(tmp_path / "bob" / HOME, solved={"01-a": "2026-11-02", "02-a": "x"}, predictions={"two": False})
    hand_in(tmp_path / "carol.json", recalled={"q": 0, "r": 2})
    assert gathered.main([str(tmp_path)]) == 0
    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert said[1:4] == [
        f"alice 1 of {ALL} 1 of 2 0 of 0",
        f"bob 2 of {ALL} 0 of 1 0 of 0",
        f"carol 0 of {ALL} 0 of 0 1 of 2",
    ]
    assert next(line for line in said if line.startswith("01-a")).startswith("01-a 2 of 3 ")
    assert said[-2:] == ["missed by prediction", "2 of 2 two"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{ no json", "no progress of the course"),
        (b"[" * 100_000, "no progress of the course"),
        (b'{"cells": [], "metadata": {}}', "no progress of the course"),
        (b'{"solved": 3}', "no progress of the course"),
        (b"\xff\xfe\x00", "no progress of the course"),
        (b" " * (gathered.LARGEST + 1), "more than 1 MiB"),
    ],
)
def test_a_foreign_file_is_told_and_the_others_are_read(tmp_path, capsys, data, why):
    (tmp_path / "bad.json").write_bytes(data)
    hand_in(tmp_path / "alice.json", solved={"01-a": "2026-11-01"})
    assert gathered.main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert f"alice    1 of {ALL}" in said.out
    assert "bad" not in said.out
    assert f"bad.json: this {'has' if 'more' in why else 'is'} {why}" in said.err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFO")
def test_a_pipe_lets_nobody_wait(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.json")
    assert gathered.main([str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "pipe.json: this is no file" in said
    assert "no progress is kept there" in said


def test_what_a_learner_has_written_is_no_command_for_the_terminal_and_no_count(tmp_path, capsys):
    hand_in(tmp_path / "eve\x1b[2J.json", solved={"99-z": "x", "01-a": 3}, predictions={"\x1b[31m?": False, "n": 7})
    assert gathered.main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert f"eve?[2J  0 of {ALL}   0 of 1 " in said


def test_two_of_one_name_are_told_apart(tmp_path):
    files = [tmp_path / "monday" / "ann.json", tmp_path / "friday" / "ann.json", tmp_path / "ben.json"]
    assert gathered.called(files) == [str(files[0]), str(files[1]), "ben"]


def test_the_own_progress_is_said_where_no_file_is_named(capsys):
    assert gathered.main([]) == 0
    assert "predictions: none locked yet" in capsys.readouterr().out
