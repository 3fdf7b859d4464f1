"""04-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, changed, verdict
from zmqlab.course import exercises

KEY = "04-a"
FULL = "if sent - len(replies) == window:"
REST = "    while len(replies) < len(tasks):\n        replies.append(socket.recv())\n"

WRONG = {
    "sends all at once": (
        [(FULL, "if False:")],
        "A task went out while the window was full",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "works in lock-step": (
        [(FULL, "if sent:")],
        "send before you wait for a reply",
        "3 tasks, a window of 5",
    ),
    "has one too many in flight": (
        [(FULL, "if sent - len(replies) > window:")],
        "A task went out while the window",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "has one too few in flight": (
        [(FULL, "if sent - len(replies) >= window - 1:")],
        "send before you wait",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "works in batches": (
        [(FULL, "while len(replies) < sent and sent % window == 0:")],
        "One reply makes room for one task",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "waits until all of the window are answered": (
        [(FULL, "while sent - len(replies) == window or 0 < sent - len(replies) and len(replies) % window:")],
        "One reply makes room for one task",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "forgets the last window": (
        [(REST, "")],
        "a whole window is still in flight",
        "3 tasks, a window of 5",
    ),
    "sorts": (
        [("return replies", "return sorted(replies)")],
        "Keep the order of arrival",
        "3 tasks, a window of 5",
    ),
    "returns nothing": (
        [("    return replies\n", "")],
        "Return the list of the replies",
        "3 tasks, a window of 5",
    ),
    "adds a delimiter": (
        [("socket.send(task)", "socket.send_multipart([b'', task])")],
        "came as [b'', b'task 0']",
        "3 tasks, a window of 5",
    ),
    "unpacks two frames": (
        [("replies.append(socket.recv())", "_, reply = socket.recv_multipart()")],
        "A reply is one frame",
        "3 tasks, a window of 5",
    ),
    "waits for one reply more": (
        [("while len(replies) < len(tasks):", "while len(replies) <= len(tasks):")],
        "each task is answered once",
        "3 tasks, a window of 5",
    ),
    "sends the last task first": (
        [("enumerate(tasks)", "enumerate(reversed(tasks))")],
        "in the order of the list",
        "3 tasks, a window of 5",
    ),
}


def test_the_solution_passes() -> None:
    assert verdict(KEY, exercises.load(KEY).solution).passed


@pytest.mark.parametrize("seed", [2, 3])
def test_it_passes_whatever_is_answered_first(seed: int) -> None:
    assert verdict(KEY, exercises.load(KEY).solution, seed).passed


def test_the_skeleton_gets_a_friendly_word() -> None:
    assert_unsolved(KEY)


@pytest.mark.parametrize("name", WRONG)
def test_the_mistake_gets_its_own_words(name: str) -> None:
    changes, words, scenario = WRONG[name]
    assert_refused(KEY, changed(KEY, *changes), words, scenario=scenario)
