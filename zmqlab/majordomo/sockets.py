"""Whole messages, sent and received without ever waiting, as fast as pyzmq can.

`send_multipart` and `recv_multipart` do the same. They spend most of their time on checks and on arithmetic with
enumerations, and frames are what costs a broker: so the flags are plain numbers here, the methods are looked up once,
and a frame itself says whether one more follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any, Generic, TypeVar, cast

import zmq
import zmq.backend

from .wire import Part

_NOW = int(zmq.DONTWAIT)
_NOW_AND_MORE = int(zmq.DONTWAIT | zmq.SNDMORE)


class Sent(Enum):
    """What became of a message."""

    YES = "handed to the peer's pipe"
    GONE = "no such peer is connected (EHOSTUNREACH)"
    FULL = "the peer's pipe is at its high-water mark (EAGAIN)"


Send = Callable[[Sequence[Part]], Sent]
"""Sends one message, routing id first, and never blocks."""


P = TypeVar("P", bound=Part)


class Line(Generic[P]):
    """The messages of one socket. Made by `copying` or by `passing`."""

    def __init__(self, socket: zmq.Socket[Any], large: float) -> None:
        self.is_dry = True
        self._large = large  # bytes; from this size on a frame stays where libzmq has it
        self.use(socket)

    def use(self, socket: zmq.Socket[Any]) -> None:
        """From now on it is that of another socket."""
        self._recv = socket.recv
        self._send: Callable[..., Any] = socket.send
        if type(socket).send is zmq.Socket.send:  # a subclass, like one that traces, has its own reasons
            self._send = partial(zmq.backend.Socket.send, socket)  # leaves out options that only draft sockets have

    def receive(self) -> list[P]:
        """The next message. Raises zmq.Again if there is none."""
        recv, large = self._recv, self._large
        frames = []
        while True:
            frame = recv(_NOW, copy=False)
            frames.append(frame.bytes if len(frame) < large else frame)
            if not frame.more:
                return cast(list[P], frames)

    def receive_many(self, most: int, most_bytes: float = math.inf) -> list[list[P]]:
        """The messages that are there, at most so many; after so many bytes no other one. `is_dry`: it was the last."""
        messages: list[list[P]] = []
        self.is_dry = False
        is_bounded = most_bytes < math.inf  # who has no bound does not pay for it
        try:
            while len(messages) < most and most_bytes > 0:
                messages.append(frames := self.receive())
                if is_bounded:
                    most_bytes -= sum(map(len, frames))
        except zmq.Again:
            self.is_dry = True
        return messages

    def send(self, frames: Sequence[Part]) -> None:
        """Raises zmq.Again, or what else the first frame meets; then nothing was sent."""
        send = self._send
        for frame in frames[:-1]:
            send(frame, _NOW_AND_MORE)
        send(frames[-1], _NOW)


def copying(socket: zmq.Socket[Any]) -> Line[bytes]:
    """For who reads what comes: each frame is bytes."""
    return Line(socket, math.inf)


def passing(socket: zmq.Socket[Any]) -> Line[Part]:
    """For who passes on what comes: a large frame is not copied, and libzmq sends it from where it has it."""
    return Line(socket, zmq.COPY_THRESHOLD)


def sender(line: Line[Part]) -> Send:
    """Sends through a ROUTER with ROUTER_MANDATORY, and tells its two refusals apart."""

    def send(frames: Sequence[Part]) -> Sent:
        try:
            line.send(frames)
        except zmq.Again:
            return Sent.FULL
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return Sent.GONE
        return Sent.YES

    return send
