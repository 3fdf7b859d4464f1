"""The HTML page of a run of 10,000 messages: its size, how long it takes to open, what is drawn."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import zmq

from tests.bench.marks import at_most
from tests.browser.chromium import chromium
from tests.view.recorded import RecordedPage
from zmqlab import Lab

MARK = 3.0  # megabytes, for 10,000 messages
WINDOW = 16  # requests under way
CLIENTS = 4


def record(messages: int, path: Path) -> None:
    """Run clients and a server that exchange so many messages, and write the page of it.

    Half of the messages are requests: JSON with numbers that differ, so that they compress no better than real ones.
    """
    each = messages // (2 * CLIENTS)
    with Lab("page") as lab:
        frontend = lab.endpoint("frontend")

        def server(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
            socket = ctx.socket(zmq.ROUTER)
            socket.bind(frontend)
            for _ in range(each * CLIENTS):
                routing_id, job, body = socket.recv_multipart()
                result = {"job": int(job), "result": sum(json.loads(body)["values"])}
                socket.send_multipart([routing_id, job, json.dumps(result).encode()])

        def client(ctx: zmq.Context[zmq.Socket[bytes]], seed: int) -> None:
            numbers = random.Random(seed)
            socket = ctx.socket(zmq.DEALER)
            socket.connect(frontend)
            for job in range(each):
                body = {"client": seed, "values": [numbers.randrange(10**6) for _ in range(5)]}
                socket.send_multipart([b"%d" % job, json.dumps(body).encode()])
                if job >= WINDOW:
                    socket.recv_multipart()
            for _ in range(min(WINDOW, each)):
                socket.recv_multipart()

        lab.actor(server)
        for seed in range(CLIENTS):
            lab.actor(client, seed, name=f"client-{seed}")
        lab.wait(timeout=120)
        lab.to_html(path)


def drawn(path: Path) -> tuple[int, float]:
    """How many messages the page draws, and the seconds it takes to open."""
    with chromium() as browser:
        began = perf_counter()
        page = RecordedPage(browser, path)
        took = perf_counter() - began
        total, undrawn = (int(page.root.get_attribute(f"data-{name}") or 0) for name in ("messages", "undrawn"))
        problems = page.problems
    if problems:
        raise SystemExit(f"the page has problems: {problems}")
    return total - undrawn, took


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench page", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, help=f"a multiple of {2 * CLIENTS}")
    messages = parser.parse_args(argv).messages
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.html"
        record(messages, path)
        size = path.stat().st_size / 1e6
        seen, seconds = drawn(path)
    print(f"{messages:,} messages: {size:.2f} MB, {seen:,} drawn, opened in {seconds:.2f} s")
    light, whole = at_most(size, MARK), seen == messages
    print(f"mark {MARK} MB: {light}; all of them drawn: {'yes' if whole else 'NO'}")
    if not (light and whole):
        sys.exit(1)
