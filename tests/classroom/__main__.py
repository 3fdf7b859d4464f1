"""What a class asks of one machine, tried for real.

    python -m tests.classroom hub [--learners 3]                     JupyterHub, set up as docs/teaching.md says
    python -m tests.classroom kernels [--kernels 20] [--lessons 80]  so many lessons at once, as one user of the machine
    python -m tests.classroom memory                                 what the kernel of each lesson takes at the most

`hub` needs JupyterHub and its proxy, in an environment of its own: it says how to get them.
"""

from __future__ import annotations

import argparse

from tests.classroom import hub, kernels, memory

PARTS = {"hub": hub.main, "kernels": kernels.main, "memory": memory.main}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.classroom", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    options, rest = parser.parse_known_args()
    return PARTS[options.part](rest)


if __name__ == "__main__":
    raise SystemExit(main())
