"""The clients of the graded run, in both speeches: each asks what it is told to, and notes what it hears and when."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import zmq

from ...majordomo import Client
from .connected import Connected, connections
from .history import Heard, What
from .work import Request, answer_to, payload_of
from .worker import SERVICE

TURN = 0.005  # seconds that a client waits for an answer until it looks what it is to ask
FOR_EVER = 3600.0  # seconds: it asks again when its connection was made anew, and never because it has waited


class Asker(Protocol):
    """One client. `heard` grows; `ask` may be called in any thread."""

    heard: list[Heard]

    def ask(self, request: Request) -> None: ...

    def close(self) -> None: ...

    @property
    def unclaimed(self) -> int:
        """Answers that it was given for no request that is known, so `heard` has them not."""
        ...


def verdict(request: Request, text: bytes) -> tuple[What, Request]:
    """What it is to be given `text` for `request`, and whose answer it is."""
    if text == answer_to(payload_of(request)):
        return "answered", request
    _, _, name = text.decode("utf-8", "replace").lower().partition(" ")
    client, _, number = name.partition(" ")
    if client != request.client and number.isdecimal():
        whose = Request(client, int(number))
        if text == answer_to(payload_of(whose)):
            return "stranger", whose
    return "wrong", request


class Plain:
    """As exercise 13-a has it: [id, payload], and [id, answer].

    The id names the attempt, "7/2", and the payload the operation (lesson 05). It asks again, by a new attempt, when
    its connection was made anew: what was on the old one is lost, or its answer would not find it.
    """

    def __init__(self, name: str, context: zmq.Context[Any], endpoint: str) -> None:
        self.heard: list[Heard] = []
        self.unclaimed = 0
        self._name = name
        self._new: deque[Request] = deque()
        self._attempts: dict[bytes, tuple[Request, int]] = {}  # by id
        self._open: dict[Request, int] = {}  # sent and not answered -> attempts
        self._answered: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(context, endpoint), name=f"chaos {name}", daemon=True)
        self._thread.start()

    def ask(self, request: Request) -> None:
        self.heard.append(Heard(time.monotonic(), "asked", request, self._name))
        self._new.append(request)

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self, context: zmq.Context[Any], endpoint: str) -> None:
        for broker in connections(context, endpoint, self._over.is_set):
            for request in list(self._open):
                self._open[request] += 1
                self.heard.append(Heard(time.monotonic(), "asked", request, self._name, self._open[request]))
                self._send(broker, request)
            while broker.lives() and not self._over.is_set():
                while self._new:
                    self._open[self._new[0]] = 1
                    self._send(broker, self._new.popleft())
                if broker.poll(TURN):
                    self._hear(*broker.receive())

    def _send(self, broker: Connected, request: Request) -> None:
        attempt = self._open[request]
        number = b"%d/%d" % (request.number, attempt)
        self._attempts[number] = request, attempt
        broker.send([number, payload_of(request)])

    def _hear(self, number: bytes, *answer: bytes) -> None:
        if number not in self._attempts:
            self.unclaimed += 1
            return
        asked, attempt = self._attempts[number]
        what, request = verdict(asked, answer[0] if len(answer) == 1 else b"")
        if what == "answered":
            if number in self._answered:
                what = "answered again"
            elif request not in self._open:
                what = "late"
            self._answered.add(number)
            self._open.pop(request, None)
        self.heard.append(Heard(time.monotonic(), what, request, self._name, attempt))


class Majordomo:
    """The client of `zmqlab.majordomo`, which asks again by itself, under the same id, when its connection was made
    anew. How often it did so for one request is not known here."""

    def __init__(self, name: str, context: zmq.Context[Any], endpoint: str) -> None:
        self.heard: list[Heard] = []
        self._name = name
        self._client = Client(endpoint, timeout=60, retry_every=FOR_EVER, context=context)

    def ask(self, request: Request) -> None:
        self.heard.append(Heard(time.monotonic(), "asked", request, self._name))
        future = self._client.submit(SERVICE, payload_of(request))
        future.add_done_callback(lambda future: self._hear(request, future))

    def close(self) -> None:
        self._client.close()

    @property
    def unclaimed(self) -> int:
        return self._client.late

    def _hear(self, asked: Request, future: Future[list[bytes]]) -> None:
        if future.exception() is None:  # else it has no answer
            answer = future.result()
            what, request = verdict(asked, answer[0] if len(answer) == 1 else b"")
            self.heard.append(Heard(time.monotonic(), what, request, self._name))


SPEECHES: dict[str, Callable[[str, zmq.Context[Any], str], Asker]] = {"plain": Plain, "majordomo": Majordomo}
