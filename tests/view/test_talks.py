"""Which messages are one conversation, where one client speaks: what is said is so, what is not known is not said."""

from __future__ import annotations

import pytest

from tests.view.story import ALICE, AUTO, SERVER, Story, brokered, burst, echo, two_servers
from zmqlab.trace.trace import Trace
from zmqlab.view.order import TINTS, Order
from zmqlab.view.peers import Peers
from zmqlab.view.talks import MOST, NEUTRAL, Colours, talks

FRONT, BACK = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"


def order(trace: Trace) -> Order:
    return Order(trace, Peers.of(trace))


def told(trace: Trace) -> list[tuple[str, int | None]]:
    """The last frame of each message, and its conversation."""
    found = talks(trace.messages, order(trace))
    assert found is not None
    return [((m.frames or (b"",))[-1].decode(), found.get(m.id)) for m in trace.messages.values()]


class Pair(Story):
    """alice asks the server."""

    def __init__(self, type: str = "DEALER", serves: str = "ROUTER") -> None:
        super().__init__()
        self.actor("alice", ALICE, type, connects=FRONT)
        self.actor("server", SERVER, serves, binds=FRONT)
        self.connection("1", ALICE, SERVER)
        self.now = 1.0
        self.envelope = (AUTO,) if serves == "ROUTER" else ()

    def ask(self, *frames: bytes, received: bool = True) -> None:
        self.now += 2
        self.send(self.now, ALICE, *frames)
        self.wire(self.now + 0.1, "1>", *frames)
        if received:
            self.got(*frames)

    def got(self, *frames: bytes) -> None:
        self.now += 1
        self.recv(self.now, SERVER, "1>", *self.envelope, *frames)

    def answer(self, *frames: bytes) -> None:
        self.now += 2
        self.send(self.now, SERVER, *self.envelope, *frames)
        self.wire(self.now + 0.1, "1<", *frames)
        self.recv(self.now + 0.5, ALICE, "1<", *frames)


def through_two_workers() -> Story:
    """ada asks a broker, which gives her jobs to ann and ben; these say READY first."""
    story = Story()
    story.actor("ada", "1.1", "DEALER", connects=FRONT)
    story.actor("broker", "1.2", "ROUTER", binds=FRONT)
    story.at(0, "socket", "1.3", "opened", "broker", "ROUTER")
    story.at(0, "endpoint", "1.3", "bind", BACK)
    story.connection("1", "1.1", "1.2")
    workers = {"ann": ("1.4", "2"), "ben": ("1.5", "3")}
    for n, (name, (socket, link)) in enumerate(workers.items()):
        story.actor(name, socket, "DEALER", connects=BACK)
        story.at(0, "option", socket, "ROUTING_ID", name.encode())
        story.at(0.1, "connection", link, "opened", socket, "1.3", BACK, name.encode())
        story.send(1 + n, socket, b"W1", b"READY")
        story.wire(1.2 + n, f"{link}>", b"W1", b"READY")
        story.recv(1.5 + n, "1.3", f"{link}>", name.encode(), b"W1", b"READY")
    for n in range(2):
        story.send(4 + n, "1.1", b"%d" % n, b"job")
        story.wire(4.2 + n, "1>", b"%d" % n, b"job")
        story.recv(7 + n, "1.2", "1>", b"ada", b"%d" % n, b"job")
    for n, (name, (socket, link)) in enumerate(workers.items()):
        story.send(10 + n, "1.3", name.encode(), b"W1", b"ada", b"%d" % n, b"job")
        story.wire(10.2 + n, f"{link}<", b"W1", b"ada", b"%d" % n, b"job")
        story.recv(10.5 + n, socket, f"{link}<", b"W1", b"ada", b"%d" % n, b"job")
        story.send(12 + n, socket, b"W1", b"ALIVE")
        story.wire(12.2 + n, f"{link}>", b"W1", b"ALIVE")
        story.recv(12.5 + n, "1.3", f"{link}>", name.encode(), b"W1", b"ALIVE")
    for n, (name, (socket, link)) in reversed(list(enumerate(workers.items()))):
        at = 30 - 5 * n
        story.send(at, socket, b"W1", b"ada", b"%d" % n, b"done")
        story.wire(at + 0.2, f"{link}>", b"W1", b"ada", b"%d" % n, b"done")
        story.recv(at + 0.5, "1.3", f"{link}>", name.encode(), b"W1", b"ada", b"%d" % n, b"done")
        story.send(at + 1, "1.2", b"ada", b"%d" % n, b"done")
        story.wire(at + 1.2, "1<", b"%d" % n, b"done")
        story.recv(at + 1.5, "1.1", "1<", b"%d" % n, b"done")
    return story


