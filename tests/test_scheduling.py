"""What computes does not come all at once while there is something that waits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("xdist", reason="pip install -r tests/requirements.txt")

from tests.notebooks.paths import ROOT
from tests.scheduling import LONG, WAITING, Mixed

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


@pytest.mark.parametrize(("workers", "wait"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_half_of_the_workers_compute_and_the_others_wait(workers: int, wait: int) -> None:
    _, nodes = scheduled(COMPUTING + EXERCISES, workers)
    assert [node.files[0].startswith(WAITING) for node in nodes] == [True] * wait + [False] * (workers - wait)


@pytest.mark.parametrize("others", [COMPUTING, EXERCISES, COMPUTING + EXERCISES])
def test_what_takes_long_begins_first(others: list[str]) -> None:
    _, nodes = scheduled([*others, *reversed(LONG)], 2 * len(LONG))
    assert {file for node in nodes for file in node.files} >= set(LONG)


def test_what_takes_long_is_there() -> None:
    assert [file for file in LONG if not (ROOT / file).is_file()] == []


def test_who_has_ended_goes_on_with_its_kind() -> None:
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
