"""Two hosts whose clocks differ are read as one story, with the difference that their messages tell."""

from __future__ import annotations

import pytest

from zmqlab.trace.clocks import shifts
from zmqlab.trace.log import Log
from zmqlab.trace.source import Source

MS = 1_000_000
YEAR = 10**18  # ns since 1970, at monotonic 0 of the first host


def log(host: str, epoch: int, *events: tuple[int, str, bytes], boot: str = "") -> Log:
    made = Log.of(
        [
            (at, kind, host, n, *(((b"id", text), None) if kind == "send" else ((text,), "", at, None)))
            for n, (at, kind, text) in enumerate(events)
        ]
    )
    made.sources = (Source("prog", host=host, boot=boot, wall=epoch, monotonic=0),)
    return made


def exchange(count: int, apart: int, delay: int = MS, text: bytes = b"Task-%d") -> tuple[list, list]:
    """What both hosts tell; the second one's monotonic clock is `apart` ns before the first one's."""
    one, other = [], []
    for n in range(count):
        at, ask, reply = n * 10 * MS, text % n if b"%" in text else text, b"done-%d" % n
        slow = n * MS // 2
        one += [(at, "send", ask), (at + 2 * delay + 2 * slow, "recv", reply)]
        other += [(at + delay + slow - apart, "recv", ask), (at + delay + slow - apart, "send", reply)]
    return one, other


@pytest.mark.parametrize("text", [b"Task-%d", b"the same"])
@pytest.mark.parametrize("wrong", [-40 * MS, 0, 3_000 * MS])
def test_the_difference_is_that_of_the_messages(wrong, text):
    """`wrong`: how far the second host's time of day is ahead."""
    apart = 123_456_789 * MS
    one, other = exchange(5, apart, text=text)
    first, second = shifts([log("a", YEAR, *one), log("b", YEAR + apart + wrong, *other)])
    assert first == (0, "")
    assert abs(second.ns - apart) < MS // 10
    side = "behind" if wrong < 0 else "ahead of"
    assert f"the clock of b is {abs(wrong) / MS:,.1f} ms {side} that of a" in second.words
    assert "(± 1.0 ms)" in second.words


def test_one_way_alone_no_message_may_arrive_before_it_was_sent():
    sent = [(n * MS, "send", b"Task-%d" % n) for n in range(3)]
    got = [(n * MS + 5 * MS, "recv", b"Task-%d" % n) for n in range(3)]
    _, right = shifts([log("a", YEAR, *sent), log("b", YEAR, *got)])
    assert right.ns == 0
    assert "messages went one way alone" in right.words
    _, late = shifts([log("a", YEAR, *sent), log("b", YEAR - 60 * MS, *got)])
    assert late.ns == -5 * MS, "received before it was sent"


def test_without_a_message_the_times_of_day_are_taken():
    _, second = shifts([log("a", YEAR, (1, "send", b"Task-0")), log("b", YEAR + 7, (1, "send", b"Other"))])
    assert second.ns == 7
    assert "no message between them was found" in second.words


def test_what_cannot_be_true_is_not_believed():
    one, other = exchange(3, 0)
    _, second = shifts(
        [log("a", YEAR, *one, (9, "recv", b"odd one")), log("b", YEAR, *other, (99 * MS, "send", b"odd one"))]
    )
    assert "cannot be true" in second.words
    assert second.ns == 0


def test_processes_of_one_machine_have_one_clock():
    assert shifts([log("a", YEAR, boot="x"), log("container", YEAR + 5, boot="x")]) == [(0, "")] * 2
    bare = Log()
    assert shifts([bare, log("a", YEAR)]) == [(0, ""), (0, "")]
