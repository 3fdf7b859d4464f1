"""What ``--decode module:function`` names: a function of the person's own that says what is in the frames.

Its module is imported where the pictures are made: by the scribe, when the program has ended, and not in the program.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

from ..trace.reading import Decode

NAME = re.compile(r"(?P<module>[^\W\d][\w.]*):(?P<function>[^\W\d][\w.]*)")


def check(name: str, folder: Path, program: Sequence[str] = ()) -> None:
    """Nothing is imported yet, so that the program finds all as it is alone. Raises ValueError for what is no name of a
    function, for a module that is not found from `folder` on, and for the `program` itself, which would run again.
    """
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"--decode wants module:function, not {name!r}")
    module = found["module"]
    top = module.partition(".")[0]
    if not _is_there(top, folder):
        raise ValueError(f"--decode {name}: there is no module {top}, neither in {folder} nor among the installed ones")
    itself = program[1] if program[:1] == ["-m"] else Path(program[0]).stem if program else ""
    if module in (itself, f"{itself}.__main__"):
        raise ValueError(
            f"--decode {name}: {module} is the program, and to import it could run it once more: put the function into "
            "a module of its own"
        )


def load(name: str, folder: Path) -> Decode:
    """Import it, as a program in `folder` would. Raises ValueError where that cannot be done, whatever the reason."""
    module, _, function = name.partition(":")
    sys.path.insert(0, str(folder))
    try:
        decode: Decode = attrgetter(function)(import_module(module))
        if not callable(decode):
            raise TypeError(f"it is no function, but {decode!r}")
    except (Exception, SystemExit) as error:
        raise ValueError(f"--decode {name} cannot be used: {type(error).__name__}: {error}") from error
    return decode


def _is_there(module: str, folder: Path) -> bool:
    """Is it found where a program in `folder` finds it? It is not imported, unless it is already."""
    path = sys.path[:]
    sys.path[:] = [str(folder), *path[0 if sys.flags.safe_path else 1 :]]  # ours has the folder in which we stand
    try:
        return find_spec(module) is not None
    finally:
        sys.path[:] = path
