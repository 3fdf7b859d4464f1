"""The stage with 30 actors and 1,000 messages a second, live and replayed, on a page of its own: frames a second."""

from __future__ import annotations

import argparse
import heapq
import sys
import time
from typing import Any

from tests.bench.jupyter import frames, start_frames
from tests.bench.marks import at_least
from tests.browser.chromium import chromium
from tests.view.page import ViewPage
from tests.view.story import Story

WORKERS = 9
FRONT, BACK = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"
RATE = 30.0  # frames a second
BATCHES = 0.1  # s from one batch to the next, as a view of a lab gets them
FLIGHT = 40.0  # ms that a message is under way, so that there is something to be drawn
REPLAY = 4.0  # s
HOPS = 4  # of a job: to the broker, to a worker, and back


class Office(Story):
    """Clients ask a broker, which gives their jobs to workers in turn; told up to any time."""

    def __init__(self, actors: int, rate: int) -> None:
        super().__init__()
        self._every = 1000 * HOPS / rate  # ms from one job to the next
        self._clients = [f"1.{n}" for n in range(actors - 1 - WORKERS)]
        self._workers = [f"3.{n}" for n in range(WORKERS)]
        for n, socket in enumerate(self._clients):
            self.actor(f"client-{n}", socket, "DEALER", connects=FRONT)
        self.actor("broker", "2.0", "ROUTER", binds=FRONT)
        self.at(0, "socket", "2.1", "opened", "broker", "ROUTER")
        self.at(0, "endpoint", "2.1", "bind", BACK)
        for n, socket in enumerate(self._workers):
            self.actor(f"worker-{n}", socket, "DEALER", connects=BACK)
        for n, socket in enumerate(self._clients):
            self.connection(f"1{n}", socket, "2.0")
        for n, socket in enumerate(self._workers):
            self.connection(f"3{n}", socket, "2.1")
        self._jobs = 0
        self._due: list[tuple[float, int, int, str]] = []  # time, job, hop, what of it
        self._landed: dict[str, int] = {}  # messages that have come over each lane

    def tell(self, until: float) -> int:
        """Go on up to `until` (ms); returns how many messages were sent."""
        while (begin := 1 + self._jobs * self._every) <= until:
            heapq.heappush(self._due, (begin, self._jobs, 0, "send"))
            self._jobs += 1
        sent = 0
        while self._due and self._due[0][0] <= until:
            at, job, hop, what = heapq.heappop(self._due)
            sent += what == "send"
            self._step(at, job, hop, what)
        return sent

    def _step(self, at: float, job: int, hop: int, what: str) -> None:
        client, worker = job % len(self._clients), job % len(self._workers)
        asking, working = self._clients[client], self._workers[worker]
        lane = (f"1{client}>", f"3{worker}<", f"3{worker}>", f"1{client}<")[hop]
        sender, receiver = ((asking, "2.0"), ("2.1", working), (working, "2.1"), ("2.0", asking))[hop]
        payload = b"%s %d" % (b"job" if hop < 2 else b"done", job)
        if what == "send":
            self.send(at, sender, payload)
            self.held(at + 0.1, lane, payload)
            heapq.heappush(self._due, (at + FLIGHT, job, hop, "arrive"))
        elif what == "arrive":
            self.arrived(at, lane, self._landed.setdefault(lane, 0))
            self._landed[lane] += 1
            heapq.heappush(self._due, (at + 1, job, hop, "recv"))
        else:
            self.recv(at, receiver, lane, payload)
            if hop + 1 < HOPS:
                heapq.heappush(self._due, (at + 1, job, hop + 1, "send"))


def measure(actors: int, rate: int, seconds: int, width: int) -> dict[str, Any]:
    with chromium() as browser:
        office = Office(actors, rate)
        view = ViewPage(browser.new_page(viewport={"width": width, "height": 900}), office.trace(), steerable=True)
        start_frames(view.page)
        began = time.monotonic()
        sent = 0
        while (now := time.monotonic() - began) < seconds:
            sent += office.tell(1000 * now)
            view.news()
            view.page.wait_for_timeout(max(0, 1000 * (began + now + BATCHES - time.monotonic())))
        live = frames(view.page)
        took = time.monotonic() - began
        pills = view.root.locator(".zf-pill").count()
        replayed = replay(view)
        cards = view.root.locator(".zf-card").count()
        return {
            "frames": {"live": len(live) / took, "replayed": len(replayed) / REPLAY},
            "long": {"live": live[int(0.95 * len(live))], "replayed": replayed[int(0.95 * len(replayed))]},
            "sent": sent / took,
            "cards": cards,
            "pills": pills,
            "errors": view.errors,
        }


def replay(view: ViewPage) -> list[float]:
    """The frames of a replay from the beginning, each of which draws the stage anew."""
    view.canvas.focus()
    view.page.keyboard.press("Home")
    view.page.keyboard.press("Space")
    view.expect("mode", "replay")
    start_frames(view.page)
    view.page.wait_for_timeout(1000 * REPLAY)
    view.expect("mode", "replay")
    return frames(view.page)


def report(result: dict[str, Any], actors: int) -> bool:
    """Print the figures; True if the mark is reached."""
    print(f"{result['cards']} cards, {result['sent']:,.0f} messages a second, {result['pills']} drawn at the end")
    reached = not result["errors"] and result["cards"] == actors
    for how, rate in result["frames"].items():
        verdict = at_least(rate, RATE)
        reached = reached and bool(verdict)
        print(
            f"{how}: {rate:.0f} frames a second (mark {RATE:.0f}: {verdict}), 95 % under {result['long'][how]:.0f} ms"
        )
    print(f"errors on the page: {result['errors'] or 'none'}")
    return reached


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench stage", description=__doc__)
    parser.add_argument("--actors", type=int, default=30)
    parser.add_argument("--rate", type=int, default=1000, help="messages a second")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--width", type=int, default=1280, help="of the page, in px")
    args = parser.parse_args(argv)
    if not report(measure(args.actors, args.rate, args.seconds, args.width), args.actors):
        print("the mark was MISSED")
        sys.exit(1)
