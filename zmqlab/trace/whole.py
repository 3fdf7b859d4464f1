"""Files that are written whole or not at all: half of one would be taken for the whole the next time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def draft(target: str | os.PathLike[str]) -> Iterator[Path]:
    """A file to write, which at the end of the block takes the place of `target`. If the block fails there is no trace
    of it, and what was there is there still. What is no file, such as a terminal, is written as it is.
    """
    target = Path(target).resolve()  # a link stays one
    if target.exists() and not target.is_file():
        yield target
        return
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def write(target: str | os.PathLike[str], content: bytes) -> None:
    """In place of what is there. Raises OSError."""
    with draft(target) as path:
        path.write_bytes(content)
