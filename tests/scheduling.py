"""Which worker of `pytest -n` runs which file: half of them compute, the others run files that mostly wait."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

WAITING = "tests/course/exercises/"
"""Where mistakes are tried that answer too late or never: their tests wait for that with a processor to spare."""

LONG = ("tests/browser/test_lessons.py", "tests/notebooks/test_tryout.py", "tests/site/test_site.py")
"""What takes minutes begins first, or one worker would be at it when the others have ended."""


class Mixed(LoadFileScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    """A file stays whole. Browsers and notebooks, which compute, do not come all at once while others wait."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = sum(self._waits(other) for other in self.nodes if other is not node)
        wanted = waiting < (len(self.nodes) + 1) // 2
        files = [*(file for file in LONG if file in self.workqueue), *self.workqueue]
        file = next((file for file in files if file.startswith(WAITING) == wanted), files[0])
        self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)

    def _waits(self, node: WorkerController) -> bool:
        """Whether the last file that the worker was given is one that waits."""
        return next(reversed(self.assigned_work[node]), "").startswith(WAITING)
