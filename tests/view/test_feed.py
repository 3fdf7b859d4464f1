"""A view is told everything once, in small bites, and its counts are of all messages, drawn or not."""

import json
import time
from typing import Any

import pytest

from tests.view.rows import rows
from tests.view.story import ALICE, AUTO, SERVER, Story, burst, echo, stranger
from zmqlab.trace.reading import Reading
from zmqlab.trace.source import Source
from zmqlab.trace.trace import Trace
from zmqlab.view import feed as feeds
from zmqlab.view import records
from zmqlab.view.feed import Feed


def flood(story: Story, count: int) -> None:
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    for n in range(count):
        story.send(1 + n, ALICE, b"%d" % n)


def test_a_batch_is_plain_json_in_microseconds_and_hex():
    batch = Feed(echo()).everything()
    assert json.loads(json.dumps(batch)) == batch
    first = rows(batch["messages"])[0]
    assert first["sent"] == 1000
    assert first["left"] == 1200
    assert first["frames"] == b"Task-0".hex()
    assert first["received_frames"] == f"{AUTO.hex()},{b'Task-0'.hex()}"
    assert {actor["name"] for actor in batch["actors"]} == {"alice", "bob", "server"}
    assert batch["counts"] == {
        "received": 4,
        "passed": 0,
        "dropped": 1,
        "lost": 0,
        "unsent": 0,
        "outside": 0,
        "unseen": 0,
        "open": 0,
        "held": 0,
    }


def test_what_went_to_a_peer_that_is_not_traced_left_the_lab():
    batch = Feed(stranger()).everything()
    assert batch["counts"] == {
        "received": 0,
        "passed": 0,
        "dropped": 0,
        "lost": 0,
        "unsent": 0,
        "outside": 1,
        "unseen": 0,
        "open": 0,
        "held": 0,
    }
    assert batch["queues"] == {ALICE: [0, 0]} or batch["queues"] == {}


def test_long_frames_are_clipped_and_keep_their_size():
    story = Story()
    story.actor("alice", ALICE, "DEALER")
    story.at(1, "send", ALICE, 0, (b"x" * 1024,), (70_000,))
    (message,) = rows(Feed(story.trace()).everything()["messages"])
    assert message["frames"] == "78" * 256 + ":70000"


def test_a_connection_tells_the_handshake_of_both_sides():
    story = Story()
    said = ("3.1", "NULL", False, "READY", (("Socket-Type", b"DEALER"), ("Identity", b"\xff")))
    story.at(0, "connection", "1", "opened", ALICE, SERVER, "tcp://127.0.0.1:5555", b"", b"", "", False, said)
    (connection,) = Feed(story.trace()).everything()["connections"]
    client = connection["client_handshake"]
    assert (client["version"], client["mechanism"], client["as_server"], client["command"]) == (*said[:4],)
    assert client["properties"] == [
        ["Socket-Type", {"hex": "4445414c4552", "size": 6}],
        ["Identity", {"hex": "ff", "size": 1}],
    ]
    assert connection["server_handshake"] is None


def test_what_a_person_says_of_messages_travels_with_them_and_so_does_what_is_wrong_with_it():
    trace = echo()
    assert Feed(trace).everything()["messages"]["fields"]["roles"] is None
    trace.reading = Reading(
        label=lambda m: f"{m.id / (m.id - 2):.1f}", roles=lambda m: ["payload"] if m.id < 3 else None
    )
    batch = Feed(trace).everything()
    fields = batch["messages"]["fields"]
    assert fields["label"] == ["-1.0", "Hello", "3.0", "2.0", "1.7"]
    assert fields["roles"] == [{-1: "payload"}, {-1: "payload"}, None, None, None]
    assert batch["trouble"] == ["label: ZeroDivisionError: division by zero (message #2)"]


