"""Lessons where the disk is full, and where there is no network."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.trouble.seat import Stuck, copied, seat
from tests.trouble.stops import code_cells, whole

LONG = 30.0  # seconds: a cell that waits for a program which could not be written is interrupted
ROOM = 64 << 20  # bytes of the small disk


def offline(path: Path) -> list[str]:
    """Nothing can be reached but this machine itself, and the lesson says what it always says."""
    return _in_a_place("--net", "ip link set lo up", "_offline", path)


def full(path: Path) -> list[str]:
    """Whatever is written, errors are told, who waits can be interrupted, and with room again all goes on."""
    with tempfile.TemporaryDirectory() as disk:
        mount = f"mount -t tmpfs -o size={ROOM} small {disk} && export TMPDIR={disk} HOME={disk} IPYTHONDIR={disk}/i"
        return _in_a_place("--mount", mount, "_full", path)


def _in_a_place(kind: str, prepare: str, what: str, path: Path) -> list[str]:
    """Do it in a process that has a network, or a list of mounted disks, of its own."""
    code = f"from tests.trouble import places; from pathlib import Path; places.{what}(Path({str(path)!r}))"
    line = ["unshare", kind, "sh", "-c", f'{prepare} && exec "$@"', "--", sys.executable, "-c", code]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True)
    problems = done.stdout.splitlines()
    return problems if done.returncode == 0 else [*problems, f"it ended with {done.returncode}"]


def _offline(path: Path) -> None:
    with copied(path) as lesson, seat(lesson.parent) as taken:
        print(*whole(taken, code_cells(lesson), "without a network"), sep="\n", end="")


def _full(path: Path) -> None:
    with copied(path) as lesson, seat(lesson.parent) as taken:
        ballast = Path(tempfile.gettempdir()) / "ballast"
        fill(ballast)
        cells = code_cells(lesson)
        for cell in cells:
            try:
                said = taken.run(cell.source, LONG)
            except Stuck as stuck:
                print(f"cell {cell.id}, with a full disk, interrupted after {LONG:.0f} s: {stuck}")
                return
            for name, text in said.errors:
                print(f"note: cell {cell.id}: {name}: {text[:150]}", file=sys.stderr)
            fill(ballast)
        ballast.unlink()
        print(*whole(taken, cells, "with room again"), sep="\n", end="")


def fill(ballast: Path) -> None:
    """Until nothing more fits."""
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
