"""Brokers that are there in no time: forked from a small process that has imported all, and killed without a word."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.ports import free_endpoint
from zmqlab.majordomo import Broker, Limits


class Nursery:
    """One broker at a time, always at the same endpoint."""

    def __init__(self, pipe: socket.socket, endpoint: str) -> None:
        self._pipe = pipe
        self.endpoint = endpoint

    def ask(self, order: bytes) -> None:
        """``b"k"``: SIGKILL for the broker, ``b"s"``: start one. Returns when it is done."""
        self._pipe.sendall(order)
        assert self._pipe.recv(1) == b"!"


@contextmanager
def nursery(limits: Limits) -> Iterator[Nursery]:
    """Enter it before this process has a zmq.Context or a thread."""
    near, far = socket.socketpair()
    endpoint = free_endpoint()
    pid = os.fork()
    if not pid:
        near.close()
        _serve(far, endpoint, limits)
        os._exit(0)
    far.close()
    with near:
        yield Nursery(near, endpoint)
    os.waitpid(pid, 0)


def _serve(pipe: socket.socket, endpoint: str, limits: Limits) -> None:
    broker = 0
    while order := pipe.recv(1):
        if order == b"s":
            broker = _start(pipe, endpoint, limits)
        elif order == b"k":
            _kill(broker)
            broker = 0
        pipe.sendall(b"!")
    if broker:
        _kill(broker)


def _start(pipe: socket.socket, endpoint: str, limits: Limits) -> int:
    ready, tell = os.pipe()
    pid = os.fork()
    if not pid:
        pipe.close()
        broker = Broker(endpoint, limits=limits)
        os.write(tell, b"!")
        broker.run()
        os._exit(0)
    os.close(tell)
    os.read(ready, 1)
    os.close(ready)
    return pid


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
