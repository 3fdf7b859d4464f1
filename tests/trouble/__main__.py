"""What happens to learners, done to each lesson on purpose.

    python -m tests.trouble interrupt [lesson …]   each cell is interrupted once while it runs; it and all others go on
    python -m tests.trouble restart [lesson …]     the kernel is restarted in the middle, and the lesson begun anew
    python -m tests.trouble full [lesson …]        the disk is full: progress, programs, recordings (Linux, as root)
    python -m tests.trouble offline [lesson …]     there is no network but 127.0.0.1 (Linux, as root)

Without names: all lessons. Each part ends with 1 when something did not go on, or something was left behind.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.notebooks.paths import lessons
from tests.trouble import places, stops

PARTS = {"interrupt": stops.interrupt, "restart": stops.restart, "full": places.full, "offline": places.offline}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trouble", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("notebooks", nargs="*", type=Path, help="all lessons, if none is named")
    options = parser.parse_args()
    problems = 0
    for path in [path.resolve() for path in options.notebooks] or lessons():
        found = PARTS[options.part](path)
        problems += len(found)
        print("\n".join([f"{path.name}: {len(found)} problems", *(f"  {problem}" for problem in found)]), flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
