"""Echo round trips, DEALER to ROUTER and back, two threads: plain pyzmq, traced, traced with links.

64 requests are under way at any time. Figures are round trips per second; the ratio to plain pyzmq is what counts. Many
short rounds, because a round depends most of all on how the two threads happen to take turns.
"""

from __future__ import annotations

import argparse
import queue
import sys
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

import zmq

from tests.bench.rounds import interleave, report_ratios
from zmqlab.lab.relay import Relay
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.log import Log

WINDOW = 64
MARKS = {"traced": 0.7, "with links": 0.55}
LAB = 1

PAYLOAD = b"a message of 24 bytes..."

MakeContext = Callable[[str], "zmq.Context[Any]"]
Trips = Callable[["zmq.Socket[Any]", int], None]


def echo_server(context: zmq.Context[Any], ports: queue.Queue[int]) -> None:
    """Echo until an empty message comes."""
    with context, context.socket(zmq.ROUTER) as socket:
        ports.put(socket.bind_to_random_port("tcp://127.0.0.1"))
        while True:
            envelope = socket.recv_multipart()
            if not envelope[-1]:
                return
            socket.send_multipart(envelope)


def multipart_trips(socket: zmq.Socket[Any], count: int) -> None:
    """`count` round trips of [correlation id, payload]; on return nothing is under way."""
    message = [b"0001", PAYLOAD]
    for _ in range(WINDOW):
        socket.send_multipart(message)
    for _ in range(count - WINDOW):
        socket.recv_multipart()
        socket.send_multipart(message)
    for _ in range(WINDOW):
        socket.recv_multipart()


def single_trips(socket: zmq.Socket[Any], count: int) -> None:
    """`count` round trips of [payload]; on return nothing is under way."""
    for _ in range(WINDOW):
        socket.send(PAYLOAD)
    for _ in range(count - WINDOW):
        socket.recv()
        socket.send(PAYLOAD)
    for _ in range(WINDOW):
        socket.recv()


def rate(make: MakeContext, trips: Trips, count: int) -> float:
    """Round trips per second, with contexts of that make."""
    ports: queue.Queue[int] = queue.Queue()
    server = threading.Thread(target=echo_server, args=(make("server"), ports))
    server.start()
    with make("client") as context, context.socket(zmq.DEALER) as socket:
        socket.connect(f"tcp://127.0.0.1:{ports.get()}")
        trips(socket, max(WINDOW, count // 10))
        start = perf_counter()
        trips(socket, count)
        took = perf_counter() - start
        socket.send(b"")
        server.join()
    return count / took


def plain(_: str) -> zmq.Context[Any]:
    return zmq.Context()


def traced(links: bool) -> MakeContext:
    """Contexts as a lab makes them, and a log that keeps as much as a lab's."""
    log = Log()
    if links:
        Relay.shared().attach(LAB, log)
    return lambda actor: TracedContext(Tap(log, actor, LAB, Relay.shared if links else None))


def with_links(trips: Trips, count: int) -> float:
    make = traced(links=True)
    try:
        return rate(make, trips, count)
    finally:
        Relay.shared().detach(LAB)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench echo", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="round trips of one measurement")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument(
        "--frames",
        type=int,
        choices=(1, 2),
        default=2,
        help="2: correlation id and payload, with send_multipart and recv_multipart; 1: a payload, with send and recv",
    )
    options = parser.parse_args(argv)
    trips = single_trips if options.frames == 1 else multipart_trips
    count = options.count
    sides = {
        "plain": lambda: rate(plain, trips, count),
        "traced": lambda: rate(traced(links=False), trips, count),
        "with links": lambda: with_links(trips, count),
    }
    if not report_ratios(interleave(sides, options.rounds), "plain", MARKS):
        sys.exit(1)
