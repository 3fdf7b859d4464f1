"""Many lessons at once on one machine, as one class runs them: is a failure ours, and whose was the port?"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tests.notebooks.kernel import kernel
from tests.notebooks.paths import NOTEBOOKS, lessons
from tests.notebooks.run import read
from tests.notebooks.solve import not_as_saved

PATIENCE = 900.0  # seconds for a cell: twenty kernels share the cores


class Run(NamedTuple):
    """One lesson in a kernel of its own: what failed, the cells that said something else than the saved lesson, and
    how many kernels had to be started until one had its ports."""

    lesson: str
    failed: str
    other: list[str]
    starts: int


def main(arguments: Sequence[str]) -> int:
    """0 when no cell of any lesson has failed. A busy machine is late: other outputs are told, and are no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.classroom kernels", description=__doc__)
    parser.add_argument("--kernels", type=int, default=20, help="at once (20)")
    parser.add_argument("--lessons", type=int, default=80, help="in all, one after the other, from 00 on again (80)")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with ThreadPoolExecutor(options.kernels) as learners:
        runs = list(learners.map(run, islice(cycle(lessons()), options.lessons)))
    for one in runs:
        if one.failed or one.other:
            print(f"{one.lesson}: {one.failed or 'said something else: ' + ', '.join(one.other)}")
    failed, other = sum(bool(one.failed) for one in runs), sum(bool(one.other) for one in runs)
    lost = sum(one.starts - 1 for one in runs)
    print(
        f"{options.kernels} kernels, {len(runs)} lessons in {time.monotonic() - began:.0f} s: {failed} failed, "
        f"{other} said something else; {lost} kernels lost a port before they were up, which is Jupyter's"
    )
    return 1 if failed else 0


def run(path: Path) -> Run:
    """In a copy of the lessons, as a learner has one."""
    saved, fresh, starts = read(path), read(path), 0
    with TemporaryDirectory() as name:
        folder = Path(name) / NOTEBOOKS.name
        shutil.copytree(path.parent, folder)
        try:
            with kernel(folder, PATIENCE) as running:
                starts = running.starts
                for cell in fresh.cells:
                    if cell.cell_type == "code":
                        running.run([cell])
        except CellExecutionError as error:
            return Run(path.stem, f"cell {cell.id}: {error.ename}: {error.evalue}\n{error.traceback}", [], starts)
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            return Run(path.stem, f"{type(error).__name__}: {error}", [], starts)
    other = dict.fromkeys(line.partition(":")[0].removeprefix("cell ") for line in not_as_saved(saved, fresh))
    return Run(path.stem, "", list(other), starts)
