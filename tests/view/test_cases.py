"""What stands in JavaScript, too: `tests/js/cases.test.mjs` runs the same table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.view.story import echo
from zmqlab.trace.actions import ACTIONS
from zmqlab.trace.events import Setting
from zmqlab.trace.model import Message
from zmqlab.trace.places import place_of
from zmqlab.trace.trace import Trace
from zmqlab.view import dark, shapes, svg
from zmqlab.view.feed import Feed
from zmqlab.view.naming import is_automatic, text_of
from zmqlab.view.saying import BROKEN, STANDING, STATES, at_the_end, shorten

CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "cases.json").read_text(encoding="utf-8"))


def at(place: str) -> Message:
    """A message that is there."""
    journeys: dict[str, dict[str, Any]] = {
        "out": {},
        "wire": {"left": 1},
        "outside": {"left": 1, "arrived": 1, "watched": False},
        "unseen": {"watched": False},
    }
    message = Message(1, **journeys.get(place, {"end": place}))
    assert message.place == place
    return message


def test_how_it_stands_with_a_message():
    assert CASES["standing"] == STANDING


def test_what_an_actor_can_be():
    assert CASES["states"] == list(STATES)


def test_how_a_link_is_steered_of_which_nothing_is_said():
    assert CASES["setting"] == Setting()._asdict(), "tests/cases.json, and js/model/settings.js"


def test_what_the_browser_is_told_of_a_message():
    told = sorted(Feed(echo()).everything()["messages"]["fields"])
    assert CASES["columns of a message"] == told, "tests/cases.json, and js/model/rows.js, which reads them"


def test_a_thing_that_was_done_has_one_word():
    done = CASES["what was done"]
    assert {name: ACTIONS[name].words.split()[0] for name in done if name != "hold"} == {
        name: word for name, word in done.items() if name != "hold"
    }
    assert "hold" in ACTIONS


def test_which_lanes_are_marked():
    assert CASES["broken"] == list(BROKEN)


def test_what_stands_where_the_way_of_a_message_breaks_off():
    for label, place, told in CASES["at the end"]:
        assert at_the_end(label, at(place), Trace()) == told


def test_a_text_that_is_too_long():
    for text, most, shorter in CASES["shorten"]:
        assert shorten(text, most) == shorter


def test_when_a_message_began():
    for times, start in CASES["start"]:
        assert Message(1, **times).start == start


def test_where_an_endpoint_is():
    for endpoint, place in CASES["place of an endpoint"]:
        assert place_of(endpoint) == place


def test_which_frames_are_text():
    for hex, size, text in CASES["text of a frame"]:
        assert text_of(bytes.fromhex(hex), size) == text, hex


def test_which_frames_look_like_a_routing_id_that_router_made_up():
    for hex, automatic in CASES["automatic routing id"]:
        assert is_automatic(bytes.fromhex(hex)) == automatic, hex


def test_colours():
    assert list(svg.COLOURS) == CASES["tints"]
    assert {name: getattr(shapes, name.upper()) for name in CASES["ink"]} == CASES["ink"]
    assert list(dark.TINTS) == CASES["dark tints"]
    assert {name: dark.DARK[light] for name, light in CASES["ink"].items()} == CASES["dark ink"]
