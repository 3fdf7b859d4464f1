"""The buttons of a view in JupyterLab steer a real lab: hold, step in an order of choice, cut, slow, crash, hang."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, expect

from tests.browser.flow_view import TIMEOUT, FlowView
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.notebooks.clean import clean

PROGRAM = """
import zmq
from zmqlab import Lab

lab = Lab("buttons")
FRONTEND = lab.endpoint("frontend")

@lab.actor
def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(FRONTEND)
    while True:
        routing_id, text = socket.recv_multipart()
        print(text.decode())
        socket.send_multipart([routing_id, b"re: " + text])

def client(ctx, name):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(FRONTEND)
    for n in range(4):
        socket.send(f"{name}-{n}".encode())
    while True:
        print(socket.recv().decode())

lab.hold()
lab.actor(client, "alice", name="alice")
lab.actor(client, "bob", name="bob")
lab.view()
"""


class Buttons:
    """The view of the program above, whose buttons are clicked."""

    def __init__(self, lab: LabPage) -> None:
        self.root = FlowView(lab, 0).root
        expect(self.root).to_have_attribute("data-mode", "live", timeout=TIMEOUT)

    def held(self, text: str) -> Locator:
        """The pill of a held request, by what it says; the answer says "re: " in front of it."""
        return self.root.get_by_role("button", name=re.compile(rf"(?<!re:) {text} "))

    def card(self, actor: str) -> Locator:
        return self.root.locator(f"[data-actor={actor}]")

    def lines(self, actor: str) -> Locator:
        """What an actor has printed, and what was done to it."""
        return self.root.locator(".zf-printed li", has=self.root.page.locator(f"b:text-is('{actor}')")).locator("span")

    def wait_for(self, actor: str, line: str) -> None:
        expect(self.lines(actor).filter(has_text=line)).to_be_attached(timeout=TIMEOUT)

    def let_go(self, text: str) -> None:
        self.held(text).dblclick()
        expect(self.held(text)).to_have_count(0, timeout=TIMEOUT)

    def do(self, opener: Locator, deed: str) -> None:
        """Open the menu of an actor or of a link, and click what is to be done."""
        opener.click()
        self.root.get_by_role("dialog").get_by_role("button", name=deed, exact=True).click()

    def actor(self, name: str, deed: str) -> None:
        self.do(self.card(name).get_by_role("button", name="what can be done"), deed)

    def link(self, client: str, deed: str) -> None:
        self.do(self.root.locator(f"[data-link='{client} ↔ server']"), deed)


@pytest.fixture
def buttons(lab: LabPage, server: JupyterServer) -> Buttons:
    nbformat.write(clean(new_notebook(cells=[new_code_cell(PROGRAM.strip())])), server.root / "buttons.ipynb")
    lab.open("buttons.ipynb")
    lab.run_all()
    return Buttons(lab)


def test_messages_go_in_the_order_in_which_they_are_clicked(buttons: Buttons, lab: LabPage, results: Path) -> None:
    order = ["bob-0", "alice-0", "alice-1", "bob-1", "bob-2", "alice-2"]
    expect(buttons.held("bob-0")).to_be_visible(timeout=TIMEOUT)
    lab.screenshot(results / "controls-held.png")
    for text in order:
        buttons.let_go(text)
    buttons.wait_for("server", order[-1])
    assert buttons.lines("server").all_inner_texts() == order
    lab.screenshot(results / "controls-stepped.png")
    buttons.root.get_by_role("button", name="Release").click()
    buttons.wait_for("alice", "re: alice-3")
    assert sorted(buttons.lines("server").all_inner_texts()) == sorted([*order, "alice-3", "bob-3"])
    assert lab.problems == []


def test_a_link_is_cut_and_healed(buttons: Buttons, lab: LabPage, results: Path) -> None:
    buttons.link("alice", "Cut")
    handle = buttons.root.locator("[data-link='alice ↔ server']")
    expect(handle).to_have_attribute("data-sign", "cut", timeout=TIMEOUT)
    buttons.root.get_by_role("button", name="Release").click()
    buttons.wait_for("bob", "re: bob-3")
    lab.screenshot(results / "controls-cut.png")
    assert buttons.lines("server").filter(has_text="alice-").count() == 0
    buttons.link("alice", "Heal")
    buttons.wait_for("alice", "re: alice-3")
    assert lab.problems == []


def test_a_link_is_reset(buttons: Buttons, lab: LabPage, results: Path) -> None:
    expect(buttons.held("alice-0")).to_be_visible(timeout=TIMEOUT)
    buttons.link("alice", "Reset")
    buttons.wait_for("alice", "connection reset: server")
    expect(buttons.held("alice-0")).to_have_count(0, timeout=TIMEOUT)
    lab.screenshot(results / "controls-reset.png")
    buttons.root.get_by_role("button", name="Release").click()
    buttons.wait_for("bob", "re: bob-3")  # whose link is another one
    assert buttons.lines("server").filter(has_text="alice-").count() == 0
    assert lab.problems == []


def test_an_actor_hangs_goes_on_crashes_and_runs_again(buttons: Buttons, lab: LabPage, results: Path) -> None:
    card = buttons.card("server")
    buttons.actor("server", "Hang")
    expect(card).to_have_attribute("data-state", "hung", timeout=TIMEOUT)
    buttons.root.get_by_role("button", name="Release").click()
    expect(card.locator(".zf-queue[data-n]").first).to_contain_text("waiting", timeout=TIMEOUT)
    lab.screenshot(results / "controls-hung.png")
    buttons.actor("server", "Resume")
    buttons.wait_for("alice", "re: alice-3")
    buttons.actor("server", "Crash")
    expect(card).to_have_attribute("data-state", "crashed", timeout=TIMEOUT)
    lab.screenshot(results / "controls-crashed.png")
    buttons.actor("server", "Restart")
    expect(card).to_have_attribute("data-state", "started", timeout=TIMEOUT)
    buttons.actor("alice", "Restart")
    expect(buttons.lines("server").filter(has_text="alice-3")).to_have_count(2, timeout=TIMEOUT)
    assert lab.problems == []


def test_what_cannot_be_done_is_said(buttons: Buttons, lab: LabPage) -> None:
    buttons.root.get_by_role("button", name="Release").click()
    expect(buttons.root.get_by_role("button", name="Hold")).to_be_visible(timeout=TIMEOUT)
    buttons.root.locator(".zf-canvas canvas").press("j")
    expect(buttons.root.locator(".zf-refusal p")).to_contain_text("no message is held", timeout=TIMEOUT)
    assert lab.problems == []
