"""The client of the chaos run, in both speeches: it asks everything at once, and notes what comes back and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import inf
from typing import Any

import zmq

from ...majordomo import Client
from .work import answer_to
from .worker import SERVICE


@dataclass
class Heard:
    """What the client has received. A wrong answer is none; one more, right or wrong, to a request that has its answer
    already, is counted in `twice`."""

    after: dict[bytes, float] = field(default_factory=dict)  # id -> seconds until its first answer
    twice: int = 0

    def note(self, number: bytes, right: bool, seconds: float) -> None:
        if number in self.after:
            self.twice += 1
        elif right:
            self.after[number] = seconds


More = Callable[[Heard, float, float], bool]
"""Whether to wait on: what was heard, the seconds since the beginning, and since the last answer."""


def plain(context: zmq.Context[Any], endpoint: str, requests: Mapping[bytes, bytes], more: More) -> Heard:
    """As exercise 11-a has it: [id, payload], and [id, answer]."""
    heard = Heard()
    with context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.sndhwm = 2 * len(requests)  # so that no send waits
        socket.connect(endpoint)
        for frames in requests.items():
            socket.send_multipart(frames)
        began = last = time.monotonic()
        while more(heard, (now := time.monotonic()) - began, now - last):
            if socket.poll(20):
                last = time.monotonic()
                number, *answer = socket.recv_multipart()
                heard.note(number, answer == [answer_to(requests.get(number, b""))], last - began)
    return heard


def majordomo(context: zmq.Context[Any], endpoint: str, requests: Mapping[bytes, bytes], more: More) -> Heard:
    heard, done = Heard(), set()
    with Client(endpoint, timeout=60, retry_every=inf, context=context) as client:
        began = last = time.monotonic()
        futures: dict[bytes, Future[list[bytes]]] = {
            number: client.submit(SERVICE, payload) for number, payload in requests.items()
        }
        while more(heard, (now := time.monotonic()) - began, now - last):
            time.sleep(0.002)
            for number in [number for number, future in futures.items() if future.done() and number not in done]:
                last = time.monotonic()
                done.add(number)
                if futures[number].exception() is None:
                    right = futures[number].result() == [answer_to(requests[number])]
                    heard.note(number, right, last - began)
        heard.twice = client.late
    return heard


SPEECHES = {"plain": plain, "majordomo": majordomo}
