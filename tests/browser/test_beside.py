"""The view beside its notebook: it opens by itself, follows the newest lab, and leaves the notebook its keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.flow_view import TIMEOUT
from tests.browser.lab_page import IDLE, START, LabPage
from tests.browser.server import JupyterServer
from tests.browser.test_harness import notebook

TALK = """
import zmq
from zmqlab import Lab

lab = Lab({name!r})
PLACE = lab.endpoint("place")

@lab.actor
def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(PLACE)
    while True:
        socket.send_multipart(socket.recv_multipart())

def client(ctx, name):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(PLACE)
    socket.send(name.encode())
    socket.recv()

lab.actor(client, "hello")
lab.wait("client", timeout=30)
lab.view({where})
"""
COUNT = "runs = globals().get('runs', 0) + 1"
TOLD = "print(runs)"
FIRST, SECOND = TALK.format(name="one", where=""), TALK.format(name="two", where="")
HERE = TALK.format(name="one", where="where='here'")
# What Notebook 7 says of itself, without us.
NOTEBOOKS_OWN = ("(reading 'schema')", "Command 'filebrowser:open-path' not registered.")
ACTIVE = """() => {
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
  return cells.findIndex((cell) => cell.classList.contains('jp-mod-active'));
}"""


@pytest.fixture(autouse=True)
def unchosen(lab: LabPage) -> Iterator[None]:
    """Nobody has chosen a place yet, and none is kept for the next test."""
    yield
    if lab.page.url != "about:blank":
        lab.page.evaluate("() => localStorage.removeItem('zmqlab.where')")


def run(page: Page, key: str = "Shift+Enter") -> None:
    """Press it, and wait until the kernel has done all that was asked of it."""
    page.keyboard.press(key)
    page.wait_for_function(
        """() => ![...document.querySelectorAll('.jp-InputPrompt')].some((one) => one.textContent.includes('*'))""",
        timeout=START,
    )


def printed(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".jp-OutputArea-output pre").all_inner_texts()]


def test_it_opens_by_itself_and_a_later_lab_takes_the_panel_over(lab: LabPage, server: JupyterServer) -> None:
    page = lab.page
    page.set_viewport_size({"width": 1440, "height": 900})
    lab.open(notebook(server, FIRST, COUNT, SECOND, TOLD))
    lab.begin(1)
    run(page)
    view = page.locator(".zmqlab-beside .zmqlab-flow")
    expect(view).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    box = view.bounding_box()
    assert box is not None
    assert 0.45 < box["width"] / 1440 < 0.55
    run(page)  # the focus has stayed in the notebook
    run(page)
    expect(page.locator(".zmqlab-beside h2")).to_have_text("two", timeout=TIMEOUT)
    run(page)
    assert printed(page) == ["1"]
    strips = page.locator(".zmqlab-strip span:first-child")
    expect(strips.nth(0)).to_contain_text("one is not shown", timeout=TIMEOUT)
    expect(strips.nth(1)).to_contain_text("two is shown at the right of the notebook")
    page.evaluate("() => { window.same = document.querySelector('.zmqlab-beside'); }")
    lab.begin(3)
    run(page)  # the same cell again
    expect(page.locator(".zmqlab-beside")).to_have_count(1)
    assert page.evaluate("() => window.same === document.querySelector('.zmqlab-beside')")
    expect(view).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    page.locator(".zmqlab-strip").first.get_by_role("button", name="beside").click()
    expect(page.locator(".zmqlab-beside h2")).to_have_text("one", timeout=TIMEOUT)
    assert lab.problems == []


def test_after_a_reload_and_a_restart_there_is_one_panel_and_it_shows_the_newest(
    lab: LabPage, server: JupyterServer
) -> None:
    page = lab.page
    lab.open(notebook(server, FIRST, SECOND))
    lab.run_all()
    expect(page.locator(".zmqlab-beside h2")).to_have_text("two", timeout=TIMEOUT)
    lab.command("docmanager:save")
    page.reload()
    expect(page.locator(".zmqlab-beside h2")).to_have_text("two", timeout=START)
    expect(page.locator(".zmqlab-beside .zmqlab-flow")).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    expect(page.get_by_text("model not found")).to_have_count(0)
    page.evaluate("() => window.jupyterapp.shell.activateById([...window.jupyterapp.shell.widgets('main')][0].id)")
    lab.restart_kernel()
    expect(page.locator(".zmqlab-beside .zf-live")).to_contain_text("kernel gone", timeout=TIMEOUT)
    lab.run_all()
    expect(page.locator(".zmqlab-beside .zmqlab-flow")).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    expect(page.locator(".zmqlab-beside")).to_have_count(1)
    assert lab.problems == []


def test_two_browsers_look_at_one_kernel_and_one_goes_on_when_the_other_has_left(
    lab: LabPage, chromium: BrowserContext, server: JupyterServer
) -> None:
    name = notebook(server, FIRST)
    lab.open(name)
    lab.begin(1)
    run(lab.page)
    expect(lab.page.locator(".zmqlab-flow")).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    lab.command("docmanager:save")
    other = LabPage(chromium.new_page(), server)
    other.open(name)
    view = other.page.locator(".zmqlab-flow")
    expect(view).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    view.get_by_role("button", name="Hold").click()
    release = lab.page.locator(".zmqlab-flow").get_by_role("button", name="Release")
    expect(release).to_be_visible(timeout=TIMEOUT)
    other.page.close()
    release.click()
    expect(lab.page.locator(".zmqlab-flow").get_by_role("button", name="Hold")).to_be_visible(timeout=TIMEOUT)
    assert lab.problems + other.problems == []


def test_a_person_chooses_and_the_choice_is_kept(lab: LabPage, server: JupyterServer) -> None:
    page = lab.page
    lab.open(notebook(server, FIRST, SECOND))
    lab.begin(1)
    run(page)
    page.locator(".zmqlab-beside").get_by_role("button", name="show it in its cell").click()
    expect(page.locator(".jp-Cell .zmqlab-flow")).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    expect(page.locator(".zmqlab-beside")).to_have_count(0)
    lab.begin(2)
    run(page)
    expect(page.locator(".jp-Cell .zmqlab-flow h2")).to_have_text(["one", "two"], timeout=TIMEOUT)
    page.locator(".jp-Cell .zmqlab-flow").nth(1).get_by_role("button", name="show it beside the notebook").click()
    expect(page.locator(".zmqlab-beside h2")).to_have_text("two", timeout=TIMEOUT)
    page.locator(".lm-TabBar-tab", has_text="two").locator(".lm-TabBar-tabCloseIcon").click()
    expect(page.locator(".zmqlab-strip")).to_contain_text("two is not shown", timeout=TIMEOUT)
    assert lab.problems == []


def test_a_window_of_its_own(lab: LabPage, server: JupyterServer, results: Path) -> None:
    page = lab.page
    lab.open(notebook(server, FIRST))
    lab.begin(1)
    run(page)
    with page.expect_popup() as opened:
        page.locator(".zmqlab-beside").get_by_role("button", name="show it in a window of its own").click()
    window = opened.value
    expect(window.locator(".zmqlab-flow")).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    window.locator("[data-message-id='1']").click()
    expect(window.locator(".zmqlab-flow")).to_have_attribute("data-selected", "1")
    window.screenshot(path=results / "window.png")
    expect(page.locator(".zmqlab-beside")).to_have_count(0)
    window.close()
    expect(page.locator(".zmqlab-beside .zmqlab-flow")).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    assert lab.problems == []


@pytest.mark.parametrize("where", ["beside", "here"])
def test_the_keys_of_the_notebook_work_from_the_view_and_a_click_moves_no_cell(
    lab: LabPage, server: JupyterServer, where: str
) -> None:
    page = lab.page
    lab.open(notebook(server, FIRST if where == "beside" else HERE, COUNT, TOLD))
    lab.begin(1)
    run(page)
    view = page.locator(".zmqlab-flow")
    hold = view.get_by_role("button", name="Hold")
    hold.click()
    release = view.get_by_role("button", name="Release")
    expect(release).to_be_visible(timeout=TIMEOUT)
    view.locator(".zf-stage h3").click()
    view.locator(".zf-canvas canvas").click(position={"x": 40, "y": 5})
    assert page.evaluate(ACTIVE) == 2
    release.focus()
    run(page, "Control+Enter")
    assert page.evaluate(ACTIVE) == 2
    release.focus()
    run(page)  # the cell that counts, again
    assert page.evaluate(ACTIVE) == 3
    view.get_by_role("slider", name="moment").focus()
    run(page)
    assert printed(page) == ["2"]
    expect(release).to_be_visible()  # no key has pressed it
    assert lab.problems == []


def test_in_notebook_7_it_stands_in_the_cell_and_the_keys_work(
    chromium: BrowserContext, server: JupyterServer, results: Path
) -> None:
    name = notebook(server, FIRST, COUNT, TOLD)
    page = chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{server.url}/notebooks/{name}")
    page.wait_for_function("() => document.querySelector('.jp-Notebook .jp-Cell')", timeout=START)
    page.wait_for_function(IDLE, timeout=START)
    page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content").click()
    run(page)
    view = page.locator(".jp-Cell .zmqlab-flow")
    expect(view).to_have_attribute("data-received", "2", timeout=TIMEOUT)
    view.get_by_role("button", name="Hold").click()
    release = view.get_by_role("button", name="Release")
    expect(release).to_be_visible(timeout=TIMEOUT)
    assert page.evaluate(ACTIVE) == 2
    run(page)
    assert page.evaluate(ACTIVE) == 3
    view.get_by_role("button", name="steps").focus()
    run(page)
    assert printed(page) == ["1"]
    expect(release).to_be_visible()
    page.screenshot(path=results / "notebook-7.png")
    page.close()
    server.shut_down_kernels()
    assert [problem for problem in problems if not any(own in problem for own in NOTEBOOKS_OWN)] == []
