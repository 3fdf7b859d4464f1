"""The table of what can be done: every row is known to those who do it, and what cannot be done so is refused."""

from __future__ import annotations

import pytest

from zmqlab.lab.controls import ActorControl, LinkControl
from zmqlab.lab.steering import Steering
from zmqlab.trace.actions import ACTIONS, LONGEST, Action, action_of
from zmqlab.trace.events import Setting

CHANGES: dict[str, tuple[float, str, str]] = {
    "hold": (True, "hold", "release"),
    "latency": (0.5, "latency", "latency"),
    "cut": (True, "cut", "heal"),
}
"""Field of `Setting` -> another value, the action that gives it, and the one that takes it back."""


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_each_action_is_a_method_of_what_it_is_done_to(action: Action):
    control = ActorControl if action.target == "actor" else LinkControl
    assert callable(getattr(control, action.name))


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_whoever_something_happens_to_is_told_in_words(action: Action):
    assert bool(action.words) == (action.target in ("actor", "link"))
    assert ("{peer}" in action.words) == (action.target == "link")


def test_each_field_of_a_setting_can_be_changed_and_changed_back():
    assert CHANGES.keys() == set(Setting._fields), "give CHANGES in this file the two actions of each field"
    for field, (value, there, back) in CHANGES.items():
        change, change_back = ACTIONS[there].change, ACTIONS[back].change
        assert change
        assert change_back
        changed = change(Setting(), value)
        assert changed._asdict() == {**Setting()._asdict(), field: value}
        assert change_back(changed, 0.0) == Setting()


@pytest.mark.parametrize("field", Setting._fields)
def test_a_link_says_how_it_is_steered(field: str):
    value, there, _ = CHANGES[field]
    change = ACTIONS[there].change
    assert change
    steered = change(Setting(), value)

    class Steered(Steering):
        def __init__(self) -> None:
            """Without a lab."""

        def between(self, one: str, other: str) -> Setting:
            return steered

    said = repr(LinkControl(Steered(), "alice", "server"))
    assert said != "<link alice ↔ server: open>", f"LinkControl.__repr__ leaves out {field!r}"


@pytest.mark.parametrize("seconds", [-0.1, LONGEST + 0.1, float("nan"), float("inf")])
def test_what_is_no_latency_is_refused(seconds):
    with pytest.raises(ValueError, match="in seconds, from 0 to 60"):
        ACTIONS["latency"].check(seconds, "", "")


@pytest.mark.parametrize("ends", [("", ""), ("alice", "")])
def test_what_is_done_to_one_link_wants_both_actors(ends):
    with pytest.raises(ValueError, match="cut is done to the link of two actors: name both"):
        ACTIONS["cut"].check(0.0, *ends)
    ACTIONS["hold"].check(0.0, "", "")


def test_an_action_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match=r"there is no action 'explode'; there are hold, release, .*restart"):
        action_of("explode")
