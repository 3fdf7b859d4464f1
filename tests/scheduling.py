"""Which worker of `pytest -n` runs which file: no more files compute at a time than there are processors for them, and
one more when no others are left, as also those that compute wait at times."""

from __future__ import annotations

import os

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

COMPUTING = (
    "tests/browser/",
    "tests/notebooks/test_tryout.py",
    "tests/site/",
    "tests/sockets/test_pyzmq_own.py",
    "tests/view/",
)
"""Where browsers draw, and many kernels or pytests start. All others mostly wait: for a message, a deadline, a process.
"""

LONG = ("tests/browser/test_lessons.py", "tests/notebooks/test_tryout.py", "tests/site/test_site.py")
"""What takes minutes begins first, or one worker would be at it when the others have ended."""


class Mixed(LoadFileScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    """A file stays whole. Who finds only files that compute, while enough others compute, ends."""

    at_most = max(2, os.cpu_count() or 2)

    def _assign_work_unit(self, node: WorkerController) -> None:
        files = [file for file in (*LONG, *self.workqueue) if file in self.workqueue]
        waiting = [file for file in files if not file.startswith(COMPUTING)]
        most = self.at_most if waiting else self.at_most + 1
        has_room = sum(self._computes(other) for other in self.nodes if other is not node) < most
        computing = [file for file in files if file.startswith(COMPUTING)] if has_room else []
        if not computing and not waiting:
            node.shutdown()  # when it has run what it has
            return
        self.workqueue.move_to_end((computing or waiting)[0], last=False)
        super()._assign_work_unit(node)

    def _computes(self, node: WorkerController) -> bool:
        """Whether the last file that the worker was given is one that computes, and not yet done."""
        file, tests = next(reversed(self.assigned_work[node].items()), ("", {}))
        return file.startswith(COMPUTING) and not all(tests.values())
