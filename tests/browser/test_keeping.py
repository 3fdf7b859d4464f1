"""What is kept of a run: exported from JupyterLab and opened from its file, loaded again, recorded in a notebook."""

from __future__ import annotations

import base64
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import BrowserContext, Dialog, Locator, Page

from tests.browser.flow_view import FlowView
from tests.browser.lab_page import START, LabPage, Theme
from tests.browser.server import JupyterServer
from tests.browser.test_harness import notebook
from tests.notebooks.clean import clean
from tests.view.recorded import RecordedPage
from tests.view.story import echo
from zmqlab.view import picture

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script></script>"
RUN = f"""
import zmq
from zmqlab import Lab

EVIL = {EVIL!r}
lab = Lab(EVIL)
FRONTEND = lab.endpoint("frontend")

@lab.actor
def server(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(FRONTEND)
    for _ in range(3):
        socket.send_multipart(socket.recv_multipart())

def client(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(FRONTEND)
    for n in range(3):
        socket.send_multipart([b"%d" % n, EVIL.encode()])
        socket.recv_multipart()
        print(EVIL)
        lab.note(EVIL)

lab.actor(client, name=EVIL)
lab.wait(timeout=30)
lab.view()
"""
KEEP = """
lab.to_html("run.html")
lab.svg("run.svg")
lab.save("run.jsonl")
lab.picture()
"""
AGAIN = """
from zmqlab import Trace
from zmqlab.view import view

view(Trace.load("run.jsonl"), "again")
"""
OWN = """
import threading
import zmq
import zmqlab

def work(ctx):
    socket = ctx.socket(zmq.REP)
    socket.bind("tcp://127.0.0.1:*")
    ports.append(socket.last_endpoint.decode())
    bound.set()
    print("a print in a thread of its own")
    socket.send(socket.recv())
    socket.close()

ports, bound = [], threading.Event()
with zmqlab.record(name="mine") as run, zmq.Context() as ctx:
    worker = threading.Thread(target=work, args=(ctx,), name="worker")
    worker.start()
    bound.wait()
    with ctx.socket(zmq.REQ) as socket:
        socket.connect(ports[0])
        socket.send(b"hello")
        socket.recv()
    worker.join()
run.view()
"""

CORNER = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const ink = new OffscreenCanvas(image.width, image.height).getContext("2d");
  ink.drawImage(image, 0, 0);
  return [...ink.getImageData(20, 6, 1, 1).data].slice(0, 3);
}"""


def test_a_run_is_exported_and_the_page_is_read_with_the_network_off(
    lab: LabPage, server: JupyterServer, chromium: BrowserContext
) -> None:
    def ran(dialog: Dialog) -> None:
        lab.problems.append(f"a script ran: {dialog.message}")
        dialog.dismiss()

    lab.page.on("dialog", ran)
    lab.open(notebook(server, RUN, KEEP, AGAIN))
    lab.run_all()
    assert lab.errors() == []
    frames = FlowView(lab, 1).inspect(0)
    assert frames[-1][1].startswith(EVIL[:20])
    again = FlowView(lab, 3)
    again.wait_for_messages(6)
    assert again.root.locator(".zf-mode").inner_text().startswith("recorded")
    assert again.inspect(0) == frames
    assert lab.page.locator(".jp-Cell img[src=x]").count() == 0
    assert lab.problems == []

    assert chromium.browser is not None
    page = RecordedPage(chromium.browser, server.root / "run.html")
    page.expect("messages", 6)
    page.root.locator("[data-message-id='1']").click()
    page.expect("selected", 1)
    rows = page.root.locator(".zf-inspector table").first.locator("tr[data-frame]")
    assert [row.locator("td").all_inner_texts()[1:] for row in rows.all()] == frames
    assert page.problems == []
    page.page.goto((server.root / "run.svg").as_uri())
    assert EVIL[:13] in page.page.evaluate("() => document.documentElement.textContent")
    assert page.page.locator("img").count() == 0
    assert page.problems == [f"asked for {(server.root / 'run.svg').as_uri()}"]
    page.close()


def test_a_program_of_ones_own_is_recorded_in_a_notebook_and_the_kernels_own_sockets_are_not(
    lab: LabPage, server: JupyterServer
) -> None:
    lab.open(notebook(server, OWN, "print(sorted(run.trace.actors), len(run.messages()))"))
    lab.run_all()
    assert lab.errors() == []
    view = FlowView(lab, 1)
    assert view.wait_for_messages(2) == 2
    assert view.root.locator(".zf-mode").inner_text().startswith("recorded")
    assert lab.outputs()[2][0]["text"] == "['mine', 'worker'] 2\n"
    assert lab.problems == []


def downloaded(server: JupyterServer) -> str:
    """Write a notebook with a saved picture, which nobody has trusted, and give its name."""
    data = picture(echo(), "demo")._repr_mimebundle_()
    cell = new_code_cell("lab.picture()", outputs=[new_output("execute_result", data=data, execution_count=1)])
    nbformat.write(clean(new_notebook(cells=[cell])), server.root / "downloaded.ipynb")
    return "downloaded.ipynb"


def drawn(page: Page) -> Locator:
    image = page.get_by_role("img", name="demo: 5 messages, 4 received, 1 dropped.")
    image.wait_for(timeout=START)
    assert image.evaluate("(image) => image.naturalWidth") == 800
    return image


def corner(page: Page, image: Locator) -> list[int]:
    """Red, green and blue of a place on the card without words."""
    colour: list[int] = page.evaluate(CORNER, base64.b64encode(image.screenshot()).decode())
    return colour


@pytest.mark.parametrize(("theme", "ground"), [("light", [255, 255, 255]), ("dark", [20, 24, 29])])
def test_a_saved_picture_is_seen_in_a_notebook_that_is_not_trusted_and_in_its_theme(
    lab: LabPage, server: JupyterServer, theme: Theme, ground: list[int]
) -> None:
    lab.open(downloaded(server))
    lab.set_theme(theme)
    image = drawn(lab.page)
    deadline = time.monotonic() + 10
    while (seen := corner(lab.page, image)) != ground and time.monotonic() < deadline:
        pass  # JupyterLab fades from theme to theme
    assert seen == ground
    assert lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.trusted") is False
    assert lab.problems == []


def test_it_is_seen_in_notebook_7_as_well(chromium: BrowserContext, server: JupyterServer) -> None:
    page = chromium.new_page()
    page.goto(f"{server.url}/notebooks/{downloaded(server)}")
    drawn(page)
    assert page.get_by_text("Not Trusted").is_visible()
    page.close()
    server.shut_down_kernels()