def test_the_order_is_told_when_it_has_changed_and_only_then():
    story = Story()
    feed = Feed(Trace(story.log))
    nobody: dict[str, Any] = {"edges": [], "columns": [], "cards": {}, "lanes": [], "groups": [], "tints": {}}
    assert feed.everything()["order"] == nobody
    flood(story, 1)
    order = feed.news()["order"]  # type: ignore[index]
    assert order["lanes"] == ["alice", "server"]
    assert order["edges"] == [[ALICE, SERVER, False, True]]
    story.wire(2, "1>", b"0")
    story.at(3, "option", ALICE, "ROUTING_ID", b"alice")  # a socket has changed, and nobody stands elsewhere
    assert feed.news()["order"] is None  # type: ignore[index]
    assert feed.everything()["order"] == order


def test_batches_follow_one_another_without_a_gap():
    story = Story()
    flood(story, 3)
    feed = Feed(story.trace())
    feed._trace = trace = Trace(story.log)
    upto = feed.everything()["upto"]
    assert feed.news() is None
    for n in range(3):
        story.wire(10 + n, "1>", b"%d" % n)
        batch = feed.news()
        assert batch is not None
        assert batch["since"] == upto
        upto = batch["upto"]
        assert [m["id"] for m in rows(batch["messages"])] == [n + 1]
    assert upto == trace.revision


def test_a_flood_is_thinned_and_counted():
    story = Story()
    feed = Feed(Trace(story.log))
    feed.everything()
    flood(story, 1000)
    batch = feed.news()
    assert batch is not None
    assert batch["messages"]["rows"] == feeds.FRESH
    assert batch["total"] == 1000
    assert batch["undrawn"] == 1000 - feeds.FRESH
    assert batch["counts"]["open"] == 1000
    assert batch["queues"][ALICE] == [1000, 0]


def test_what_was_drawn_is_kept_up_to_date_though_other_messages_are_not():
    story = Story()
    feed = Feed(Trace(story.log))
    flood(story, 500)
    drawn = {m["id"] for m in rows(feed.news()["messages"])}  # type: ignore[index]
    for n in range(500):
        story.wire(600 + n, "1>", b"%d" % n)
    changed = {m["id"]: m for m in rows(feed.news()["messages"])}  # type: ignore[index]
    assert drawn <= set(changed)
    assert all(changed[id]["arrived"] is not None for id in drawn)


def test_everything_is_the_newest_that_fit():
    feed = Feed(burst(50))
    batch = feed.everything(20)
    assert [m["id"] for m in rows(batch["messages"])] == list(range(31, 51))
    assert batch["undrawn"] == 30
    assert feed.cut
    assert feed.everything()["undrawn"] == 0
    assert not feed.cut


def test_a_run_that_is_over_has_all_its_messages_as_far_as_a_browser_can_hold_them(monkeypatch: Any):
    trace = burst(50)
    assert Feed(trace, over=True).everything()["undrawn"] == 0
    monkeypatch.setattr(feeds, "MOST", 20)
    feed = Feed(trace, over=True)
    batch = feed.everything()
    assert not feed.cut  # it would be the same once more
    assert [m["id"] for m in rows(batch["messages"])] == list(range(31, 51))
    assert (batch["total"], batch["undrawn"], batch["keep"]) == (50, 30, 20)


def test_a_snapshot_for_others_changes_nothing_for_those_who_have_all():
    story = Story()
    flood(story, 30)
    feed = Feed(Trace(story.log))
    upto = feed.everything()["upto"]
    aside = feed.snapshot(10)
    assert (aside["since"], aside["upto"]) == (0, upto)
    assert aside["messages"]["rows"] == 10
    assert aside["undrawn"] == 20
    story.wire(100, "1>", b"0")
    batch = feed.news()
    assert batch is not None
    assert (batch["since"], batch["undrawn"]) == (upto, 0)
    assert [m["id"] for m in rows(batch["messages"])] == [1]


