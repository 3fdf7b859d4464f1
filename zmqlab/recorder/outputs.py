"""What a recording can be written as: the end of the file's name says it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ..trace import whole
from ..trace.trace import Trace
from ..view import picture, to_html
from ..view.chrome import to_chrome
from ..view.summary import Summary

Output: TypeAlias = Callable[[Trace, Path, str], None]


def _svg(trace: Trace, path: Path, title: str) -> None:
    whole.write(path, picture(trace, title).svg.encode())


def _jsonl(trace: Trace, path: Path, title: str) -> None:
    trace.save(path)


def _csv(trace: Trace, path: Path, title: str) -> None:
    whole.write(path, Summary(trace).csv().encode())


OUTPUTS: dict[str, Output] = {".html": to_html, ".svg": _svg, ".jsonl": _jsonl, ".csv": _csv, ".json": to_chrome}
BOUNDED = frozenset((".html", ".svg"))  # pictures: they show the last messages where there are too many
WHOLE = frozenset((".csv", ".json"))  # made of all messages, however many; a .jsonl is made of the events


def check(path: str | os.PathLike[str]) -> Path:
    """A path that can be written. Raises ValueError for one of another kind, FileNotFoundError where its folder is not
    there."""
    path = Path(path)
    if path.suffix not in OUTPUTS:
        known = ", ".join(OUTPUTS)
        raise ValueError(f"{path}: a recording is written as {known}, not as {path.suffix or 'that'}")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.absolute().parent} to write {path.name} into")
    return path


def write(trace: Trace, path: Path, title: str) -> None:
    """Raises OSError where it cannot."""
    OUTPUTS[path.suffix](trace, path, title)
