"""04-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, changed, verdict
from zmqlab.course import exercises

KEY = "04-a"
FULL = "if sent - len(replies) == window:"
REST = "    while len(replies) < len(tasks):\n        replies.append(socket.recv())\n"

WRONG = {
    "sends all at once": ([(FULL, "if False:")], "A task went out while the window was full"),
    "works in lock-step": ([(FULL, "if sent:")], "send before you wait for a reply"),
    "has one too many in flight": ([(FULL, "if sent - len(replies) > window:")], "A task went out while the window"),
    "has one too few in flight": ([(FULL, "if sent - len(replies) >= window - 1:")], "send before you wait"),
    "works in batches": (
        [(FULL, "while len(replies) < sent and sent % window == 0:")],
        "One reply makes room for one task",
    ),
    "waits until all of the window are answered": (
        [(FULL, "while sent - len(replies) == window or 0 < sent - len(replies) and len(replies) % window:")],
        "One reply makes room for one task",
    ),
    "forgets the last window": ([(REST, "")], "a whole window is still in flight"),
    "sorts": ([("return replies", "return sorted(replies)")], "Keep the order of arrival"),
    "returns nothing": ([("    return replies\n", "")], "Return the list of the replies"),
    "adds a delimiter": (
        [("socket.send(task)", "socket.send_multipart([b'', task])")],
        "came as [b'', b'task 0']",
    ),
    "unpacks two frames": (
        [("replies.append(socket.recv())", "_, reply = socket.recv_multipart()")],
        "A reply is one frame",
    ),
    "waits for one reply more": (
        [("while len(replies) < len(tasks):", "while len(replies) <= len(tasks):")],
        "each task is answered once",
    ),
    "sends the last task first": ([("enumerate(tasks)", "enumerate(reversed(tasks))")], "in the order of the list"),
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
    changes, words = WRONG[name]
    assert_refused(KEY, changed(KEY, *changes), words)
