"""The processes of the storm: a client that numbers its requests and checks each answer, a worker, a broker."""

from __future__ import annotations

import json
import logging
import os
import random
import time
from collections import Counter
from concurrent.futures import Future
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO

from zmqlab.course.side_by_side.sides import Endpoints
from zmqlab.majordomo import Broker, Client, Limits, ReplyCache, Worker

SERVICE = b"work"
WINDOW = 16  # requests that one client has under way
PATIENCE = 120.0  # seconds until a request counts as lost
LONGEST_WORK = 0.04  # seconds
LARGE = 20_000  # bytes of each fiftieth request: a retry of those asks first
KEY = 16  # bytes: the client's number, and that of its request
REPORT_EVERY = 0.05  # seconds
DONE = b"done: "
LIMITS = Limits(
    heartbeat=0.2, liveness=5, tick=0.02, no_service_timeout=PATIENCE, queue_timeout=PATIENCE, max_tries=1000
)


class Tally:
    """What one client has asked, and what became of it; told again and again, a JSON object a line."""

    def __init__(self, client: Client, out: TextIO) -> None:
        self._client = client
        self._out = out
        self._told = 0.0
        self.asked = self.answered = self.wrong = 0
        self.errors: Counter[str] = Counter()

    def note(self, body: bytes, future: Future[list[bytes]]) -> None:
        """That request has ended. Called in the client's thread."""
        if error := future.exception():
            self.errors[type(error).__name__] += 1
        elif future.result() != [DONE + body]:
            self.wrong += 1
        else:
            self.answered += 1
        if time.monotonic() - self._told > REPORT_EVERY:
            self.tell()

    def tell(self) -> None:
        self._told = time.monotonic()
        facts = {"asked": self.asked, "answered": self.answered, "wrong": self.wrong, "errors": self.errors}
        print(json.dumps({"at": self._told, **facts, "twice": self._client.late}), file=self._out, flush=True)


def ask(endpoint: str, number: int, log: Path, told: Connection) -> None:
    """Ask until told to stop, and wait for the last answers."""
    client = Client(endpoint, timeout=PATIENCE, retry_every=0.5, max_in_flight=WINDOW)
    with log.open("a", encoding="utf-8") as out, client:
        tally = Tally(client, out)
        while not told.poll():
            tally.asked += 1
            body = request(number, tally.asked)
            client.submit(SERVICE, body).add_done_callback(partial(tally.note, body))
        while tally.answered + tally.wrong + tally.errors.total() < tally.asked:
            time.sleep(REPORT_EVERY)
        tally.tell()


def request(client: int, number: int) -> bytes:
    key = client.to_bytes(8, "big") + number.to_bytes(8, "big")
    return key.ljust(LARGE, b".") if number % 50 == 0 else key


def work(endpoint: str, log: Path) -> None:
    """Write the key of each request that is executed into the file `log`, for ever."""
    logging.disable()
    executed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def do(body: bytes) -> bytes:
        os.write(executed, body[:KEY])
        time.sleep(random.uniform(0, LONGEST_WORK))
        return DONE + body

    Worker(endpoint, SERVICE, do, capacity=8, cache=ReplyCache(), heartbeat=0.2, liveness=5).run()


def serve(tell: Any, endpoints: Endpoints) -> None:
    logging.disable()  # it warns of what the storm does to it
    broker = Broker(*endpoints, limits=LIMITS)
    tell.send((broker.endpoint, broker.backend))
    broker.run()
