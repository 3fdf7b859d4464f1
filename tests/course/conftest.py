"""No test writes into the learner's own progress file."""

from __future__ import annotations

from pathlib import Path

import pytest

from zmqlab.course import memory


@pytest.fixture(autouse=True)
def progress_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "progress.json"
    monkeypatch.setenv(memory.VARIABLE, str(path))
    return path
