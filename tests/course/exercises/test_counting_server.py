"""01-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, changed, verdict
from zmqlab.course import exercises

KEY = "01-a"

WRONG = {
    "replies without the routing id": (
        [("[routing_id, b", "[b")],
        "what it sent was dropped (ROUTER: a routing id without a message after it goes nowhere)",
        "one client, three tasks",
    ),
    "one count for all": (
        [("seen[routing_id] = seen.get(routing_id, 0)", "seen[0] = seen.get(0, 0)"), ("(seen[routing_id]", "(seen[0]")],
        "All clients share one count",
        "three clients in turn",
    ),
    "decodes the routing id": (
        [("seen = {}", "seen = {}; names = set()"), ("+ 1\n", "+ 1\n        names.add(routing_id.decode())\n")],
        "A routing id is bytes: do not decode it",
        "a routing id that is no text",
    ),
    "does not count": (
        [("(seen[routing_id], task)", "(1, task)")],
        "The count does not go up by one",
        "one client, three tasks",
    ),
    "sends a delimiter too": (
        [("[routing_id, b", '[routing_id, b"", b')],
        "has too many or too few",
        "one client, three tasks",
    ),
    "serves one task and returns": (
        [("while True:", "for _ in range(1):")],
        "nothing: it has returned",
        "one client, three tasks",
    ),
    "replies with text": (
        [('b"%d: %s" % (seen[routing_id], task)', 'f"{seen[routing_id]}: {task}"')],
        "TypeError",
        "one client, three tasks",
    ),
    "never looks at the socket": (
        [("seen = {}", "seen = {}\n    while True: pass")],
        "nothing: it still runs",
        "one client, three tasks",
    ),
}


def test_the_solution_passes() -> None:
    assert verdict(KEY, exercises.load(KEY).solution).passed


def test_the_skeleton_gets_a_friendly_word() -> None:
    assert_unsolved(KEY)


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_gets_its_own_word(name: str) -> None:
    changes, words, scenario = WRONG[name]
    assert_refused(KEY, changed(KEY, *changes), words, scenario=scenario)
