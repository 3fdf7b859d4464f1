"""The SVG and the live view of one trace are the same picture, however the browser came to know of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.view.alike import differences, in_svg, live_views
from tests.view.chance import by_chance
from tests.view.crowd import in_trouble, through_a_broker
from tests.view.story import ALICE, BOB, SERVER, Story, brokered, burst, echo, steered, stranger, two_servers
from tests.view.test_js import node
from tests.view.test_talks import through_two_workers
from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace
from zmqlab.view.feed import Batch, Feed

SEEDS = 20


def published() -> Story:
    """A PUB and a SUB, and a payload with a line break."""
    story = Story()
    story.actor("subscriber", ALICE, "SUB", connects="tcp://127.0.0.1:5555")
    story.actor("publisher", SERVER, "PUB", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, SERVER, b"news\nof the day")
    story.wire(1.1, "1<", b"news\nof the day")
    story.recv(1.5, ALICE, "1<", b"news\nof the day")
    return story


def told_by(label: Any) -> Trace:
    trace = published().trace()
    trace.read(label)
    return trace


STORIES: dict[str, Callable[[], Trace]] = {
    "a publisher": lambda: published().trace(),
    "a label of two lines": lambda: told_by(lambda _: "two\nlines \N{RIGHT-TO-LEFT OVERRIDE}"),
    "no label": lambda: told_by(lambda _: ""),
    "an echo": echo,
    "a burst": lambda: burst(20),
    "a stranger": stranger,
    "a broker": brokered,
    "two servers": lambda: two_servers().trace(),
    "two workers": lambda: through_two_workers().trace(),
    "held": lambda: steered().trace(),
    "a crowd": through_a_broker,
    "trouble": in_trouble,
    **{f"chance {seed}": lambda seed=seed: by_chance(seed).trace() for seed in range(SEEDS)},  # type: ignore[misc]
}


def bit_by_bit(story: Story, events: int) -> list[Batch]:
    """The batches of a view that follows, each with so many events."""
    raws = [(time, kind, subject, *data) for _, time, kind, subject, data in story.log.since(0)[0]]
    log = Log()
    feed = Feed(Trace(log))
    batches = [feed.everything()]
    for at in range(0, len(raws), events):
        log.extend(raws[at : at + events])
        batches.append(feed.news() or {})
    return batches


def test_both_pictures_of_a_trace_show_the_same():
    traces = {name: make() for name, make in STORIES.items()}
    views = live_views(node(), [[Feed(trace, over=True).everything()] for trace in traces.values()])
    found = {name: differences(in_svg(trace), live) for (name, trace), live in zip(traces.items(), views, strict=True)}
    assert {name: told for name, told in found.items() if told} == {}


def test_who_followed_from_the_beginning_sees_what_a_newcomer_sees():
    stories = [published(), two_servers(), through_two_workers(), *(by_chance(seed) for seed in range(SEEDS))]
    whole = live_views(node(), [[Feed(story.trace(), over=True).everything()] for story in stories])
    for events in (1, 7):
        assert live_views(node(), [bit_by_bit(story, events) for story in stories]) == whole


@pytest.mark.parametrize(
    ("of", "other"),
    [
        ({"lanes": ["b", "a"]}, "lanes: ['b', 'a'] and "),
        ({"label": "news"}, "#1: label: 'news' and "),
        ({"colour": 3}, "#1: tint: 3 and "),
        ({"to": "nobody"}, "#1: to: 'nobody' and "),
        ({"end": "open"}, "#1: end: 'open' and "),
        ({"up": True}, "#1: up: True and "),
    ],
)
def test_a_difference_would_be_seen(of: dict[str, Any], other: str):
    trace = published().trace()
    (live,) = live_views(node(), [[Feed(trace).everything()]])
    svg = in_svg(trace)
    assert differences(svg, live) == []
    (svg if "lanes" in of else svg["messages"][0]).update(of)
    (told,) = differences(svg, live)
    assert told.startswith(other)


def test_what_was_said_of_a_message_is_said_anew_when_it_is_no_longer_true():
    """As long as bob is not there, only the server can get it; and who connects no more does not ask."""
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"hello")
    trace = story.trace()
    feed = Feed(trace)
    batches = [feed.everything()]
    for tell in (
        lambda: story.actor("bob", BOB, "ROUTER", binds="tcp://127.0.0.1:5556"),
        lambda: story.connection("2", ALICE, BOB),
        lambda: story.at(5, "endpoint", ALICE, "disconnect", "tcp://127.0.0.1:5555"),
    ):
        tell()
        batches.append(feed.news() or {})
    pictures = live_views(node(), [batches[: n + 1] for n in range(len(batches))])
    assert [picture["messages"][0]["route"] for picture in pictures] == [
        "alice → server",
        "alice → server",
        "alice → nobody yet",
        "alice → nobody yet",
    ]
    assert [batch["messages"]["rows"] for batch in batches] == [1, 0, 1, 1]
    assert differences(in_svg(trace), pictures[-1]) == []
