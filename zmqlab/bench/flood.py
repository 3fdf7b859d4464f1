"""A flood of messages with a view open in a real JupyterLab: memory, frames, comm messages, what is not drawn.

It needs a checkout of the repository, because it drives the browser with the helpers of the tests.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
from playwright.sync_api import Locator, Page, WebSocket, sync_playwright

from tests.browser.chromium import arguments, find_browser, how_to_install
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer

CELLS = """
import time
import zmq
from zmqlab import Lab

lab = Lab("flood")
POND = lab.endpoint("pond")
view = lab.view()
view
---
@lab.actor
def drain(ctx):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(POND)
    while True:
        socket.recv_multipart()

@lab.actor
def source(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(POND)
    began = time.monotonic()
    sent = 0
    while time.monotonic() - began < SECONDS:
        while sent < (time.monotonic() - began) * RATE:
            socket.send(b"drop %d" % sent)
            sent += 1
        time.sleep(0.005)
    print(f"sent={sent}")
"""

GROWTH = 1.25  # how much the last third of the time may take beyond the middle third
SETTLE = 20  # seconds until the view must have counted everything

FRAMES = """() => {
  window.zmqlabFrames = [];
  let last = performance.now();
  const tick = (now) => { window.zmqlabFrames.push(now - last); last = now; window.requestAnimationFrame(tick); };
  window.requestAnimationFrame(tick);
}"""


class Comms:
    """Counts the comm messages that the browser gets, second by second."""

    def __init__(self, page: Page) -> None:
        self.times: list[float] = []
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, frame: str | bytes) -> None:
        if (b"comm_msg" if isinstance(frame, bytes) else "comm_msg") in frame:  # type: ignore[operator]
            self.times.append(time.monotonic())

    def busiest_second(self) -> int:
        return max((sum(t <= other < t + 1 for other in self.times) for t in self.times), default=0)


def write_notebook(path: Path, rate: int, seconds: int) -> None:
    first, second = CELLS.strip().split("\n---\n")
    cells = [f"RATE, SECONDS = {rate}, {seconds}\n{first}", second]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def kernel_process() -> psutil.Process:
    """The kernel: the one process below us that runs ipykernel."""
    found = [
        process
        for process in psutil.Process().children(recursive=True)
        if any("ipykernel_launcher" in part for part in process.cmdline())
    ]
    return found[-1]


def flood(lab: LabPage, rate: int, seconds: int) -> dict[str, Any]:
    """Run the notebook and watch; memory in megabytes, every second."""
    comms = Comms(lab.page)
    lab.open("flood.ipynb")
    lab.run_all()
    kernel = kernel_process()
    lab.page.evaluate(FRAMES)
    memory, heap = [], []
    for _ in range(seconds):
        lab.page.wait_for_timeout(1000)
        memory.append(kernel.memory_info().rss / 1e6)
        heap.append(lab.page.evaluate("() => performance.memory.usedJSHeapSize") / 1e6)
    frames = sorted(lab.page.evaluate("() => window.zmqlabFrames"))
    root = lab.cell(0).locator(".zmqlab-flow")
    return {
        "sent": settle(lab.page, root),
        "frames": frames,
        "memory": memory,
        "heap": heap,
        "comms": comms.busiest_second(),
        "messages": root.get_attribute("data-messages"),
        "undrawn": root.get_attribute("data-undrawn"),
        "says": root.inner_text().partition("\n\n")[0].replace("\n", " "),
        "errors": lab.errors() + lab.problems,
    }


def settle(page: Page, root: Locator) -> int:
    """How many messages the source says it has sent; waits until the view has counted as many."""
    sent = 0
    deadline = time.monotonic() + SETTLE
    while time.monotonic() < deadline and (not sent or int(root.get_attribute("data-messages") or 0) < sent):
        said = re.search(r"sent=(\d+)", root.locator(".zf-said").inner_text())
        sent = int(said[1]) if said else 0
        page.wait_for_timeout(250)
    return sent


def report(result: dict[str, Any], rate: int, seconds: int) -> bool:
    """Print the figures; True if all marks are reached."""
    frames, memory, heap = result["frames"], result["memory"], result["heap"]
    third = seconds // 3
    good = sum(frame < 50 for frame in frames) / len(frames)
    growth = max(memory[2 * third :]) / max(memory[third : 2 * third])
    drawn = int(result["messages"]) - int(result["undrawn"])
    print(f"{rate} messages a second for {seconds} s, one view open")
    print(f"animation frames: {len(frames)}, {good:.1%} under 50 ms (mark: 95 %), longest {frames[-1]:.0f} ms")
    print(f"comm messages: at most {result['comms']} in a second (mark: 20)")
    print("kernel memory, MB: " + " ".join(f"{value:.0f}" for value in memory))
    print(f"  the peak of the last third is {growth:.2f} of the middle third's (mark: {GROWTH})")
    print("browser heap, MB: " + " ".join(f"{value:.0f}" for value in heap))
    print(f"sent {result['sent']}; the view counts {result['messages']}, has drawn {drawn}, says that it has not drawn")
    print(f"  {result['undrawn']}; it begins: {result['says'][:120]}")
    print(f"errors in the notebook and on the console: {result['errors'] or 'none'}")
    counted = int(result["messages"]) == int(result["sent"]) and int(result["undrawn"]) > 0
    return good >= 0.95 and result["comms"] <= 20 and growth <= GROWTH and counted and not result["errors"]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m zmqlab.bench flood", description=__doc__)
    parser.add_argument("--rate", type=int, default=5000, help="messages a second")
    parser.add_argument("--seconds", type=int, default=30)
    args = parser.parse_args(argv)
    browser = find_browser()
    if not browser:
        raise SystemExit(how_to_install())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = JupyterServer(Path(folder))
        try:
            server.wait_until_ready()
            write_notebook(server.root / "flood.ipynb", args.rate, args.seconds)
            chromium = playwright.chromium.launch(executable_path=browser, args=arguments())
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            reached = report(flood(LabPage(page, server), args.rate, args.seconds), args.rate, args.seconds)
            chromium.close()
            server.shut_down_kernels()
        finally:
            server.stop()
    if not reached:
        print("a mark was MISSED")
        sys.exit(1)
