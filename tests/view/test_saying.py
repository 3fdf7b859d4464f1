"""What stands on a message in every picture."""

from __future__ import annotations

import pickle

import pytest

from tests.trace.builder import Script
from tests.view.story import AUTO
from zmqlab.trace.model import Message
from zmqlab.trace.reading import Label, Reading
from zmqlab.trace.trace import Trace
from zmqlab.view.saying import MOST, label

MSGPACK = bytes.fromhex("82a4646f6e65c3a16e07")  # {"done": true, "n": 7}


def said(*frames: bytes, **more: object) -> str:
    """What stands on a message with these frames."""
    return label(Message(1, sent_frames=frames, **more), Trace())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ((b"alice", b"", b"Task-7"), "Task-7"),
        ((b"Task-7", b"\0\0\0\x08"), "Task-7"),  # the last frame that is text
        ((b"two\nlines",), "two lines"),
        ((b"\t tab \n\n and  spaces ",), "tab and spaces"),
        ("a\N{NO-BREAK SPACE}b\N{LINE SEPARATOR}c".encode(), "a b c"),
        ((b"first", b" \n"), "first"),
        ((b"first", b""), "first"),
        ((AUTO, b""), "00 6b 8b… 5 B"),
        ((b"", AUTO), "00 6b 8b… 5 B"),
        ((b"\xff" * 1024,), "ff ff… 1,024 B"),
        ((b"a\x07",), "61 07 2 B"),
        ((b"alice", b"", b"\xff\xfe"), "ff fe 2 B"),  # no routing id, though it alone is text
        ((AUTO, b"\xff\xfe"), "ff fe 2 B"),
        ((MSGPACK,), "msgpack 10 B"),
        ((pickle.dumps({"n": 7}),), "pickle 21 B"),
        ((b"",), "empty"),
        ((), "empty"),
        ((b"x" * 100,), "x" * (MOST - 1) + "…"),
    ],
)
def test_the_last_frame_that_is_text_or_else_what_the_last_one_is(frames, words):
    assert said(*((frames,) if isinstance(frames, bytes) else frames)) == words


def test_what_nobody_saw_is_encrypted():
    assert label(Message(1), Trace()) == "encrypted"


def test_a_frame_that_was_clipped_within_a_letter_is_text_and_has_its_true_size():
    assert said(b"a\xc3", sent_sizes=(300,)) == "a"
    assert said(b"\xff" * 1024, sent_sizes=(70_000,)) == "ff… 70,000 B"


def test_a_routing_id_is_no_label_at_either_end_of_a_router():
    story = Script()
    story.socket("1.1", "ROUTER", "broker")
    story.socket("1.2", "DEALER", "worker")
    story.event("option", "1.2", "ROUTING_ID", b"w1")
    trace = story.trace()
    for frames in ((b"anyone", b"\xff"), (b"w1", b"\xff")):
        assert label(Message(1, sender="1.1", sent_frames=frames), trace) == "ff 1 B"
        assert label(Message(1, receiver="1.1", received_frames=frames), trace) == "ff 1 B"
    assert label(Message(1, sender="1.2", sent_frames=(b"w1", b"\xff")), trace) == "ff 1 B"
    assert label(Message(1, sender="1.2", sent_frames=(b"GET", b"\xff")), trace) == "GET"
    assert label(Message(1, sender="1.2", sent_frames=(b"w1",)), trace) == "w1", "it is all that it says"


def wanted(what: Label) -> Trace:
    trace = Trace()
    trace.reading = Reading(label=what)
    return trace


@pytest.mark.parametrize(
    ("text", "words"),
    [("job 7", "job 7"), ("a\nb", "a b"), ("\N{RIGHT-TO-LEFT OVERRIDE}x", "\ufffdx"), ("", ""), (None, "Task-1")],
)
def test_what_a_person_wants_to_stand_on_it_comes_first_in_one_line_of_what_can_be_seen(text, words):
    assert label(Message(1, sent_frames=(b"Task-1",)), wanted(lambda _: text)) == words
