"""What computes does not come all at once while there is something that waits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("xdist", reason="pip install -r tests/requirements.txt")

from tests.scheduling import WAITING, Mixed

COMPUTING = ["tests/browser/test_a.py", "tests/view/test_b.py", "tests/view/test_c.py"]
EXERCISES = [f"{WAITING}test_{number}.py" for number in range(4)]


class Worker:
    """Keeps the files that it is given."""

    shutting_down = False
    gateway = SimpleNamespace(id="gw")

    def __init__(self, collection: list[str]) -> None:
        self.collection = collection
        self.files: list[str] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.files.append(self.collection[indices[0]].split("::")[0])

    def shutdown(self) -> None:
        pass


def scheduled(files: list[str], workers: int) -> tuple[Mixed, list[Any]]:
    tests = [f"{file}::test_{number}" for file in files for number in range(4)]
    option = SimpleNamespace(loadscopereorder=False)
    config: Any = SimpleNamespace(getvalue=lambda name: ["popen"] * workers, option=option)
    mixed, nodes = Mixed(config), [Worker(tests) for _ in range(workers)]
    for node in nodes:
        mixed.add_node(node)
        mixed.add_node_collection(node, tests)
    mixed.schedule()
    return mixed, nodes


def finish(mixed: Mixed, node: Any) -> None:
    """The file that the worker runs."""
    file = node.files[-1]
    for index, name in enumerate(node.collection):
        if name.startswith(file):
            mixed.mark_test_complete(node, index)


def test_one_worker_computes_and_the_others_wait() -> None:
    mixed, (one, other, third) = scheduled(COMPUTING + EXERCISES, 3)
    assert [one.files, other.files, third.files] == [EXERCISES[:1], EXERCISES[1:2], COMPUTING[:1]]
    finish(mixed, other)
    assert other.files[1:] == EXERCISES[2:3]
    finish(mixed, third)
    assert third.files[1:] == COMPUTING[1:2]


@pytest.mark.parametrize("files", [COMPUTING, EXERCISES[:3]])
def test_where_there_is_only_one_kind_nobody_is_idle(files: list[str]) -> None:
    _, workers = scheduled(files, 3)
    assert [worker.files for worker in workers] == [[file] for file in files]
