"""What was done to the lab, its links and its actors, as the fold keeps it."""

from __future__ import annotations

import pytest

from tests.trace.builder import Script
from zmqlab.trace.actions import ACTIONS, Settings, pair
from zmqlab.trace.events import Setting
from zmqlab.trace.trace import Trace

LINK = ("alice", "server")


@pytest.mark.parametrize("ends", [LINK, LINK[::-1]])
def test_a_link_has_its_own_settings_in_either_direction(ends):
    settings = Settings()
    settings.apply(ACTIONS["hold"], 0.0, *ends)
    settings.apply(ACTIONS["latency"], 0.3, *ends)
    settings.apply(ACTIONS["cut"], 0.0, *ends)
    assert settings.of("server", "alice") == Setting(hold=True, latency=0.3, cut=True)
    assert settings.of("server", "bob") == Setting()
    assert not settings.everywhere.hold


def test_what_is_said_of_the_whole_lab_holds_for_every_link():
    settings = Settings()
    settings.apply(ACTIONS["hold"], 0.0, *LINK)
    settings.apply(ACTIONS["latency"], 0.3, *LINK)
    settings.apply(ACTIONS["cut"], 0.0, *LINK)
    settings.apply(ACTIONS["release"], 0.0, "", "")
    settings.apply(ACTIONS["latency"], 0.1, "", "")
    assert settings.of(*LINK) == Setting(hold=False, latency=0.1, cut=True)
    assert settings.of("alice", "bob") == Setting(latency=0.1)


def test_a_link_can_differ_from_the_lab_and_stays_listed_only_while_it_does():
    settings = Settings()
    settings.apply(ACTIONS["hold"], 0.0, "", "")
    settings.apply(ACTIONS["release"], 0.0, *LINK)
    assert settings.of(*LINK) == Setting(hold=False)
    assert settings.of("bob", "server") == Setting(hold=True)
    assert list(settings.links) == [pair(*LINK)]
    settings.apply(ACTIONS["hold"], 0.0, *LINK)
    assert settings.links == {}


def hung(*states: str) -> Trace:
    script = Script()
    script.event("actor", "server", "started", "thread")
    for state in states:
        script.event("control", "server", state)
    return script.trace()


def test_an_actor_hangs_until_it_is_resumed():
    trace = hung("hang")
    assert trace.actors["server"].state == "hung"
    assert [(hang.actor, hang.end) for hang in trace.hangs] == [("server", None)]
    trace = hung("hang", "resume")
    assert trace.actors["server"].state == "started"
    assert [(hang.start, hang.end) for hang in trace.hangs] == [(2000, 3000)]
    assert [(mark.kind, mark.text) for mark in trace.marks] == [("fault", "hung"), ("fault", "resumed")]


def test_an_actor_that_ends_does_not_hang_any_more():
    script = Script()
    script.event("actor", "server", "started", "thread")
    script.event("control", "server", "hang")
    script.event("control", "server", "crash")
    script.event("actor", "server", "crashed", "")
    trace = script.trace()
    assert trace.actors["server"].state == "crashed"
    assert trace.hangs[0].end is not None


def test_a_new_run_does_not_hang_and_keeps_what_the_old_one_did():
    script = Script()
    script.event("actor", "server", "started", "thread")
    script.event("control", "server", "hang")
    script.event("actor", "server", "started", "thread")
    trace = script.trace()
    assert trace.actors["server"].state == "started"
    assert [hang.end for hang in trace.hangs] == [3000]


def test_a_cut_is_told_on_both_lanes():
    script = Script()
    script.event("control", "alice", "cut", 0.0, "server")
    script.event("control", "server", "heal", 0.0, "alice")
    trace = script.trace()
    assert {(mark.actor, mark.text) for mark in trace.marks} == {
        ("alice", "cut off from server"),
        ("server", "cut off from alice"),
        ("alice", "healed: server"),
        ("server", "healed: alice"),
    }
    assert trace.settings == Settings()


def test_changes_bring_the_spans_that_changed():
    script = Script()
    script.event("actor", "server", "started", "thread")
    script.event("control", "server", "hang")
    trace = script.trace()
    seen = trace.revision
    assert trace.changes(seen).hangs == []
    script.event("control", "server", "resume")
    trace.update()
    assert [hang.end for hang in trace.changes(seen).hangs] == [3000]
