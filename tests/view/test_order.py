"""Where a message is, who stands where, whose tint a message has, and to whom it goes."""

from __future__ import annotations

import pytest

from tests.view.crowd import through_a_broker
from tests.view.story import ALICE, BOB, SERVER, Story, echo, stranger
from zmqlab.trace.model import OUTSIDE, Message
from zmqlab.trace.source import Source
from zmqlab.trace.trace import Trace
from zmqlab.view.order import Edge, Order
from zmqlab.view.peers import Peers

TCP = "tcp://127.0.0.1:5555"


def order(story: Story | Trace) -> Order:
    trace = story if isinstance(story, Trace) else story.trace()
    return Order(trace, Peers.of(trace))


def pair(asking: str, bound: str, endpoint: str = TCP) -> Story:
    """bob, who starts first, is bound; alice connects to him."""
    story = Story()
    story.actor("bob", BOB, bound, binds=endpoint)
    story.actor("alice", ALICE, asking, connects=endpoint)
    return story


@pytest.mark.parametrize(
    ("seen", "place"),
    [
        ({"sent": 1}, "out"),
        ({"sent": 1, "left": 2}, "wire"),
        ({"sent": 1, "left": 2, "arrived": 3, "receiver": "1.2"}, "in"),
        ({"sent": 1, "left": 2, "arrived": 3, "receiver": "1.2", "received": 4}, "received"),
        ({"sent": 1, "left": 2, "arrived": 3}, "outside"),
        ({"sent": 1, "left": 2, "arrived": 3, "receiver": "1.2", "watched": False}, "outside"),
        ({"sent": 1, "watched": False}, "unseen"),
        ({"sent": 1, "left": 2, "watched": False}, "wire"),
        ({"sent": 1, "end": "dropped"}, "dropped"),
        ({"sent": 1, "left": 2, "end": "lost", "watched": False}, "lost"),
    ],
)
def test_where_a_message_is(seen: dict[str, object], place: str):
    assert Message(1, **seen).place == place  # type: ignore[arg-type]


def test_clients_stand_left_of_the_broker_and_workers_right_of_it():
    found = order(through_a_broker())
    assert found.columns == [
        [f"client-{n}" for n in range(4)],
        ["broker"],
        [f"worker-{n}" for n in range(3)],
    ]
    assert found.lanes == [name for column in found.columns for name in column]


def test_who_asks_stands_left_of_who_is_asked_whoever_started_first():
    assert order(pair("DEALER", "ROUTER")).columns == [["alice"], ["bob"]]


@pytest.mark.parametrize(("asking", "bound"), [("SUB", "PUB"), ("XSUB", "XPUB"), ("PULL", "PUSH")])
def test_data_that_flows_from_the_bound_side_flows_to_the_right_as_well(asking: str, bound: str):
    assert order(pair(asking, bound)).lanes == ["bob", "alice"]


def test_a_circle_of_connections_still_has_its_columns():
    story = Story()
    for n, name in enumerate("abc"):
        story.actor(name, f"1.{n}", "ROUTER", binds=f"tcp://127.0.0.1:{n}")
        story.at(0, "socket", f"2.{n}", "opened", name, "DEALER")
        story.at(0, "endpoint", f"2.{n}", "connect", f"tcp://127.0.0.1:{(n + 1) % 3}")
    assert sorted(order(story).lanes) == ["a", "b", "c"]


@pytest.mark.parametrize("endpoint", [TCP, "inproc://here"])
def test_what_has_ended_stays_where_it_was(endpoint: str):
    story = pair("DEALER", "ROUTER", endpoint)
    tcp = endpoint == TCP
    assert order(story).edges == [Edge(ALICE, BOB, False, tcp)]
    for socket in (ALICE, BOB):
        story.at(5, "socket", socket, "closed", "", "")
    found = order(story)
    assert found.cards == {"bob": [BOB], "alice": [ALICE]}
    assert found.edges == [Edge(ALICE, BOB, True, tcp)]
    assert found.columns == [["alice"], ["bob"]]


def test_sockets_that_were_never_open_together_are_not_joined():
    story = Story()
    story.actor("bob", BOB, "ROUTER", binds=TCP)
    story.at(1, "socket", BOB, "closed", "", "")
    story.at(2, "actor", "alice", "started", "thread")
    story.at(2, "socket", ALICE, "opened", "alice", "DEALER")
    story.at(2, "endpoint", ALICE, "connect", TCP)
    assert order(story).edges == []


def test_an_actor_that_runs_again_is_joined_to_the_peer_it_has_now():
    story = pair("DEALER", "ROUTER")
    story.at(5, "socket", BOB, "closed", "", "")
    story.at(6, "socket", SERVER, "opened", "bob", "ROUTER")
    story.at(6, "endpoint", SERVER, "bind", TCP)
    assert order(story).edges == [Edge(ALICE, SERVER, False, True)]


