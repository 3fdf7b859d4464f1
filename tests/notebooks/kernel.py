"""One kernel that runs cells, as a learner's JupyterLab does: many times, in any order, without a restart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from zmqlab.course import progress_file

CELL_TIMEOUT = 60
"""Seconds, as nbval has it in pyproject.toml."""


STARTS = 3
"""A kernel is given ports that were free a moment before; another process may be faster, and the kernel dies."""


class Manager(AsyncKernelManager):
    """No two kernels of this process are given the same free port, also when they start at the same time."""

    cache_ports = True


class Kernel:
    """`starts`: how many kernels it took, for all but the last had lost a port to somebody else."""

    def __init__(self, client: NotebookClient, starts: int = 1) -> None:
        self._client = client
        self.starts = starts

    def run(self, cells: Iterable[NotebookNode]) -> None:
        """Run code cells one after the other; they get their outputs.

        Raises CellExecutionError (but not for cells tagged raises-exception), CellTimeoutError, DeadKernelError.
        """
        for cell in cells:
            self._client.nb.cells = [cell]  # where nbclient looks for a cell by its index
            self._client.execute_cell(cell, 0)

    def forget(self) -> None:
        """All names are gone, as after a restart; modules stay, and so does whatever still runs.

        ``%reset`` also takes `__spec__`, which a new kernel has, and multiprocessing looks for.
        """
        self.run([new_code_cell("%reset -f\n__spec__ = None")])


@contextmanager
def kernel(folder: Path, timeout: float = CELL_TIMEOUT) -> Iterator[Kernel]:
    """In that folder, with a progress of its own; a cell may take `timeout` seconds."""
    with TemporaryDirectory() as own, ExitStack() as started:
        env = os.environ | {progress_file.VARIABLE: str(Path(own) / "progress.json")}
        for start in range(1, STARTS + 1):
            client = _client(folder, timeout)
            try:
                started.enter_context(client.setup_kernel(env=env))
                break
            except RuntimeError:  # it died before it could answer
                if start == STARTS:
                    raise
        yield Kernel(client, start)


def _client(folder: Path, timeout: float) -> NotebookClient:
    return NotebookClient(
        new_notebook(),
        timeout=timeout,
        kernel_name="python3",
        kernel_manager_class=Manager,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
    )
