"""Clients and a worker of the shape that those of the Guide have (chapter 4), written from RFC 7 alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq

CLIENT, WORKER = b"MDPC01", b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([number]) for number in range(1, 6))


class LockStepClient:
    """REQ: one request at a time; after a silence a new socket, and the request once more."""

    def __init__(self, context: zmq.Context[Any], endpoint: str, *, timeout: float = 2.5, tries: int = 3) -> None:
        self.tried = 0
        self._context, self._endpoint, self._timeout, self._tries = context, endpoint, timeout, tries
        self._connect()

    def _connect(self) -> None:
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.REQ)
        self._socket.linger = 0
        self._socket.connect(self._endpoint)

    def send(self, service: bytes, *body: bytes) -> list[bytes] | None:
        """The reply's body; None after the last try."""
        for _ in range(self._tries):
            self.tried += 1
            self._socket.send_multipart([CLIENT, service, *body])
            if self._socket.poll(int(self._timeout * 1000)):
                protocol, name, *reply = self._socket.recv_multipart()
                assert (protocol, name) == (CLIENT, service)
                return reply
            self._socket.close()
            self._connect()
        return None

    def close(self) -> None:
        self._socket.close()


class PipelinedClient:
    """DEALER: it sends all it has, and reads until nothing comes for a while."""

    def __init__(self, context: zmq.Context[Any], endpoint: str) -> None:
        self._socket: zmq.Socket[bytes] = context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.connect(endpoint)

    def send(self, service: bytes, *body: bytes) -> None:
        self._socket.send_multipart([b"", CLIENT, service, *body])

    def receive(self, timeout: float) -> list[bytes] | None:
        """The next reply's body; None where none comes."""
        if not self._socket.poll(int(timeout * 1000)):
            return None
        empty, protocol, _, *reply = self._socket.recv_multipart()
        assert (empty, protocol) == (b"", CLIENT)
        return reply

    def close(self) -> None:
        self._socket.close()


class Worker:
    """DEALER: READY, heartbeats, and a new socket where the broker is silent or says DISCONNECT."""

    def __init__(self, endpoint: str, service: bytes, *, heartbeat: float = 0.2, liveness: int = 5) -> None:
        self.registrations = 0
        self._endpoint, self._service = endpoint, service
        self._heartbeat, self._liveness = heartbeat, liveness
        self._ended = threading.Event()

    def run(self) -> None:
        with zmq.Context() as context:
            while not self._ended.is_set():
                with context.socket(zmq.DEALER) as socket:
                    socket.linger = 0
                    socket.connect(self._endpoint)
                    self._serve(socket)

    def stop(self) -> None:
        self._ended.set()

    def _serve(self, socket: zmq.Socket[bytes]) -> None:
        self.registrations += 1
        socket.send_multipart([b"", WORKER, READY, self._service])
        beat, left = time.monotonic() + self._heartbeat, self._liveness
        while left and not self._ended.is_set():
            if socket.poll(int(self._heartbeat * 1000)):
                _, protocol, command, *rest = socket.recv_multipart()
                assert protocol == WORKER
                left = self._liveness
                if command == DISCONNECT:
                    return
                if command == REQUEST:
                    address, empty, *body = rest
                    assert empty == b""
                    socket.send_multipart([b"", WORKER, REPLY, address, b"", *body])
            else:
                left -= 1
            if time.monotonic() > beat:
                socket.send_multipart([b"", WORKER, HEARTBEAT])
                beat = time.monotonic() + self._heartbeat


@contextmanager
def working(endpoint: str, service: bytes) -> Iterator[Worker]:
    """An echo in a thread."""
    worker = Worker(endpoint, service)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(30)
        assert not thread.is_alive()
