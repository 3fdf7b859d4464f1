"""A line of the history in words, and which line is worse."""

from __future__ import annotations

from zmqlab.course.chaos.history import Heard, Line, Mark, Try, What
from zmqlab.course.chaos.words import line_in_words, trouble
from zmqlab.course.chaos.work import Request

ME = Request("alice", 7)


def heard(at: float, what: What, client: str = "alice", attempt: int = 1) -> Heard:
    return Heard(at, what, ME, client, attempt)


def test_a_request_is_told_in_the_order_of_time() -> None:
    line = Line(
        ME,
        (heard(0.02, "asked"), heard(0.4, "asked", attempt=2), heard(0.56, "answered", attempt=2)),
        (
            Try("ann", 0.03, died=0.31),
            Try("ben", 0.55, done=0.557),
            Try("cem", 0.5, done=0.9),
            Try("dan", 0.04, done=0.05),
        ),
        (Mark(0.31, "ann killed", frozenset(["ann"])),),
    )
    assert line_in_words(line) == (
        "alice 7: asked 0.02 s, given to ann 0.03, given to dan 0.04, done by dan 0.05, ann killed 0.31, "
        "asked again 0.40, given to cem 0.50, "
        "given to ben 0.55, answered 0.56, done by cem 0.90"
    )


def test_what_is_wrong_is_said() -> None:
    line = Line(ME, (heard(1, "asked"), heard(2, "stranger", "bob"), heard(3, "wrong"), heard(4, "late")), (), ())
    assert line_in_words(line) == (
        "alice 7: asked 1.00 s, answered to bob, who had not asked it, 2.00, something else received 3.00, "
        "answered to an earlier attempt, too late 4.00, never answered"
    )
    assert line_in_words(Line(ME, (), (), ())) == "alice 7: the run was over before it was asked"


def test_the_lost_are_the_worst_then_the_twice_answered_then_the_slow() -> None:
    lost = Line(ME, (heard(1, "asked"),), (), ())
    twice = Line(ME, (heard(1, "asked"), heard(1.1, "answered"), heard(1.2, "answered again")), (), ())
    slow = Line(ME, (heard(1, "asked"), heard(9, "answered")), (), ())
    quick = Line(ME, (heard(1, "asked"), heard(1.1, "answered")), (), ())
    assert sorted([quick, slow, twice, lost], key=trouble) == [lost, twice, slow, quick]
