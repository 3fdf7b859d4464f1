"""What several processes recorded, each for itself, is read as one."""

import pytest

from tests.trace.builder import Script, journey
from zmqlab.trace import store
from zmqlab.trace.log import UNBOUNDED
from zmqlab.trace.merge import merge
from zmqlab.trace.source import Source
from zmqlab.trace.trace import Trace

CLIENT, SERVER = "7.1", "8.1"


def two_processes(tmp_path, names=("client", "server")):
    """A client, whose own relay saw the wire, and a server that was reached through it. One clock for both."""
    client, server = Script(), Script()
    for script, socket, type, name in ((client, CLIENT, "DEALER", names[0]), (server, SERVER, "ROUTER", names[1])):
        script.event("actor", name, "started", "thread")
        script.socket(socket, type, name, connects=socket == CLIENT, binds=socket == SERVER)
    server.time = client.time = 100_000

    def tell(script, what, *arguments):
        script.time = max(client.time, server.time)
        getattr(script, what)(*arguments)

    tell(client, "connection", "5", CLIENT, SERVER)
    tell(client, "send", CLIENT, b"ask")
    tell(client, "wire", "5>", b"ask")
    tell(server, "recv", SERVER, "5>", b"id", b"ask")
    tell(server, "event", "print", names[1], "asked")
    tell(server, "send", SERVER, b"id", b"told")
    tell(client, "wire", "5<", b"told")
    tell(client, "recv", CLIENT, "5<", b"told")
    for script, name in ((client, "client.jsonl"), (server, "server.jsonl")):
        script.trace().save(tmp_path / name)
    return tmp_path / "client.jsonl", tmp_path / "server.jsonl"


def test_the_messages_between_the_processes_are_paired(tmp_path):
    trace = Trace.load(*two_processes(tmp_path))
    assert [journey(message) for message in trace.messages.values()] == ["slar", "slar"]
    assert [message.receiver for message in trace.messages.values()] == [SERVER, CLIENT]
    assert sorted(trace.actors) == ["client", "server"]


def test_their_order_does_not_matter(tmp_path):
    one, other = two_processes(tmp_path)
    messages = list(Trace.load(one, other).messages.values())
    assert [m.received_frames for m in Trace.load(other, one).messages.values()] == [
        m.received_frames for m in messages
    ]


def test_actors_of_the_same_name_stay_two(tmp_path):
    trace = Trace.load(*two_processes(tmp_path, ("main", "main")))
    assert sorted(trace.actors) == ["main", "main 2"]
    assert {socket.id: socket.actor for socket in trace.sockets.values()} == {CLIENT: "main", SERVER: "main 2"}
    assert [mark.actor for mark in trace.marks] == ["main 2"]


@pytest.mark.parametrize("live", [True, False])
def test_what_came_through_the_relay_of_another_process_is_received_once_nothing_more_comes(tmp_path, live):
    _, server = two_processes(tmp_path)
    trace = Trace.load(server)
    if live:
        trace = Trace(trace.log)  # a report of our own relay may still come
        trace.update()
    assert sum(message.received is not None for message in trace.messages.values()) == (0 if live else 1)


def test_where_one_kept_the_last_part_alone_the_others_begin_there_too(tmp_path):
    """A message whose receive was not kept would else look as if nobody had received it."""
    kept, bounded = Script(), Script()
    for script, socket, type in ((kept, CLIENT, "DEALER"), (bounded, SERVER, "ROUTER")):
        script.event("actor", type.lower(), "started", "thread")
        script.socket(socket, type, type.lower(), connects=socket == CLIENT, binds=socket == SERVER)
    kept.time = bounded.time = 100_000
    kept.connection("5", CLIENT, SERVER)
    kept.send(CLIENT, b"old")
    kept.wire("5>", b"old")
    begin = kept.time + 10_000  # until then the server had received it, and did not keep that
    kept.time = begin + 1_000
    kept.send(CLIENT, b"new")
    kept.wire("5>", b"new")
    bounded.time = kept.time
    bounded.event("recv", SERVER, 1, (b"id", b"new"), "5>", bounded.time)
    bounded.event("socket", SERVER, "closed", "", "")
    bounded.log.kept_after = begin
    for script, name in ((kept, "dealer"), (bounded, "router")):
        script.log.sources = (Source(name, 7, boot="one"),)
        store.save(script.log, tmp_path / f"{name}.jsonl")
    with pytest.warns(UserWarning, match=r"of dealer \(pid 7\) what happened before .* is left out.*: 1 messages sent"):
        trace = Trace.load(tmp_path / "dealer.jsonl", tmp_path / "router.jsonl")
    assert [(message.received_frames, journey(message)) for message in trace.messages.values()] == [
        ((b"id", b"new"), "slar?")
    ]
    assert trace.forgotten == 1
    assert sorted(trace.actors) == ["dealer", "router"]
    assert trace.log.kept_after == begin


def test_where_all_was_kept_nothing_is_left_out_whatever_the_clocks_say():
    """The second host began before the first one was started."""
    logs = [Script().log, Script().log]
    logs[0].append((5, "print", "one", "late"))
    logs[1].append((1_000, "print", "other", "early"))
    for log, name, wall in zip(logs, ("one", "other"), (10_000, 0), strict=True):
        log.sources = (Source(name, host=name, boot=name, wall=wall),)
    merged = merge(logs)
    assert [(raw[0], raw[3]) for raw in merged.raws(0, UNBOUNDED)[0]] == [(-9_000, "early"), (5, "late")]
    assert merged.kept_after == 0


def test_who_is_left_out_may_have_no_name():
    kept, bounded = Script(), Script()
    kept.socket(CLIENT, "DEALER", "client", connects=1)
    kept.send(CLIENT, b"old")
    bounded.log.kept_after = kept.time + 10_000
    [remark] = merge([kept.log, bounded.log]).remarks
    assert remark.startswith("of a recording that does not say whose it is what happened before another one begins is")
    assert remark.endswith("1 messages sent")


def test_a_router_may_have_been_told_a_routing_id_before_the_recording_begins():
    script = Script()
    script.socket(SERVER, "ROUTER", "server", binds=1)
    script.socket(CLIENT, "DEALER", "client", connects=1)
    script.connection("5", CLIENT, SERVER)
    for number, word in ((7, b"one"), (8, b"two")):
        script.event("send", SERVER, number, (b"\0told", word))
        script.event("wire", "5<", number, (word,), script.time + 1000, script.time + 1000)
        script.event("recv", CLIENT, number, (word,), "5<", script.time)
    script.event("socket", SERVER, "closed", "", "")
    assert [journey(message) for message in script.messages()] == ["slar?", "slar?"]
