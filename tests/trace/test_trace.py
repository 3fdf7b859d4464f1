"""The fold around the pairing: actors, work, remarks, changes, bounds."""

import pytest

from tests.trace.builder import Script
from zmqlab.trace.events import Handshake
from zmqlab.trace.trace import Trace


def exchange(script: Script, times: int = 1) -> None:
    script.event("actor", "server", "started", "thread")
    script.event("actor", "alice", "started", "thread")
    script.socket("1.1", "ROUTER", "server", binds=1)
    script.socket("1.2", "DEALER", "alice", connects=1)
    script.connection("7", "1.2", "1.1", client_id=b"alice")
    for _ in range(times):
        script.send("1.2", b"q")
        script.wire("7>", b"q")
        script.recv("1.1", "7>", b"alice", b"q")
        script.send("1.1", b"alice", b"a")
        script.wire("7<", b"a")
        script.recv("1.2", "7<", b"a")


def test_work_runs_from_a_receive_to_the_next_send_or_receive():
    s = Script()
    exchange(s)
    s.event("actor", "alice", "ended", "")
    trace = s.trace()
    served, used = trace.work
    assert (served.actor, served.message) == ("server", 1)
    assert served.end == trace.messages[2].sent
    assert (used.actor, used.message, used.end) == ("alice", 2, trace.actors["alice"].ended)


def test_the_last_messages_stand_apart_with_those_whose_they_are():
    s = Script()
    exchange(s)
    s.event("actor", "bob", "started", "thread")
    s.socket("1.3", "DEALER", "bob", connects=1)
    s.connection("8", "1.3", "1.1", client_id=b"bob")
    s.send("1.3", b"q")
    s.wire("8>", b"q")
    trace = s.trace()
    part = trace.last(1)
    assert [message.frames for message in part.messages.values()] == [(b"q",)]
    assert sorted(part.actors) == ["bob", "server"]  # where it goes, though nobody has received it
    assert sorted(part.sockets) == ["1.1", "1.3"]
    assert list(part.connections) == ["8"]
    s.send("1.3", b"more")
    trace.update()
    assert (len(trace.messages), len(part.messages), len(trace.last(99).messages)) == (4, 1, 4)
    with pytest.raises(ValueError, match="one at least"):
        trace.last(0)


def test_the_last_messages_are_those_that_began_last_whenever_the_trace_heard_of_them():
    s = Script()
    exchange(s)
    s.socket("1.3", "DEALER", "bob", connects=1)
    s.connection("8", "1.3", "1.1", client_id=b"bob")
    began = s.time
    s.send("1.1", b"bob", b"Task")
    s.event("wire", "8>", 0, (b"READY",), began, began)  # the relay says it later
    trace = s.trace()
    assert [message.frames for message in trace.last(2).messages.values()] == [(b"READY",), (b"bob", b"Task")]
    assert [message.frames for message in trace.last(1).messages.values()] == [(b"bob", b"Task")]


def test_what_is_said_all_the_time_is_left_out():
    s = Script()
    exchange(s, times=2)
    s.send("1.2", b"READY")
    trace = s.trace()
    part = trace.without(b"a")
    assert [message.frames for message in part.messages.values()] == [(b"q",), (b"q",), (b"READY",)]
    assert [message.frames for message in part.last(1).messages.values()] == [(b"READY",)]
    assert sorted(part.actors) == ["alice", "server"]
    assert list(trace.without(b"READY").without(b"q").without(b"a").messages) == []


def test_an_actor_that_is_started_again_remembers_its_earlier_runs():
    s = Script()
    for state in ("started", "ended", "started", "crashed", "started"):
        s.event("actor", "alice", state, "")
    alice = s.trace().actors["alice"]
    assert [how for _, _, how in alice.earlier] == ["ended", "crashed"]
    times = [time for start, end, _ in alice.earlier for time in (start, end)]
    assert times == sorted(times)
    assert times[-1] < alice.started
    assert alice.ended is None


