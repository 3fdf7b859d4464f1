"""Reading a run in a browser: roles, the wire, what belongs together, the filter; for everyone, and safe."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import Locator, expect

from tests.view.axe import violations
from tests.view.page import Open, ViewPage
from tests.view.story import ALICE, AUTO, SERVER, Story, brokered, burst, echo, steered
from zmqlab.trace.model import Message
from zmqlab.trace.reading import Reading
from zmqlab.trace.trace import Trace

NULL = ("3.1", "NULL", False, "READY")


def choose(view: ViewPage, message: int) -> None:
    view.root.locator(f"[data-message-id='{message}']").click()
    view.expect("selected", message)


def texts(view: ViewPage, selector: str) -> list[str]:
    return view.root.locator(selector).all_inner_texts()


def dimmed(view: ViewPage) -> list[str]:
    return view.root.locator("li[data-dim]").evaluate_all("(rows) => rows.map((row) => row.dataset.messageId)")


def coloured(view: ViewPage) -> int:
    """How many pixels of the diagram are neither grey nor faint."""
    return int(
        view.canvas.evaluate(
            """(canvas) => {
              const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              let count = 0;
              for (let i = 0; i < data.length; i += 4) {
                const rgb = [data[i], data[i + 1], data[i + 2]];
                if (data[i + 3] > 200 && Math.max(...rgb) - Math.min(...rgb) > 60) count++;
              }
              return count;
            }"""
        )
    )


# -- one message --------------------------------------------------------------------------------------------------


def test_an_envelope_is_read_on_its_way_through_a_broker(show: Open):
    view = show(brokered())
    choose(view, 3)
    roles = texts(view, "table[data-end=sender] tr[data-frame] td:nth-child(2)")
    assert roles == ["routing id", "envelope", "delimiter", "payload"]
    assert texts(view, "table[data-end=sender] .zf-text") == ["w1", "(id of alice)", "", "hello"]


def test_a_click_leads_to_what_belongs_to_a_message(show: Open):
    view = show(brokered())
    choose(view, 3)
    assert texts(view, ".zf-relations li") == [
        "sent on from: alice → broker #1, 10.0 ms before",
        "next message back: worker → broker #4, 3.00 ms later by its order alone: no frame says so",
    ]
    view.root.get_by_role("button", name="sent on from").click()
    view.expect("selected", 1)
    assert "reply: broker → alice #5, 14.0 ms later" in texts(view, ".zf-relations li")


def test_the_wire_is_read_byte_by_byte(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    said = [(*NULL, (("Socket-Type", type), ("Identity", b""))) for type in (b"DEALER", b"ROUTER")]
    story.at(0.1, "connection", "1", "opened", ALICE, SERVER, "tcp://127.0.0.1:5555", b"", b"", "", False, *said)
    story.send(1, ALICE, b"7", b"x" * 300)
    story.wire(1.1, "1>", b"7", b"x" * 300)
    story.recv(1.3, SERVER, "1>", AUTO, b"7", b"x" * 300)
    view = show(story.trace())
    choose(view, 1)
    expect(view.root.get_by_text("flags and size")).to_be_hidden()
    view.page.keyboard.press("w")
    rows = texts(view, "table[data-end=bytes] tr[data-frame]")
    assert [row.split("\t")[1] for row in rows] == ["MORE", "LONG"]
    assert rows[0].endswith("01 01 37")
    assert "02 00 00 00 00 00 00 01 2c 78 78" in rows[1]
    assert "first 256 of 300 bytes" in texts(view, "table[data-end=sender] .zf-text")[1]
    (client, server) = texts(view, ".zf-handshake")
    assert "alice, the connecting side: ZMTP 3.1, mechanism NULL, as-server 0; READY" in client
    assert "Socket-Type DEALER" in client
    assert "Socket-Type ROUTER" in server
    view.page.keyboard.press("w")
    expect(view.root.get_by_text("flags and size")).to_be_hidden()


def test_labels_and_roles_are_those_that_a_person_gave(show: Open):
    trace = brokered()
    trace.reading = Reading(label=lambda m: f"job {m.id}", roles={-1: "greeting"})
    view = show(trace)
    choose(view, 1)
    assert texts(view, ".zf-log .zf-label")[:2] == ["job 1", "job 2"]
    roles = texts(view, "table[data-end=receiver] tr[data-frame] td:nth-child(2)")
    assert roles == ["routing id", "delimiter", "greeting"]


def test_an_error_in_a_persons_function_is_shown_once_and_breaks_nothing(show: Open):
    trace = brokered()
    trace.reading = Reading(label=lambda m: m.frames[7].decode())
    view = show(trace)
    view.news()
    expect(view.root.get_by_role("alert")).to_contain_text("label: IndexError: tuple index out of range (message #1)")
    assert view.root.locator(".zf-error").count() == 1
    assert texts(view, ".zf-log .zf-label")[0] == "hello"


def wanted(view: ViewPage) -> Locator:
    """Open the filter; the place for a text."""
    if not view.root.locator(".zf-filter").is_visible():
        view.root.get_by_role("button", name="which messages are shown").click()
    return view.root.get_by_label("messages with the text")


# -- one conversation -----------------------------------------------------------------------------------------------


def test_one_conversation_stands_out_and_the_way_back_is_clear(show: Open):
    view = show(brokered())
    view.frames(2)
    everything = view.ink()
    choose(view, 4)
    view.page.keyboard.press("c")
    view.expect("shown", 4)
    assert dimmed(view) == ["2", "6", "7", "8"]
    assert "conversation of #4: 4 messages" in texts(view, ".zf-shown")[0]
    for step in ("n", "n", "n"):
        view.page.keyboard.press(step)
    view.expect("selected", 5)  # it ends there
    assert view.root.get_by_role("button", name="conversation", exact=True).get_attribute("aria-pressed") == "true"
    view.page.keyboard.press("Escape")
    view.expect("shown", 8)
    assert dimmed(view) == []
    view.expect("selected", "")
    view.frames(2)
    assert view.ink() == everything


def test_the_others_are_dimmed_in_the_diagram_and_can_still_be_clicked(show: Open):
    view = show(brokered())
    choose(view, 1)
    before = coloured(view)
    view.root.get_by_role("button", name="conversation", exact=True).click()
    view.frames(2)
    assert 0 < coloured(view) < before * 0.8
    view.click_arrow(2)
    view.expect("selected", 2)
    view.expect("shown", 4)


def test_the_others_are_dimmed_on_the_stage(show: Open):
    view = show(steered().trace(), steerable=True)
    held = view.root.locator(".zf-held")
    expect(held.first).to_be_visible()
    first = held.first.get_attribute("data-held")
    wanted(view).fill(f"#{first}")
    view.frames(2)
    assert held.evaluate_all(
        "(pills) => pills.filter((pill) => !('dim' in pill.dataset)).map((pill) => pill.dataset.held)"
    ) == [first]


# -- the filter -----------------------------------------------------------------------------------------------------


def test_the_filter_narrows_the_list_down_and_says_so(show: Open):
    view = show(echo())
    wanted(view)
    view.root.get_by_label("messages of whom").select_option("actor:bob")
    view.expect("shown", 2)
    assert texts(view, ".zf-shown") == ["2 of 5 messages"]
    assert texts(view, ".zf-log .zf-route") == ["bob → server", "server → bob"]
    view.root.get_by_label("messages of whom").select_option("link:alice ↔ server")
    assert texts(view, ".zf-log .zf-route") == ["alice → server", "server → alice"]
    wanted(view).fill("done")
    view.expect("shown", 1)
    view.root.get_by_role("button", name="show all").click()
    view.expect("shown", 5)
    wanted(view)
    assert texts(view, ".zf-shown") == [""]
    assert view.root.get_by_label("messages of whom").input_value() == ""
    assert view.root.get_by_label("messages with the text").input_value() == ""


def test_the_filter_is_reached_and_left_by_keys(show: Open):
    view = show(burst(100))
    keyboard = view.page.keyboard
    view.canvas.focus()
    keyboard.press("/")
    keyboard.type("Task-9n")  # letters that are keys elsewhere
    view.expect("shown", 0)
    view.expect("selected", "")
    keyboard.press("Backspace")
    view.expect("shown", 11)
    keyboard.press("Escape")
    view.expect("shown", 100)
    expect(view.root.locator(".zf-filter")).to_be_hidden()
    keyboard.press("n")  # the focus has stayed in the view: so have its keys
    view.expect("selected", 1)


def test_what_comes_is_filtered_as_it_comes(show: Open):
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.send(1, ALICE, b"one")
    trace = story.trace()
    view = show(trace)
    wanted(view).fill("two")
    view.expect("shown", 0)
    for n, text in enumerate((b"two", b"three")):
        story.send(2 + n, ALICE, text)
    view.news()
    expect(view.root.locator(".zf-shown")).to_have_text("1 of 3 messages")
    expect(view.root.locator(".zf-log .zf-label")).to_have_text(["two"])


# -- for everyone ---------------------------------------------------------------------------------------------------


def failed() -> Trace:
    story = steered()
    story.at(90, "actor", "bob", "failed", "ZMQError: Address already in use")
    return story.trace()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave(show: Open, theme: str):
    view = show(failed(), theme=theme, steerable=True)
    assert violations(view.page) == []
    choose(view, 1)
    view.page.keyboard.press("c")
    view.page.keyboard.press("w")
    assert violations(view.page) == []
    wanted(view).fill("nothing has this")
    view.frames(2)
    assert violations(view.page) == []
    view.root.get_by_role("button", name="show all").click()
    view.root.locator(".zf-card button").first.click()  # its menu
    assert violations(view.page) == []


def test_axe_finds_what_is_wrong(show: Open):
    view = show(echo())
    wanted(view)
    unnamed = "(input) => ['aria-label', 'placeholder', 'title'].forEach((name) => input.removeAttribute(name))"
    view.root.locator("input[type=search]").evaluate(unnamed)
    view.root.locator("h2").evaluate("(title) => (title.style.color = '#dddddd')")
    rules = {line.split(":")[0] for line in violations(view.page)}
    assert rules == {"label", "color-contrast"}


def every_control(view: ViewPage) -> list[str]:
    """What can be focused and is in sight, in words."""
    return view.root.evaluate(
        """(root) => [...root.querySelectorAll("button, input, select, summary, [tabindex='0']")]
            .filter((one) => one.checkVisibility() && !one.disabled)
            .map((one) => one.getAttribute("aria-label") ?? one.textContent)"""
    )


FOCUSED = """() => {
  const one = document.activeElement;
  if (!one.closest(".zmqlab-flow")) return null;
  const {outlineStyle, outlineWidth} = getComputedStyle(one);
  const shown = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return [one.getAttribute("aria-label") ?? one.textContent, shown, one.tagName];
}"""


def test_tab_comes_to_every_group_and_the_arrows_to_all_in_it_and_each_shows_that_it_has_the_focus(show: Open):
    view = show(failed(), steerable=True)
    choose(view, 1)
    wanted = every_control(view)
    view.page.evaluate("() => { const cell = document.getElementById('cell'); cell.tabIndex = -1; cell.focus(); }")
    stops, met = [], []
    for _ in range(20):
        view.page.keyboard.press("Tab")
        first = view.page.evaluate(FOCUSED)
        if first is None:
            break
        stops.append(first[0])
        here = first
        for _ in wanted:  # at the most: the arrows lead round
            met.append(here[0])
            assert here[1], f"{here[0]} does not show its focus"
            if here[2] != "BUTTON":
                break
            view.page.keyboard.press("ArrowRight")
            here = view.page.evaluate(FOCUSED)
            if here == first:
                break
    assert len(stops) <= 15, stops
    assert sorted(met) == sorted(wanted)


@pytest.mark.parametrize(("width", "zoom"), [(1024, 1), (1280, 2), (1024, 2)])
def test_nothing_is_cut_on_small_screens_and_at_200_percent(show: Open, width: int, zoom: int):
    view = show(failed(), width=width // zoom, steerable=True)  # a page that is zoomed has so many px less
    choose(view, 1)
    view.page.keyboard.press("c")
    view.frames(2)
    assert view.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    cut = view.root.evaluate(
        """(root) => [...root.querySelectorAll("button, input, select, h2, h3, .zf-counts, .zf-shown, .zf-card header")]
            .filter((one) => one.checkVisibility() && !one.closest(".zf-held-pills"))
            .filter((one) => {
              const box = one.getBoundingClientRect();
              const narrow = one.tagName === "BUTTON" && one.scrollWidth > one.clientWidth + 1;
              return narrow || box.left < 0 || box.right > innerWidth + 0.5;
            })
            .map((one) => one.outerHTML.slice(0, 100))"""
    )
    assert cut == []
    for button in view.root.get_by_role("button").all():
        # The words beside the message that was chosen may lie over the handle of its link.
        if button.is_enabled() and not button.evaluate("(one) => !!one.closest('.zf-held-pills, .zf-handles')"):
            button.click(trial=True)  # nothing lies over it


# -- safe -----------------------------------------------------------------------------------------------------------

EVIL = "<img src=x onerror=window.hacked=1><svg onload=window.hacked=1>"


def evil() -> Trace:
    """Markup wherever a program can put text: names, ids, frames, labels, prints, notes, reasons, errors, READY."""
    story = Story()
    raw = EVIL.encode()
    for name, socket, type in ((EVIL, ALICE, "DEALER"), ("server", SERVER, "ROUTER")):
        story.actor(name, socket, type, **{"connects" if type == "DEALER" else "binds": f"tcp://127.0.0.1:5555/{EVIL}"})
    story.at(0, "option", ALICE, "ROUTING_ID", raw)
    said = ("3.1", EVIL, False, EVIL, ((EVIL, raw),))
    story.at(0.1, "connection", "1", "opened", ALICE, SERVER, EVIL, raw, raw, EVIL, False, said, said)
    for n in range(2):
        story.send(1 + n, ALICE, b"%d" % n, raw)
        story.wire(1.1 + n, "1>", b"%d" % n, raw)
        story.recv(1.5 + n, SERVER, "1>", raw, b"%d" % n, raw)
        story.send(5 + n, SERVER, raw, b"%d" % n, b"re: " + raw)
        story.wire(5.1 + n, "1<", b"%d" % n, b"re: " + raw)
        story.recv(5.5 + n, ALICE, "1<", b"%d" % n, b"re: " + raw)
    dropped = story.send(8, SERVER, b"ghost", raw)
    story.at(8.1, "drop", SERVER, dropped, EVIL)
    story.at(9, "print", "server", EVIL)
    story.at(9, "note", "server", EVIL)
    story.at(9.5, "actor", "server", "failed", EVIL)
    trace = story.trace()

    def label(message: Message) -> str:
        if message.id == 5:
            raise ValueError(EVIL)
        return EVIL

    trace.reading = Reading(label, [EVIL])
    return trace


def test_what_a_program_says_is_never_markup(show: Open):
    view = show(evil(), title=EVIL, steerable=True)
    for message in (1, 3, 5):
        choose(view, message)
        view.page.keyboard.press("w")
        view.frames(2)
    for key in ("c", "Escape"):
        view.page.keyboard.press(key)
    wanted(view)
    view.root.get_by_label("messages of whom").select_option(f"actor:{EVIL}")
    view.root.get_by_label("messages with the text").fill(EVIL)
    view.root.get_by_role("button", name="show all").click()
    view.root.locator(".zf-card button").first.click()
    view.refuse(EVIL)
    view.canvas.hover(position={"x": 200, "y": 40})
    view.frames(3)
    assert view.page.evaluate("() => window.hacked") is None
    assert view.root.locator("img, svg[onload]").count() == 0
    assert view.root.inner_text().count(EVIL) > 10
