"""What a lesson takes at the most: its kernel, and all that the kernel starts. Binder gives 1 to 2 GB a learner."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from nbformat.v4 import new_code_cell

from tests.notebooks.kernel import kernel
from tests.notebooks.paths import lessons
from tests.notebooks.run import read

MARK = 400.0  # MB
OFTEN = 0.1  # seconds


def main(arguments: Sequence[str]) -> int:
    """0 when no lesson takes more than the mark."""
    parser = argparse.ArgumentParser(prog="python -m tests.classroom memory", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="all lessons, if none is named")
    named = [path.resolve() for path in parser.parse_args(arguments).notebooks]
    peaks = {}
    for path in named or lessons():
        peaks[path.stem] = peak(path)
        print(f"{path.stem:40}{peaks[path.stem]:5.0f} MB", flush=True)
    heaviest = max(peaks, key=lambda name: peaks[name])
    kept = peaks[heaviest] <= MARK
    print(
        f"the heaviest is {heaviest}: {peaks[heaviest]:.0f} MB, mark {MARK:.0f} MB: {'reached' if kept else 'MISSED'}"
    )
    return 0 if kept else 1


def peak(path: Path) -> float:
    """MB, in a run of the lesson from its first cell to its last."""
    asked = new_code_cell("import os\nprint(os.getpid())")
    with kernel(path.parent) as running:
        running.run([asked])
        with watched(int(asked.outputs[0].text)) as sizes:
            running.run(cell for cell in read(path).cells if cell.cell_type == "code")
    return max(sizes) / 1e6


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """The sizes of that process with all below it, often, until the end of the block."""
    sizes = [size(pid)]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(OFTEN):
            sizes.append(size(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield sizes
    finally:
        over.set()
        thread.join()


def size(pid: int) -> int:
    """Bytes of a process and all below it. On Linux what several share is divided among them, so nothing else of this
    environment may run meanwhile; elsewhere it is left out."""
    found = 0
    with suppress(psutil.NoSuchProcess):
        for process in (top := psutil.Process(pid), *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                found += own(process)
    return found


def own(process: psutil.Process) -> int:
    """Bytes of that process, and its part of what it shares with others; where that is not told, without it."""
    memory = process.memory_full_info()
    return int(getattr(memory, "pss", memory.uss))
