"""What a person says of messages is kept to; what goes wrong in their functions is said once and breaks nothing."""

import pytest

from tests.trace.builder import Script
from zmqlab.trace.model import Message
from zmqlab.trace.reading import Reading

TASK = Message(7, sent_frames=(b"alice", b"", b"42", b"Task-0"))


def test_without_a_word_everything_is_read_as_usual():
    reading = Reading()
    assert not reading
    assert reading.label(TASK) is None
    assert reading.roles(TASK) == {}


@pytest.mark.parametrize(
    ("label", "says"),
    [
        (-1, "Task-0"),
        (0, "alice"),
        (9, None),
        (-9, None),
        (lambda m: f"#{m.id}: {m.frames[-2].decode()}", "#7: 42"),
        (lambda m: None, None),
        (lambda m: "x" * 1000, "x" * 200),
    ],
)
def test_a_label_is_a_frame_or_what_a_function_says(label, says):
    reading = Reading(label=label)
    assert reading.label(TASK) == says
    assert reading.trouble == []


def test_a_frame_that_is_no_text_is_shown_in_hex():
    assert Reading(label=-1).label(Message(1, wire_frames=(b"\x00k\x8bEg",))) == "00 6b 8b 45 67"
    assert Reading(label=-1).label(Message(1, wire_frames=(b"a\nb",))) == "61 0a 62"
    assert Reading(label=-1).label(Message(1)) is None


@pytest.mark.parametrize(
    ("roles", "are"),
    [
        (["correlation id", "payload"], {-2: "correlation id", -1: "payload"}),
        ({-2: "correlation id", 0: "client"}, {-2: "correlation id", 0: "client"}),
        (lambda m: ["payload"] if m.id == 7 else None, {-1: "payload"}),
        (lambda m: None, {}),
    ],
)
def test_roles_count_from_the_last_frame(roles, are):
    assert Reading(roles=roles).roles(TASK) == are


def test_an_error_in_a_function_is_told_once():
    reading = Reading(label=lambda m: m.frames[8], roles=lambda m: {int(1 / 0): ""})
    for _ in range(3):
        assert reading.label(TASK) is None
        assert reading.roles(TASK) == {}
    assert reading.trouble == [
        "label: IndexError: tuple index out of range (message #7)",
        "roles: ZeroDivisionError: division by zero (message #7)",
    ]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"label": lambda m: m.id}, "it returned 7, which is no text"),
        ({"roles": lambda m: "payload"}, "a list of names, or names by index, not 'payload'"),
        ({"roles": lambda m: [1]}, "a name for an index, not 1 for -1"),
    ],
)
def test_a_function_that_returns_something_else_is_told_so(what, says):
    reading = Reading(**what)
    reading.label(TASK), reading.roles(TASK)
    assert says in reading.trouble[0]


@pytest.mark.parametrize(
    "what", [{"label": "payload"}, {"label": True}, {"roles": "payload"}, {"roles": {"a": "b"}}, {"roles": 3}]
)
def test_what_can_never_be_is_refused_at_once(what):
    with pytest.raises(TypeError, match=r"label:|roles:"):
        Reading(**what)


def test_a_trace_has_one_reading_for_all_its_pictures():
    trace = Script().trace()
    assert not trace.reading
    trace.read(label=-1, roles=["payload"])
    trace.read()
    assert trace.reading.label(TASK) == "Task-0"
    assert trace.reading.roles(TASK) == {-1: "payload"}


def test_what_a_function_says_is_in_the_frames_is_shown_and_its_errors_where_they_are():
    reading = Reading(decode=lambda frames: {b"Task-0": "a task", b"odd": None}[frames[-1]])
    assert reading
    assert reading.decoded(TASK) == "a task"
    assert reading.decoded(Message(8, sent_frames=(b"odd",))) is None
    assert reading.decoded(Message(8)) is None, "nobody saw its frames"
    for number in (9, 10):
        assert reading.decoded(Message(number, sent_frames=(b"no",))) == "decode failed: KeyError: b'no'"
    assert reading.trouble == ["decode: KeyError: b'no' (message #9)"]
    assert reading.decoded(TASK) == "a task"


def test_what_is_decoded_is_text_and_no_more_than_can_be_read():
    assert Reading(decode=lambda frames: frames[-1].decode() * 10_000).decoded(TASK) == "Task-0" * 666 + "Task"
    found = Reading(decode=lambda frames: 7).decoded(TASK)  # type: ignore[arg-type, return-value]
    assert found == "decode failed: TypeError: it returned 7, which is no text"
    with pytest.raises(TypeError, match="a function of the frames"):
        Reading(decode=7)  # type: ignore[arg-type]
