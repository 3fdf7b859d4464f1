"""The load: one client with a full window, and workers that echo, the same for every broker."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import zmq

from ...majordomo.sockets import Line, copying
from .dialects import Dialect
from .sides import spawned

PAYLOAD = bytes(16)  # behind the 8 bytes of the request's number
WAIT = 30.0  # seconds without any answer after which a measurement fails
HEARTBEAT = 0.5


def echo_worker(endpoint: str, dialect: Dialect, log: str = "") -> None:
    """Echo for ever. The first byte of the body after its number is how many ms to sleep first.

    Writes the number of each request that it executes into the file `log`.
    """
    context: zmq.Context[Any] = zmq.Context()
    socket, line = register(context, endpoint, dialect)
    executed = open(log, "ab", buffering=0) if log else None  # noqa: SIM115 - until the process ends
    heard = time.monotonic()
    while True:
        if not socket.poll(int(HEARTBEAT * 1000)):
            if dialect.heartbeat:
                line.send(list(dialect.heartbeat))
                if time.monotonic() - heard > 6 * HEARTBEAT:
                    socket.close(0)
                    socket, line = register(context, endpoint, dialect)
                    heard = time.monotonic()
            continue
        heard = time.monotonic()
        try:
            while True:
                frames = line.receive()
                if dialect.is_request(frames):
                    body = frames[-1]
                    if executed:
                        executed.write(body[:8])
                    if body[8]:
                        time.sleep(body[8] / 1000)
                    line.send(dialect.make_reply(frames))
                elif dialect.is_disconnect(frames):  # the broker does not know us any more
                    socket.close(0)
                    socket, line = register(context, endpoint, dialect)
        except zmq.Again:
            pass


def register(context: zmq.Context[Any], endpoint: str, dialect: Dialect) -> tuple[zmq.Socket[bytes], Line[bytes]]:
    socket: zmq.Socket[bytes] = context.socket(zmq.DEALER)
    socket.connect(endpoint)
    line = copying(socket)
    if dialect.ready:
        line.send(list(dialect.ready))
    return socket, line


class Workers:
    """Worker processes."""

    def __init__(self, count: int, endpoint: str, dialect: Dialect, log: str = "") -> None:
        self._arguments = (endpoint, dialect, log)
        self._processes = [self._start() for _ in range(count)]

    def _start(self) -> Any:
        return spawned(echo_worker, *self._arguments)

    def replace(self, number: int) -> None:
        """Kill one, and start another."""
        number %= len(self._processes)
        self._processes[number].kill()
        self._processes[number].join()
        self._processes[number] = self._start()

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
            process.join()


@dataclass
class Result:
    """What a client saw."""

    rate: float = 0.0  # answers a second
    latencies: list[float] = field(default_factory=list)  # seconds


class Caller:
    """A DEALER client that numbers its requests."""

    def __init__(self, endpoint: str, dialect: Dialect) -> None:
        self._context: zmq.Context[Any] = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.sndhwm = self._socket.rcvhwm = 0
        self._socket.connect(endpoint)
        self._line = copying(self._socket)
        self._before = list(dialect.before)
        self._number = 0

    def close(self) -> None:
        self._socket.close()
        self._context.term()

    def ask(self, payload: bytes = PAYLOAD) -> int:
        self._number += 1
        self._line.send([*self._before, self._number.to_bytes(8, "big") + payload])
        return self._number

    def answer(self, wait: float) -> int:
        """The number of the next answer; 0 if none comes in that time."""
        if not self._socket.poll(max(0, int(wait * 1000))):
            return 0
        return int.from_bytes(self._line.receive()[-1][:8], "big")

    def drain(self, wait: float) -> list[int]:
        """All answers that are there; waits for the first one."""
        numbers = []
        if self._socket.poll(max(0, int(wait * 1000))):
            try:
                while True:
                    numbers.append(int.from_bytes(self._line.receive()[-1][:8], "big"))
            except zmq.Again:
                pass
        return numbers

    def warm_up(self, workers: int) -> None:
        """Until the workers are there and answer."""
        for _ in range(50 * workers):
            self.ask()
        for _ in range(50 * workers):
            if not self.answer(WAIT):
                raise RuntimeError("no answer")

    def run(self, window: int, seconds: float, payload: bytes = PAYLOAD) -> Result:
        """`window` requests under way for so many seconds."""
        result = Result()
        since: dict[int, float] = {}
        began = time.perf_counter()
        end = began + seconds
        for _ in range(window):
            since[self.ask(payload)] = time.perf_counter()
        while since:
            numbers = self.drain(WAIT)
            if not numbers:
                raise RuntimeError("no answer")
            now = time.perf_counter()
            for number in numbers:
                result.latencies.append(now - since.pop(number))
                if now < end:
                    since[self.ask(payload)] = now
        result.rate = len(result.latencies) / (time.perf_counter() - began)
        return result
