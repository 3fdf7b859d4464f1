"""What is measured is reported, a mark that is missed is seen, and the load ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.notebooks.__main__ import main
from tests.notebooks.measure import BUSY, SECONDS, Run, load, summary

FAST, SLOW = Run({"00-a": 2.0, "01-b": 3.0}, []), Run({"00-a": SECONDS + 1, "01-b": 4.0}, [])


def test_the_marks() -> None:
    assert summary([FAST, FAST], timed=True)[1]
    assert not summary([FAST, SLOW], timed=True)[1]
    assert summary([FAST, SLOW], timed=False)[1]
    assert not summary([FAST, Run(FAST.seconds, ["a cell"])], timed=False)[1]
    assert not summary([Run({}, [])], timed=True)[1]


def test_the_table_has_the_median_and_the_worst() -> None:
    lines, _ = summary([FAST, FAST, SLOW], timed=True)
    assert lines[1].split() == ["00-a", "2.0", "s", "21.0", "s", "MISSED"]
    assert lines[2].split() == ["01-b", "3.0", "s", "4.0", "s"]


def test_a_cell_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "00-a.ipynb"
    shown = [new_output("stream", name="stdout", text="1\n")]
    for code, result in (("print(2)", 1), ("print(1)", 0)):
        nbformat.write(new_notebook(cells=[new_code_cell(code, execution_count=1, outputs=shown)]), path)
        assert main(["measure", "--times", "1", str(path)]) == result
        said = capsys.readouterr().out
        assert f"{result} failures in 1 runs" in said
        assert ("00-a Cell 0: " in said) is bool(result)


def test_what_is_no_run_is_a_failure(tmp_path: Path) -> None:
    assert main(["measure", "--times", "1", str(tmp_path / "none.ipynb")]) == 1


@pytest.mark.parametrize("end", [RuntimeError, KeyboardInterrupt])
def test_the_load_ends_with_the_block(end: type[BaseException]) -> None:
    seen = []

    def stopped() -> None:
        with load(2) as busy:
            seen.extend(busy)
            assert [process.poll() for process in busy] == [None, None]
            raise end

    with pytest.raises(end):
        stopped()
    assert [process.poll() is not None for process in seen] == [True, True]


def test_the_load_ends_when_we_are_killed() -> None:
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()  # as the system does it for a process that has died
    assert process.wait(timeout=60) == 0
