"""The live view in a browser: drawn, clicked, steered by keys, flooded, and gone without a trace."""

from __future__ import annotations

import itertools
import json
import pickle
from functools import partial
from typing import Literal

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import expect

from tests.view.page import MODES, Open, ViewPage
from tests.view.story import ALICE, AUTO, SERVER, Story, burst, echo, read_between
from zmqlab.trace.trace import Trace
from zmqlab.view.saying import STANDING


@pytest.fixture
def show(show: Open) -> Open:
    """Of a view in which things move."""
    return partial(show, still=False)


def texts(view: ViewPage, selector: str) -> list[str]:
    return view.root.locator(selector).all_inner_texts()


def test_everything_that_happened_is_there(show: Open):
    view = show(echo())
    for name, value in {"messages": 5, "received": 4, "dropped": 1, "undrawn": 0, "live": "true"}.items():
        view.expect(name, value)
    assert texts(view, ".zf-card strong") == ["alice", "bob", "server"]
    assert view.root.locator("[data-message-id]").count() == 5
    assert view.ink() > 1000


def test_what_is_in_a_payload_is_told_as_far_as_it_can_be(show: Open):
    story = Story()
    story.actor("alice", ALICE, "PUSH", connects="tcp://127.0.0.1:5555")
    for frame in (
        b'{"to":{"street":"<b>Elm</b>"}}',
        pickle.dumps([7]),
        b"\x82\xa1a\x01\xa1b\x02",
        b"\xff\x00\x01\x02\x03",
    ):
        story.send(1, ALICE, frame)
    trace = story.trace()
    trace.read(decode=lambda frames: f"<i>{len(frames[0])}</i>" if frames[0][0] != 255 else 1 / 0)  # type: ignore[arg-type, return-value]
    view = show(trace)
    seen = {}
    for message in range(1, 5):
        view.root.locator(f"[data-message-id='{message}']").click()
        view.expect("selected", message)
        seen[message] = (
            view.root.locator(".zf-inspector tr[data-frame] td").nth(2).inner_text(),
            texts(view, ".zf-read pre"),
        )
    assert seen[1] == (
        '{"to":{"street":"<b>Elm</b>"}}',
        ["<i>30</i>", '{\n  "to": {\n    "street": "<b>Elm</b>"\n  }\n}'],
    )
    assert seen[2] == ("(pickle)", ["<i>17</i>"])
    assert seen[3] == ("(msgpack)", ["<i>7</i>"])
    assert seen[4] == ("(binary)", ["decode failed: ZeroDivisionError: division by zero"])
    assert texts(view, ".zf-error pre") == ["decode: ZeroDivisionError: division by zero (message #4)"]
    assert texts(view, ".zf-log .zf-label")[1:] == ["pickle 17 B", "msgpack 7 B", "ff 00 01… 5 B"]
    assert view.root.locator(".zf-read b, .zf-read i").count() == 0


def test_a_click_in_the_diagram_shows_the_frames_at_both_ends(show: Open):
    view = show(echo())
    view.click_arrow(1)
    view.expect("selected", 1)
    sent, got = view.root.locator(".zf-inspected > table").all()
    assert sent.locator("tr[data-frame] td").all_inner_texts() == ["0", "payload", "Task-0", "54 61 73 6b 2d 30", "6"]
    assert got.locator("tr[data-frame]").first.locator("td").all_inner_texts() == [
        *("0", "routing id", "(id of alice)", "00 6b 8b 45 67", "5")
    ]
    assert "unread in server's incoming queue" in texts(view, ".zf-journey")[0]


