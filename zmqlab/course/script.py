"""What a cell shows by itself, and a plain script does not: the value of a line."""

from __future__ import annotations

import sys
from typing import TypeVar

Value = TypeVar("Value")


def tell(value: Value) -> Value:
    """Print it where nobody else will: in a script. IPython and Python's own prompt show what a line returns."""
    if not _shows_values():
        print(value)
    return value


def _shows_values() -> bool:
    """IPython is looked for, never loaded."""
    ipython = sys.modules.get("IPython")
    return hasattr(sys, "ps1") or (ipython is not None and ipython.get_ipython() is not None)
