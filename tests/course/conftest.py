"""No test writes into the learner's own progress file."""

from __future__ import annotations

from pathlib import Path

import pytest

from zmqlab.course import progress_file


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "progress.json"
    monkeypatch.setenv(progress_file.VARIABLE, str(path))
    return path
