"""Who sends and who receives, where a socket goes from hand to hand."""

from tests.trace.builder import Script
from zmqlab.trace.trace import Trace

HERE, THERE = "1.1", "1.2"


def script() -> Script:
    made = Script()
    for name in ("main", "there"):
        made.event("actor", name, "started", "thread")
    made.socket(HERE, "DEALER", "main", connects=1)
    made.socket(THERE, "ROUTER", "there", binds=1)
    made.connection("1", HERE, THERE, b"id")
    return made


def use(script: Script, actor: str, asked: int = 0) -> int:
    script.event("actor", actor, "started", "thread")
    script.event("use", HERE, actor, asked)
    return script.time


def exchange(script: Script) -> None:
    script.send(HERE, b"ask")
    script.wire("1>", b"ask")
    script.recv(THERE, "1>", b"id", b"ask")


def senders(trace: Trace) -> list[str]:
    return [message.sent_by for message in trace.messages.values()]


def test_each_message_is_that_of_who_sent_it():
    story = script()
    exchange(story)
    use(story, "one")
    exchange(story)
    use(story, "other")
    exchange(story)
    exchange(story)
    trace = story.trace()
    assert senders(trace) == ["main", "one", "other", "other"]
    assert {message.received_by for message in trace.messages.values()} == {"there"}
    assert trace.sockets[HERE].actor == "other"  # it has sent most since


def test_who_made_a_socket_for_another_is_idle_and_no_longer_when_it_says_something():
    story = script()
    use(story, "one")
    exchange(story)
    assert [name for name, actor in story.trace().actors.items() if actor.idle] == ["main"]
    story.event("print", "main", "all are at work")
    assert not any(actor.idle for actor in story.trace().actors.values())


def test_what_was_asked_for_is_for_who_has_asked():
    """Two tasks wait at one socket: what comes first is for the first, though the second one has asked since."""
    story = script()
    first = use(story, "one", asked=story.time)
    use(story, "other", asked=first)
    for called in (first - 500, first + 500):
        story.send(THERE, b"id", b"told")
        story.wire("1<", b"told")
        number = 0 if called < first else 1
        story.event("recv", HERE, number, (b"told",), "1<", called)
    assert [message.received_by for message in story.trace().messages.values()] == ["one", "other"]
