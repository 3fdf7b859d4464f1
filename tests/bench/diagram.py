"""A saved trace of 100,000 messages in JupyterLab: until it is painted, and frames while it is panned and zoomed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.bench.jupyter import NAME, frames, heap, notebook, start_frames
from tests.bench.marks import at_least, at_most
from tests.browser.lab_page import LabPage
from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace

CLIENTS = 6
SERVER = "1.1"
FRONT = "tcp://127.0.0.1:5555"
OPENING, SMOOTH, SHARE = 3.0, 33, 0.95  # s; ms; of the frames
PATIENCE = 60_000  # ms

CELLS = """
import time
from zmqlab.trace.trace import Trace
from zmqlab.view import view
---
called = time.time()
view(Trace.load("trace.jsonl"), "bench")
---
print(called)
"""

PAINTED = """async ([messages, patience]) => {
  const drawn = () => document.querySelector(`.zmqlab-flow[data-messages="${messages}"][data-undrawn="0"]`);
  const deadline = performance.now() + patience;
  while (!drawn() && performance.now() < deadline) await new Promise((next) => requestAnimationFrame(next));
  await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  return Date.now() / 1000;
}"""


def story(messages: int) -> Log:
    """Clients ask a server, which answers after a while: a burst now and then, and so a queue."""
    log = Log(max_events=4 * messages + 1000, max_bytes=1 << 40)
    chance = random.Random(1)
    numbers: dict[str, int] = {}

    def at(time: float, kind: str, subject: str, *data: object) -> None:
        log.append((int(time * 1000), kind, subject, *data))

    def travel(time: float, sender: str, lane: str, receiver: str, sent: list[bytes], wire: list[bytes]) -> float:
        at(time, "send", sender, _next(numbers, f"send {sender}"), tuple(sent))
        at(time + 80, "wire", lane, _next(numbers, lane), tuple(wire), int(time + 80) * 1000, int(time + 130) * 1000)
        return time + 200

    _set_up(at)
    now = free = 1e6  # µs
    for n in range(messages // 2):
        client = n % CLIENTS
        socket, id = f"1.{client + 2}", b"\0\1\2\3" + bytes([client])
        now += chance.choice((50, 100, 3000)) * (20 if n % 5000 == 0 else 1)
        task = b"Task-%d" % n
        arrived = travel(now, socket, f"{client + 1}>", SERVER, [task], [task])
        begun = max(arrived, free)
        at(
            begun,
            "recv",
            SERVER,
            _next(numbers, f"{client + 1}>r"),
            (id, task),
            f"{client + 1}>",
            int(begun - 5) * 1000,
        )
        free = begun + chance.choice((200, 400, 900))
        done = b"Done: " + task
        back = travel(free, SERVER, f"{client + 1}<", socket, [id, done], [done])
        at(back, "recv", socket, _next(numbers, f"{client + 1}<r"), (done,), f"{client + 1}<", int(back - 5) * 1000)
    return log


def _set_up(at: Any) -> None:
    at(0, "actor", "server", "started", "thread")
    at(0, "socket", SERVER, "opened", "server", "ROUTER")
    at(0, "endpoint", SERVER, "bind", FRONT)
    for client in range(CLIENTS):
        socket = f"1.{client + 2}"
        at(0, "actor", f"client-{client}", "started", "thread")
        at(0, "socket", socket, "opened", f"client-{client}", "DEALER")
        at(0, "endpoint", socket, "connect", FRONT)
        at(1, "connection", str(client + 1), "opened", socket, SERVER, FRONT)


def _next(numbers: dict[str, int], what: str) -> int:
    numbers[what] = numbers.get(what, -1) + 1
    return numbers[what]


def saved(messages: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        Trace(story(messages)).save(path)
        return path.read_bytes()


def measure(lab: LabPage, messages: int) -> dict[str, Any]:
    lab.open(NAME)
    lab.run_all()
    painted = lab.page.evaluate(PAINTED, [messages, PATIENCE])
    lab.page.wait_for_timeout(1000)  # JupyterLab has its own work to finish
    called = float(str(lab.outputs()[2][0]["text"]))
    return {
        "opening": painted - called,
        "frames": pan(lab.page),
        "heap": heap(lab.page),
        "errors": lab.errors() + lab.problems,
    }


def pan(page: Page) -> dict[str, list[float]]:
    """The frames, in ms and sorted, while the diagram is moved, by scale."""
    canvas = page.locator(".zmqlab-flow canvas").first
    canvas.scroll_into_view_if_needed()
    times = {}
    for scale in ("steps", "ms"):
        if scale == "ms":
            canvas.press("s")
        start_frames(page)
        wander(page, canvas)
        times[scale] = frames(page)
    return times


def wander(page: Page, canvas: Locator) -> None:
    """All of it, into it and out again by the wheel, to and fro by mouse and keys, at several depths."""
    box: Any = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    canvas.press("f")
    page.mouse.move(x, y)
    for depth in range(4):
        for _ in range(18):
            page.mouse.wheel(0, -100)
            page.wait_for_timeout(16)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(x + 200 * (step % 2) - 3 * step * depth, y)
            page.wait_for_timeout(16)
        page.mouse.up()
        page.mouse.move(x, y)
        for key in ("ArrowLeft", "ArrowRight") * 5:
            page.keyboard.press(key)
            page.wait_for_timeout(16)
    for _ in range(80):
        page.mouse.wheel(0, 100)
        page.wait_for_timeout(16)


def report(result: dict[str, Any], messages: int) -> bool:
    """Print the figures; True if all marks are reached."""
    opened = at_most(result["opening"], OPENING)
    reached = bool(opened) and not result["errors"]
    print(f"{messages:,} messages: {result['opening']:.2f} s from the call to the picture (mark {OPENING} s: {opened})")
    reached = report_frames(result["frames"]) and reached
    print(f"browser heap: {result['heap']:.0f} MB")
    print(f"errors in the notebook and on the console: {result['errors'] or 'none'}")
    return reached


def report_frames(shares: dict[str, list[float]]) -> bool:
    """Print what `pan` has given; True if it was smooth."""
    reached = True
    for scale, times in shares.items():
        good = sum(time < SMOOTH for time in times) / len(times)
        smooth = at_least(good, SHARE)
        reached = reached and bool(smooth)
        middle = times[len(times) // 2]
        print(f"scale {scale}: {len(times)} frames, median {middle:.0f} ms, longest {times[-1]:.0f} ms, ", end="")
        print(f"{good:.1%} under {SMOOTH} ms (mark {SHARE:.0%}: {smooth})")
    return reached


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench diagram", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    args = parser.parse_args(argv)
    with notebook(CELLS.strip().split("\n---\n"), {"trace.jsonl": saved(args.messages)}) as lab:
        reached = report(measure(lab, args.messages), args.messages)
    if not reached:
        print("a mark was MISSED")
        sys.exit(1)
