"""Cells that are interrupted, and kernels that are restarted, while a lesson runs."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
from nbformat import NotebookNode

from tests.notebooks.outputs import tags
from tests.notebooks.run import read
from tests.trouble.seat import CLOSE, ENDS, Seat, Stuck, copied, seat

WHEN = (0.2, 0.5, 0.8)  # of the time that a cell takes, in turn
IMPORTS = re.compile(r"^ *(import|from) ", re.MULTILINE)
"""An import that is interrupted leaves half a module, which Python does not heal: who did that restarts the kernel."""

OURS = "zmqlab"
"""So begin the names of the lab's threads. Others are the lesson's: who is interrupted before `close` leaves one."""

LONG = 8.0  # seconds
LEAST = 0.02  # seconds: what is faster is over before anybody can press a key


def interrupt(path: Path) -> list[str]:
    """Run the lesson, and take the time of each cell; then anew: interrupt each cell, and run it again. Then run all.

    What is left in the end may be no more than what the undisturbed run has left.
    """
    with copied(path) as lesson:
        with seat(lesson.parent) as taken:
            seconds = [taken.run(cell.source).seconds for cell in code_cells(lesson)]
            taken.run(CLOSE)
            own = taken.threads(), _still(taken.processes())
        with seat(lesson.parent) as taken:
            return list(_each_interrupted(taken, code_cells(lesson), seconds, own))


def _each_interrupted(
    taken: Seat, cells: list[NotebookNode], seconds: list[float], own: tuple[list[str], list[str]]
) -> Iterator[str]:
    times = 0
    for number, (cell, takes) in enumerate(zip(cells, seconds, strict=True)):
        try:
            if takes > LEAST and not IMPORTS.search(cell.source):
                first = taken.run(cell.source, takes * WHEN[number % len(WHEN)])
                times += first.interrupted
                if first.interrupted and not allowed(cell) | {"KeyboardInterrupt", "CancelledError"} >= {
                    name for name, _ in first.errors
                }:
                    yield f"cell {cell.id}, interrupted, says {first.errors}"
            # What it did before is done twice now; it may wait for what was received already, and is interrupted then.
            taken.run(cell.source, LONG + 3 * takes)
        except Stuck as stuck:
            yield f"cell {cell.id}, interrupted: {stuck}"
            return
    print(f"  {times} of {len(cells)} cells were interrupted while they ran")
    yield from whole(taken, cells, "when all cells run again")
    yield from _left(taken, *own)


def whole(taken: Seat, cells: list[NotebookNode], when: str) -> Iterator[str]:
    for cell in cells:
        try:
            said = taken.run(cell.source)
        except Stuck as stuck:
            yield f"cell {cell.id}, {when}: {stuck}"
            return
        if said.errors and not allowed(cell):
            yield f"cell {cell.id}, {when}, says {said.errors}"


def restart(path: Path) -> list[str]:
    """Restart the kernel while a cell in the middle runs, and in the end: the lesson runs anew, and nothing is left."""
    with copied(path) as lesson, seat(lesson.parent) as taken:
        cells = code_cells(lesson)
        for cell in cells[: len(cells) // 2]:
            taken.run(cell.source)
        before = taken.processes()
        taken.restart()
        problems = [f"after the restart still runs: {name}" for name in _still(before)]
        problems += whole(taken, cells, "after the restart")
        before = taken.processes()
        taken.restart()
        return problems + [f"after the second restart still runs: {name}" for name in _still(before)]


def _left(taken: Seat, own: list[str], below: list[str]) -> Iterator[str]:
    taken.run(CLOSE)
    late = time.monotonic() + ENDS
    while (more := _ours(taken.threads()) - _ours(own)) and time.monotonic() < late:
        time.sleep(0.1)
    if more:
        yield f"threads are left: {dict(more)}"
    for name in (Counter(map(_kind, _still(taken.processes()))) - Counter(map(_kind, below))).elements():
        yield f"a process is left: {name}"


def _ours(threads: list[str]) -> Counter[str]:
    return Counter(_kind(name) for name in threads if name.startswith(OURS))


def _kind(name: str) -> str:
    """A thread's name or a process's command, with whatever number it has."""
    return re.sub(r"\d+", "N", name)


def _still(processes: list[psutil.Process]) -> list[str]:
    """What of them has not ended by now; a zombie has."""
    names = {}
    for process in psutil.wait_procs(processes, ENDS)[1]:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                names[process.pid] = " ".join(process.cmdline())
    return list(names.values())


def code_cells(path: Path) -> list[NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def allowed(cell: NotebookNode) -> set[str]:
    """The errors that the cell shows on purpose."""
    shown = {output.ename for output in cell.outputs if output.output_type == "error"}
    return shown if "raises-exception" in tags(cell) else set()
