"""The findings of a run lead to their moments in its view."""

from __future__ import annotations

from dataclasses import replace

from tests.course.chaos.test_report import ANSWERS, ASKED, ASKING, GOOD, WORK, events
from zmqlab.course.chaos.findings import findings, told
from zmqlab.course.chaos.history import Mark, history

MARKS = [Mark(0.3, "broker killed", frozenset(["broker"]))]
BAD = replace(GOOD, events=history(ASKED, [*ASKING, *ANSWERS[1:]], WORK, MARKS, zero=0.0))


def test_they_are_the_words_of_the_history_with_their_seconds() -> None:
    faults, worst, _ = told(BAD, 2)
    assert faults == {"title": "good", "moments": [{"at": 0.3, "text": "broker killed"}], "end": ""}
    assert (worst["title"], worst["end"]) == ("alice 0", "never answered")
    assert worst["moments"][0] == {"at": 0.0, "text": "asked"}
    assert {"at": 0.05, "text": "given to ann"} in worst["moments"]
    assert told(GOOD, 1)[0] == {"title": "good", "moments": [], "end": "no faults"}
    nothing = replace(GOOD, events=history(ASKED, [], [], [], zero=0.0))
    assert told(nothing, 1)[1]["end"] == "the run was over before it was asked"


def test_a_moment_that_is_clicked_is_shown_in_the_view() -> None:
    shown = findings(replace(GOOD, events=events(*ANSWERS)), worst=2)
    first, view = shown.children
    assert view.at is None
    for content in ({"at": 0.9}, {"at": "soon"}, "nonsense", {}):
        first._heard(first, content, [])
    assert view.at == 0.9
    assert BAD.view(at=0.5).at == 0.5


def test_without_a_front_end_they_are_the_history() -> None:
    shown = findings(BAD, worst=2)
    data = shown._repr_mimebundle_()
    assert data["text/plain"] == repr(shown) == BAD.history(worst=2)
    assert data["application/vnd.jupyter.widget-view+json"]
