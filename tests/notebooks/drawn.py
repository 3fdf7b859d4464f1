"""The drawings of the lessons: which there are, and their files."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.notebooks import drawings
from tests.notebooks.paths import NOTEBOOKS

IMAGES = NOTEBOOKS / "images"


class Drawing(NamedTuple):
    """The name of its file, what it shows in words, and the file's text."""

    name: str
    alt: str
    svg: str


@cache
def all_drawings() -> tuple[Drawing, ...]:
    """In the order of the course. They are made once: every lesson is compared with them."""
    folder = Path(drawings.__file__).parent
    return tuple(_load(path.stem) for path in sorted(folder.glob("[0-9A-Z]*_*.py")))


def draw() -> list[str]:
    """Write the files that have changed. Returns their names."""
    changed = []
    for drawing in all_drawings():
        path = IMAGES / drawing.name
        if not path.exists() or path.read_text(encoding="utf-8") != drawing.svg:
            path.write_text(drawing.svg, encoding="utf-8")
            changed.append(drawing.name)
    return changed


def _load(stem: str) -> Drawing:
    module = import_module(f"{drawings.__name__}.{stem}")
    return Drawing(f"{stem.replace('_', '-')}.svg", module.ALT, module.draw().svg())
