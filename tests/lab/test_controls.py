"""What the buttons of a view send is carried out, in order, and what cannot be is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.crew import echo, on_the_wire, sender, sink, text, until
from zmqlab.lab.lab import Lab
from zmqlab.trace.events import Setting


class Pressed:
    """A lab and the buttons of one of its views."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.told: list[str] = []

    def __call__(self, action: str, **more: Any) -> None:
        self.lab._buttons.do({"type": "do", "action": action, **more}, self.told.append)
        self.lab._caretaker.do(lambda: None)  # it is behind
        self.lab.messages()


@pytest.fixture
def press() -> Iterator[Pressed]:
    with Lab("pressed") as lab:
        yield Pressed(lab)


def test_hold_step_and_release(press):
    sink(press.lab)
    press("hold")
    assert press.lab.trace.settings.everywhere.hold
    sender(press.lab, "alice", 3)
    until(lambda: len(on_the_wire(press.lab)) == 3)
    press("step")
    until(lambda: len(on_the_wire(press.lab)) == 2)
    press("step", message=press.lab.messages()[1].id)
    until(lambda: len(on_the_wire(press.lab)) == 1)
    press("release")
    until(lambda: on_the_wire(press.lab) == [])
    assert press.told == []


def test_links(press):
    sink(press.lab)
    sender(press.lab, "alice", 0)
    ends = ["server", "alice"]
    press("latency", link=ends, seconds=0.5)
    press("cut", link=ends)
    press("hold", link=ends)
    assert press.lab.trace.settings.of(*ends) == Setting(hold=True, latency=0.5, cut=True)
    for action in ("heal", "release"):
        press(action, link=ends)
    press("latency", link=ends, seconds=0)
    assert press.lab.trace.settings.links == {}
    press("latency", seconds=0.25)
    assert press.lab.trace.settings.everywhere.latency == 0.25
    assert press.told == []


def test_actors(press):
    echo(press.lab)
    for action, state in (("hang", "hung"), ("resume", "started"), ("crash", "crashed"), ("restart", "started")):
        press(action, actor="server")
        assert press.lab["server"].state == state
    assert press.told == []


def test_only_the_first_of_a_connection_can_go_and_the_person_is_told(press):
    sink(press.lab)
    press("hold")
    sender(press.lab, "alice", 2)
    until(lambda: len(on_the_wire(press.lab)) == 2)
    first, second = press.lab.messages()
    press("step", message=second.id)
    assert press.told == [f"message #{first.id} goes first: on one connection and direction TCP keeps the order"]
    assert [text(m) for m in press.lab.messages() if m.arrived is None] == ["alice-0", "alice-1"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ({"action": "step"}, "no message is held"),
        ({"action": "step", "message": 99}, "no message #99"),
        ({"action": "explode"}, "there is no action 'explode'"),
        ({"action": "crash", "actor": "nobody"}, "has no actor 'nobody'"),
        ({"action": "cut", "link": ["nobody", "server"]}, "has no actor 'nobody'"),
        ({"action": "latency", "seconds": 1e9}, "from 0 to 60"),
        ({"action": "hang", "actor": "alice"}, "does not run"),
    ],
)
def test_what_cannot_be_done_is_told(press, command, told):
    sink(press.lab)
    sender(press.lab, "alice", 0)
    press.lab.wait("alice")
    press(**command)
    assert len(press.told) == 1
    assert told in press.told[0]


def test_the_view_of_a_lab_has_buttons_until_it_is_closed(press):
    view = press.lab.view()
    try:
        assert view.steerable
        press.lab.close()
        assert not view.steerable
    finally:
        view.close()
