"""Brokers, workers and plain MDP peers for the tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import zmq

from zmqlab.majordomo import Broker, Client, Limits, Worker

DEADLINE = 30.0  # seconds; reached only when something is wrong
QUICK = Limits(heartbeat=0.2, liveness=5, tick=0.01, no_service_timeout=0.3, drain_timeout=20.0)
PATIENT = replace(QUICK, no_service_timeout=DEADLINE)
"""For a broker whose worker comes later than a request."""


def until(condition: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """Wait for a true value of `condition` and return it."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.002)
    return value


@contextmanager
def serving(
    limits: Limits = QUICK, ports: int = 1, endpoint: str = "tcp://127.0.0.1:0", **more: Any
) -> Iterator[Broker]:
    """A broker in a thread, with one port or two."""
    broker = Broker(endpoint, "tcp://127.0.0.1:0" if ports == 2 else None, limits=limits, **more)
    thread = threading.Thread(target=broker.run, name="broker", daemon=True)
    thread.start()
    try:
        yield broker
    finally:
        broker.kill()
        thread.join(DEADLINE)
        assert not thread.is_alive()


class Held:
    """A handler that gives the frame back when it may go on, and keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, frame: bytes) -> bytes:
        self.calls.append(frame)
        self.begun.set()
        assert self.go_on.wait(DEADLINE)
        return frame


class Reachable(Protocol):
    """The broker, or what plays it."""

    @property
    def backend(self) -> str: ...


@contextmanager
def working(
    broker: Reachable, service: str, handler: Callable[..., Any], *, at: str | list[str] = "", **options: Any
) -> Iterator[Worker]:
    """A worker of ours in a thread, connected to the broker, or to other endpoints."""
    options = {"heartbeat": 0.2, "liveness": 5, **options}
    worker = Worker(at or broker.backend, service, handler, **options)
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(DEADLINE)
        assert not thread.is_alive()


def status_of(client: Client) -> dict[str, Any]:
    """What the broker says of itself."""
    told: dict[str, Any] = json.loads(client.call("mmi.status")[0])
    return told


class Plain:
    """A plain pyzmq socket that fails instead of waiting for ever."""

    def __init__(self, context: zmq.Context[Any], kind: int, endpoint: str) -> None:
        self.socket = context.socket(kind)
        self.socket.linger = 0
        self.socket.rcvtimeo = self.socket.sndtimeo = int(DEADLINE * 1000)
        self.socket.connect(endpoint)

    def send(self, *frames: bytes) -> None:
        self.socket.send_multipart(frames)

    def receive(self) -> list[bytes]:
        return self.socket.recv_multipart()

    def close(self) -> None:
        self.socket.close()


class PlainWorker(Plain):
    """MDP/Worker, written from RFC 7 alone."""

    def __init__(self, context: zmq.Context[Any], endpoint: str, service: bytes) -> None:
        super().__init__(context, zmq.DEALER, endpoint)
        self.send(b"", b"MDPW01", b"\x01", service)

    def heartbeat(self) -> None:
        self.send(b"", b"MDPW01", b"\x04")

    def command(self) -> list[bytes]:
        """The next command that is no heartbeat, sending heartbeats meanwhile."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            if not self.socket.poll(50):
                self.heartbeat()
                continue
            frames = self.receive()
            assert frames[:2] == [b"", b"MDPW01"]
            if frames[2] != b"\x04":
                return frames
        raise AssertionError("no command came")

    def request(self) -> tuple[bytes, list[bytes]]:
        """Address and body of the next request."""
        _, _, command, address, empty, *body = self.command()
        assert (command, empty) == (b"\x02", b"")
        return address, body

    def reply(self, address: bytes, *body: bytes) -> None:
        self.send(b"", b"MDPW01", b"\x03", address, b"", *body)
