"""What stands on a message in every picture."""

from __future__ import annotations

import pytest

from tests.view.story import AUTO
from zmqlab.trace.model import Message
from zmqlab.trace.reading import Reading
from zmqlab.view.saying import MOST, label


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ((b"alice", b"", b"Task-7"), "Task-7"),
        ((b"Task-7", b"\0\0\0\x08"), "Task-7"),  # the last frame that is text
        ((b"two\nlines",), "two lines"),
        ((b"\t tab \n\n and  spaces ",), "tab and spaces"),
        ("a\N{NO-BREAK SPACE}b\N{LINE SEPARATOR}c".encode(), "a b c"),
        ((b"first", b" \n"), "first"),
        ((AUTO, b""), "empty"),
        ((b"", AUTO), "5 bytes"),
        ((b"\xff" * 1024,), "1,024 bytes"),
        ((b"a\x07",), "2 bytes"),
        ((b"",), "empty"),
        ((), "empty"),
        (None, "encrypted"),
        ((b"x" * 100,), "x" * (MOST - 1) + "…"),
    ],
)
def test_the_last_frame_that_is_text_or_else_how_long_the_last_one_is(frames, said):
    frames = (frames,) if isinstance(frames, bytes) else frames
    assert label(Message(1, sent_frames=frames), Reading()) == said


def test_a_frame_that_was_clipped_within_a_letter_is_text_and_has_its_true_size():
    assert label(Message(1, sent_frames=(b"a\xc3",), sent_sizes=(300,)), Reading()) == "a"
    assert label(Message(1, sent_frames=(b"\xff" * 1024,), sent_sizes=(70_000,)), Reading()) == "70,000 bytes"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("job 7", "job 7"), ("a\nb", "a b"), ("\N{RIGHT-TO-LEFT OVERRIDE}x", "\ufffdx"), ("", ""), (None, "Task-1")],
)
def test_what_a_person_wants_to_stand_on_it_comes_first_in_one_line_of_what_can_be_seen(wanted, said):
    assert label(Message(1, sent_frames=(b"Task-1",)), Reading(label=lambda _: wanted)) == said
