"""Traces of so many messages, as a recorded program would have left them, for measurements of what reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from zmqlab.trace import store
from zmqlab.trace.events import Raw
from zmqlab.trace.log import Log
from zmqlab.trace.source import Source
from zmqlab.trace.spool import Spool

CLIENTS = 4
SLICE = 10_000  # messages that are made at a time
STEP = 1000  # ns between two events
SERVER = "1.1"


def events(messages: int) -> Iterator[list[Raw]]:
    """Requests of clients (DEALER) and the replies of a server (ROUTER) over links, in slices."""
    time = STEP
    raws: list[Raw] = [
        (time, "actor", "server", "started", "thread"),
        (time, "socket", SERVER, "opened", "server", "ROUTER", 1),
    ]
    raws.append((time, "endpoint", SERVER, "bind", "tcp://127.0.0.1:5555"))
    for n in range(CLIENTS):
        socket, connection, id = f"1.{n + 2}", f"{n + 1}", bytes([0, n])
        raws.append((time, "actor", f"client-{n}", "started", "thread"))
        raws.append((time, "socket", socket, "opened", f"client-{n}", "DEALER", 1))
        raws.append((time, "endpoint", socket, "connect", "tcp://127.0.0.1:5555"))
        raws.append((time, "connection", connection, "opened", socket, SERVER, "tcp://127.0.0.1:5555", id, b""))
    yield raws
    raws = []
    for n in range(messages // 2):
        client, number = n % CLIENTS, n // CLIENTS
        socket, there, back, id = f"1.{client + 2}", f"{client + 1}>", f"{client + 1}<", bytes([0, client])
        ask, answer = (json.dumps({"job": n, "values": [n, 2 * n, 3 * n]}).encode(), json.dumps({"job": n}).encode())
        left = time + 2 * STEP
        raws.append((time + STEP, "send", socket, number, (ask,), None))
        raws.append((left, "wire", there, number, (ask,), left, left + 100, None))
        raws.append((time + 3 * STEP, "recv", SERVER, number, (id, ask), there, time + STEP, None))
        left = time + 5 * STEP
        raws.append((time + 4 * STEP, "send", SERVER, n, (id, answer), None))
        raws.append((left, "wire", back, number, (answer,), left, left + 100, None))
        raws.append((time + 6 * STEP, "recv", socket, number, (answer,), back, time + 2 * STEP, None))
        time += 6 * STEP
        if len(raws) >= 3 * SLICE:
            yield raws
            raws = []
    yield raws


def write(messages: int, path: Path) -> None:
    """As a trace (``.jsonl``), or as what ``python -m zmqlab record`` leaves of a killed process (``.spool``)."""
    if path.suffix == ".jsonl":
        store.save(Log.of([raw for raws in events(messages) for raw in raws]), path)
        return
    spool = Spool(path, Source("bench", pid=1, host="bench", boot="bench"))
    for raws in events(messages):
        log = Log.of(raws)
        spool.write(log.chunks(0)[0])
    spool.note("ended", True)
