"""Many lanes in a browser: collapsed into groups, scrolled under an axis that stays, and told apart by their names."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import expect

from tests.view.axe import violations
from tests.view.page import Open, ViewPage
from tests.view.story import SERVER, Story
from zmqlab.trace.source import Source
from zmqlab.trace.trace import Trace
from zmqlab.view.svg import to_svg

ENDPOINT = "tcp://127.0.0.1:5555"
FAMILY = "worker-of-the-orders-department-"


def many(actors: int) -> Trace:
    """A server, and so many others that ask it something."""
    story = Story()
    story.actor("server", SERVER, "ROUTER", binds=ENDPOINT)
    for n in range(1, actors):
        name, socket = f"{FAMILY}{n:04}", f"1.{n + 10}"
        story.actor(name, socket, "DEALER", connects=ENDPOINT)
        story.at(0.5, "connection", str(n), "opened", socket, SERVER, ENDPOINT)
        story.send(n + 1, socket, b"tea for %d" % n)
        story.wire(n + 1.1, f"{n}>", b"tea for %d" % n)
        story.recv(n + 1.5, SERVER, f"{n}>", b"id", b"tea for %d" % n)
    return story.trace()


def processes() -> Trace:
    """Two processes, of which one has two threads."""
    story = Story()
    story.actor("broker", SERVER, "ROUTER", binds=ENDPOINT)
    for n, name in enumerate(("shop", "shop/a clerk"), 1):
        story.actor(name, f"1.{n + 10}", "DEALER", connects=ENDPOINT)
        story.send(n, f"1.{n + 10}", b"tea")
    trace = story.trace()
    trace.log.sources = (Source("broker", pid=1), Source("shop", pid=2))
    return trace


def height(view: ViewPage) -> float:
    return float(view.page.evaluate("document.documentElement.scrollHeight"))


def test_three_hundred_actors_are_two_rows_and_two_cards_on_a_page_that_is_not_long(show: Open):
    view = show(many(300))
    lanes = view.root.locator(".zf-lane")
    assert lanes.count() == view.root.locator(".zf-card").count() == 2
    assert "299" in lanes.nth(0).inner_text()
    assert "299 lanes collapsed" in view.root.locator(".zf-spacetime h3 small").inner_text()
    assert height(view) < 1_500
    assert view.ink() > 1_000
    card = view.root.locator(".zf-card.zf-many")
    assert "299 sockets" in card.inner_text()
    assert "299 started" not in card.inner_text()  # all are: one word is enough
    assert "started" in card.inner_text()


def test_expanded_they_are_scrolled_to_while_the_axis_stays(show: Open):
    view = show(many(300))
    view.root.get_by_role("button", name="expand").first.click()
    lanes = view.root.locator(".zf-lane")
    expect(lanes).to_have_count(301)  # with the heading
    assert height(view) < 2_200
    box, canvas = view.root.locator(".zf-canvas").bounding_box(), view.canvas.bounding_box()
    assert box
    assert canvas
    assert canvas["height"] <= box["height"] + 1 < 700
    for message in (299, 250):
        view.root.locator(f"[data-message-id='{message}']").click()
        view.expect("selected", message)
        lane = lanes.filter(has_text=f"{message:04}").bounding_box()
        canvas = view.canvas.bounding_box()
        assert lane
        assert canvas
        assert canvas["y"] < lane["y"] < canvas["y"] + canvas["height"] - 40, "its lane is in sight, above the axis"
        assert canvas["y"] == view.root.locator(".zf-canvas").bounding_box()["y"]  # type: ignore[index]
    assert view.root.locator(".zf-lane[data-kind=open] button").get_attribute("aria-expanded") == "true"


def test_of_a_long_name_both_ends_are_seen_and_all_of_it_is_told(show: Open):
    view = show(many(12))
    lane = view.root.locator(".zf-lane").filter(has_text="0007")
    seen = lane.locator("[aria-hidden]").inner_text()
    assert re.fullmatch("worker-.*….*0007", seen)
    name = f"{FAMILY}0007"
    assert lane.get_attribute("title") == lane.locator(".zf-spoken").inner_text() == name
    assert view.root.locator(f".zf-card[data-actor={name}] strong").inner_text().endswith("0007")


def test_the_lanes_of_a_process_are_collapsed_by_the_keyboard_and_expanded(show: Open):
    view = show(processes())
    shop = view.root.locator("[data-group=shop][aria-expanded]")
    seen = [text.split("\n")[0] for text in view.root.locator(".zf-lane").all_inner_texts()]
    assert seen == ["▾ shop", "shop", "a clerk", "broker"]
    shop.focus()
    view.page.keyboard.press("Enter")
    expect(view.root.locator(".zf-lane")).to_have_text([re.compile("▸ shop .2"), "broker"])
    assert shop.evaluate("(button) => button === document.activeElement")
    view.click_arrow(2)  # its messages are on the one lane
    view.expect("selected", 2)
    shop.press("Enter")
    expect(view.root.locator(".zf-lane")).to_have_count(4)


def test_the_drawing_of_three_hundred_is_not_high():
    svg = to_svg(many(300))
    found = re.search(r'height="(\d+)"', svg)
    assert found is not None
    assert int(found[1]) < 1_500
    assert "worker-of-the-orders-department-* (299)" in svg


def test_nothing_of_it_is_in_the_way_of_who_uses_a_keyboard_or_a_screen_reader(show: Open):
    view = show(many(45))
    assert violations(view.page) == []
    view.root.locator(".zf-lane button").click()
    expect(view.root.locator(".zf-lane")).to_have_count(46)
    assert violations(view.page) == []
