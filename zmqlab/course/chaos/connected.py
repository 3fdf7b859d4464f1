"""Connections to the broker, one after another: what was said to a broker that is gone is not heard by the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import zmq

from ...majordomo.connection import Connection, Stage

PAUSE = 0.02  # seconds until the next connection is tried
LOOK = 5  # ms between two looks at one that begins
SILENCE = 60.0  # seconds: that a link is silent is for the programs to find out, and not for ZMTP


class Connected:
    """A connection that is open, or was. Of one thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lives(self) -> bool:
        """Whether nothing has been heard of its end."""
        self._connection.listen()
        return self._connection.stage is Stage.OPEN

    def send(self, frames: Sequence[bytes]) -> None:
        """To nobody, where nobody takes it: who comes later is not to hear how it was."""
        with suppress(zmq.Again):
            self._connection.socket.send_multipart(frames, zmq.DONTWAIT)

    def poll(self, seconds: float) -> bool:
        return bool(self._connection.socket.poll(int(seconds * 1000)))

    def receive(self) -> list[bytes]:
        return self._connection.socket.recv_multipart()


def connections(
    context: zmq.Context[Any], endpoint: str, over: Callable[[], bool] = lambda: False
) -> Iterator[Connected]:
    """Each as soon as somebody is there; the next when you come back for it, until `over`."""
    while not over():
        with closing(Connection(context, endpoint, heartbeat=SILENCE)) as connection:
            connected = Connected(connection)
            while not connected.lives() and connection.stage is not Stage.OVER and not over():
                connection.socket.poll(LOOK)
            if connection.stage is Stage.OPEN:
                yield connected
        time.sleep(PAUSE)
