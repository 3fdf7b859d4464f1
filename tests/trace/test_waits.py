"""Where an actor waits, folded from what was seen of it and from what it did next."""

from __future__ import annotations

from tests.trace.builder import Script
from zmqlab.trace.model import Wait


def script() -> Script:
    s = Script()
    s.event("actor", "alice", "started", "thread")
    s.socket("1.1", "DEALER", "alice")
    return s


def waits(s: Script) -> list[tuple[str, bool]]:
    """What it waited in, and whether it still does."""
    return [(wait.call, wait.end is None) for wait in told(s)]


def told(s: Script) -> list[Wait]:
    return s.trace().changes(0).waits


def test_a_wait_lasts_until_the_actor_receives_or_sends_or_is_seen_to_wait_no_more():
    s = script()
    s.event("wait", "1.1", "recv", s.time)
    assert waits(s) == [("recv", True)]
    s.recv("1.1", "2.1", b"x")
    assert waits(s) == [("recv", False)]
    s.event("wait", "1.1", "poll", s.time)
    s.send("1.1", b"x")
    s.event("wait", "1.1", "recv", s.time)
    s.event("wait", "1.1", "", s.time)
    assert waits(s) == [("recv", False), ("poll", False), ("recv", False)]
    assert [wait.end for wait in told(s)][-1] == s.time


def test_a_wait_that_is_told_when_it_is_over_is_none():
    s = script()
    called = s.time
    s.recv("1.1", "2.1", b"x")
    s.event("wait", "1.1", "recv", called - 1000)
    assert waits(s) == []


def test_who_waits_in_recv_has_no_message_in_hand_any_more_and_who_polls_still_has():
    for call, in_hand in (("recv", False), ("poll", True)):
        s = script()
        s.recv("1.1", "2.1", b"x")
        called = s.time + 500
        s.event("wait", "1.1", call, called)
        (work,) = s.trace().work
        assert work.end == (None if in_hand else called)


def test_a_blocked_send_is_a_wait_until_it_returns():
    s = script()
    number = s.send("1.1", b"x")
    s.event("blocked", "1.1", number)
    assert waits(s) == [("send", True)]
    s.event("sent", "1.1", number)
    assert waits(s) == [("send", False)]
    number = s.send("1.1", b"x")
    s.event("blocked", "1.1", number)
    s.event("unsent", "1.1", number, "EAGAIN")
    assert waits(s)[1:] == [("send", False)]


def test_who_has_ended_waits_nowhere():
    for kind, data in (("actor", ("ended",)), ("actor", ("started", "thread"))):
        s = script()
        s.event("wait", "1.1", "recv", s.time)
        s.event(kind, "alice", *data)
        assert waits(s) == [("recv", False)]
