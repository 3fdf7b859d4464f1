"""What a report counts, and how several stand side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zmqlab import Lab
from zmqlab.course.chaos.history import Heard, History, What, history
from zmqlab.course.chaos.report import Report, percentile, table
from zmqlab.course.chaos.work import Note, Request

with Lab("report") as lab:  # closed at once: this module is loaded long before its tests, and beside all others
    pass

ASKED = [Request("alice", number) for number in range(3)]
ASKING = [Heard(0.0, "asked", request, "alice") for request in ASKED]
ANSWERS = [Heard(at, "answered", each, "alice") for each, at in zip(ASKED, (0.1, 0.2, 0.9), strict=True)]
WORK = [Note(0.05, word, ASKED[0], name) for name in ("ann", "ben") for word in ("begun", "done")]


def events(*heard: Heard) -> History:
    return history(ASKED, [*ASKING, *heard], WORK, [], zero=0.0)


def one_more(what: What) -> Heard:
    return Heard(1.5, what, ASKED[1], "bob")


GOOD = Report("good", events(*ANSWERS), 0, "", lab)


def test_it_passes_when_each_request_has_one_answer() -> None:
    assert GOOD.passed
    assert str(GOOD) == "good: asked 3, lost 0, answered twice 0, to the wrong client 0"
    assert replace(GOOD, events=events(*ANSWERS, one_more("late"))).passed


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (
            replace(GOOD, events=events(*ANSWERS[1:], one_more("wrong"))),
            "lost 1, answered twice 0, to the wrong client 0",
        ),
        (replace(GOOD, events=events(*ANSWERS, one_more("answered again"))), "twice 1, to the wrong client 0"),
        (replace(GOOD, unclaimed=1), "lost 0, answered twice 1, to the wrong client 0"),
        (replace(GOOD, events=events(*ANSWERS, one_more("stranger"))), "twice 0, to the wrong client 1"),
        (replace(GOOD, problem="It has returned."), "to the wrong client 0\nIt has returned."),
    ],
)
def test_it_does_not_pass_otherwise(bad: Report, words: str) -> None:
    assert not bad.passed
    assert str(bad).endswith(words)


def test_the_history_begins_with_the_faults_and_tells_the_worst() -> None:
    faults, *lines = replace(GOOD, events=events(*ANSWERS[:2])).history(worst=2).splitlines()
    assert faults == "good: no faults"
    assert lines == [
        "alice 2: asked 0.00 s, never answered",
        "alice 1: asked 0.00 s, answered 0.20",
    ]


def test_of_a_hundred_so_many_are_at_most_that_long() -> None:
    waits = [float(number) for number in range(1, 201)]
    assert [percentile(waits, percent) for percent in (50, 99, 100)] == [100.0, 198.0, 200.0]
    assert percentile([3.0], 50) == 3.0
    assert percentile([], 50) is None


def test_reports_stand_side_by_side() -> None:
    nothing = replace(GOOD, name="nothing", events=events(), problem="It is still the skeleton.")
    head, good, bad, problem = table(GOOD, nothing).splitlines()
    names = ["lost", "answered twice", "wrong client", "jobs done", "without answers", "p50", "p99"]
    assert head.split() == " ".join(names).split()
    assert good.split() == ["good", "0", "0", "0", "2", "0.70", "s", "0.20", "s", "0.90", "s", "passed"]
    assert bad.split() == ["nothing", "3", "0", "0", "2", "-", "-", "-", "not", "yet"]
    assert problem == "nothing: It is still the skeleton."
