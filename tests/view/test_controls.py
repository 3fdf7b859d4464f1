"""The buttons that steer a lab: what they ask the kernel to do, and that what they show is what the batches tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import Locator, expect

from tests.view.page import MODES, ViewPage
from tests.view.pages import Pages
from tests.view.story import ALICE, SERVER, Story, steered
from zmqlab.trace.reading import Reading
from zmqlab.trace.trace import Trace

Steer = Callable[..., "Steered"]


class Steered(ViewPage):
    """A view of a lab that runs, and the story that goes on in it."""

    story: Story

    def goes_on(self) -> None:
        """The kernel tells what has happened in the story since."""
        self.news()
        self.frames(2)

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name)

    def pill(self, message: int) -> Locator:
        return self.root.locator(f"[data-held='{message}']")

    def link(self, name: str) -> Locator:
        return self.root.locator(f"[data-link='{name}']")

    def menu(self) -> Locator:
        return self.root.get_by_role("dialog")

    def offer(self, name: str) -> Locator:
        return self.menu().get_by_role("button", name=name, exact=True)

    def let_go(self, ms: float, lane: str, number: int) -> None:
        """A message arrives that was held, and the view hears of it."""
        self.story.arrived(ms, lane, number)
        self.goes_on()


@pytest.fixture
def steer(pages: Pages) -> Iterator[Steer]:
    """Open the view of a lab; at the end no error may have been thrown in it."""
    opened: list[Steered] = []

    def steer(
        story: Story | None = None, width: int = 1280, steerable: bool = True, trace: Trace | None = None
    ) -> Steered:
        story = story or steered()
        view = Steered(pages.take(width, still=True), trace or story.trace(), steerable=steerable)
        view.story = story
        opened.append(view)
        return view

    yield steer
    for view in opened:
        pages.put_back(view.leave())


def test_hold_is_what_the_kernel_tells_and_not_what_was_clicked(steer: Steer):
    view = steer()
    release = view.button("Release 4")
    release.click()
    assert view.asked() == [{"action": "release"}]
    expect(release).to_have_attribute("data-waits", "")
    release.click()
    assert len(view.asked()) == 1, "it was asked for already"
    view.story.control(10, "release")
    view.goes_on()
    hold = view.button("Hold")
    expect(hold).not_to_have_attribute("data-waits", "")
    hold.click()
    assert view.asked()[1:] == [{"action": "hold"}]


def test_links_that_are_held_alone_are_released_together(steer: Steer):
    story = steered()
    story.control(9, "release")
    story.control(9, "hold", "bob", "server")
    view = steer(story)
    expect(view.button("Hold")).to_be_visible()
    view.button("Release 1").click()
    assert view.asked() == [{"action": "release"}]


def test_keys_hold_release_and_step(steer: Steer):
    view = steer()
    view.canvas.focus()
    view.page.keyboard.press("h")
    view.page.keyboard.press("j")
    assert view.asked() == [{"action": "release"}, {"action": "step"}]


def test_a_view_of_a_lab_that_is_closed_has_no_buttons(steer: Steer):
    view = steer(steerable=False)
    expect(view.button("Release")).to_be_hidden()
    assert view.root.locator("button.zf-more-of:visible").count() == 0
    expect(view.link("alice ↔ server")).to_be_disabled()
    view.canvas.focus()
    for key in "hjg":
        view.page.keyboard.press(key)
    view.pill(1).dblclick()
    assert view.asked() == []


def test_a_lab_that_is_closed_takes_its_buttons_along(steer: Steer):
    view = steer()
    view.link("alice ↔ server").click()
    expect(view.menu()).to_be_visible()
    view.page.evaluate("() => { window.kernel.set('live', false); window.kernel.set('steerable', false); }")
    expect(view.menu()).to_be_hidden()
    expect(view.button("Release")).to_be_hidden()


def test_the_latency_is_sent_when_the_slider_is_let_go(steer: Steer):
    view = steer()
    slider = view.root.get_by_role("slider", name="latency of all links")
    box = slider.bounding_box()
    assert box is not None
    x, y = box["x"], box["y"] + box["height"] / 2
    view.page.mouse.move(x + 8, y)
    view.page.mouse.down()
    for part in (0.3, 0.5, 0.7):
        view.page.mouse.move(x + part * box["width"], y)
        view.goes_on()
    assert view.asked() == []
    words = view.root.locator(".zf-bar .zf-amount")
    in_hand = words.inner_text()
    assert in_hand.endswith(" ms")
    view.page.mouse.up()
    (asked,) = view.asked()
    assert asked["action"] == "latency"
    assert 0.1 < asked["seconds"] < 1
    view.story.control(10, "latency", value=2.0)
    view.goes_on()
    expect(words).to_have_text("2 s")
    slider.press("Home")
    assert view.asked()[-1] == {"action": "latency", "seconds": 0}


def test_what_cannot_be_done_is_said_and_can_be_dismissed(steer: Steer):
    view = steer()
    step = view.root.locator("[aria-keyshortcuts=J]")
    step.click()
    expect(step).to_have_attribute("data-waits", "")
    view.refuse("no message is held. <b>lab.hold()</b> holds those that come from then on")
    status = view.root.locator(".zf-refusal [role=status]")
    expect(status).to_have_text("no message is held. <b>lab.hold()</b> holds those that come from then on")
    expect(step).not_to_have_attribute("data-waits", "")
    view.button("dismiss").click()
    expect(status).to_be_empty()


def test_a_kernel_that_does_not_answer_is_busy(steer: Steer):
    view = steer()
    view.root.locator("[aria-keyshortcuts=J]").click()
    status = view.root.locator(".zf-refusal [role=status]")
    expect(status).to_contain_text("Not done yet", timeout=10_000)
    view.let_go(10, "1>", 0)
    expect(status).to_be_empty()


def test_held_messages_queue_before_the_middle_of_their_link_the_first_in_front(steer: Steer):
    story = steered()
    trace = story.trace()
    trace.reading = Reading(label=lambda m: f"m{m.id}")
    view = steer(story, width=1600, trace=trace)
    boxes = [view.pill(n).bounding_box() for n in (1, 2, 3)]
    handle = view.link("alice ↔ server").bounding_box()
    assert handle is not None
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
    assert edges[2][1] <= edges[1][0]
    assert edges[1][1] <= edges[0][0]
    assert edges[0][1] <= handle["x"] + 1
    assert [view.pill(n).get_attribute("data-first") for n in (1, 2, 3, 4)] == ["", None, None, ""]


def test_a_pill_has_the_words_of_its_message_and_its_name_the_number(steer: Steer):
    view = steer()
    expect(view.pill(2)).to_have_text("Task-1")
    expect(view.pill(2)).to_have_attribute("aria-label", re.compile("^held #2 "))
    expect(view.pill(2)).to_have_attribute("title", re.compile("^#2 "))


def test_a_click_selects_a_held_message_and_offers_to_let_it_go(steer: Steer):
    view = steer()
    view.pill(4).click()
    view.expect("selected", 4)
    assert view.asked() == []
    view.button("Let #4 go").click()
    assert view.asked() == [{"action": "step", "message": 4}]
    view.let_go(10, "2>", 0)
    expect(view.pill(4)).to_have_count(0)
    expect(view.button("Let #4 go")).to_be_hidden()


def test_the_order_is_chosen_by_double_clicks(steer: Steer):
    view = steer()
    for message, lane, number in ((4, "2>", 0), (1, "1>", 0), (2, "1>", 1)):
        view.pill(message).dblclick()
        view.let_go(10 + message, lane, number)
        expect(view.pill(message)).to_have_count(0)
    assert [asked["message"] for asked in view.asked()] == [4, 1, 2]


def test_nothing_moves_that_is_about_to_be_clicked_again(steer: Steer):
    view = steer(width=848)
    view.pill(1).hover()
    before = view.pill(4).bounding_box()
    view.pill(4).click()
    view.expect("selected", 4)
    view.refuse("this cannot be done")
    view.frames(2)
    assert view.pill(4).bounding_box() == before


def test_one_that_is_not_the_first_says_which_goes_first(steer: Steer):
    view = steer()
    view.pill(2).click()
    bubble = view.root.locator(".zf-bubble")
    expect(bubble.locator("span")).to_have_text("#1 goes first: TCP keeps the order of a connection")
    assert bubble.get_by_role("button").count() == 0
    view.pill(2).press("Enter")
    assert view.asked() == []
    expect(view.root.locator(".zf-refusal [role=status]")).to_contain_text("#1 goes first")


def test_enter_lets_go_and_the_focus_goes_on_to_the_next(steer: Steer):
    view = steer()
    view.pill(1).focus()
    view.page.keyboard.press("Enter")
    view.let_go(10, "1>", 0)
    expect(view.pill(2)).to_be_focused()
    view.page.keyboard.press("Enter")
    assert view.asked() == [{"action": "step", "message": 1}, {"action": "step", "message": 2}]


def test_g_lets_the_chosen_message_go(steer: Steer):
    view = steer()
    view.root.locator("[data-message-id='4']").click()
    view.page.keyboard.press("g")
    assert view.asked() == [{"action": "step", "message": 4}]


def test_more_messages_than_there_is_room_for_are_counted(steer: Steer):
    story = steered()
    for n in range(20):
        story.send(10 + n, "1.1", b"more")
        story.held(10.2 + n, "1>", b"more")
    view = steer(story, width=1024)
    drawn = view.root.locator(".zf-held").count() - 1  # one is bob's
    expect(view.root.locator(".zf-rest")).to_have_text(f"+{23 - drawn}")


def test_a_link_is_held_cut_and_slowed_in_its_menu(steer: Steer):
    view = steer()
    handle = view.link("alice ↔ server")
    ends = ["alice", "server"]
    for what in ("Release", "Step", "Cut", "Let #1 go"):
        handle.click()
        expect(view.menu()).to_contain_text("3 held")
        view.offer(what).click()
        expect(view.menu()).to_be_hidden()  # what was done shows on the stage
    handle.click()
    slider = view.menu().get_by_role("slider")
    slider.press("End")
    assert view.asked() == [
        {"action": "release", "link": ends},
        {"action": "step", "link": ends},
        {"action": "cut", "link": ends},
        {"action": "step", "message": 1},
        {"action": "latency", "link": ends, "seconds": 5},
    ]
    view.story.control(10, "cut", "alice", "server")
    view.story.control(11, "latency", "alice", "server", value=5.0)
    view.goes_on()
    expect(view.offer("Heal")).to_be_visible()
    expect(handle).to_have_attribute("data-sign", "cut")
    expect(handle).to_contain_text("5 s")
    expect(view.root.locator("path[data-cut]")).to_have_count(1)
    expect(view.link("bob ↔ server")).to_have_attribute("data-sign", "held")


def test_a_click_on_the_line_opens_the_menu_and_a_press_beside_it_closes_it(steer: Steer):
    view = steer()
    at = view.root.locator(".zf-reach").first.evaluate(
        """(line) => {
          const {x, y} = line.getPointAtLength(0.8 * line.getTotalLength());
          const box = line.ownerSVGElement.getBoundingClientRect();
          return [box.x + x, box.y + y];
        }"""
    )
    view.page.mouse.click(*at)
    expect(view.menu()).to_be_visible()
    view.root.locator("h2").click()
    expect(view.menu()).to_be_hidden()


def test_a_menu_stays_beside_its_thing_when_the_window_gets_another_size(steer: Steer):
    view = steer(width=1024)
    more = view.root.get_by_role("button", name="what can be done to server")
    more.click()
    view.page.set_viewport_size({"width": 1900, "height": 900})
    view.frames(4)
    menu, anchor = view.menu().bounding_box(), more.bounding_box()
    assert menu is not None
    assert anchor is not None
    assert menu["x"] < anchor["x"] < menu["x"] + menu["width"]


def test_an_actor_is_crashed_hung_and_started_again_by_keyboard(steer: Steer):
    view = steer()
    card = view.root.locator("[data-actor=server]")
    more = card.get_by_role("button", name="what can be done to server")
    more.focus()
    keyboard = view.page.keyboard
    keyboard.press("Enter")
    expect(view.offer("Crash")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    assert view.asked() == [{"action": "hang", "actor": "server"}]
    view.story.control(10, "hang", "server")
    view.goes_on()
    expect(card).to_have_attribute("data-state", "hung")
    expect(card).to_contain_text("hung")
    expect(view.menu()).to_be_hidden()
    expect(more).to_be_focused()
    keyboard.press("Enter")
    expect(view.offer("Resume")).to_be_visible()
    keyboard.press("Escape")
    expect(view.menu()).to_be_hidden()
    expect(more).to_be_focused()


def test_an_actor_that_has_crashed_can_only_be_started_again_and_the_menu_says_why(steer: Steer):
    view = steer()
    view.story.control(10, "crash", "server")
    view.story.at(11, "actor", "server", "crashed")
    view.story.at(11, "socket", SERVER, "closed", "server", "ROUTER")
    view.goes_on()
    card = view.root.locator("[data-actor=server]")
    expect(card).to_contain_text("✖ crashed")
    card.get_by_role("button", name="what can be done").click()
    crash = view.offer("Crash")
    expect(crash).to_have_attribute("aria-disabled", "true")
    expect(view.menu()).to_contain_text("it does not run: crashed")
    crash.click(force=True)
    assert view.asked() == []
    view.offer("Restart").click()
    assert view.asked() == [{"action": "restart", "actor": "server"}]


def test_nothing_can_be_done_to_the_notebooks_own_context(steer: Steer):
    story = steered()
    story.at(0, "actor", "me", "started", "cell")
    view = steer(story)
    expect(view.root.locator("[data-actor=me] button")).to_be_hidden()


def test_a_replay_shows_its_own_moment_and_the_buttons_those_of_now(steer: Steer):
    view = steer()
    view.page.keyboard.press("Home")
    view.canvas.focus()
    view.page.keyboard.press("Home")
    view.expect("mode", "paused")
    assert view.root.locator(".zf-held").count() == 0
    expect(view.link("alice ↔ server")).to_have_attribute("data-sign", "none")
    expect(view.button("Release 4")).to_be_visible()


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_nothing_is_wider_than_the_view(steer: Steer, width: int):
    view = steer(width=width)
    view.link("bob ↔ server").click()
    assert view.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    menu, root = view.menu().bounding_box(), view.root.bounding_box()
    assert menu is not None
    assert root is not None
    assert menu["y"] + menu["height"] <= root["y"] + root["height"]


def test_who_holds_messages_back_sees_now_and_no_replay(steer: Steer):
    view = steer()
    view.page.emulate_media(reduced_motion="no-preference")
    view.root.evaluate(MODES)
    for n in range(3):
        view.story.send(20 + n, ALICE, b"more")
        view.story.held(20.5 + n, "1>", b"more")
    view.goes_on()
    view.page.wait_for_timeout(1500)  # three times the rest before a replay: that nothing happens shows only with time
    assert "replay" not in view.page.evaluate("() => [...window.modes]")
