"""Files that are written whole or not at all: half of one would be taken for the whole the next time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write(target: Path, content: bytes) -> None:
    """In place of what is there. Raises OSError; then what was there is there still."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
