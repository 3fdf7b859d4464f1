"""The address of the repository: pyproject.toml has it, and all that names it follows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.notebooks.paths import ROOT

NAMING = ("README.md", "pyproject.toml", "notebooks/*.ipynb", "notebooks/*.md", "docs/*.md", "CONTRIBUTING.md")
ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)/?")


def home(root: Path = ROOT) -> str:
    """Where the repository is, like ``https://github.com/owner/name``."""
    described = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return str(described["project"]["urls"]["Homepage"])


def short(address: str) -> str:
    """``owner/name``, as Binder's links have it. Raises ValueError for what is no address of GitHub's."""
    found = ADDRESS.fullmatch(address)
    if not found:
        raise ValueError(f"an address is like https://github.com/owner/name, not {address}")
    return found[1]


def binder(address: str) -> str:
    """What a lesson's link to Binder begins with; its file name follows."""
    return f"https://mybinder.org/v2/gh/{short(address)}/HEAD?urlpath=lab/tree/notebooks/"


def move(address: str, root: Path = ROOT) -> list[Path]:
    """Write that address wherever the old one stands. Returns the files that changed."""
    old, new = short(home(root)), short(address)
    changed = []
    for path in sorted(path for pattern in NAMING for path in root.glob(pattern)):
        before = path.read_text(encoding="utf-8")
        after = re.sub(rf"(github\.com/|mybinder\.org/v2/gh/){re.escape(old)}(?![\w-])", rf"\g<1>{new}", before)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed
