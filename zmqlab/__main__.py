"""``python -m zmqlab``: the course; and the recorder: where every message of a program goes, without a change in it."""

from __future__ import annotations

import sys


def main() -> int:
    arguments = sys.argv[1:] or ["learn"]
    if arguments[0] == "learn":
        from .course.learn import main

        return main(arguments[1:])
    if arguments[0] == "progress":
        from .course.gathered import main

        return main(arguments[1:])
    from .recorder import line

    return line.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
