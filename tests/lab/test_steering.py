"""Hold, step, slow and cut, on real sockets through the real relay."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lab.crew import DEADLINE, echo, on_the_wire, received, sender, sink, text, until
from zmqlab.lab.errors import NoSuchActor
from zmqlab.lab.lab import Lab
from zmqlab.relay.lane import PENDING


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("steering") as lab:
        yield lab


# -- hold and step ----------------------------------------------------------------------------------------------


def test_what_is_held_waits_and_what_is_released_arrives(lab):
    sink(lab)
    lab.hold()
    sender(lab, "alice", 3)
    until(lambda: on_the_wire(lab) == ["alice-0", "alice-1", "alice-2"])
    assert received(lab) == []
    lab.release()
    until(lambda: received(lab) == ["alice-0", "alice-1", "alice-2"])
    assert on_the_wire(lab) == []


def test_a_step_lets_exactly_one_message_go_and_returns_its_journey(lab):
    sink(lab)
    lab.hold()
    sender(lab, "alice", 3)
    for n in range(3):
        message = lab.step(timeout=DEADLINE)
        assert text(message) == f"alice-{n}"
        assert message.received is not None
        assert received(lab) == [f"alice-{i}" for i in range(n + 1)]


def test_the_longest_held_message_goes_first_of_all_links(lab):
    sink(lab)
    lab.hold()
    for name in ("alice", "bob", "carol"):
        sender(lab, name, 1)
        until(lambda name=name: f"{name}-0" in on_the_wire(lab))  # type: ignore[misc]
    assert [text(lab.step()) for _ in range(3)] == ["alice-0", "bob-0", "carol-0"]


def test_a_message_of_choice_goes_first_across_connections(lab):
    sink(lab)
    lab.hold()
    for name in ("alice", "bob"):
        sender(lab, name, 1)
    until(lambda: len(on_the_wire(lab)) == 2)
    bob = next(m for m in lab.messages() if text(m) == "bob-0")
    alice = next(m for m in lab.messages() if text(m) == "alice-0")
    assert lab.step(bob).received is not None
    assert lab.step(alice.id).received is not None
    assert received(lab) == ["bob-0", "alice-0"]


def test_on_one_connection_the_first_goes_first_and_the_error_names_it(lab):
    sink(lab)
    lab.hold()
    sender(lab, "alice", 2)
    until(lambda: len(on_the_wire(lab)) == 2)
    first, second = lab.messages()
    with pytest.raises(RuntimeError, match=rf"message #{first.id} goes first"):
        lab.step(second)
    lab.step(first)
    assert lab.step(second).received is not None


def test_a_step_in_vain_says_why(lab):
    sink(lab)
    lab.hold()
    with pytest.raises(TimeoutError, match="no message is held"):
        lab.step(timeout=0.05)
    with pytest.raises(LookupError, match="no message #77"):
        lab.step(77)
    sender(lab, "alice", 1)
    message = lab.step(timeout=DEADLINE)
    with pytest.raises(RuntimeError, match="it has arrived"):
        lab.step(message)


def test_a_step_does_not_wait_for_a_program_that_does_not_read(lab):
    endpoint = lab.endpoint("door")

    @lab.actor
    def server(ctx):
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(endpoint)
        lab.note("bound")
        ctx.socket(zmq.PULL).recv()  # for ever

    lab.hold()
    sender(lab, "alice", 1)
    until(lambda: on_the_wire(lab))
    message = lab.step(timeout=0.05)
    assert message.arrived is not None
    assert message.received is None


def test_a_link_is_held_alone(lab):
    sink(lab)
    for name in ("alice", "bob"):
        sender(lab, name, 1)
    until(lambda: len(received(lab)) == 2)
    lab.link("server", "alice").hold()
    for name in ("alice", "bob"):
        sender(lab, name, 1)
    until(lambda: len(received(lab)) == 3)
    assert received(lab)[-1] == "bob-0"
    assert on_the_wire(lab) == ["alice-0"]
    assert repr(lab.link("alice", "server")) == "<link alice ↔ server: held>"
    assert text(lab.link("alice", "server").step()) == "alice-0"
    with pytest.raises(TimeoutError, match="between bob and server"):
        lab.link("bob", "server").step(timeout=0.01)


def test_a_link_is_let_go_while_the_others_are_held(lab):
    sink(lab)
    lab.hold()
    for name in ("alice", "bob"):
        sender(lab, name, 1)
    until(lambda: len(on_the_wire(lab)) == 2)
    lab.link("alice", "server").release()
    until(lambda: received(lab) == ["alice-0"])
    assert on_the_wire(lab) == ["bob-0"]
    lab.release()
    until(lambda: len(received(lab)) == 2)


def test_what_is_said_to_be_held_before_there_is_a_connection_is_held(lab):
    lab.hold()
    sender(lab, "alice", 1)
    sink(lab)  # binds after alice has connected
    until(lambda: on_the_wire(lab) == ["alice-0"])
    assert received(lab) == []


def test_holding_back_is_felt_by_the_sender(lab):
    sink(lab)
    lab.hold()
    endpoint = lab.endpoint("door")

    @lab.actor
    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.sndhwm = 10
        socket.sndbuf = 4096
        socket.connect(endpoint)
        for n in range(100_000):
            socket.send(b"%06d" % n + bytes(1000))

    # It stops, sooner or later: the relay keeps 256 KiB, the system its buffers, the socket ten messages.
    state = {"sent": -1}

    def stopped() -> bool:
        before, state["sent"] = state["sent"], len(lab.messages())
        return before == state["sent"] and before > PENDING // 1000

    deadline = time.monotonic() + DEADLINE
    while not stopped():
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert len(lab.messages()) < 50_000
    assert lab["alice"].state == "started"
    lab.release()
    lab.wait("alice", timeout=60)


def test_a_message_larger_than_all_buffers_can_be_let_go(lab):
    endpoint = lab.endpoint("door")

    @lab.actor
    def server(ctx):
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(endpoint)
        while True:
            print(len(socket.recv_multipart()[-1]))

    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        for size in (4 * PENDING, 3, 2 * PENDING):
            socket.send(bytes(size))

    lab.hold()
    lab.actor(alice)
    for _ in range(3):
        lab.step(timeout=DEADLINE)
    until(lambda: received(lab) == [str(4 * PENDING), "3", str(2 * PENDING)])


def test_a_hold_in_the_midst_of_traffic_loses_nothing_and_keeps_the_order(lab):
    sink(lab)
    sender(lab, "alice", 20_000)
    for _ in range(20):
        lab.hold()
        time.sleep(0.01)
        lab.release()
    lab.wait("alice", timeout=60)
    until(lambda: len(received(lab)) == 10_000)  # the output keeps the last 10,000 lines
    until(lambda: received(lab)[-1] == "alice-19999")
    assert received(lab) == [f"alice-{n}" for n in range(10_000, 20_000)]


def test_heartbeats_pass_while_no_message_waits_in_front_of_them(lab):
    endpoint = lab.endpoint("door")

    @lab.actor
    def server(ctx):
        socket = ctx.socket(zmq.ROUTER)
        socket.heartbeat_ivl, socket.heartbeat_timeout = 50, 800
        socket.bind(endpoint)
        print("bound")
        while True:
            socket.recv_multipart()

    until(lambda: received(lab))
    lab.hold()
    sender(lab, "alice", 0, answers=1)
    until(lambda: lab.messages() == [] and lab.trace.connections)
    time.sleep(1.6)  # twice the timeout: that nothing happens shows only with time
    lab.messages()
    assert [connection.closed for connection in lab.trace.connections.values()] == [None]


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32))
def test_a_thousand_held_messages_arrive_in_exactly_the_order_of_release(seed):
    """Ten connections of a hundred messages each, let go in a random order that is legal: each connection in turn."""
    names = [f"s{n}" for n in range(10)]
    order = [name for name in names for _ in range(100)]
    random.Random(seed).shuffle(order)
    with Lab("thousand") as lab:
        sink(lab)
        lab.hold()
        for name in names:
            sender(lab, name, 100)
        until(lambda: len(on_the_wire(lab)) == 1000)
        held = {name: [m for m in lab.messages() if text(m).startswith(f"{name}-")] for name in names}
        released = []
        for name in order:
            message = lab.step(held[name].pop(0), timeout=DEADLINE)
            assert message.received is not None
            released.append(text(message))
        assert received(lab) == released
        times = [m.received or 0 for m in sorted(lab.messages(), key=lambda m: released.index(text(m)))]
        assert all(before < after for before, after in pairwise(times))


# -- latency ----------------------------------------------------------------------------------------------------


def test_latency_delays_every_message_by_that_much_and_keeps_them_flowing(lab):
    echo(lab)
    lab.latency(0.2)
    sender(lab, "alice", 5, answers=5)
    lab.wait("alice", timeout=DEADLINE)
    messages = lab.messages()
    assert len(messages) == 10
    for message in messages:
        assert message.arrived - message.left >= 0.2e9
    assert messages[-1].received - messages[0].sent < 1.5e9  # they travelled side by side, not one after the other
    lab.latency(0)
    sender(lab, "bob", 1, answers=1)
    lab.wait("bob", timeout=DEADLINE)
    last = lab.messages()[-1]
    assert last.arrived - last.left < 0.2e9


def test_latency_of_one_link_alone(lab):
    echo(lab)
    for name in ("alice", "bob"):
        sender(lab, name, 0)
    lab.link("alice", "server").latency(0.3)
    for name in ("alice", "bob"):
        sender(lab, name, 1, answers=1)
    lab.wait("alice", "bob", timeout=DEADLINE)
    slow = {text(m) for m in lab.messages() if m.arrived - m.left >= 0.3e9}
    assert slow == {"alice-0"}
    assert repr(lab.link("server", "alice")) == "<link server ↔ alice: latency 0.3 s>"


def test_what_waits_for_its_latency_can_be_stepped_and_goes_when_it_is_taken_away(lab):
    sink(lab)
    lab.latency(60)
    sender(lab, "alice", 2)
    assert text(lab.step(timeout=DEADLINE)) == "alice-0"
    until(lambda: on_the_wire(lab) == ["alice-1"])
    lab.latency(0)
    until(lambda: received(lab) == ["alice-0", "alice-1"])


@pytest.mark.parametrize("seconds", [-0.1, 61, float("nan")])
def test_no_latency_is_negative_or_endless(lab, seconds):
    with pytest.raises(ValueError, match="from 0 to 60"):
        lab.latency(seconds)


# -- cut and heal -----------------------------------------------------------------------------------------------


def test_behind_a_cut_nothing_passes_and_after_it_everything_does(lab):
    echo(lab)
    endpoint = lab.endpoint("door")

    @lab.actor
    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        socket.send(b"before")
        print(socket.recv().decode())
        for n in range(3):
            socket.send(b"cut-%d" % n)
        print("sent")
        for _ in range(3):
            print(socket.recv().decode())

    until(lambda: "before" in received(lab, "alice"))
    lab.wait("alice", timeout=DEADLINE)
    lab.link("alice", "server").cut()
    lab.actor(alice)
    until(lambda: lab["alice"].state == "started")
    assert repr(lab.link("alice", "server")) == "<link alice ↔ server: cut>"
    until(lambda: any(text(m) == "before" and m.left is None for m in lab.messages()))
    lab.link("alice", "server").heal()
    lab.wait("alice", timeout=DEADLINE)
    assert received(lab, "alice") == ["before", "sent", "cut-0", "cut-1", "cut-2"]


def test_an_open_connection_stands_still_while_it_is_cut(lab):
    echo(lab)
    endpoint = lab.endpoint("door")

    @lab.actor
    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        for n in range(1000):
            socket.send(b"%d" % n)
            print(socket.recv().decode())

    until(lambda: received(lab, "alice"))
    lab.link("alice", "server").cut()
    seen = {"count": -1}

    def still() -> bool:
        before, seen["count"] = seen["count"], len(received(lab, "alice"))
        return before == seen["count"]

    deadline = time.monotonic() + DEADLINE
    while not still():  # what was under way comes in
        assert time.monotonic() < deadline
        time.sleep(0.2)
    connections = len(lab.trace.connections)
    lab.link("alice", "server").heal()
    lab.wait("alice", timeout=30)
    lab.messages()
    assert len(lab.trace.connections) == max(connections, 1)  # the same connection


def test_a_peer_that_dies_behind_a_cut_is_noticed_when_it_is_healed(lab):
    echo(lab)
    sender(lab, "alice", 1, answers=2)  # waits for a second answer that never comes
    until(lambda: received(lab, "alice"))
    lab.link("alice", "server").cut()
    sender(lab, "alice", 0)  # alice's first run ends, with its connection
    lab.messages()
    assert [connection.closed for connection in lab.trace.connections.values()] == [None]
    lab.link("alice", "server").heal()
    until(lambda: lab.messages() and all(connection.closed for connection in lab.trace.connections.values()))


def test_other_links_do_not_mind_a_cut(lab):
    echo(lab)
    sender(lab, "alice", 0)
    lab.link("alice", "server").cut()
    sender(lab, "bob", 3, answers=3)
    lab.wait("bob", timeout=DEADLINE)


# -- reset ------------------------------------------------------------------------------------------------------


def _sender_of_two(lab: Lab, name: str) -> None:
    """A DEALER that sends ``one`` and, when it is told to, ``two``."""
    lab.hold()

    def client(ctx: zmq.Context) -> None:
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("door"))
        socket.send(b"one")
        socket.send(b"two")
        print(socket.recv().decode())

    lab.actor(client, name=name)
    until(lambda: on_the_wire(lab) == ["one", "two"])


def test_a_reset_breaks_what_is_open_and_the_sockets_connect_again(lab):
    echo(lab)
    sender(lab, "alice", 0, answers=1)
    until(lambda: lab.messages() is not None and len(lab.trace.connections) == 1)
    lab.link("alice", "server").reset()
    until(lambda: lab.messages() is not None and len(lab.trace.connections) == 2)
    old, new = lab.trace.connections.values()
    assert (old.reason, new.closed) == ("it was reset", None)
    faults = [(mark.actor, mark.text) for mark in lab.trace.marks if mark.kind == "fault"]
    assert faults == [("alice", "connection reset: server"), ("server", "connection reset: alice")]


def test_what_is_under_way_at_a_reset_is_lost_and_says_why(lab):
    echo(lab)
    _sender_of_two(lab, "alice")
    lab.step(timeout=DEADLINE)
    until(lambda: on_the_wire(lab) == ["two", "one"])  # the answer is held, too
    lab.link("alice", "server").reset()
    until(lambda: on_the_wire(lab) == [])
    lost = [(text(message), message.reason) for message in lab.messages() if message.end == "lost"]
    assert sorted(lost) == [
        ("one", "the connection ended: it was reset"),
        ("two", "the connection ended: it was reset"),
    ]
    lab.release()
    assert received(lab, "alice") == []


def test_after_a_reset_a_router_meets_somebody_new(lab):
    """As in libzmq: it forgets the automatic routing id with the connection."""
    met: list[bytes] = []

    def server(ctx: zmq.Context) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(lab.endpoint("door"))
        while True:
            routing_id, payload = socket.recv_multipart()
            met.append(routing_id)
            socket.send_multipart([routing_id, payload])

    def client(ctx: zmq.Context) -> None:
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("door"))
        for _ in range(2):
            socket.send(b"hello")
            print(socket.recv().decode())
            lab.link("client", "server").reset()

    lab.actor(server)
    lab.actor(client)
    lab.wait("client", timeout=DEADLINE)
    assert len(set(met)) == 2


def test_other_links_do_not_mind_a_reset(lab):
    echo(lab)
    for name in ("alice", "bob"):
        sender(lab, name, 0, answers=1)
    until(lambda: lab.messages() is not None and len(lab.trace.connections) == 2)
    lab.link("alice", "server").reset()
    until(lambda: lab.messages() is not None and len(lab.trace.connections) == 3)
    before = list(lab.trace.connections.values())[:2]
    ends = {frozenset(lab.trace.ends(connection)): connection.closed for connection in before}
    assert ends[frozenset(("bob", "server"))] is None
    assert ends[frozenset(("alice", "server"))] is not None


def test_a_reset_is_for_one_link(lab):
    with pytest.raises(ValueError, match="reset is done to the link of two actors"):
        lab._steering.steer("reset")


def test_a_lab_with_cut_and_held_links_closes_at_once(lab):
    echo(lab)
    lab.hold()
    sender(lab, "alice", 3, answers=3)
    until(lambda: len(on_the_wire(lab)) == 3)
    lab.link("alice", "server").cut()
    began = time.monotonic()
    lab.close()
    assert time.monotonic() - began < 5


# -- the edges --------------------------------------------------------------------------------------------------


def test_without_links_nothing_can_be_steered():
    with Lab("bare", links=False) as lab:
        for act in (lab.hold, lab.release, lab.step, lambda: lab.latency(0.1)):
            with pytest.raises(RuntimeError, match="links=False"):
                act()


def test_a_link_is_between_actors_that_there_are(lab):
    sink(lab)
    with pytest.raises(NoSuchActor, match="did you mean 'server'"):
        lab.link("server", "servr")
    lab.context("me")
    lab.link("me", "server")


def test_the_cell_itself_can_be_at_the_end_of_a_link(lab):
    sink(lab)
    socket = lab.context("me").socket(zmq.DEALER)
    lab.link("me", "server").hold()
    socket.connect(lab.endpoint("door"))
    socket.send(b"hello")
    until(lambda: on_the_wire(lab) == ["hello"])
    assert lab.step().received is not None


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_new_relay_holds_what_the_dead_one_held(lab):
    sink(lab)
    lab.hold()
    sender(lab, "alice", 1)
    until(lambda: on_the_wire(lab))
    os.kill(lab._wiring._relay.pid, signal.SIGKILL)
    until(lambda: not lab._wiring._relay.alive)
    sender(lab, "bob", 1)
    until(lambda: "bob-0" in on_the_wire(lab))
    assert received(lab) == []
    assert text(lab.step()) == "bob-0"


def test_every_act_is_in_the_trace(lab):
    echo(lab)
    sender(lab, "alice", 0)
    lab.hold()
    lab.link("alice", "server").latency(0.1)
    lab.link("alice", "server").cut()
    events = [e for e in lab.log.since(0)[0] if e.kind == "control"]
    assert [(e.subject, tuple(e.data)) for e in events] == [
        ("", ("hold", 0.0, "")),
        ("alice", ("latency", 0.1, "server")),
        ("alice", ("cut", 0.0, "server")),
    ]
