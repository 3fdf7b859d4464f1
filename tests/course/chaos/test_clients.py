"""What the client of the chaos run counts."""

from __future__ import annotations

from zmqlab.course.chaos.clients import Heard


def test_a_wrong_answer_is_none_and_one_after_the_first_is_one_too_many() -> None:
    heard = Heard()
    heard.note(b"1", False, 0.1)
    assert (heard.after, heard.twice) == ({}, 0)
    heard.note(b"1", True, 0.2)
    heard.note(b"1", True, 0.3)
    heard.note(b"1", False, 0.4)
    assert (heard.after, heard.twice) == ({b"1": 0.2}, 2)
