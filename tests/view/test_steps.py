"""Columns keep each actor's order, put receives after sends, and never set a later event left of an earlier one."""

from hypothesis import given
from hypothesis import strategies as st

from tests.view.crowd import in_trouble
from tests.view.story import ALICE, AUTO, BOB, SERVER, Story, echo
from zmqlab.view.steps import to_steps


@given(st.lists(st.sampled_from(["ask alice", "ask bob", "serve"]), max_size=30))
def test_order(moves: list[str]):
    story = Story()
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    for name, socket, link in (("alice", ALICE, "1"), ("bob", BOB, "2")):
        story.actor(name, socket, "DEALER", connects="tcp://127.0.0.1:5555")
        story.connection(link, socket, SERVER)
    waiting = []
    for n, move in enumerate(moves, 1):
        link, socket = ("1", ALICE) if move == "ask alice" else ("2", BOB)
        if move != "serve":
            story.send(n, socket, b"%d" % n)
            story.wire(n + 0.1, link + ">", b"%d" % n)
            waiting.append((link, b"%d" % n))
        elif waiting:
            link, text = waiting.pop(0)
            story.recv(n + 0.5, SERVER, link + ">", AUTO, text)
    steps = to_steps(story.trace(), 100)
    events = []
    for arrow in steps.arrows:
        events.append((arrow.message.sent or 0, arrow.sender, arrow.start))
        if arrow.end is not None and arrow.landed is not None:
            assert arrow.start < arrow.landed <= arrow.end < steps.count
            events.append((arrow.message.received or 0, arrow.receiver, arrow.end))
    events.sort()
    assert [step for _, _, step in events] == sorted(step for _, _, step in events)
    for name in ("alice", "bob", "server"):
        own = [step for _, actor, step in events if actor == name]
        assert len(set(own)) == len(own)


def test_those_who_ask_stand_above_those_who_serve():
    story = Story()
    story.actor("worker", ALICE, "DEALER", connects="tcp://127.0.0.1:2")
    story.actor("broker", SERVER, "ROUTER", binds="tcp://127.0.0.1:1")
    story.at(0, "socket", "1.9", "opened", "broker", "ROUTER")
    story.at(0, "endpoint", "1.9", "bind", "tcp://127.0.0.1:2")
    story.actor("client", BOB, "DEALER", connects="tcp://127.0.0.1:1")
    assert to_steps(story.trace(), 10).lanes == ["client", "broker", "worker"]


def test_what_waited_while_the_server_worked_lay_unread():
    arrows = {(a.sender, a.message.sent_frames): a for a in to_steps(echo(), 10).arrows}
    waited = arrows["bob", (b"Hello",)]
    assert waited.landed is not None
    assert waited.end is not None
    assert waited.end - waited.landed > 1


def test_what_was_done_to_an_actor_stands_between_the_steps():
    trace = in_trouble()
    steps = to_steps(trace, 60)
    assert [name for name, _, _ in steps.hangs] == ["worker-0", "worker-1", "worker-2", "broker"]
    assert all(0 < start < end <= steps.count for _, start, end in steps.hangs)
    assert steps.hangs[-1][2] == steps.count  # it hangs still
    assert {said for _, _, said in steps.faults} >= {"crashed", "restarted", "cut off from worker-0"}
    assert not {said for _, _, said in steps.faults} & {"hung", "resumed"}
    assert all(step % 1 == 0.5 for _, step, _ in steps.faults)
