"""The stage in a browser: what stands on messages and cards, and that nothing covers anything else, at every width."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import expect

from tests.view.crowd import in_trouble, through_a_broker
from tests.view.page import Open
from tests.view.story import ALICE, AUTO, SERVER, Story, brokered, steered, two_servers
from zmqlab.trace.trace import Trace


@pytest.fixture
def show(show: Open) -> Open:
    """Of the view of a lab."""
    return partial(show, steerable=True)


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


def test_of_the_notebooks_own_context_nobody_says_that_it_works(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("me", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(0, "actor", "me", "started", "cell")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"hello")
    story.wire(1.2, "1>", b"hello")
    story.recv(1.5, SERVER, "1>", AUTO, b"hello")
    view = show(story.trace())
    expect(view.root.locator("[data-pill='1']")).to_have_count(1)
    expect(view.root.locator("[data-actor=me] .zf-state")).to_have_text("started")


def test_an_empty_view_says_one_thing_to_do(show: Open):
    story = Story()
    view = show(story.trace())
    expect(view.root.locator(".zf-empty")).to_contain_text("Run the next cell")
    for part in (".zf-transport", ".zf-spacetime", ".zf-lower"):
        expect(view.root.locator(part)).to_be_hidden()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.send(1, ALICE, b"hello")
    view.news()
    expect(view.root.locator(".zf-empty")).to_be_hidden()
    expect(view.canvas).to_be_visible()
    view.frames(3)
    assert view.ink() > 100


# -- nothing covers anything ------------------------------------------------------------------------------------------

WIDTHS = (480, 620, 960, 1280, 1920)

# The boxes of what stands on the stage: what is inside another thing of the list is a part of it.
BOXES = """(root) => {
  const floor = root.querySelector(".zf-floor").getBoundingClientRect();
  const boxes = {};
  for (const kind of ["zf-card", "zf-handle", "zf-held", "zf-rest", "zf-pill"])
    for (const [n, one] of root.querySelectorAll(`.${kind}`).entries()) {
      if (one.hidden) continue;
      const seen = kind === "zf-pill" ? one.querySelector("rect") : one;
      let {left, top, right, bottom} = seen.getBoundingClientRect();
      if (one.dataset.sign === "none") [left, top, right, bottom] = [left + 5, top + 5, right - 5, bottom - 5];
      const name = one.dataset.actor ?? one.dataset.link ?? one.textContent;
      boxes[`${kind} ${n} ${name}`] = [left - floor.left, top - floor.top, right - floor.left, bottom - floor.top];
    }
  boxes.floor = [0, 0, floor.width, floor.height];
  return boxes;
}"""


def crossed(boxes: dict[str, list[float]]) -> list[tuple[str, str]]:
    """What covers what; the message in a program's hands is meant to lie on its card."""
    names = [name for name in boxes if name != "floor"]
    found = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            a, b = boxes[one], boxes[other]
            wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            within = other.startswith("zf-pill") and b[0] >= a[0] and b[2] <= a[2] and b[1] >= a[1] and b[3] <= a[3]
            if wide > 1 and high > 1 and not within:
                found.append((one, other))
    return found


def outside(boxes: dict[str, list[float]]) -> list[str]:
    left, top, right, bottom = boxes["floor"]
    return [
        name
        for name, box in boxes.items()
        if box[0] < left - 1 or box[1] < top - 11 or box[2] > right + 1 or box[3] > bottom + 11
    ]


def held_everywhere() -> Story:
    """Many messages with long words are held on both ways between three clients, a broker and two workers."""
    story = Story()
    clients, workers = ("1.1", "1.2", "1.3"), ("1.6", "1.7")
    for n, socket in enumerate(clients):
        story.actor(f"client-{n}", socket, "DEALER", connects="tcp://127.0.0.1:5555")
        story.connection(f"1{n}", socket, "1.4")
    story.actor("the broker", "1.4", "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(0, "socket", "1.5", "opened", "the broker", "ROUTER")
    story.at(0, "endpoint", "1.5", "bind", "tcp://127.0.0.1:5556")
    for n, socket in enumerate(workers):
        story.actor(f"worker-{n}", socket, "DEALER", connects="tcp://127.0.0.1:5556")
        story.connection(f"2{n}", socket, "1.5")
    story.control(0.5, "hold")
    for n in range(5):
        for i, socket in enumerate(clients):
            story.send(1 + n, socket, b"a rather long payload %d" % n)
            story.held(1.2 + n, f"1{i}>", b"a rather long payload %d" % n)
            story.held(2.2 + n, f"1{i}<", b"Done %d" % n)
        for i, _ in enumerate(workers):
            story.held(1.3 + n, f"2{i}<", b"Task-%d" % n)
    return story


def many(actors: int) -> Story:
    """So many clients ask one server, and each has a message in hand or held."""
    story = Story()
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    for n in range(actors):
        story.actor(f"client-{n}", f"2.{n}", "DEALER", connects="tcp://127.0.0.1:5555")
        story.connection(str(n), f"2.{n}", SERVER)
        story.send(1, f"2.{n}", b"Task-%d" % n)
        story.held(1.2, f"{n}>", b"Task-%d" % n)
    story.control(0.5, "hold")
    return story


CROWDED: dict[str, Callable[[], Trace]] = {
    "in hand": lambda: asked(b"Task-0", b"a payload that is far wider than any card could be").trace(),
    "two servers": lambda: two_servers().trace(),
    "held": lambda: steered().trace(),
    "held everywhere": lambda: held_everywhere().trace(),
    "a crowd": through_a_broker,
    "trouble": in_trouble,
    "a broker": brokered,
    "twelve clients": lambda: many(12).trace(),
}


@pytest.mark.parametrize("story", CROWDED)
def test_nothing_covers_anything_at_any_width(show: Open, story: str):
    view = show(CROWDED[story](), WIDTHS[0])
    for width in WIDTHS:
        view.page.set_viewport_size({"width": width, "height": 900})
        view.frames(4)
        boxes = view.root.evaluate(BOXES)
        assert len(boxes) > 2
        assert crossed(boxes) == [], width
        assert outside(boxes) == [], width


def test_what_covers_another_would_be_seen():
    floor = [0.0, 0.0, 100.0, 100.0]
    card, pill = [0.0, 0.0, 50.0, 50.0], [40.0, 10.0, 60.0, 20.0]
    assert crossed({"zf-card 0 a": card, "zf-pill 0 b": pill, "floor": floor}) == [("zf-card 0 a", "zf-pill 0 b")]
    assert crossed({"zf-card 0 a": card, "zf-pill 0 b": [1.0, 1.0, 9.0, 9.0], "floor": floor}) == []
    assert outside({"zf-card 0 a": [90.0, 0.0, 120.0, 20.0], "floor": floor}) == ["zf-card 0 a"]


def test_cards_in_a_panel_say_all_they_have_room_for(show: Open):
    view = show(held_everywhere().trace(), 620)
    card = view.root.locator(".zf-card").first
    heights = []
    for height in range(2000, 700, -50):
        view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), height])
        view.page.set_viewport_size({"width": 620, "height": height})
        view.frames(3)
        heights.append(card.evaluate("(card) => card.offsetHeight"))
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3


