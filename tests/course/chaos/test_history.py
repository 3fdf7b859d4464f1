"""What is known of each request, put together from what clients and workers noted."""

from __future__ import annotations

from zmqlab.course.chaos.history import Heard, History, Mark, Try, history
from zmqlab.course.chaos.work import Note, Request

SEVEN, EIGHT = Request("alice", 7), Request("bob", 8)
BROKER, CEM, BOB = frozenset(["broker"]), frozenset(["cem", "broker"]), frozenset(["bob", "broker"])


def of(heard: list[Heard], notes: list[Note] | None = None, marks: list[Mark] | None = None) -> History:
    return history([SEVEN, EIGHT], heard, notes or [], marks or [], zero=100.0)


def test_a_request_has_the_workers_that_had_it_and_what_became_of_them() -> None:
    notes = [
        Note(101.25, "begun", SEVEN, "ann"),
        Note(101.5, "crashed", SEVEN, "ann"),
        Note(101.75, "begun", SEVEN, "ben"),
        Note(102.0, "begun", SEVEN, "cem"),
        Note(102.25, "done", SEVEN, "cem"),
    ]
    found = of([Heard(101.0, "asked", SEVEN, "alice"), Heard(102.5, "answered", SEVEN, "alice")], notes)
    seven, eight = found.lines
    assert (seven.asked, seven.answered, seven.waited) == (1.0, 2.5, 1.5)
    assert seven.tries == (Try("ann", 1.25, died=1.5), Try("ben", 1.75), Try("cem", 2.0, done=2.25))
    assert (eight.asked, eight.answered, eight.waited, eight.tries) == (None, None, None, ())
    assert found.marks == (Mark(1.5, "ann killed", frozenset(["ann"])),)
    assert found.executions == 1


def test_one_worker_may_have_a_request_twice() -> None:
    words = [("begun", 1), ("done", 2), ("begun", 3), ("done", 4)]
    notes = [Note(100.0 + at, word, SEVEN, "ann") for word, at in words]  # type: ignore[arg-type]
    assert of([], notes).lines[0].tries == (Try("ann", 1.0, done=2.0), Try("ann", 3.0, done=4.0))


def test_a_fault_concerns_who_waits_for_the_broker_the_client_or_the_worker() -> None:
    heard = [
        Heard(101.0, "asked", SEVEN, "alice"),
        Heard(101.0, "asked", EIGHT, "bob"),
        Heard(104.0, "answered", SEVEN, "alice"),
        Heard(104.0, "answered", EIGHT, "bob"),
    ]
    notes = [Note(102.0, "begun", SEVEN, "cem"), Note(103.0, "done", SEVEN, "cem")]
    marks = [
        Mark(100.5, "before", BROKER),
        Mark(101.5, "not cem's yet", CEM),
        Mark(102.0, "broker", BROKER),
        Mark(102.5, "cem", CEM),
        Mark(102.75, "bob", BOB),
        Mark(103.5, "no more cem's", CEM),
        Mark(104.5, "after", BROKER),
    ]
    seven, eight = of(heard, notes, marks).lines
    assert [mark.text for mark in seven.marks] == ["broker", "cem"]
    assert [mark.text for mark in eight.marks] == ["broker", "bob"]


def test_a_silent_link_is_told_of_who_got_the_request_when_it_was_healed() -> None:
    heard = [Heard(101.0, "asked", SEVEN, "alice"), Heard(102.0, "answered", SEVEN, "alice")]
    notes = [Note(101.9, "begun", SEVEN, "ann"), Note(101.95, "done", SEVEN, "ann")]
    marks = [Mark(101.1, "silent", CEM), Mark(103.0, "healed", CEM)]
    at_once, late = (
        of(heard, [*notes, Note(103.0 + seconds, "begun", SEVEN, "cem")], marks).lines[0] for seconds in (0.01, 0.5)
    )
    assert [mark.text for mark in at_once.marks] == ["silent", "healed"]
    assert late.marks == ()


def test_the_longest_time_without_answers_begins_with_the_first_asking() -> None:
    heard = [Heard(101.0, "asked", SEVEN, "alice"), Heard(103.0, "asked", EIGHT, "bob")]
    assert of(heard).silence is None
    heard.append(Heard(103.5, "answered", EIGHT, "bob"))
    assert of(heard).silence == 2.5
    heard.append(Heard(107.0, "answered", SEVEN, "alice"))
    assert of(heard).silence == 3.5
    assert of(heard).waits == [0.5, 6.0]
