"""The report of how long `check` takes."""

from __future__ import annotations

from tests.course.exercises.learner import Taken
from tests.course.times import RIGHT, WRONG, report


def test_the_longest_check_counts() -> None:
    lines, good = report([Taken("01-a", True, 0.2), Taken("01-a", True, RIGHT), Taken("01-a", False, WRONG)])
    assert good
    assert [line.split(" (")[0] for line in lines] == [
        "01-a  wrong    1 checks, the longest 10.0 s",
        "01-a  right    2 checks, the longest 5.0 s",
    ]


def test_a_right_solution_has_less_time_than_a_wrong_one() -> None:
    assert not report([Taken("01-a", True, RIGHT + 1)])[1]
    assert report([Taken("01-a", False, RIGHT + 1)])[1]
    assert not report([Taken("01-a", False, WRONG + 1)])[1]
