"""The HTML page: one file that plays by itself, and in which everything that was sent stays text."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from playwright.sync_api import Browser

from tests.view.recorded import RecordedPage
from tests.view.story import ALICE, AUTO, SERVER, Story, burst, echo, read_between
from zmqlab.trace.source import Source
from zmqlab.trace.trace import Trace
from zmqlab.view import to_html
from zmqlab.view.html import page

EVIL = "<img src=x onerror=alert(1)>"
ENDING = "</script></title></style><script>alert(2)</script><!--<script>"

Open = Callable[..., RecordedPage]


@pytest.fixture
def recorded(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Write a page and open it; at the end nothing may have gone wrong in it, and nothing may have been fetched."""
    opened: list[RecordedPage] = []

    def recorded(trace: Trace, title: str = "demo", **how: object) -> RecordedPage:
        file = tmp_path / "run.html"
        to_html(trace, file, title)
        opened.append(RecordedPage(browser, file, **how))  # type: ignore[arg-type]
        return opened[-1]

    yield recorded
    for one in opened:
        assert one.problems == []
        one.close()


def evil() -> Trace:
    """Names, payloads, prints and reasons that would be markup, were they not text."""
    story = Story()
    story.actor(EVIL, ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor(ENDING, SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(0, "option", ALICE, "ROUTING_ID", EVIL.encode())
    story.connection("1", ALICE, SERVER)
    for n, text in enumerate((EVIL, ENDING)):
        story.send(1 + n, ALICE, text.encode())
        story.wire(1.1 + n, "1>", text.encode())
        story.recv(1.2 + n, SERVER, "1>", AUTO, text.encode())
        story.at(2 + n, "print", EVIL, text)
        story.at(2 + n, "note", ENDING, text)
        story.at(5 + n, "drop", SERVER, story.send(4 + n, SERVER, b"ghost", text.encode()), text)
    story.at(8, "actor", EVIL, "failed", f"ValueError: {ENDING}")
    return story.trace()


def test_the_page_plays_without_a_kernel_and_says_that_it_is_a_recording(recorded: Open):
    view = recorded(echo())
    for name, value in {"messages": 5, "received": 4, "dropped": 1, "undrawn": 0, "live": "false"}.items():
        view.expect(name, value)
    assert view.root.locator(".zf-mode").inner_text().startswith("recorded")
    assert view.page.title() == "demo"
    assert "5 messages between alice, bob, server" in view.page.locator("header p").first.inner_text()


def test_it_waits_at_its_beginning_until_somebody_plays_it(recorded: Open):
    view = recorded(read_between().trace())
    view.expect("mode", "paused")
    assert view.root.locator(".zf-moment").inner_text() == "run 1 · 0.00 ms"
    assert view.root.locator(".zf-mode").inner_text() == "recorded · paused at 1.00 ms"
    button = view.root.get_by_role("button", name="play the recording")
    box, stage = button.bounding_box(), view.root.locator(".zf-stage").bounding_box()
    assert box is not None
    assert stage is not None
    assert min(box["width"], box["height"]) >= 64
    assert box["x"] + box["width"] / 2 == pytest.approx(stage["x"] + stage["width"] / 2, abs=2)
    button.click()
    view.expect("mode", "replay")
    assert button.is_hidden()
    view.page.keyboard.press(" ")  # the focus is in the view
    view.expect("mode", "paused")


@pytest.mark.parametrize("act", ["a message", "a step", "the slider"])
def test_who_begins_otherwise_needs_no_button(recorded: Open, act: str):
    view = recorded(echo())
    if act == "a message":
        view.root.locator("[data-message-id='1']").click()
    elif act == "a step":
        view.root.get_by_role("button", name="one step on").click()
    else:
        view.root.get_by_role("slider", name="moment").press("ArrowRight")
    view.root.get_by_role("button", name="play the recording").wait_for(state="hidden")


def test_a_message_is_clicked_and_its_frames_are_read(recorded: Open):
    view = recorded(echo())
    view.root.locator("[data-message-id='1']").click()
    view.expect("selected", 1)
    assert "54 61 73 6b 2d 30" in view.root.locator("tr[data-frame]").first.inner_text()


def test_it_is_dark_where_the_system_is(recorded: Open):
    grounds = {
        recorded(echo(), scheme=scheme).root.evaluate("(root) => getComputedStyle(root).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2


def test_it_plays_in_a_frame_of_another_page(browser: Browser, tmp_path: Path):
    to_html(echo(), tmp_path / "run.html")
    outer = tmp_path / "book.html"
    outer.write_text('<iframe src="run.html" sandbox="allow-scripts" width="900" height="600"></iframe>')
    with browser.new_context(offline=True) as context:
        frame_page = context.new_page()
        problems: list[str] = []
        frame_page.on("console", lambda message: problems.append(message.text))
        frame_page.goto(outer.as_uri())
        root = frame_page.frame_locator("iframe").locator(".zmqlab-flow")
        root.get_by_role("button", name="play the recording").click()
        root.and_(frame_page.frame_locator("iframe").locator("[data-mode=replay]")).wait_for()
        root.locator("[data-message-id='1']").click()
        assert root.get_attribute("data-selected") == "1"
        assert problems == []


def test_names_payloads_prints_and_titles_stay_text(recorded: Open):
    view = recorded(evil(), title=ENDING)
    view.expect("messages", 4)
    assert view.page.title() == ENDING
    assert view.root.locator("h2").first.inner_text() == ENDING
    for id in range(1, 5):
        view.root.locator(f"[data-message-id='{id}']").click()
        view.expect("selected", id)
    assert view.page.locator("img").count() == 0
    assert view.page.locator("script").count() == 2
    shown = view.root.inner_text()
    assert EVIL in shown
    assert "</script>" in shown


def test_the_policy_allows_nothing_but_the_page_itself():
    text = page(echo())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules.keys() == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for name in ("script-src", "style-src"):
        assert re.fullmatch(r"'sha256-[\w+/]+='", rules[name])


def test_what_the_policy_does_not_name_does_not_run(browser: Browser, tmp_path: Path):
    """The net below the escaping: markup that had got into the page would still not run."""
    file = tmp_path / "run.html"
    file.write_text(page(echo()).replace("</header>", f"{EVIL}<script>alert(3)</script></header>"), encoding="utf-8")
    view = RecordedPage(browser, file)
    view.expect("messages", 5)
    view.page.wait_for_function("() => document.images[0].complete")
    assert view.problems
    assert not [problem for problem in view.problems if "a script ran" in problem]
    view.close()


def test_the_recording_is_data_that_cannot_end_its_element():
    text = page(evil(), title=ENDING)
    data = text.partition('id="zmqlab-recording">')[2].partition("</script>")[0]
    recording = json.loads(data)
    assert recording["title"] == ENDING
    batch = json.loads(zlib.decompress(b64decode(recording["deflated"])))
    assert recording["upto"] == batch["upto"]
    assert batch["messages"]["rows"] == 4
    assert text.count("</script>") == 2


def test_names_that_are_no_unicode_can_be_written(tmp_path: Path):
    to_html(burst(1), tmp_path / "run.html", title="\ud800")
    assert "<title>\ufffd</title>" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_what_a_person_says_of_messages_is_in_the_page(recorded: Open, tmp_path: Path):
    trace = echo()
    to_html(trace, tmp_path / "run.html", label=lambda message: f"job {message.id}", roles=["greeting"])
    view = recorded(trace)
    assert view.root.locator(".zf-log .zf-label").first.inner_text() == "job 1"
    view.root.locator("[data-message-id='1']").click()
    assert view.root.locator("table[data-end=sender] tr[data-frame] td").all_inner_texts()[1] == "greeting"


def test_a_page_says_which_process_it_shows_and_what_is_missing() -> None:
    trace = Trace()
    argv = ("server.py", "<b>")
    trace.log.sources = (Source("server", pid=7, host="here", argv=argv, versions={"pyzmq": "27"}, wall=10**18),)
    trace.log.remarks = ["3 sockets of zmq.green were not recorded"]
    shown = page(trace)
    assert "server: server.py &lt;b&gt;, process 7 on here, 2001-09-0" in shown
    assert "pyzmq 27." in shown
    assert "<p>3 sockets of zmq.green were not recorded</p>" in shown