def test_a_conversation_goes_through_a_broker_and_back_and_what_is_no_part_of_it_is_none():
    found = told(through_two_workers().trace())
    assert [talk for payload, talk in found if payload in ("READY", "ALIVE")] == [None] * 4
    assert [talk for payload, talk in found if payload == "job"] == [0, 1, 0, 1]
    assert [talk for payload, talk in found if payload == "done"] == [1, 1, 0, 0]


@pytest.mark.parametrize("links", [True, False])
def test_an_answer_that_names_the_question_belongs_to_it(links: bool):
    assert told(two_servers(links).trace()) == [
        *[(f"Task-{n}", n) for n in range(6)],
        *[(f"Done: Task-{n}", n) for n in (1, 3, 5, 0, 2, 4)],
    ]


def test_an_id_tells_which_answer_is_whose_in_any_order():
    pair = Pair()
    for n in range(3):
        pair.ask(b"id-%d" % n, b"what?")
    for n in (2, 0, 1):
        pair.answer(b"id-%d" % n, b"that")
    assert told(pair.trace()) == [("what?", 0), ("what?", 1), ("what?", 2), ("that", 2), ("that", 0), ("that", 1)]


def test_one_question_at_a_time_needs_no_id():
    pair = Pair()
    for _ in range(2):
        pair.ask(b"what?")
        pair.answer(b"that")
    assert told(pair.trace()) == [("what?", 0), ("that", 0), ("what?", 1), ("that", 1)]


def test_which_of_two_questions_is_answered_is_not_guessed():
    pair = Pair()
    pair.ask(b"one?")
    pair.ask(b"two?")
    pair.answer(b"that")
    assert told(pair.trace()) == [("one?", 0), ("two?", 1), ("that", None)]


def test_rep_answers_what_it_got_last():
    pair = Pair("REQ", "REP")
    for n in range(2):
        pair.ask(b"what %d?" % n)
        pair.answer(b"that")
    assert [talk for _, talk in told(pair.trace())] == [0, 0, 1, 1]


def test_the_same_asked_again_is_the_same_conversation_until_it_is_answered():
    pair = Pair()
    pair.ask(b"7", b"what?")
    pair.ask(b"7", b"what?")
    pair.answer(b"7", b"that")
    pair.ask(b"7", b"what?")
    assert [talk for _, talk in told(pair.trace())] == [0, 0, 0, 1]


def test_a_word_within_another_is_not_named():
    pair = Pair()
    pair.ask(b"Task-1")
    pair.ask(b"Task-10")
    pair.answer(b"Done: Task-10")
    pair.answer(b"Done: Task-1")
    assert [talk for _, talk in told(pair.trace())] == [0, 1, 1, 0]


@pytest.mark.parametrize("trace", [echo(), brokered(), burst(MOST + 1)], ids=["two", "two and a broker", "many"])
def test_where_several_speak_or_too_much_is_said_a_colour_stands_for_who_asks(trace: Trace):
    assert talks(trace.messages, order(trace)) is None
    colours = Colours(trace.messages, order(trace))
    assert colours.means == "colour = who asks"
    assert {colours.talk(message) for message in trace.messages.values()} == {None}
    assert [colours.tint(m) for m in trace.messages.values()] == [order(trace).tint(m) for m in trace.messages.values()]


def test_who_only_listens_asks_nothing():
    for asks, serves in (("SUB", "PUB"), ("PULL", "PUSH")):
        trace = Pair(asks, serves).trace()
        assert talks(trace.messages, order(trace)) is None


def test_a_message_of_no_conversation_has_none_of_their_colours():
    pair = Pair()
    for n in range(TINTS + 1):
        pair.ask(b"what %d?" % n)
    pair.answer(b"that")
    trace = pair.trace()
    colours = Colours(trace.messages, order(trace))
    assert colours.means == "colour = one conversation"
    assert [colours.tint(m) for m in trace.messages.values()] == [*range(TINTS), 0, NEUTRAL]
