"""03-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, changed, verdict
from zmqlab.course import exercises

KEY = "03-a"
LENGTH = 'frames.index(b"") + 1 if b"" in frames else 1'
ANSWER = "[*envelope, *(frame.upper() for frame in payload)]"
IF = "        if payload:\n    "

WRONG = {
    "answers the last frame only": (
        [(ANSWER, "[*frames[:-1], frames[-1].upper()]")],
        "came back: the answer [b'bob', b'two', b'FRAMES']",
        "a DEALER asks, with the delimiter and without",
    ),
    "drops the delimiter": (
        [(ANSWER, "[frames[0], frames[-1].upper()]")],
        "the answer [b'ada', b'HELLO']; the client received nothing",
        "a REQ asks, twice",
    ),
    "takes the second frame for the delimiter": (
        [(LENGTH, "2"), (IF, "")],
        "The envelope ends in the wrong place",
        "a DEALER asks, with the delimiter and without",
    ),
    "unpacks three frames": (
        [("frames = socket", "routing_id, delimiter, payload = frames = socket")],
        "A message had another number of frames",
        "a DEALER asks, with the delimiter and without",
    ),
    "takes it for granted that one frame is empty": (
        [(LENGTH, 'frames.index(b"") + 1')],
        "or no empty frame",
        "a DEALER asks, with the delimiter and without",
    ),
    "splits at the last empty frame": (
        [(LENGTH, 'len(frames) - frames[::-1].index(b"") if b"" in frames else 1')],
        "came back: the answer [b'ada', b'', b'one', b'', b'THREE']",
        "a REQ with a payload of three frames, one of them empty",
    ),
    "takes the first frame alone for the envelope": (
        [(LENGTH, "1")],
        "The envelope was changed on the way back",
        "a REQ behind one hop, and another behind two",
    ),
    "answers a message without payload": (
        [(IF, "")],
        "A message without payload was answered",
        "a message without a payload",
    ),
    "dies of a message without payload": (
        [("        if payload:", "        if payload[0] is not None:")],
        "a payload may be missing",
        "a message without a payload",
    ),
    "answers once": (
        [("while True:", "for _ in range(1):")],
        "it has to go on and answer for ever",
        "a REQ asks, twice",
    ),
    "decodes": (
        [("frame.upper()", "frame.decode().upper().encode()")],
        "Frames are bytes, and bytes have upper() too",
        "a DEALER asks, with the delimiter and without",
    ),
    "never answers": (
        [("if payload:", "if not payload:")],
        "took the request for a message without payload",
        "a REQ asks, twice",
    ),
}


def test_the_solution_passes() -> None:
    assert verdict(KEY, exercises.load(KEY).solution).passed


@pytest.mark.parametrize("seed", [2, 3])
def test_it_passes_whoever_asks_first(seed: int) -> None:
    assert verdict(KEY, exercises.load(KEY).solution, seed).passed


def test_the_skeleton_gets_a_friendly_word() -> None:
    assert_unsolved(KEY)


@pytest.mark.parametrize("name", WRONG)
def test_the_mistake_gets_its_own_words(name: str) -> None:
    changes, words, scenario = WRONG[name]
    assert_refused(KEY, changed(KEY, *changes), words, scenario=scenario)
