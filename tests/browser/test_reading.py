"""A broker in JupyterLab: one request is followed end to end, others are filtered out, the wire is read."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.flow_view import TIMEOUT, FlowView
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.notebooks.clean import clean

PROGRAM = """
import zmq
from zmqlab import Lab

lab = Lab("reading")
FRONT, BACK = lab.endpoint("front"), lab.endpoint("back")
REQUESTS = 3

@lab.actor
def broker(ctx):
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
    front.bind(FRONT)
    back.bind(BACK)
    worker, _ = back.recv_multipart()
    for _ in range(2 * REQUESTS):
        back.send_multipart([worker, *front.recv_multipart()])
        front.send_multipart(back.recv_multipart()[1:])

@lab.actor
def worker(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(BACK)
    socket.send(b"READY")
    while True:
        client, id, task = socket.recv_multipart()
        socket.send_multipart([client, id, b"Done: " + task])

def client(ctx, name):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(FRONT)
    for n in range(REQUESTS):
        socket.send_multipart([n.to_bytes(2, "big"), f"{name}-{n}".encode()])
    for n in range(REQUESTS):
        socket.recv_multipart()

lab.actor(client, "alice", name="alice")
lab.actor(client, "bob", name="bob")
lab.wait("alice", "bob", "broker", timeout=30)
lab.view()
"""
ALL = 1 + 4 * 2 * 3  # READY, and each request on its way there and back, both in two hops


def test_a_request_is_followed_and_the_others_are_put_aside(lab: LabPage, server: JupyterServer, results: Path) -> None:
    nbformat.write(clean(new_notebook(cells=[new_code_cell(PROGRAM.strip())])), server.root / "reading.ipynb")
    lab.open("reading.ipynb")
    lab.run_all()
    assert lab.errors() == []
    view = FlowView(lab, 0)
    assert view.wait_for_messages(ALL) == ALL
    view.root.get_by_role("button", name="which messages are shown").click()
    view.root.get_by_label("messages with the text").fill("bob-1")
    expect(view.root.locator(".zf-shown")).to_have_text(f"4 of {ALL} messages", timeout=TIMEOUT)
    frames = view.inspect(0)
    assert [role for role, *_ in frames] == ["correlation id", "payload"]
    view.root.get_by_role("button", name="show all").click()
    view.root.get_by_role("button", name="conversation", exact=True).click()
    expect(view.root).to_have_attribute("data-shown", "4", timeout=TIMEOUT)
    expect(view.root.locator(".zf-shown")).to_contain_text("4 messages")
    routes = view.root.locator(".zf-log li:not([data-dim]) .zf-route")
    expect(routes).to_have_text(["bob → broker", "broker → worker", "worker → broker", "broker → bob"])
    view.root.get_by_role("button", name="reply: broker → bob").click()
    lab.screenshot(results / "reading-conversation.png")
    view.root.get_by_text("On the wire, byte by byte").click()
    expect(view.root.get_by_text("the bound side: ZMTP 3.1, mechanism NULL")).to_be_visible()
    assert not view.sticks_out()
    lab.page.keyboard.press("Escape")
    expect(view.root).to_have_attribute("data-shown", str(ALL))
    assert lab.problems == []
