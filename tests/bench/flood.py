"""A flood of messages with a view open in a real JupyterLab: memory, frames, comm messages, what is not drawn."""

from __future__ import annotations

import argparse
import re
import sys
import time
from typing import Any

import psutil
from playwright.sync_api import Locator, Page, WebSocket

from tests.bench.jupyter import NAME, frames, heap, notebook, start_frames
from tests.bench.marks import at_least, at_most
from tests.browser.lab_page import LabPage

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

SMOOTH = 0.95  # of the animation frames take less than 50 ms
COMMS = 20  # comm messages in a second
GROWTH = 1.25  # how much the last third of the time may take beyond the middle third, in the kernel and in the browser
EVERY = 5  # seconds between two looks at the browser's heap, each of which collects its garbage
SETTLE = 20  # seconds until the view must have counted everything


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
    lab.open(NAME)
    lab.run_all()
    kernel = kernel_process()
    start_frames(lab.page)
    memory, heaps = [], []
    for second in range(seconds):
        lab.page.wait_for_timeout(1000)
        memory.append(kernel.memory_info().rss / 1e6)
        if second % EVERY == 0:
            heaps.append(heap(lab.page))
    times = frames(lab.page)
    root = lab.page.locator(".zmqlab-flow")
    return {
        "sent": settle(lab.page, root),
        "frames": times,
        "memory": memory,
        "heap": heaps,
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
        said = re.search(r"sent=(\d+)", root.locator(".zf-printed").inner_text())
        sent = int(said[1]) if said else 0
        page.wait_for_timeout(250)
    return sent


def report(result: dict[str, Any], rate: int, seconds: int) -> bool:
    """Print the figures; True if all marks are reached."""
    times, memory, heaps = result["frames"], result["memory"], result["heap"]
    good = sum(time < 50 for time in times) / len(times)
    growth, swelling = grown(memory), grown(heaps)
    smooth, seldom = at_least(good, SMOOTH), at_most(result["comms"], COMMS)
    bounded = [at_most(growth, GROWTH), at_most(swelling, GROWTH)]
    drawn = int(result["messages"]) - int(result["undrawn"])
    print(f"{rate} messages a second for {seconds} s, one view open")
    print(f"animation frames: {len(times)}, longest {times[-1]:.0f} ms")
    print(f"  {good:.1%} of them under 50 ms (mark {SMOOTH:.0%}: {smooth})")
    print(f"comm messages: at most {result['comms']} in a second (mark {COMMS}: {seldom})")
    print("kernel memory, MB: " + " ".join(f"{value:.0f}" for value in memory))
    print(f"  the peak of the last third is {growth:.2f} of the middle third's (mark {GROWTH}: {bounded[0]})")
    print("browser heap after a collection, MB: " + " ".join(f"{value:.0f}" for value in heaps))
    print(f"  the peak of the last third is {swelling:.2f} of the middle third's (mark {GROWTH}: {bounded[1]})")
    print(f"sent {result['sent']}; the view counts {result['messages']}, has drawn {drawn}, says that it has not drawn")
    print(f"  {result['undrawn']}; it begins: {result['says'][:120]}")
    print(f"errors in the notebook and on the console: {result['errors'] or 'none'}")
    counted = int(result["messages"]) == int(result["sent"]) and int(result["undrawn"]) > 0
    return all((smooth, seldom, *bounded, counted, not result["errors"]))


def grown(values: list[float]) -> float:
    third = len(values) // 3
    return max(values[2 * third :]) / max(values[third : 2 * third])


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench flood", description=__doc__)
    parser.add_argument("--rate", type=int, default=5000, help="messages a second")
    parser.add_argument("--seconds", type=int, default=30)
    args = parser.parse_args(argv)
    first, second = CELLS.strip().split("\n---\n")
    with notebook([f"RATE, SECONDS = {args.rate}, {args.seconds}\n{first}", second]) as lab:
        reached = report(flood(lab, args.rate, args.seconds), args.rate, args.seconds)
    if not reached:
        print("a mark was MISSED")
        sys.exit(1)
