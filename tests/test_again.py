"""What failed is run once more, by its name; and a notebook as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.again import FILES, TESTS, again, main
from tests.junit import run

ODD = """
import pytest

@pytest.mark.parametrize("words", ["an odd [one] :: of two", "it's another"])
def test_one(words):
    assert words.startswith("it")
"""


def test_a_notebook_is_run_whole_and_of_other_files_what_failed() -> None:
    names = ["tests/test_a.py::test_b[c d]", "notebooks/05-x.ipynb::Cell 3", "notebooks/05-x.ipynb::Cell 4"]
    assert again(names) == ["notebooks/05-x.ipynb", "tests/test_a.py::test_b[c d]"]


def test_where_much_has_failed_nothing_is_run_again() -> None:
    assert len(again(f"tests/test_a.py::test_{n}" for n in range(TESTS))) == TESTS
    assert again(f"tests/test_a.py::test_{n}" for n in range(TESTS + 1)) == []
    assert len(again(f"tests/test_{n}.py::test" for n in range(FILES))) == FILES
    assert again(f"tests/test_{n}.py::test" for n in range(FILES + 1)) == []
    assert again([]) == []


def test_what_is_printed_names_that_test_alone_for_pytest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # this test needs none of them
    odd, failed = tmp_path / "test_odd.py", tmp_path / "lastfailed"
    odd.write_text(ODD, encoding="utf-8")
    failed.write_text(json.dumps({f"{odd}::test_one[an odd [one] :: of two]": True}), encoding="utf-8")
    main(failed)
    (name,) = capsys.readouterr().out.splitlines()
    (case,) = run([name, "-p", "no:cacheprovider"]).cases
    assert case.name == "test_one[an odd [one] :: of two]"
    assert case.troubles
