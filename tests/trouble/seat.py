"""A kernel with somebody before it who interrupts and restarts it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.notebooks.paths import NOTEBOOKS
from zmqlab.course import progress_file

PATIENCE = 120.0  # seconds for a cell
ENDS = 20.0  # seconds until a cell that was interrupted has ended

THREADS = (
    "import json as _json, threading as _threading\nprint(_json.dumps([one.name for one in _threading.enumerate()]))"
)
TELL = "import faulthandler as _f, signal as _s; _f.register(_s.SIGUSR1, open({where!r}, 'w'), all_threads=True)"
CLOSE = "from zmqlab.lab.lab import _close_all\n_close_all()"


class Run(NamedTuple):
    """One cell: its errors (name, text), what it printed, seconds, and whether it was interrupted while it ran."""

    errors: Sequence[tuple[str, str]]
    printed: str
    seconds: float
    interrupted: bool


class Stuck(Exception):
    """A cell did not end."""


class Seat:
    def __init__(self, manager: KernelManager, where: Path) -> None:
        self.manager = manager
        self._where = where
        self._client: BlockingKernelClient = manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        self.run(TELL.format(where=str(where)))

    def run(self, code: str, interrupt_after: float | None = None) -> Run:
        """Run it to its end. With `interrupt_after` it is interrupted so many seconds after it has begun, if it still
        runs. Raises Stuck."""
        asked, began, due = self._client.execute(code, allow_stdin=False), time.monotonic(), float("inf")
        late, errors, printed, interrupted = began + PATIENCE, [], "", False
        while True:
            if time.monotonic() >= due:
                self.manager.interrupt_kernel()
                interrupted, due, late = True, float("inf"), time.monotonic() + ENDS
            message = self._next(min(due, late))
            if message is None:
                if time.monotonic() > late:
                    raise Stuck(f"it runs for {time.monotonic() - began:.0f} s:\n{self._stack()}")
            elif message["parent_header"].get("msg_id") == asked:
                kind, content = message["msg_type"], message["content"]
                if kind == "error":
                    errors.append((content["ename"], content["evalue"]))
                elif kind == "stream":
                    printed += content["text"]
                elif kind == "status" and content["execution_state"] == "busy" and interrupt_after is not None:
                    due = time.monotonic() + interrupt_after
                elif kind == "status" and content["execution_state"] == "idle":
                    return Run(errors, printed, time.monotonic() - began, interrupted)

    def _stack(self) -> str:
        """Where each thread of the kernel is."""
        os.kill(psutil.Process(self.manager.provisioner.pid).pid, signal.SIGUSR1)  # type: ignore[union-attr]
        time.sleep(1)
        return self._where.read_text(encoding="utf-8")

    def _next(self, until: float) -> Mapping[str, Any] | None:
        try:
            message: Mapping[str, Any] = self._client.get_iopub_msg(timeout=max(0.001, until - time.monotonic()))
        except queue.Empty:
            return None
        return message

    def restart(self) -> None:
        self.manager.restart_kernel(now=True)  # as a front end does after a moment, whatever the kernel says
        self._client.wait_for_ready(timeout=PATIENCE)

    def threads(self) -> list[str]:
        names: list[str] = json.loads(self.run(THREADS).printed)
        return sorted(names)

    def processes(self) -> list[psutil.Process]:
        """All below the kernel."""
        return psutil.Process(self.manager.provisioner.pid).children(recursive=True)  # type: ignore[union-attr]

    def leave(self) -> None:
        self._client.stop_channels()


@contextmanager
def seat(folder: Path, **env: str) -> Iterator[Seat]:
    """A kernel that works in that folder. Nothing is left of it at the end."""
    manager = KernelManager(kernel_name="python3")
    manager.cache_ports = False
    manager.start_kernel(cwd=str(folder), env=os.environ | env)
    try:
        taken = Seat(manager, folder / "stack.txt")
        yield taken
        taken.leave()
    finally:
        manager.shutdown_kernel(now=True)


@contextmanager
def copied(path: Path) -> Iterator[Path]:
    """A learner's own copy of that lesson, with all that lies beside it, and with a progress of its own."""
    with TemporaryDirectory() as name:
        shutil.copytree(path.parent, Path(name) / NOTEBOOKS.name, ignore=shutil.ignore_patterns("shop"))
        os.environ[progress_file.VARIABLE] = str(Path(name) / "progress.json")
        yield Path(name) / NOTEBOOKS.name / path.name
