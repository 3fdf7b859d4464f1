"""The stage in a browser: what stands on messages and cards, and that nothing covers anything else, at every width."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import Browser, expect

from tests.view.page import ViewPage
from tests.view.story import ALICE, AUTO, SERVER, Story
from zmqlab.trace.trace import Trace

Open = Callable[..., ViewPage]


@pytest.fixture
def show(browser: Browser) -> Iterator[Open]:
    """Open the view of a lab in which nothing moves; at the end no error may have been thrown in it."""
    opened: list[ViewPage] = []

    def show(trace: Trace, width: int = 1280, theme: str = "light") -> ViewPage:
        page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        opened.append(ViewPage(page, trace, theme, steerable=True))
        return opened[-1]

    yield show
    for view in opened:
        assert view.errors == []
        view.page.close()


def asked(*payloads: bytes) -> Story:
    """alice has asked the server, which has received all of it and answered nothing."""
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    for n, payload in enumerate(payloads):
        story.send(1 + n, ALICE, payload)
        story.wire(1.2 + n, "1>", payload)
        story.recv(1.5 + n, SERVER, "1>", AUTO, payload)
    return story


def inside(one: Any, other: Any) -> bool:
    return bool(
        one["x"] >= other["x"]
        and one["y"] >= other["y"]
        and one["x"] + one["width"] <= other["x"] + other["width"]
        and one["y"] + one["height"] <= other["y"] + other["height"]
    )


@pytest.mark.parametrize(
    "payload", ["Task-0", "a payload that is far wider than any card on a stage could be", "経路識別子" * 9]
)
def test_the_message_in_a_programs_hands_lies_on_its_card_with_its_words(show: Open, payload: str):
    view = show(asked(payload.encode()).trace(), 620)
    pill = view.root.locator("[data-pill='1']")
    said = pill.locator("text").text_content() or ""
    assert said.removesuffix("…") == payload[: len(said.removesuffix("…"))]
    assert len(said) > 4
    assert (pill.locator("title").text_content() or "").startswith("#1  alice → server")
    assert inside(pill.locator("rect").bounding_box(), view.root.locator("[data-actor=server]").bounding_box())
    assert inside(pill.locator("text").bounding_box(), pill.locator("rect").bounding_box())


def test_a_message_is_in_hand_until_the_next_call(show: Open):
    story = asked(b"Task-0")
    trace = story.trace()
    view = show(trace)
    expect(view.root.locator("[data-pill='1']")).to_have_count(1)
    story.send(9, SERVER, AUTO, b"Done: Task-0")
    view.news()
    expect(view.root.locator("[data-pill='1']")).to_have_count(0)


def test_a_card_says_where_its_program_waits(show: Open):
    story = asked(b"Task-0")
    view = show(story.trace())
    state = view.root.locator("[data-actor=server] .zf-state")
    expect(state).to_have_text("works")
    story.wait(9, SERVER, "recv")
    view.news()
    expect(state).to_have_text("waits in recv")
    expect(view.root.locator("[data-pill='1']")).to_have_count(0)
    story.at(10, "wait", SERVER, "", 0)
    view.news()
    expect(state).to_have_text("started")
    for n in range(3):
        number = story.send(11 + n, SERVER, AUTO, b"Done")
    story.at(14, "blocked", SERVER, number)
    view.news()
    expect(state).to_have_text("waits in send: queue full")