FITS = """() => {
  const {scrollHeight, clientHeight} = document.querySelector(".zf-stage");
  return scrollHeight <= clientHeight + 1;
}"""
IN_A_PANEL = """([root, height]) => {
  root.dataset.seat = "beside";
  root.parentElement.style.height = `${height}px`;
  document.body.style.margin = 0;
}"""


@pytest.mark.parametrize("story", ["in hand", "a crowd", "a broker", "held", "two servers"])
def test_in_a_panel_all_cards_are_seen_without_scrolling(show: Open, story: str):
    view = show(CROWDED[story](), 480)
    view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), 860])
    for width in (480, 620, 720):
        view.page.set_viewport_size({"width": width, "height": 860})
        view.frames(6)
        view.page.wait_for_function(FITS, timeout=10_000)
        boxes = view.root.evaluate(BOXES)
        assert crossed(boxes) == [], width
        assert outside(boxes) == [], width


LANES = """() => {
  const {scrollHeight, clientHeight} = document.querySelector(".zf-canvas");
  return scrollHeight <= clientHeight;
}"""


@pytest.mark.parametrize(("width", "height"), [(600, 712), (680, 812)], ids=["1280x800", "1440x900"])
@pytest.mark.parametrize("actors", [5, 6, 8])
def test_in_a_panel_all_lanes_are_seen_without_scrolling(show: Open, actors: int, width: int, height: int):
    """As large as JupyterLab's panel is in a window of that size. Chosen messages want the room for themselves."""
    view = show({5: many(4).trace, 6: held_everywhere().trace, 8: through_a_broker}[actors](), width)
    view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), height])
    view.page.set_viewport_size({"width": width, "height": height})
    view.page.wait_for_function(FITS, timeout=10_000)
    view.page.wait_for_function(LANES, timeout=10_000)


def test_in_a_panel_the_bar_and_the_legend_take_one_line_each(show: Open):
    """What they take is missing for the lanes. The tab of the panel has the name of the lab."""
    view = show(in_trouble(jobs=1), 600, title="a lab with a name", steerable=True)
    view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), 712])
    for place, most in ((".zf-bar", 45), (".zf-legend", 20)):
        box = view.root.locator(place).bounding_box()
        assert box is not None
        assert box["height"] < most, place


@pytest.mark.parametrize("height", [560, 680], ids=["1280x640", "1366x768"])
def test_in_a_panel_a_long_list_is_clicked_whatever_its_heading_has_to_say(show: Open, height: int):
    view = show(in_trouble(jobs=30), 600)
    view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), height])
    view.page.set_viewport_size({"width": 600, "height": height})
    view.frames(6)
    rows = view.root.locator("[data-message-id]")
    assert rows.count() == 60
    assert view.root.locator(".zf-log small").nth(1).inner_text() == "91 to 150 of 150"
    chosen = rows.first.get_attribute("data-message-id")
    rows.first.click(timeout=5000)
    view.expect("selected", chosen)


def test_in_a_panel_what_has_no_room_is_scrolled_to(show: Open):
    view = show(in_trouble(jobs=30), 600)
    view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), 400])
    view.page.set_viewport_size({"width": 600, "height": 400})
    view.frames(6)
    view.page.mouse.move(20, 5)
    view.page.mouse.wheel(0, 2000)
    expect(view.root.get_by_role("listbox")).to_be_in_viewport(ratio=0.9)


def test_a_stage_with_small_cards_leaves_the_rest_to_the_diagram_and_takes_it_back(show: Open):
    view = show(brokered(), 600)
    share = []
    for height in (1200, 700, 1200):  # there is room for all that cards have to say, for their state alone, for all
        view.page.evaluate(IN_A_PANEL, [view.root.element_handle(), height])
        view.page.set_viewport_size({"width": 600, "height": height})
        view.frames(6)
        share.append(view.root.evaluate("(root) => root.querySelector('.zf-stage').offsetHeight / root.clientHeight"))
    assert share[0] == share[2] == pytest.approx(0.37, abs=0.01)
    assert share[1] < 0.35
