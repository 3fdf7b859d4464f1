"""A fork sets its own address with one command, and no link leads back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.notebooks import address
from tests.notebooks.paths import ROOT, lessons

FORK = "https://github.com/someone/zmq-course.fork"


def test_every_address_follows(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    old = address.short(address.home())
    changed = address.move(FORK, tmp_path)
    assert {path.name for path in lessons()} <= {path.name for path in changed}
    assert address.home(tmp_path) == FORK
    left = [name for name in files if old.encode() in (tmp_path / name).read_bytes()]
    assert left == [], "it stands in no other file, so add it to NAMING, or ask `home` for it"
    assert address.binder(FORK) in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert address.move(FORK, tmp_path) == [], "a second time changes nothing"


@pytest.mark.parametrize("wrong", ["", "github.com/a/b", "https://github.com/a", "https://example.org/a/b"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"like https://github\.com/owner/name, not"):
        address.short(wrong)