def test_an_actor_that_runs_again_stands_as_before():
    """Its sockets close one after the other; those of its first run are not joined to those of the second."""
    front, back = "tcp://127.0.0.1:1", "tcp://127.0.0.1:2"
    story = Story()
    for name in ("worker", "broker", "alice"):
        story.at(0, "actor", name, "started", "thread")
    for n, opened in ((1, 1.0), (2, 3.0)):
        for place, (actor, type, action, endpoint) in enumerate(
            [
                ("broker", "ROUTER", "bind", front),
                ("broker", "ROUTER", "bind", back),
                ("alice", "DEALER", "connect", front),
                ("worker", "DEALER", "connect", back),
            ]
        ):
            socket = f"{n}.{place}"
            story.at(opened, "socket", socket, "opened", actor, type)
            story.at(opened, "endpoint", socket, action, endpoint)
            story.at(opened + 1 + 0.1 * place, "socket", socket, "closed", "", "")
        story.at(opened + 0.1, "connection", f"{n}1", "opened", f"{n}.2", f"{n}.0", front)
        story.at(opened + 0.1, "connection", f"{n}2", "opened", f"{n}.3", f"{n}.1", back)
    found = order(story)
    assert found.columns == [["alice"], ["broker"], ["worker"]]
    assert found.cards == {"broker": ["2.0", "2.1"], "alice": ["2.2"], "worker": ["2.3"]}  # of their last run
    assert {(edge.client, edge.server) for edge in found.edges} == {
        (f"{n}.{client}", f"{n}.{server}") for n in (1, 2) for client, server in ((2, 0), (3, 1))
    }


def test_a_connection_that_was_refused_is_none():
    story = pair("DEALER", "ROUTER", "tcp://127.0.0.1:1")
    story.at(1, "connection", "1", "refused", "", BOB, TCP)
    assert order(story).lanes == ["alice", "bob"]


def test_peers_outside_have_a_lane_at_the_bottom():
    found = order(stranger())
    assert found.lanes == ["alice", OUTSIDE]
    visited = pair("DEALER", "ROUTER")
    visited.recv(3, BOB, "", b"id", b"hello")
    found = order(visited)
    assert found.lanes == ["alice", "bob", OUTSIDE]
    assert Edge("", BOB, False, False) in found.edges


@pytest.mark.parametrize("encrypted", [True, False])
def test_who_is_behind_an_encrypted_connection_the_endpoint_tells(encrypted):
    story = pair("DEALER", "ROUTER")
    story.at(1, "connection", "1", "opened", ALICE, "", TCP, b"", b"", "", encrypted)
    assert order(story).lanes == ["alice", "bob"] + [OUTSIDE] * (not encrypted)


def test_question_and_answer_have_the_tint_of_the_one_who_asked():
    trace = echo()
    found = order(trace)
    tints = {(m.frames or (b"",))[-1]: found.tint(m) for m in trace.messages.values()}
    assert tints[b"Task-0"] == tints[b"Done: Task-0"] == 0
    assert tints[b"Hello"] == tints[b"Done: Hello"] == 1
    assert list(found.tints) == ["alice", "bob", "server"]


def test_a_message_that_nobody_got_goes_to_the_only_one_who_could_have_got_it():
    story = pair("DEALER", "ROUTER")
    story.connection("1", ALICE, BOB)
    story.send(1, ALICE, b"hello")
    lost = story.send(2, BOB, b"ghost", b"boo")
    story.at(2.1, "drop", BOB, lost, "ROUTER: no peer with routing id 'ghost'")
    trace = story.trace()
    assert [order(trace).receiver(message) for message in trace.messages.values()] == ["bob", ""]


def test_who_is_connected_with_nobody_stands_with_those_of_its_process():
    """A main thread that only prints, between a client and the threads that work."""
    story = Story()
    story.at(0, "actor", "shop", "started", "thread")
    story.actor("client", ALICE, "DEALER", connects="tcp://127.0.0.1:1")
    story.actor("shop/clerk", BOB, "ROUTER", binds="tcp://127.0.0.1:1")
    story.at(1, "print", "shop", "all are at work")
    trace = story.trace()
    assert Order(trace, Peers.of(trace)).columns == [["shop", "client"], ["shop/clerk"]]
    trace.log.sources = (Source("client"), Source("shop"))
    found = Order(trace, Peers.of(trace))
    assert (found.columns, found.lanes) == ([["client"], ["shop/clerk", "shop"]], ["client", "shop/clerk", "shop"])
