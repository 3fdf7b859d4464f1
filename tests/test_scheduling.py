"""What computes does not come all at once, and the others wait meanwhile."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("xdist", reason="pip install -r tests/requirements.txt")

from tests.notebooks.paths import ROOT
from tests.scheduling import COMPUTING, LONG, Mixed

COMPUTES = ["tests/browser/test_a.py", "tests/view/test_b.py", "tests/view/test_c.py", "tests/site/test_d.py"]
WAITS = [f"tests/course/test_{number}.py" for number in range(6)]


class Worker:
    """Keeps the files that it is given."""

    shutting_down = False
    gateway = SimpleNamespace(id="gw")

    def __init__(self, collection: list[str]) -> None:
        self.collection = collection
        self.files: list[str] = []
        self.has_ended = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.files.append(self.collection[indices[0]].split("::")[0])

    def shutdown(self) -> None:
        self.has_ended = self.shutting_down = True


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


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mixed, "at_most", 2)


@pytest.mark.parametrize(("workers", "compute"), [(1, 1), (2, 2), (3, 2), (4, 2), (5, 2)])
def test_two_workers_compute_and_the_others_wait(workers: int, compute: int) -> None:
    _, nodes = scheduled(COMPUTES + WAITS, workers)
    assert [node.files[0] in COMPUTES for node in nodes] == [True] * compute + [False] * (workers - compute)


@pytest.mark.parametrize("others", [COMPUTES, WAITS, COMPUTES + WAITS])
def test_what_takes_long_begins_first(others: list[str]) -> None:
    mixed, nodes = scheduled([*others, *reversed(LONG)], 2)
    assert [node.files for node in nodes] == [[LONG[0]], [LONG[1]]]
    finish(mixed, nodes[0])
    assert nodes[0].files[1:] == [LONG[2]]


def test_what_takes_long_or_computes_is_there() -> None:
    assert [file for file in LONG if not (ROOT / file).is_file()] == []
    assert [path for path in COMPUTING if not (ROOT / path).exists()] == []


def test_when_no_others_are_left_one_more_computes() -> None:
    mixed, (one, other, third, fourth) = scheduled(COMPUTES + WAITS[:2], 4)
    assert [one.files, other.files, third.files, fourth.files] == [[name] for name in (*COMPUTES[:2], *WAITS[:2])]
    finish(mixed, third)
    assert third.files[1:] == COMPUTES[2:3]
    finish(mixed, fourth)
    assert fourth.has_ended
    assert not any(node.has_ended for node in (one, other, third))
    finish(mixed, other)
    finish(mixed, one)
    assert [one.files[1:], other.files[1:]] == [[], COMPUTES[3:]]


def test_who_has_computed_waits_where_nothing_else_is_left() -> None:
    mixed, (one, other, third) = scheduled(COMPUTES[:2] + WAITS, 3)
    finish(mixed, one)
    finish(mixed, other)
    assert [one.files[1:], other.files[1:]] == [WAITS[1:2], WAITS[2:3]]
    assert not any(node.has_ended for node in (one, other, third))
