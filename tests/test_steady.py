"""The command that runs all tests again and again counts what failed, and says when pytest itself did."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import steady

ONCE = """
from pathlib import Path
def test_that_fails_the_first_time():
    been = Path(__file__).with_name("been")
    first = not been.exists()
    been.touch()
    assert not first
def test_that_passes():
    pass
"""


@pytest.fixture(autouse=True)
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests need none, and to import them takes seconds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_what_fails_now_and_then_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test_now_and_then.py").write_text(ONCE)
    assert steady.main(["--times", "2", "--cores", "0", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "1 tests failed in 2 runs" in said
    assert re.search(r"1 of 2  \S*test_now_and_then::test_that_fails_the_first_time", said)
    assert "test_that_passes" not in said


def test_a_pytest_that_does_not_come_to_its_end_counts_as_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steady.main(["--times", "1", "--cores", "0", str(tmp_path / "nothing")]) == 1
    assert "pytest itself, which ended with 4" in capsys.readouterr().out
