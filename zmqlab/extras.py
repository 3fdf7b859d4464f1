"""What may be left out of an installation, and what an import says then: the cause, and the cure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

COURSE = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "psutil", "jupyter_core", "matplotlib")
"""What the extra `course` brings, as packages and modules are called alike; pyproject.toml has the versions."""


def cure(name: str) -> str:
    """The command that installs that extra."""
    return f'python -m pip install "zmqlab[{name}]"'


@contextmanager
def extra(name: str) -> Iterator[None]:
    """For an import that needs what ``pip install "zmqlab[name]"`` installs; pyproject.toml has the list."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "zmqlab").partition(".")[0] == "zmqlab":
            raise
        cause = f"this needs {error.name}, which is not installed"
        raise ModuleNotFoundError(f"{cause}: {cure(name)}", name=error.name) from None
