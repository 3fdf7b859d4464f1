"""Keep the notebooks in order.

    python -m tests.notebooks refresh [notebook …]    execute them and save what is committed
    python -m tests.notebooks check [notebook …]      say which rules they break; executes nothing

Without names: all lessons.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nbclient.exceptions import CellExecutionError, CellTimeoutError

from tests.notebooks.hygiene import check
from tests.notebooks.paths import lessons
from tests.notebooks.run import refresh


def main(arguments: list[str] | None = None) -> int:
    """0 when all is well, 1 when a notebook fails or breaks a rule."""
    parser = argparse.ArgumentParser(prog="python -m tests.notebooks", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("refresh", "check"))
    parser.add_argument("notebooks", nargs="*", type=Path, help="all lessons, if none is named")
    options = parser.parse_args(arguments)
    good = True
    for path in [path.resolve() for path in options.notebooks] or lessons():
        if options.command == "refresh":
            good &= _refresh(path)
        problems = check(path)
        print("\n".join([f"{path.name}: {len(problems)} problems", *(f"  {problem}" for problem in problems)]))
        good &= not problems
    return 0 if good else 1


def _refresh(path: Path) -> bool:
    try:
        print(f"{path.name}: {'changed' if refresh(path) else 'unchanged'}")
    except (CellExecutionError, CellTimeoutError) as error:
        print(f"{path.name}: not refreshed\n{error}")
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
