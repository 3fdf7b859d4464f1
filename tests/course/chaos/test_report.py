"""What a report counts, and how several stand side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zmqlab import Lab
from zmqlab.course.chaos.report import Report, table

with Lab("report") as lab:  # closed at once: this module is loaded long before its tests, and beside all others
    GOOD = Report("good", 3, (0.1, 0.2, 0.9), 0, 4, "", lab)


def test_it_passes_when_each_request_has_one_answer() -> None:
    assert GOOD.passed
    assert str(GOOD) == "good: asked 3, lost 0, answered twice 0"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (replace(GOOD, seconds=(0.1,)), "lost 2, answered twice 0"),
        (replace(GOOD, twice=1), "lost 0, answered twice 1"),
        (replace(GOOD, problem="It has returned."), "answered twice 0\nIt has returned."),
    ],
)
def test_it_does_not_pass_otherwise(bad: Report, words: str) -> None:
    assert not bad.passed
    assert str(bad).endswith(words)


def test_reports_stand_side_by_side() -> None:
    nothing = replace(GOOD, name="nothing", seconds=(), done=0, problem="It is still the skeleton.")
    head, good, bad, problem = table(GOOD, nothing).splitlines()
    assert head.split() == ["lost", "answered", "twice", "jobs", "done", "half", "after", "all", "after"]
    assert good.split() == ["good", "0", "0", "4", "0.20", "s", "0.90", "s", "passed"]
    assert bad.split() == ["nothing", "3", "0", "0", "-", "-", "not", "yet"]
    assert problem == "nothing: It is still the skeleton."
