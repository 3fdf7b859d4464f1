"""What `import zmqlab` takes beyond `import zmq, anywidget`, in fresh interpreters."""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median
from time import perf_counter

from tests.bench.marks import at_most

MARK = 0.25  # seconds
BASE = "import zmq, anywidget"
FACE = "import zmq, anywidget; import zmqlab"
ALL = "import zmq, anywidget; from zmqlab import Lab, Trace, doctor; from zmqlab.view.widget import FlowView"


def seconds(statement: str) -> float:
    """How long a fresh interpreter takes to run the statement, its start included."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return perf_counter() - start


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench imports", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(argv).rounds
    seconds(ALL)  # writes the byte code of all
    extra: dict[str, list[float]] = {FACE: [], ALL: []}
    for _ in range(rounds):
        base = seconds(BASE)
        for statement, figures in extra.items():
            figures.append(seconds(statement) - base)
    for statement, figures in extra.items():
        print(
            f"{statement}: {median(figures):.3f} s more than {BASE!r} "
            f"({min(figures):.3f} to {max(figures):.3f} in {rounds} rounds)"
        )
    reached = at_most(median(extra[ALL]), MARK)
    print(f"mark {MARK} s: {reached}")
    if not reached:
        sys.exit(1)
