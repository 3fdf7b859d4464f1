"""What people believe of ZeroMQ, what is true, the cell that shows it, and the test that keeps it true.

To add one: a row in `BELIEFS`, then ``python -m tests.notebooks map``.
"""

from __future__ import annotations

from typing import NamedTuple


class Belief(NamedTuple):
    number: int
    believed: str
    true: str  # one sentence
    lesson: str  # "05"
    cell: str  # the code cell whose saved output shows it
    test: str  # pytest's name of the test, below tests/truths/


BELIEFS = [
    Belief(
        number=1,
        believed="`send` returned, so the message was delivered.",
        true="It lies in the queue of the sending socket, and may never leave it.",
        lesson="00",
        cell="times",
        test="test_00_send.py::test_send_returns_though_nobody_ever_gets_the_message",
    ),
    Belief(
        number=2,
        believed="ROUTER raises an error when the routing id is wrong.",
        true="It drops the message in silence, unless ZMQ_ROUTER_MANDATORY is set.",
        lesson="01",
        cell="ghost",
        test="test_01_routing_ids.py::test_a_message_to_nobody_is_dropped_in_silence",
    ),
    Belief(
        number=12,
        believed="A routing id is text.",
        true="It is bytes, and most automatic ones cannot be decoded.",
        lesson="01",
        cell="decode",
        test="test_01_routing_ids.py::test_a_routing_id_is_bytes_and_need_not_be_text",
    ),
]

DUE = {
    "00": (1,),
    "01": (2, 12),
    "02": (19,),
    "03": (11, 16, 24),
    "04": (17, 21),
    "05": (17, 18),
    "06": (6, 7, 8, 9, 10),
    "08": (3, 4, 5),
    "09": (13, 14, 15, 22, 23),
    "10": (20,),
}
"""Which lesson has to meet which of the 24. Number 17 has two: the order of replies, and replies that come late."""


def missing(lessons: list[str], beliefs: list[Belief]) -> list[tuple[str, int]]:
    """(lesson, number) of what is due in these lessons and has no row."""
    there = {(belief.lesson, belief.number) for belief in beliefs}
    return [(lesson, number) for lesson in lessons for number in DUE.get(lesson, ()) if (lesson, number) not in there]
