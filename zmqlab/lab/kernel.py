"""The Jupyter kernel that this process is, if it is one."""

from __future__ import annotations

import sys
from typing import Any


def kernel() -> Any | None:
    """ipykernel's kernel object; None in a plain program. IPython is looked for, never loaded."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None)
