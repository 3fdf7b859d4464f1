"""Where the notebooks are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


def lessons(folder: Path = NOTEBOOKS) -> list[Path]:
    """The lessons in their order: ``00-start-here.ipynb``, ``01-…``."""
    return sorted(folder.glob("[0-9][0-9]-*.ipynb"))
