"""How messages end of which nobody tells: thrown away, refused, dropped by a PUB, passed on by a proxy."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.trace.builder import Script, journey
from zmqlab.trace.log import BLOCK, UNBOUNDED, Chunk, Log
from zmqlab.trace.trace import Trace

SECOND = 1_000_000_000


def over(script: Script) -> Trace:
    """The trace when nothing more will come."""
    trace = Trace(script.log)
    trace.recorded = True
    trace.update()
    return trace


def told(trace: Trace) -> list[tuple[str, str]]:
    return [(message.place, message.reason) for message in trace.messages.values()]


def refuse(script: Script, id: str, client: str, reason: str) -> None:
    script.event("connection", id, "refused", client, "", "tcp://127.0.0.1:0", b"", b"", reason)


def close(script: Script, socket: str, type: str, linger: int) -> None:
    script.event("socket", socket, "closed", socket, type, 0, linger)


# -- sockets that are closed, and connections that there are not ----------------------------------------------


def test_what_waits_for_a_connection_says_why_until_there_is_one():
    s = Script()
    s.socket("1.1", "PUSH", connects=1)
    s.socket("1.2", "PULL", binds=1)
    s.send("1.1", b"before")
    refuse(s, "1", "1.1", "Connection refused")
    s.send("1.1", b"after")
    trace = s.trace()
    assert told(trace) == [("out", "Connection refused")] * 2
    s.connection("2", "1.1", "1.2")
    trace.update()
    assert told(trace) == [("out", "")] * 2
    s.wire("2>", b"before")
    assert told(s.trace())[0] == ("in", "")


def test_where_there_are_two_ways_a_refusal_of_one_says_nothing():
    s = Script()
    s.socket("1.1", "PUSH", connects=2)
    refuse(s, "1", "1.1", "Connection refused")
    s.send("1.1", b"x")
    assert told(s.trace()) == [("out", "")]


@pytest.mark.parametrize(("linger", "place"), [(0, "lost"), (20, "lost"), (-1, "out"), (None, "out")])
def test_linger_says_what_goes_with_a_socket(linger, place):
    s = Script()
    s.socket("1.1", "REQ", connects=1)
    refuse(s, "1", "1.1", "Connection refused")
    s.send("1.1", b"x")
    close(s, "1.1", "REQ", linger)
    words = f"its socket was closed with LINGER {linger}, before it had left (Connection refused)"
    assert told(over(s)) == [(place, words if place == "lost" else "Connection refused")]


def test_what_waits_when_its_process_ends_is_lost_and_what_lies_unread_there_too():
    s = Script()
    s.event("actor", "alice", "started", "thread")
    s.socket("1.1", "PUSH", "alice", connects=1)
    s.socket("1.2", "PULL", "alice", binds=1)
    s.connection("1", "1.1", "1.2")
    for text in (b"unread", b"unsent"):
        s.send("1.1", text)
    s.wire("1>", b"unread")
    s.event("actor", "alice", "gone")
    trace = over(s)
    assert told(trace) == [
        ("lost", "its socket was closed before it was read"),
        ("lost", "its process ended, before it had left"),
    ]
    assert all(socket.closed for socket in trace.sockets.values())


def test_what_a_process_leaves_that_was_killed_is_lost_when_all_is_over():
    s = Script()
    s.event("actor", "alice", "started", "thread")
    s.socket("1.1", "PUSH", "alice", connects=1)
    refuse(s, "1", "1.1", "Connection refused")
    s.send("1.1", b"x")
    assert told(Trace.of([s.log]))[0][0] == "out"
    s.log.over = True
    trace = Trace.of([s.log])
    assert told(trace) == [("lost", "its process was killed, before it had left (Connection refused)")]
    assert [(mark.kind, mark.text) for mark in trace.marks] == [("fault", "its process was killed")]


def test_what_a_process_had_read_that_was_killed_nobody_saw():
    """It writes down what it does ten times a second: one that is killed at once has told of no socket."""
    s = Script()
    s.event("actor", "alice", "started", "thread")
    s.socket("1.1", "PULL", "alice", connects=1)
    s.socket("2.1", "PUSH", binds=1)
    for id, client in (("1", "1.1"), ("2", "3.1")):
        s.connection(id, client, "2.1")
        s.send("2.1", client.encode())
        s.wire(f"{id}<", client.encode())
    s.log.over = True
    assert told(Trace.of([s.log])) == [
        ("lost", "its process was killed, and nobody saw whether it had been read"),
        ("outside", ""),
    ]


def test_an_answer_to_somebody_out_of_sight_is_not_lost():
    s = Script()
    s.socket("1.1", "REP", binds=1)
    s.recv("1.1", "", b"ask")
    s.send("1.1", b"told")
    close(s, "1.1", "REP", 0)
    assert [place for place, _ in told(over(s))] == ["received", "unseen"]


@pytest.mark.parametrize("linger", [0, -1])
@pytest.mark.parametrize(
    "endpoint",
    [
        ("connect", "ipc:///tmp/x"),
        ("bind", "ipc:///tmp/x"),
        ("bind", "tcp://127.0.0.1:0"),  # who has connected to it may have passed no relay
        ("connect", "tcp://127.0.0.1:0", b"", True),
    ],
    ids=["ipc", "ipc, bound", "bound", "past the relay"],
)
def test_what_may_have_gone_to_somebody_out_of_sight_is_not_lost(endpoint, linger):
    """It was delivered, or it was not: no relay and no program tells."""
    s = Script()
    s.socket("1.1", "PUSH")
    s.event("endpoint", "1.1", *endpoint)
    s.send("1.1", b"x")
    assert told(s.trace()) == [("out", "")]
    close(s, "1.1", "PUSH", linger)
    s.event("socket", "1.1", "discarded", "1.1", "PUSH", 0, linger)
    assert told(over(s)) == [("unseen", "")]


def test_whether_it_has_left_a_bound_socket_no_relay_tells_for_certain():
    """Somebody may have connected past it."""
    s = Script()
    s.socket("1.1", "PUSH", binds=1)
    s.socket("1.2", "PULL", connects=1)
    s.connection("1", "1.2", "1.1")
    s.send("1.1", b"x")
    close(s, "1.1", "PUSH", 0)
    assert told(over(s)) == [("lost", "its socket was closed with LINGER 0, and nobody in sight received it")]


def test_what_leaves_a_socket_that_somebody_out_of_sight_has_answered_is_out_of_sight_at_once():
    s = Script()
    s.socket("1.1", "DEALER", connects=1)
    s.send("1.1", b"first")
    s.recv("1.1", "", b"answer")
    s.send("1.1", b"second")
    number = s.send("1.1", b"third")
    s.event("blocked", "1.1", number)
    trace = s.trace()
    assert [place for place, _ in told(trace)] == ["unseen", "received", "unseen", "out"]
    s.event("sent", "1.1", number)
    trace.update()
    assert told(trace)[-1] == ("unseen", "")


def test_a_send_that_returns_late_does_not_bring_back_what_has_left():
    """It had waited in send; its message came to a process, of which nobody tells what it reads."""
    s = Script()
    s.socket("1.1", "DEALER", connects=1)
    s.socket("1.2", "", "process", binds=1)
    s.connection("1", "1.1", "1.2")
    number = s.send("1.1", b"x")
    s.event("blocked", "1.1", number)
    s.wire("1>", b"x")
    s.event("sent", "1.1", number)
    assert told(s.trace()) == [("outside", "")]


def test_what_a_peer_in_sight_did_not_receive_is_lost_also_where_no_relay_is():
    s = Script()
    s.socket("1.1", "DEALER")
    s.event("endpoint", "1.1", "connect", "ipc:///tmp/x")
    s.socket("1.2", "ROUTER")
    s.event("endpoint", "1.2", "bind", "ipc:///tmp/x")
    s.send("1.1", b"x")
    close(s, "1.1", "DEALER", 0)
    assert told(over(s)) == [("lost", "its socket was closed with LINGER 0, and nobody in sight received it")]


def test_while_the_relay_may_still_tell_of_it_nothing_is_lost():
    s = Script()
    s.socket("1.1", "PUSH", connects=1)
    s.socket("1.2", "PULL", binds=1)
    s.connection("1", "1.1", "1.2")
    s.send("1.1", b"x")
    close(s, "1.1", "PUSH", 0)
    trace = s.trace()
    assert told(trace) == [("out", "")]
    s.time += 2 * SECOND
    s.event("print", "alice", "later")
    trace.update()
    assert told(trace) == [("lost", "its socket was closed with LINGER 0, before it had left")]
    s.log.append((s.time, "wire", "1>", 0, (b"x",), s.time - 2 * SECOND, s.time - 2 * SECOND))
    trace.update()
    assert told(trace) == [("in", "")]  # it was on its way after all


def test_the_rest_of_a_peer_of_the_same_name_is_dropped_and_so_is_that_of_a_third_in_a_pair():
    for type, peer, name, reason in (
        ("ROUTER", "DEALER", b"twin", "ROUTER: another peer has the routing id 'twin'"),
        ("PAIR", "PAIR", b"", "PAIR: it has another peer already"),
    ):
        s = Script()
        s.socket("1.1", type, binds=1)
        for n in (2, 3):
            s.socket(f"1.{n}", peer, connects=1)
            s.connection(str(n), f"1.{n}", "1.1", client_id=name)
            s.send(f"1.{n}", b"x")
            s.wire(f"{n}>", b"x")
        assert told(s.trace()) == [("in", ""), ("dropped", reason)]


def test_with_handover_the_newcomer_is_heard():
    s = Script()
    s.socket("1.1", "ROUTER", binds=1)
    s.event("option", "1.1", "ROUTER_HANDOVER", 1)
    for n in (2, 3):
        s.socket(f"1.{n}", "DEALER", connects=1)
        s.connection(str(n), f"1.{n}", "1.1", client_id=b"twin")
        s.wire(f"{n}>", b"x")
    assert told(s.trace()) == [("in", ""), ("in", "")]


@pytest.mark.parametrize(("size", "place"), [(100, "in"), (101, "dropped")])
def test_what_is_longer_than_its_receiver_takes_is_dropped(size, place):
    s = Script()
    s.socket("1.1", "PUSH", connects=1)
    s.socket("1.2", "PULL")
    s.event("option", "1.2", "MAXMSGSIZE", 100)
    s.event("endpoint", "1.2", "bind", "tcp://127.0.0.1:0")
    s.connection("1", "1.1", "1.2")
    s.wire("1>", b"short", b"x" * size)
    assert told(s.trace())[0][0] == place


def test_what_was_dropped_is_not_lost_too_when_its_receiver_disconnects():
    s = Script()
    s.socket("1.1", "PUSH", binds=1)
    s.socket("1.2", "PULL")
    s.event("option", "1.2", "MAXMSGSIZE", 100)
    s.event("endpoint", "1.2", "connect", "tcp://127.0.0.1:0")
    s.connection("1", "1.2", "1.1")
    s.wire("1<", b"short")
    s.wire("1<", b"x" * 500)
    s.event("endpoint", "1.2", "disconnect", "tcp://127.0.0.1:0")
    (lost, reason), (dropped, _) = told(s.trace())
    assert (lost, reason) == ("lost", "its socket was disconnected before it was read")
    assert dropped == "dropped"


# -- PUB ------------------------------------------------------------------------------------------------------------

GUEST = " (one out of sight may have got it)"  # who is bound may have peers that nobody watches
OR_FULL = ", or its queue was full"  # which the last of its messages cannot tell


def publishing(*topics: bytes, conflate: bool = False) -> Script:
    """A PUB, bound, and a SUB for each topic, whose subscription it has known for long."""
    s = Script()
    s.socket("1.1", "PUB", binds=1)
    for n, topic in enumerate(topics, 2):
        s.socket(f"1.{n}", "SUB")
        s.event("option", f"1.{n}", "CONFLATE", conflate)
        s.event("endpoint", f"1.{n}", "connect", "tcp://127.0.0.1:0")
        s.connection(str(n), f"1.{n}", "1.1")
        s.event("subscription", f"{n}>", topic, True)
    s.time += SECOND
    return s


@pytest.mark.parametrize(
    ("topics", "reason"),
    [((), "no subscriber in sight"), ((b"b", b"abc"), "nobody in sight has subscribed to it")],
)
def test_a_pub_drops_what_nobody_wants(topics: Iterable[bytes], reason: str):
    s = publishing(*topics)
    s.send("1.1", b"a", b"news")
    assert told(over(s)) == [("dropped", f"PUB: {reason}{GUEST}")]


def test_where_a_later_one_has_come_the_queue_was_full():
    s = publishing(b"a", b"a")
    for text in (b"a1", b"a2"):
        s.send("1.1", text)
    s.wire("2<", b"a2")
    assert told(over(s))[0] == ("out", "")  # it may wait for the other one
    s.wire("3<", b"a2")
    assert told(over(s))[0] == ("dropped", "PUB: the queue of each subscriber was full")


def test_what_waits_for_a_subscriber_goes_with_its_connection_or_with_the_publisher():
    s = publishing(b"a")
    s.send("1.1", b"a")
    assert told(over(s)) == [("out", "")]  # the link may be cut
    s.unlink("2")
    assert told(over(s)) == [("lost", f"its connection ended before it was on the wire{OR_FULL}")]
    s = publishing(b"a")
    s.send("1.1", b"a")
    close(s, "1.1", "PUB", 0)
    assert told(over(s)) == [("lost", f"its socket was closed before it had left{OR_FULL}")]


def test_what_one_wants_no_more_is_not_missed():
    s = publishing(b"a")
    s.event("subscription", "2>", b"a", False)
    s.time += SECOND
    s.send("1.1", b"a")
    assert told(over(s)) == [("dropped", f"PUB: nobody in sight has subscribed to it{GUEST}")]


def test_a_publisher_that_connects_has_no_guests():
    s = Script()
    s.socket("1.1", "PUB", connects=1)
    s.send("1.1", b"a")
    assert told(over(s)) == [("dropped", "PUB: no subscriber")]


def test_while_reports_may_come_nothing_is_dropped():
    s = publishing(b"b")
    s.send("1.1", b"a")
    assert told(s.trace()) == [("out", "")]
    s.time += 2 * SECOND
    s.event("print", "alice", "later")
    assert told(s.trace()) == [("dropped", f"PUB: nobody in sight has subscribed to it{GUEST}")]


@pytest.mark.parametrize("first", [1, 1000, BLOCK, 1500, 2 * BLOCK])
def test_the_end_is_the_end_whatever_pieces_the_log_came_in(first: int):
    """A process writes ten times a second, however much there is by then."""
    s = Script()
    s.socket("1.1", "PUB", connects=1)
    for _ in range(2 * BLOCK):
        s.send("1.1", b"a")
    raws, _, _ = s.log.raws(0, UNBOUNDED)
    log = Log.unbounded()
    for part in (raws[:first], raws[first:]):
        log.append_chunk(*Chunk.of(part))
    assert set(told(Trace.of([log]))) == {("dropped", "PUB: no subscriber")}


def test_the_end_is_the_end_though_all_events_were_seen_before_it():
    s = Script()
    s.socket("1.1", "PUB", connects=1)
    s.send("1.1", b"a")
    trace = s.trace()
    assert told(trace) == [("out", "")]
    trace.recorded = True  # a view may have looked a moment before
    trace.update()
    assert told(trace) == [("dropped", "PUB: no subscriber")]


def test_subscriptions_are_no_messages():
    s = Script()
    s.socket("1.1", "XPUB", "server", binds=1)
    s.socket("1.2", "XSUB", "alice", connects=1)
    s.connection("1", "1.2", "1.1")
    s.event("subscription", "1>", b"told by an option", True)
    s.recv("1.1", "1>", b"\x01told by an option")
    s.send("1.2", b"\x01a")
    s.wire("1>", b"\x01a")
    s.recv("1.1", "1>", b"\x01a")
    s.send("1.2", b"upstream")
    s.wire("1>", b"upstream")
    s.recv("1.1", "1>", b"upstream")
    trace = s.trace()
    assert [(journey(m), m.frames) for m in trace.messages.values()] == [("slar", (b"upstream",))]
    assert [(mark.actor, mark.text) for mark in trace.marks] == [
        ("server", "a peer subscribes to 'told by an option'"),
        ("alice", "subscribes to 'a'"),
        ("server", "a peer subscribes to 'a'"),
    ]


@pytest.mark.parametrize(("later", "end"), [(b"other", ""), (b"price", "?")])
def test_what_conflate_has_kept_is_certain_when_no_newer_one_can_have_said_the_same(later, end):
    s = publishing(b"", conflate=True)
    for text in (b"old", b"price"):
        s.send("1.1", text)
        s.wire("2<", text)
    s.time += 100_000
    s.recv("1.2", "2<", b"price")
    trace = s.trace()
    received = list(trace.messages.values())[1]
    assert journey(received) == "slar?"
    left = s.time - 1000  # it was there, and is reported now
    s.log.append((left, "send", "1.1", 2, (later,)))
    s.log.append((left, "wire", "2<", 2, (later,), left, left))
    s.time += 1000
    s.wire("9<", b"something else")
    trace.update()
    assert journey(received) == "slar" + end


def test_what_lies_behind_one_that_conflate_has_kept_goes_with_the_socket():
    s = publishing(b"", conflate=True)
    for text in (b"one", b"two"):
        s.wire("2<", text, stuck=True)
    let_go = s.time + 2000
    s.time += 5000
    s.recv("1.2", "2<", b"one")  # nobody has told that it was let go
    s.log.append((let_go, "arrived", "2<", 0))
    s.event("arrived", "2<", 1)
    close(s, "1.2", "SUB", 0)
    assert [m.place for m in over(s).messages.values()] == ["received", "lost"]


def test_over_inproc_a_subscriber_may_have_it_unread():
    s = inside(("1.1", "PUB", "bind"))
    s.event("socket", "1.2", "opened", "reader", "SUB", 77)
    s.event("option", "1.2", "SUBSCRIBE", b"a")
    s.event("endpoint", "1.2", "connect", "inproc://here")
    s.time += SECOND
    for text in (b"a1", b"b1", b"a2"):
        s.send("1.1", text)
    s.recv("1.2", "", b"a1")
    assert told(over(s)) == [("received", ""), ("dropped", "PUB: nobody has subscribed to it"), ("out", "")]
    close(s, "1.2", "SUB", 0)
    assert [place for place, _ in told(over(s))] == ["received", "dropped", "lost"]


# -- inproc ---------------------------------------------------------------------------------------------------------


def inside(*sockets: tuple[str, str, str]) -> Script:
    """Sockets of one context, each of an actor of its own, at one endpoint: id, type, bind or connect."""
    s = Script()
    for id, type, action in sockets:
        s.event("socket", id, "opened", f"thread of {id}", type, 77)
        s.event("endpoint", id, action, "inproc://here")
    return s


def test_over_inproc_threads_of_one_context_meet_and_others_do_not():
    s = inside(("1.1", "PULL", "bind"), ("1.2", "PUSH", "connect"))
    s.event("socket", "1.3", "opened", "thread of another", "PUSH", 78)
    s.event("endpoint", "1.3", "connect", "inproc://here")
    for sender in ("1.3", "1.2"):
        s.send(sender, b"x")
    s.recv("1.1", "", b"x")
    assert [(m.sender, journey(m)) for m in s.messages()] == [("1.3", "s"), ("1.2", "sr")]


def test_equal_messages_of_two_senders_are_a_guess_and_others_are_not():
    s = inside(("1.1", "PULL", "bind"), ("1.2", "PUSH", "connect"), ("1.3", "PUSH", "connect"))
    s.send("1.2", b"x")
    s.send("1.3", b"y")
    s.send("1.3", b"x")
    s.recv("1.1", "", b"y")
    s.recv("1.1", "", b"x")
    s.recv("1.1", "", b"x")
    assert [(m.sender, journey(m)) for m in s.messages()] == [("1.2", "sr?"), ("1.3", "sr"), ("1.3", "sr?")]


def test_what_lies_in_the_pipe_of_a_closed_socket_is_lost_and_what_a_closed_one_has_sent_is_not():
    s = inside(("1.1", "PULL", "bind"), ("1.2", "PUSH", "connect"))
    s.send("1.2", b"one")
    s.send("1.2", b"two")
    close(s, "1.2", "PUSH", 0)
    s.recv("1.1", "", b"one")
    close(s, "1.1", "PULL", 0)
    assert told(over(s)) == [("received", ""), ("lost", "its socket was closed before it was read")]


# -- proxies ---------------------------------------------------------------------------------------------------------


def proxied() -> Script:
    s = Script()
    s.socket("1.1", "PUSH", connects=1)
    s.socket("1.2", "PULL", "proxy", binds=1)
    s.socket("1.3", "PUSH", "proxy", binds=1)
    s.socket("1.4", "PULL", connects=1)
    s.connection("1", "1.1", "1.2")
    s.connection("2", "1.4", "1.3")
    s.event("proxy", "1.2", "1.3")
    return s


def test_a_proxy_passes_on_what_says_the_same():
    s = proxied()
    for text in (b"x", b"y"):
        s.send("1.1", text)
        s.wire("1>", text)
    s.wire("2<", b"y")
    s.recv("1.4", "2<", b"y")
    trace = over(s)
    assert [(m.place, m.receiver) for m in trace.messages.values()] == [
        ("in", "1.2"),
        ("passed", "1.2"),
        ("received", "1.4"),
    ]
    close(s, "1.2", "PULL", 0)
    trace.update()
    assert told(trace)[0] == ("lost", "its socket was closed, and the proxy had passed it to nobody")


def test_a_proxy_may_pass_on_what_is_reported_later():
    s = proxied()
    s.send("1.1", b"x")
    left = s.time
    s.wire("2<", b"x")
    s.log.append((left, "wire", "1>", 0, (b"x",), left, left))
    assert [m.place for m in over(s).messages.values()] == ["passed", "in"]


def test_a_copy_for_each_subscriber_is_one_message_that_the_proxy_has_passed():
    s = Script()
    s.socket("1.1", "PUB", connects=1)
    s.socket("1.2", "XSUB", "proxy", binds=1)
    s.socket("1.3", "XPUB", "proxy", binds=1)
    s.connection("1", "1.1", "1.2")
    for n in (4, 5):
        s.socket(f"1.{n}", "SUB", connects=1)
        s.connection(str(n), f"1.{n}", "1.3")
    s.event("proxy", "1.2", "1.3")
    for _ in range(2):
        s.send("1.1", b"tick")
        s.wire("1>", b"tick")
    for lane in ("4<", "5<"):
        s.wire(lane, b"tick")
    assert [m.place for m in over(s).messages.values()][:2] == ["passed", "in"]
    for lane in ("5<", "4<"):
        s.wire(lane, b"tick")
    assert [m.place for m in over(s).messages.values()][:2] == ["passed", "passed"]


def test_when_the_proxy_has_ended_a_program_may_read():
    s = proxied()
    s.event("proxy", "1.2", "1.3", "", False)
    s.send("1.1", b"x")
    s.wire("1>", b"x")
    s.recv("1.2", "1>", b"x")
    assert told(s.trace()) == [("received", "")]