def test_all_frames_of_both_ends_are_seen_without_scrolling_and_the_next_message_moves_nothing(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    for n, frames in enumerate([(b"", b"Hello world of frames"), (b"x",)]):
        story.send(1 + n, ALICE, *frames)
        story.wire(1.2 + n, "1>", *frames)
        story.recv(9 + n, SERVER, "1>", AUTO, *frames)
    view = show(story.trace(), 848)  # as wide as a cell is on a screen of 1280 px
    inspector, row = view.root.locator(".zf-inspector"), view.root.locator("[data-message-id='2']")
    view.root.locator("[data-message-id='1']").click()
    view.expect("selected", 1)
    assert inspector.evaluate("(box) => box.scrollHeight <= box.clientHeight")
    id = inspector.locator("table[data-end=receiver] .zf-hex").first
    assert id.inner_text() == "00 6b 8b 45 67"
    assert id.evaluate("(cell) => cell.offsetHeight < 24 && cell.scrollWidth <= cell.offsetWidth")
    before = row.bounding_box()
    row.click()
    view.expect("selected", 2)
    assert row.bounding_box() == before


def test_a_click_beside_everything_lets_go(show: Open):
    view = show(echo())
    view.click_arrow(1)
    view.expect("selected", 1)
    view.canvas.click(position={"x": 40, "y": 5})
    view.expect("selected", "")


def test_a_drop_says_why(show: Open):
    view = show(echo())
    view.root.locator("[data-message-id='5']").click()
    view.expect("selected", 5)
    assert "dropped at 30.1 ms: ROUTER: no peer with routing id 'ghost'" in texts(view, ".zf-journey")[0]


def test_every_control_has_a_key(show: Open):
    view = show(burst(40), still=True)
    keyboard = view.page.keyboard
    view.canvas.focus()
    keyboard.press("Enter")
    view.expect("selected", 1)
    keyboard.press("n")
    view.expect("selected", 2)
    keyboard.press("p")
    view.expect("selected", 1)
    keyboard.press("Escape")
    view.expect("selected", "")
    steps, ms, follow = (view.root.get_by_role("button", name=name) for name in ("steps", "milli", "follow"))
    keyboard.press("s")
    assert (steps.get_attribute("aria-pressed"), ms.get_attribute("aria-pressed")) == ("false", "true")
    keyboard.press("f")
    assert follow.get_attribute("aria-pressed") == "false"
    at = "(canvas) => canvas.positionOf(20).x"
    before = view.canvas.evaluate(at)
    keyboard.press("ArrowRight")
    assert view.canvas.evaluate(at) < before
    keyboard.press("l")
    assert follow.get_attribute("aria-pressed") == "true"
    view.root.get_by_role("listbox").focus()
    keyboard.press("ArrowDown")
    view.expect("selected", 1)


def test_every_control_has_a_name(show: Open):
    view = show(echo())
    for control in view.root.locator("button, select, canvas, [role=listbox]").all():
        name = control.get_attribute("aria-label") or control.inner_text()
        assert len(name) > 2, control.evaluate("(element) => element.outerHTML")


def test_the_wheel_zooms_once_the_diagram_was_clicked_and_scrolls_the_page_before(show: Open):
    view = show(burst(8))
    at = "(canvas) => canvas.positionOf(2).x"
    before = view.canvas.evaluate(at)
    view.canvas.hover(position={"x": 600, "y": 60})
    view.page.mouse.wheel(0, -200)
    view.frames(3)
    assert view.canvas.evaluate(at) == before
    view.canvas.focus()
    view.page.mouse.wheel(0, -200)
    view.page.wait_for_function(
        "([canvas, before]) => canvas.positionOf(2)?.x !== before", arg=[view.canvas.element_handle(), before]
    )


def test_news_are_drawn_as_they_come_and_a_gap_is_reported_once(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    view = show(Trace(story.log))
    said = "() => window.kernel.sent.length"
    view.page.wait_for_timeout(2100)  # the view does not ask more often
    story.send(1, ALICE, b"one")
    view.news()
    view.expect("messages", 1)
    assert view.page.evaluate(said) == 1  # hello
    story.send(2, ALICE, b"two")
    view.feed.news()  # lost on its way
    for text in (b"three", b"four"):
        story.send(3, ALICE, text)
        view.news()
    view.expect("messages", 4)
    assert view.page.evaluate(said) == 2
    view.send(view.feed.everything())
    view.page.wait_for_function("() => document.querySelectorAll('[data-message-id]').length === 4")


def test_a_snapshot_is_looked_into_only_by_those_who_missed_something(show: Open):
    view = show(echo())
    view.page.evaluate("(upto) => window.kernel.set('snapshot', {upto, json: 'nonsense'})", view.feed.position)
    mended = json.dumps({**view.feed.everything(2), "upto": view.feed.position + 1})
    view.page.evaluate(
        "([upto, json]) => window.kernel.set('snapshot', {upto, json: new TextEncoder().encode(json)})",
        [view.feed.position + 1, mended],
    )
    view.expect("undrawn", 3)


def test_the_end_is_said(show: Open):
    view = show(echo(), still=True)
    view.page.evaluate("() => window.kernel.set('live', false)")
    view.expect("live", "false")
    assert texts(view, ".zf-live") == ["ended"]


@pytest.mark.parametrize("how", ["lost('comm_live_update')", "lost('comm:close')", "status('autorestarting')"])
def test_a_kernel_that_is_gone_is_not_live(show: Open, how: str):
    view = show(echo(), still=True)
    view.page.evaluate("() => window.kernel.status('busy')")
    view.expect("live", "true")
    view.page.evaluate(f"() => window.kernel.{how}")
    view.expect("live", "false")
    assert texts(view, ".zf-live") == ["kernel gone"]


def test_an_actor_that_was_started_again_leaves_its_error_to_the_printed_lines(show: Open):
    story = Story()
    story.actor("server", SERVER, "ROUTER")
    story.at(4, "actor", "server", "failed", "ZMQError: in use")
    view = show(Trace(story.log))
    assert texts(view, ".zf-last") == ["ZMQError: in use"]
    story.at(9, "actor", "server", "started", "thread")
    view.news()
    view.page.wait_for_function("() => !document.querySelector('.zf-error')")
    assert texts(view, ".zf-last") == [""]
    assert "ZMQError: in use" in " ".join(texts(view, ".zf-printed li"))


def test_no_key_goes_on_to_the_page(show: Open):
    view = show(echo())
    view.page.evaluate("() => { window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key)); }")
    view.root.get_by_role("button", name="fit").focus()
    for key in "abnpx":
        view.page.keyboard.press(key)
    assert view.page.evaluate("() => window.heard") == []
    assert view.root.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_who_chooses_a_message_sees_its_moment_and_goes_on_to_follow(show: Open):
    view = show(burst(200), still=True)
    follow = view.root.get_by_role("button", name="follow")
    assert follow.get_attribute("aria-pressed") == "true"
    view.root.locator("[data-message-id='150']").click()
    view.expect("mode", "paused")
    view.frames(2)
    line, canvas = (view.root.locator(name).bounding_box() for name in (".zf-later", ".zf-canvas"))
    assert line is not None
    assert canvas is not None
    assert canvas["x"] < line["x"] < canvas["x"] + canvas["width"]
    assert follow.get_attribute("aria-pressed") == "true"
    view.page.keyboard.press("Escape")
    view.expect("mode", "live")


def test_cards_of_ended_actors_are_one_line_when_there_are_many(show: Open):
    def heights(count: int) -> list[float]:
        story = Story()
        for n in range(count):
            story.actor(f"actor-{n}", f"1.{n}", "DEALER", connects="tcp://127.0.0.1:5555")
        story.at(5, "actor", "actor-0", "ended")
        view = show(story.trace())
        return [box["height"] for card in view.root.locator(".zf-card").all()[:2] if (box := card.bounding_box())]

    assert heights(4)[0] > 50
    ended, running = heights(5)
    assert ended < 40 < running


def test_what_the_learner_sends_and_prints_is_never_markup(show: Open):
    evil = "<img src=x onerror=window.hacked=1>"
    story = Story()
    story.actor(evil, ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(0, "option", ALICE, "ROUTING_ID", evil.encode())
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, evil.encode())
    story.wire(1.1, "1>", evil.encode())
    story.recv(1.2, SERVER, "1>", AUTO, evil.encode())
    story.at(2, "print", "server", evil)
    story.at(3, "note", "server", evil)
    story.at(4, "actor", "server", "failed", evil)
    view = show(story.trace())
    view.root.locator("[data-message-id='1']").click()
    view.expect("selected", 1)
    assert evil in texts(view, ".zf-inspector .zf-text")[0]
    assert evil in texts(view, ".zf-error pre")[0]
    assert view.root.locator("img").count() == 0
    assert view.page.evaluate("() => window.hacked") is None


def test_an_error_stands_above_everything(show: Open):
    story = Story()
    story.actor("server", SERVER, "ROUTER")
    story.at(4, "actor", "server", "failed", "ZMQError: Address already in use\n  line 3: socket.bind(FRONTEND)")
    view = show(story.trace())
    error = view.root.get_by_role("alert")
    assert "server failed" in error.inner_text()
    assert "line 3: socket.bind(FRONTEND)" in error.inner_text()


def test_a_flood_neither_fills_the_page_nor_hides_what_is_missing(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    view = show(Trace(story.log))
    for round in range(10):
        for n in range(500):
            story.send(1 + round * 500 + n, ALICE, b"%d" % n)
            story.at(1 + round * 500 + n, "print", "alice", f"line {n}")
        view.news()
        view.frames(1)
    view.expect("messages", 5000)
    view.expect("undrawn", 3000)
    assert "drawn 2,000 of 5,000" in texts(view, ".zf-counts")[0]
    assert "out ▮▮▮▮▮▮▮▮… 5,000" in " ".join(texts(view, ".zf-card"))
    view.page.wait_for_timeout(600)  # until the lists have caught up
    assert view.root.locator("*").count() < 2000


@pytest.mark.parametrize("width", [340, 700, 1024, 1280, 1920])
def test_nothing_sticks_out(show: Open, width: int):
    story = Story()
    story.actor("a-server-with-quite-a-long-name", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    for n in range(9):
        story.actor(f"client-{n}", f"1.{10 + n}", "DEALER", connects="tcp://127.0.0.1:5555")
        story.connection(str(n), f"1.{10 + n}", SERVER)
        story.send(1, f"1.{10 + n}", b"x" * 500)
        story.at(2, "print", f"client-{n}", "y" * 500)
    view = show(story.trace(), width)
    view.root.locator("[data-message-id='1']").click()
    view.expect("selected", 1)
    assert view.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    assert view.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    boxes = [card.bounding_box() for card in view.root.locator(".zf-card").all()]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a is not None
            assert b is not None
            apart = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
            assert apart or a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]


# What a rule for a narrow or wide view says, and a later one for every view takes back.
TAKEN_BACK = """() => {
  const said = new Map(), taken = [];
  const walk = (rules, parent, container) => {
    for (const rule of rules) {
      let whom = parent;
      if (rule.selectorText) whom = rule.selectorText.replaceAll("&", parent);
      for (const property of rule.style ?? []) {
        const what = whom + " " + property;
        if (container) said.set(what, container);
        else if (said.has(what)) taken.push(what);
      }
      walk(rule.cssRules ?? [], whom, rule.conditionText ?? container);
    }
  };
  for (const sheet of document.styleSheets) walk(sheet.cssRules, "", "");
  return {said: said.size, taken};
}"""


def test_what_a_narrow_view_has_of_its_own_is_not_taken_back(show: Open) -> None:
    found = show(echo(), 700).page.evaluate(TAKEN_BACK)
    assert found["said"] > 20
    assert found["taken"] == []


@pytest.mark.parametrize("width", [700, 1024, 1280])
def test_where_a_message_is_can_be_read_in_the_list(show: Open, width: int) -> None:
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.send(1, ALICE, b"Task-0")
    view = show(story.trace(), width)
    place = view.root.locator(".zf-log .zf-standing")
    expect(place).to_have_text("waits to be sent")  # the longest of them
    for standing in STANDING.values():
        fits = place.evaluate(
            "(it, words) => { it.textContent = words; return it.scrollWidth <= it.clientWidth; }", standing
        )
        assert fits, standing


def test_it_is_dark_where_jupyterlab_is_or_else_the_system_and_the_diagram_follows_a_change(show: Open):
    view = show(echo())
    systems: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for jupyterlab_is_light, system in itertools.product(("true", "false", None), systems):
        view.page.emulate_media(color_scheme=system)
        view.page.evaluate(
            "(light) => light ? document.body.dataset.jpThemeLight = light : delete document.body.dataset.jpThemeLight",
            jupyterlab_is_light,
        )
        view.frames(3)
        dark = jupyterlab_is_light == "false" or (jupyterlab_is_light is None and system == "dark")
        ground = view.root.evaluate("(root) => getComputedStyle(root).backgroundColor")
        assert ground == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)"), (jupyterlab_is_light, system)
        assert view.names_are_bright() is dark, (jupyterlab_is_light, system)


def test_a_view_hidden_while_the_theme_changes_is_drawn_all_the_same(show: Open):
    view = show(echo())
    view.rest()
    view.page.evaluate(
        """async () => {
          const cell = document.getElementById("cell");
          requestAnimationFrame(() => (cell.style.display = "none"));
          document.querySelector("canvas").width += 1;  // clears it
          document.body.setAttribute("data-jp-theme-light", "false");
          await null;
          requestAnimationFrame(() => (cell.style.display = ""));
        }"""
    )
    view.frames(3)
    assert view.ink() > 1000


MOVES = """async (frames) => {
  const seen = new Set(), pills = new Set();
  for (let i = 0; i < frames; i++) {
    await new Promise((next) => requestAnimationFrame(next));
    for (const pill of document.querySelectorAll("[data-pill]")) {
      pills.add(pill.dataset.pill);
      seen.add(pill.dataset.pill + pill.getAttribute("transform"));
    }
  }
  return seen.size - pills.size;
}"""


def test_a_run_that_is_over_is_shown_again_once_and_says_so(show: Open):
    view = show(echo())
    view.expect("mode", "replay")
    assert texts(view, ".zf-mode") == ["replay, one step at a time"]
    assert view.page.evaluate(MOVES, 60) > 5
    view.rest()
    assert texts(view, ".zf-live") == ["live"]
    view.page.wait_for_timeout(700)  # longer than the rest before a replay
    view.news()
    view.frames(5)
    assert view.root.get_attribute("data-mode") == "live"


def test_of_two_runs_that_are_over_the_last_one_is_shown_again(show: Open):
    """Nobody speaks of the first one any more, and a replay of all would still run when there is news."""
    view = show(read_between().trace())
    view.expect("mode", "replay")
    assert texts(view, ".zf-moment")[0].startswith("run 2 ")


def test_who_wants_it_still_sees_nothing_move_by_itself(show: Open):
    view = show(echo(), still=True)
    assert view.page.evaluate(MOVES, 30) == 0
    assert view.root.get_attribute("data-mode") == "live"


@pytest.mark.parametrize("key", ["End", " "])
def test_a_replay_can_be_skipped_and_stopped(show: Open, key: str):
    view = show(echo())
    view.expect("mode", "replay")
    view.canvas.press(key)
    view.expect("mode", "live" if key == "End" else "paused")
    view.page.wait_for_timeout(700)
    assert view.root.get_attribute("data-mode") != "replay"


def test_a_replay_that_started_by_itself_gives_way_to_live_traffic(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.send(1, ALICE, b"one")
    view = show(Trace(story.log))
    for n in range(4):
        story.send(2 + n, ALICE, b"two")
    view.root.evaluate(MODES)  # now already: on a slow machine the replay may be over before the news come
    view.news()
    view.expect("mode", "replay")
    for n in range(25):
        story.send(10 + n, ALICE, b"more")
    for n in range(30):  # traffic that goes on until a frame was drawn meanwhile, which takes long on a slow machine
        story.send(50 + n, ALICE, b"more")
        view.news()
        view.page.evaluate("() => new Promise(requestAnimationFrame)")
        if "live" in view.page.evaluate("() => window.modes"):
            break
    view.page.wait_for_function("() => window.modes.join().includes('live,replay')")  # at rest, the unseen is shown


def test_back_in_time_everything_is_as_it_was(show: Open):
    view = show(burst(8), still=True)
    card = view.root.locator("[data-actor=server]")
    assert "in 0" in card.inner_text()
    view.canvas.press("Home")
    view.expect("mode", "paused")
    scrub = view.root.get_by_role("slider", name="moment")
    scrub.evaluate("(bar) => { bar.value = 8; bar.dispatchEvent(new Event('input')); }")
    view.page.wait_for_function("() => /in ▮/.test(document.querySelector('[data-actor=server]').innerText)")
    assert scrub.get_attribute("aria-valuetext") == texts(view, ".zf-moment")[0]
    assert view.root.locator(".zf-later").is_visible()
    view.canvas.press("End")
    view.page.wait_for_function("() => document.querySelector('.zf-later').hidden")
    assert "in 0" in card.inner_text()


def test_steps_go_one_event_back_and_on(show: Open):
    view = show(echo(), still=True)
    view.canvas.press(",")
    view.expect("mode", "paused")
    before = texts(view, ".zf-moment")[0]
    view.canvas.press(",")
    view.frames(2)
    assert texts(view, ".zf-moment")[0] != before
    view.root.get_by_role("button", name="one step on").click()
    view.frames(2)
    assert texts(view, ".zf-moment")[0] == before


def test_a_pause_stops_the_picture_and_counts_what_comes(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER")
    story.send(1, ALICE, b"one")
    story.send(2, ALICE, b"two")
    view = show(Trace(story.log), still=True)
    view.canvas.press(",")
    view.expect("mode", "paused")
    moment, out = texts(view, ".zf-moment"), "[data-actor=alice] .zf-queue[data-n='1']"
    assert view.root.locator(out).count() == 1
    for n in range(3):
        story.send(10 + n, ALICE, b"more")
    view.news()
    view.expect("messages", 5)
    view.frames(3)
    assert texts(view, ".zf-moment") == moment
    assert "3 more since" in texts(view, ".zf-mode")[0]
    assert view.root.locator(out).count() == 1
    view.root.get_by_role("button", name="show now").click()
    view.expect("mode", "live")
    assert view.root.locator("[data-actor=alice] .zf-queue[data-n='5']").count() == 1


def test_the_moment_can_be_dragged_in_the_diagram(show: Open):
    view = show(burst(8), still=True)
    box = view.canvas.bounding_box()
    assert box is not None
    axis = box["y"] + box["height"] - 10
    view.page.mouse.move(box["x"] + 300, axis)
    view.page.mouse.down()
    view.expect("mode", "paused")
    before = texts(view, ".zf-moment")
    view.page.mouse.move(box["x"] + 500, axis)
    view.page.mouse.up()
    view.frames(2)
    assert texts(view, ".zf-moment") != before
    assert view.root.get_attribute("data-selected") == ""


def test_the_speed_is_said_and_kept(show: Open):
    view = show(echo(), still=True)
    speed = view.root.get_by_role("slider", name="speed")
    speed.evaluate("(bar) => { bar.value = 0; bar.dispatchEvent(new Event('input')); }")
    view.frames(2)
    assert speed.get_attribute("aria-valuetext") == "0.5 steps a second"
    view.canvas.press(" ")
    view.expect("mode", "replay")
    assert texts(view, ".zf-pace") == ["0.5 steps a second"]


def test_a_message_under_way_can_be_clicked(show: Open):
    view = show(echo(), still=True)
    view.canvas.press("Home")
    view.root.locator("[data-pill='1'] rect").click()
    view.expect("selected", 1)


def test_a_queue_opens_its_graph_by_mouse_and_by_key_and_closes_again(show: Open):
    view = show(burst(8), still=True)
    graph = view.root.get_by_role("region", name="Queues over time")
    queue = view.root.locator("[data-actor=server] [data-queue]").first
    queue.click()
    assert graph.is_visible()
    words = "Queues of server ROUTER over time. in: at most 8."
    expect(graph.get_by_role("img")).to_have_attribute("aria-label", words)  # with the next frame
    assert "alice" in graph.inner_text()
    graph.get_by_role("button", name="close").click()
    assert graph.is_hidden()
    queue.focus()
    view.page.keyboard.press("Enter")
    assert graph.is_visible()


def test_the_graph_of_an_idle_socket_says_so(show: Open):
    view = show(burst(8), still=True)
    view.root.locator("[data-actor=alice] [data-queue]").first.click()
    view.frames(2)
    assert "Queues of alice DEALER" in view.root.locator(".zf-graph").inner_text()


def test_nothing_stays_behind(show: Open):
    view = show(echo())
    before = view.page.evaluate("() => window.kernel.listeners()")
    assert before > 0
    view.page.evaluate("() => window.kernel.remove()")
    assert view.root.count() == 0
    assert view.page.evaluate("() => window.kernel.listeners()") == 0
    asked = view.page.evaluate(
        """async () => {
          let asked = 0;
          const real = window.requestAnimationFrame;
          window.requestAnimationFrame = (act) => { asked++; return real(act); };
          document.body.setAttribute("data-jp-theme-light", "false");
          document.getElementById("cell").style.width = "500px";
          await new Promise((next) => setTimeout(next, 700));
          return asked;
        }"""
    )
    assert asked == 0
