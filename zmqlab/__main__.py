"""``python -m zmqlab``: see where every message of a program goes, without a change in it."""

from __future__ import annotations

import sys


def main() -> int:
    from .recorder.line import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
