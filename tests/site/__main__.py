"""Make the site: all lessons with the recorded runs of their live views, and all pages, for any web server.

    python -m tests.site [folder]    default: build/site

It runs the lessons, so that each player has a run of today. Nothing is fetched, now or by who reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.notebooks.paths import ROOT
from tests.site.build import build


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.site", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site", help="default: build/site")
    folder = parser.parse_args(arguments).folder.resolve()
    problems = build(folder)
    print(*problems, sep="\n")
    print(f"The site is in {folder}: open {folder / 'index.html'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
