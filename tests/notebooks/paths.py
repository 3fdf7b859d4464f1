"""Where the notebooks are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


def lessons(folder: Path = NOTEBOOKS) -> list[Path]:
    """All of them in their order: ``00-start-here.ipynb``, ``01-…``, and then the appendices, ``A-…``, ``B-…``."""
    return numbered(folder) + appendices(folder)


def numbered(folder: Path = NOTEBOOKS) -> list[Path]:
    """The lessons that build one upon the other, ``00-…``, ``01-…``."""
    return sorted(folder.glob("[0-9][0-9]-*.ipynb"))


def appendices(folder: Path = NOTEBOOKS) -> list[Path]:
    """What a learner may leave out, ``A-…``, ``B-…``: each stands beside the lesson that has a link to it."""
    return sorted(folder.glob("[A-Z]-*.ipynb"))


def is_appendix(path: Path) -> bool:
    return path in appendices(path.parent)


def number(path: Path) -> str:
    """What a lesson is called by: ``"05"``, ``"A"``."""
    return path.name.partition("-")[0]
