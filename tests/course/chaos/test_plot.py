"""The plot of the history: a line for each request, and a mark for each fault."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.course.chaos.test_report import ANSWERS, ASKED, ASKING, GOOD, WORK
from zmqlab.course.chaos.history import Mark, history
from zmqlab.course.chaos.plot import merged, plot
from zmqlab.course.chaos.report import Report
from zmqlab.course.chaos.work import Note

pytest.importorskip("matplotlib")

KILL = [Mark(0.3, "broker killed", frozenset()), Mark(0.31, "broker started again", frozenset())]


def test_faults_at_one_moment_share_a_mark() -> None:
    later = Mark(0.5, "ann killed", frozenset())
    assert merged([*KILL, later]) == [(0.3, "broker killed, broker started again"), (0.5, "ann killed")]
    assert merged([]) == []


def test_each_request_is_a_line_and_each_fault_a_mark() -> None:
    died = Note(0.4, "crashed", ASKED[2], "cem")
    begun = Note(0.35, "begun", ASKED[2], "cem")
    events = history(ASKED, [*ASKING, *ANSWERS[:2]], [*WORK, begun, died], KILL, zero=0.0)
    bad = Report("bad", events, 0, "It has returned.", GOOD.lab)
    drawn = plot(GOOD, bad)
    bundle = drawn._repr_mimebundle_()
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(drawn) == f"{GOOD.history()}\n\n{bad.history()}"
    good, other = drawn.figure.axes
    assert len(good.collections) == 3 + 2  # three requests, and two workers had one of them
    assert len(other.collections) == 3 + 2 + 2  # and two marks
    words = [text.get_text().strip() for text in other.texts]
    assert words == ["It has returned.", "broker killed, broker started again", "cem killed"]
    assert other.get_title() == "bad\nlost 1, twice 0, wrong client 0"
    crosses = [line for line in other.lines if line.get_marker() == "x"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in crosses] == [(0.4, 2)]  # type: ignore[index]
    assert good.get_xlim()[1] - good.get_xlim()[0] == pytest.approx(other.get_xlim()[1] - other.get_xlim()[0])


def test_nothing_can_be_drawn_as_well() -> None:
    nothing = Report("nothing", history(ASKED, [], [], [], zero=0.0), 0, "", GOOD.lab)
    assert plot(nothing)._repr_mimebundle_()["image/png"]
    assert plot()._repr_mimebundle_()["image/png"]