def test_an_actor_that_is_started_again_and_again_remembers_when_it_was_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zmqlab.trace.trace.EARLIER", 2)
    s = Script()
    for state in 5 * ("started", "ended"):
        s.event("actor", "alice", state, "")
    alice = s.trace().actors["alice"]
    assert len(alice.earlier) == 2
    assert alice.first < alice.earlier[0][0]


def test_a_link_keeps_what_both_sides_said_of_themselves_where_it_was_seen():
    s = Script()
    s.connection("6", "1.3", "1.1")
    said = [("3.1", "NULL", False, "READY", (("Socket-Type", type),)) for type in (b"DEALER", b"ROUTER")]
    s.event("connection", "7", "opened", "1.2", "1.1", "tcp://127.0.0.1:0", b"", b"", "", False, *said)
    s.unlink("7")
    links = s.trace().connections
    assert (links["6"].client_handshake, links["6"].server_handshake) == (None, None)
    client, server = links["7"].client_handshake, links["7"].server_handshake
    assert client == Handshake("3.1", "NULL", False, "READY", (("Socket-Type", b"DEALER"),))
    assert server is not None
    assert dict(server.properties) == {"Socket-Type": b"ROUTER"}


def test_changes_are_what_is_newer_than_a_revision():
    s = Script()
    exchange(s)
    trace = s.trace()
    seen = trace.revision
    everything = trace.changes(0)
    assert [m.id for m in everything.messages] == [1, 2]
    assert {a.name for a in everything.actors} == {"server", "alice"}
    assert trace.changes(seen).messages == []
    s.send("1.2", b"more")
    s.event("print", "alice", "hello")
    trace.update()
    news = trace.changes(seen)
    assert ([m.id for m in news.messages], [m.text for m in news.marks], news.actors) == ([3], ["hello"], [])
    assert [w.n for w in news.work] == [2]  # alice's work ended with her send


def test_a_trace_is_bounded_and_counts_what_it_forgot():
    s = Script()
    exchange(s, times=500)
    trace = Trace(s.log, keep=100)
    trace.update()
    assert (len(trace.messages), trace.forgotten) == (100, 900)
    assert min(trace.messages) == 901
    assert len(trace.work) == 100
    assert len(trace.changes(0).messages) == 100


def test_a_failed_actor_has_its_error():
    s = Script()
    s.event("actor", "server", "started", "thread")
    s.event("actor", "server", "failed", "ValueError: no")
    trace = s.trace()
    assert (trace.actors["server"].state, trace.actors["server"].text) == ("failed", "ValueError: no")
    assert [(m.kind, m.text) for m in trace.marks] == [("error", "ValueError: no")]


def test_a_saved_trace_tells_the_same(tmp_path):
    s = Script()
    exchange(s, times=20)
    trace = s.trace()
    trace.save(tmp_path / "t.jsonl")
    again = Trace.load(tmp_path / "t.jsonl")
    assert again.messages == trace.messages
    assert (again.actors, again.sockets, again.connections, again.work) == (
        trace.actors,
        trace.sockets,
        trace.connections,
        trace.work,
    )


def test_a_trace_is_bounded_by_bytes_too():
    s = Script()
    s.socket("1.1", "ROUTER", "server", binds=1)
    s.socket("1.2", "DEALER", "alice", connects=1)
    s.connection("7", "1.2", "1.1", client_id=b"alice")
    for n in range(200):
        s.send("1.2", b"%1000d" % n)
        s.wire("7>", b"%1000d" % n)
        s.recv("1.1", "7>", b"alice", b"%1000d" % n)
    trace = Trace(s.log, max_bytes=50_000)
    trace.update()
    assert len(trace.messages) == 49
    assert trace.forgotten == 151
    last = trace.messages[200]
    assert last.wire_frames is last.sent_frames  # a payload is kept once
    assert last.received_frames
    assert last.sent_frames
    assert last.received_frames[1] is last.sent_frames[0]