def test_counts_survive_what_the_trace_forgets():
    story = Story()
    trace = Trace(story.log, keep=10)
    feed = Feed(trace)
    flood(story, 5)
    for n in range(5):
        story.wire(600 + n, "1>", b"%d" % n)
        story.recv(610 + n, SERVER, "1>", AUTO, b"%d" % n)
    feed.everything()
    for n in range(5, 40):
        story.send(700 + n, ALICE, b"%d" % n)
    batch = feed.everything()
    assert batch["counts"]["received"] == 5
    assert batch["counts"]["open"] == 10
    assert batch["queues"][ALICE] == [10, 0]
    assert batch["total"] == 40


def test_memory_is_bounded(monkeypatch: Any):
    monkeypatch.setattr(feeds, "KNOWN", 100)
    story = Story()
    feed = Feed(Trace(story.log, keep=300))
    for round in range(10):
        for n in range(100):
            story.send(round * 100 + n, ALICE, b"x")
        feed.news()
    assert len(feed._known) <= 100
    assert len(feed._places) <= 300


def held_story() -> Story:
    """alice's message is on the wire, and stays there."""
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"x")
    story.at(1.1, "wire", "1>", 0, (b"x",), 2_100_000, None)
    return story


@pytest.mark.parametrize(
    ("subject", "peer", "held"), [("", "", 1), ("server", "alice", 1), ("alice", "server", 1), ("bob", "server", 0)]
)
def test_a_message_is_held_while_its_link_is(subject, peer, held):
    story = held_story()
    story.at(2, "control", subject, "hold", 0.0, peer)
    feed = Feed(story.trace())
    assert feed.everything()["counts"]["held"] == held


def test_a_held_message_that_goes_on_is_held_no_more():
    story = held_story()
    story.at(2, "control", "", "hold")
    trace = story.trace()
    feed = Feed(trace)
    feed.everything()
    story.at(3, "arrived", "1>", 0)
    news = feed.news()
    assert news is not None
    assert news["counts"]["held"] == 0


def test_a_batch_tells_how_the_lab_is_steered_and_who_hung_when():
    story = held_story()
    story.at(2, "control", "", "latency", 0.25)
    story.at(2, "control", "alice", "cut", 0.0, "server")
    story.at(3, "control", "server", "hang")
    feed = Feed(story.trace())
    batch = feed.everything()
    link = {"a": "alice", "b": "server", "hold": False, "latency": 0.25, "cut": True}
    assert batch["settings"] == {"hold": False, "latency": 0.25, "links": [link]}
    assert batch["hangs"] == [{"n": 1, "actor": "server", "start": 3.0, "end": None}]
    story.at(5, "control", "server", "resume")
    news = feed.news()
    assert news is not None
    assert [hang["end"] for hang in news["hangs"]] == [5.0]


def test_frames_that_only_the_receiver_saw_are_told():
    story = Story()
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(1, "recv", SERVER, 0, (AUTO, b"hello"), "", 0)
    (message,) = rows(Feed(story.trace()).everything()["messages"])
    assert message["frames"] == f"{AUTO.hex()},{b'hello'.hex()}"
    assert message["received_frames"] is None


def test_the_time_of_day_at_the_beginning_is_told_where_a_process_has_said_it(monkeypatch):
    trace = echo()
    assert Feed(trace).everything()["wall"] is None
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        noon = 1_780_000_000 * 10**9
        trace.log.sources = (Source("relay"), Source("prog", wall=noon, monotonic=(trace.start or 0) + 5_000_000))
        assert Feed(trace).everything()["wall"] == {"at": noon // 1000 - 5_000, "ahead": 330}
    finally:
        monkeypatch.undo()
        time.tzset()


def test_of_a_run_that_is_over_frames_are_told_as_far_as_they_were_recorded_if_there_is_room(monkeypatch):
    story = Story()
    story.actor("alice", ALICE, "PUSH", connects="tcp://127.0.0.1:5555")
    story.send(1, ALICE, b"x" * 1000)

    def told(over: bool) -> str:
        [message] = rows(Feed(story.trace(), over).everything()["messages"])
        return str(message["frames"])

    assert (told(True), told(False)) == ("78" * 1000, "78" * 256 + ":1000")
    monkeypatch.setattr(records, "ROOM", 999)
    assert told(True) == "78" * 256 + ":1000"
