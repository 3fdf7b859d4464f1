"""Which tests `.ci/run` runs once more: those that failed, one argument for pytest a line; none if they are too many.

Other machines share CI's cores, so a test may fail there that is right. What fails twice, fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.notebooks.paths import ROOT

FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"  # the names of tests, by pytest
FILES, TESTS = 5, 10
"""What more than so many have failed of is no accident."""


def again(names: Iterable[str]) -> list[str]:
    """A notebook is run as a whole, as its cells need each other; everything else stands alone."""
    runs = {name.split("::")[0] if ".ipynb::" in name else name for name in names}
    files = {run.split("::")[0] for run in runs}
    return sorted(runs) if len(files) <= FILES and len(runs) <= TESTS else []


def main(file: Path = FAILED) -> None:
    print(*again(json.loads(file.read_text(encoding="utf-8"))), sep="\n")


if __name__ == "__main__":
    main()
