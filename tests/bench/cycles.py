"""Open a lab with ten actors, exchange, close, 200 times: what stays behind, and how long a close takes."""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import threading
import time
import warnings

import psutil
import zmq

from tests.bench.marks import at_most
from zmqlab.lab.lab import Lab
from zmqlab.lab.relay import Relay

MARK = 100  # ms


def one_cycle(clients: int) -> float:
    """One lab with a server and `clients` clients; returns the seconds that its close took."""
    lab = Lab("cycles")
    endpoint = lab.endpoint("frontend")

    @lab.actor
    def server(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(endpoint)
        while True:
            socket.send_multipart(socket.recv_multipart())

    def client(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        for n in range(10):
            socket.send(b"%d" % n)
            assert socket.recv() == b"%d" % n

    names = [f"client-{n}" for n in range(clients)]
    for name in names:
        lab.actor(client, name=name)
    lab.wait(*names, timeout=60)
    began = time.perf_counter()
    lab.close()
    return time.perf_counter() - began


def one_stubborn() -> float:
    """A lab with an actor that never calls ZeroMQ and takes no exception; returns the seconds its close took."""
    lab = Lab("stubborn")
    inside, enough = threading.Event(), threading.Event()

    @lab.actor
    def deaf(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        while not enough.is_set():
            try:
                inside.set()
                while not enough.wait(0.01):
                    pass
            except BaseException:
                continue

    inside.wait()
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        lab.close()
    took = time.perf_counter() - began
    print(f"abandoned and named: {told[0].message}")
    enough.set()
    return took


def resources() -> dict[str, int]:
    """Threads, open files (sockets among them) and TCP sockets of this process."""
    gc.collect()
    process = psutil.Process(os.getpid())
    files = process.num_fds()  # not on Windows
    return {"threads": threading.active_count(), "files": files, "TCP sockets": len(process.net_connections("tcp"))}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench cycles", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--actors", type=int, default=10)
    args = parser.parse_args(argv)
    one_cycle(args.actors - 1)  # the modules stay, and the relay process for the next lab that comes soon
    before = resources()
    closes = sorted(one_cycle(args.actors - 1) * 1000 for _ in range(args.times))
    after = resources()
    left = any(after[what] > count for what, count in before.items())
    reached = at_most(statistics.median(closes), MARK)
    for what, count in before.items():
        print(f"{what:12} at the start {count:4}   at the end {after[what]:4}   more: {after[what] - count}")
    print(
        f"close of a lab with {args.actors} actors, {args.times} times: median {statistics.median(closes):.1f} ms, "
        f"95 % under {closes[int(len(closes) * 0.95)]:.1f} ms, longest {closes[-1]:.1f} ms "
        f"(mark: median under {MARK} ms: {reached})"
    )
    print(f"close with an actor that has to be abandoned, counted apart: {one_stubborn():.1f} s")
    Relay.shared().stop()
    if left or not reached:
        sys.exit(1)
