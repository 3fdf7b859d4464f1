"""A client's connection to its broker: a socket for this one connection, and what libzmq's monitor tells of it.

A DEALER that libzmq connects anew by itself keeps what it could not send: a broker that is started again gets requests
that nobody waits for any more. ZMQ_IMMEDIATE, which would leave them here, is not for sockets that read: when a
connection breaks, libzmq takes the answers away that had arrived unread, also between two frames of one that is being
read, and then ends the process (``Assertion failed: !_more (src/fq.cpp)``). So there is no IMMEDIATE, and no second
connection of the same socket: when one breaks, what had arrived is read, and the rest goes with the socket.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from enum import Enum
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

from .endpoints import prepare
from .security import Curve
from .sockets import copying

QUEUE = 100  # requests that libzmq holds for the broker; what waits longer can still be taken back
HANDSHAKE = 5000  # ms until a peer that says nothing is given up
MOMENT = 0.1  # seconds that a handshake may take before we say that it does not come
MANY = 1000  # messages that are read in one go
NEVER = 3_600_000  # ms between two attempts of libzmq itself; we are always sooner

_EVENTS = (
    zmq.EVENT_CLOSED
    | zmq.EVENT_CONNECTED
    | zmq.EVENT_CONNECT_RETRIED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_DISCONNECTED
)
_numbers = itertools.count()


class Stage(Enum):
    """The life of a connection."""

    BEGINS = "no handshake yet"
    OPEN = "the handshake has succeeded"
    OVER = "refused, or broken: make a new one"


def nobody_at(endpoint: str) -> str:
    """The words for it."""
    return f"nobody has accepted a connection at {endpoint}"


class Connection:
    """Made, used and closed by one thread. `listen` when the descriptor `news` is readable; send only while OPEN."""

    def __init__(
        self, context: zmq.Context[Any], endpoint: str, curve: Curve | None = None, *, heartbeat: float = 2.5
    ) -> None:
        self.stage = Stage.BEGINS
        self.was_open = False
        self.silent = True  # no message has come
        self._endpoint = endpoint
        self._encrypted = curve is not None
        self._refused = False
        self._accepted = 0.0  # when
        self._denied = False
        self.socket: zmq.Socket[bytes] = context.socket(zmq.DEALER)
        self.line = copying(self.socket)
        self._monitor: zmq.Socket[bytes] | None = None
        try:
            name = f"inproc://zmqlab.majordomo.connection-{next(_numbers)}"  # pyzmq's own can come again too soon
            self._monitor = self.socket.get_monitor_socket(_EVENTS, name)
            self.news = self._monitor.getsockopt(zmq.FD)  # cheaper to poll than one more socket; `listen` reads all
            self._connect(curve, max(1, int(heartbeat * 1000)))
        except BaseException:
            self.close()
            raise

    def _connect(self, curve: Curve | None, heartbeat: int) -> None:
        socket = self.socket
        socket.linger = 0
        socket.sndhwm = QUEUE
        socket.reconnect_ivl = NEVER
        socket.handshake_ivl = HANDSHAKE
        # MDP has no heartbeats for clients, ZMTP has: a dead connection is given up.
        socket.heartbeat_ivl = heartbeat
        socket.heartbeat_timeout = socket.connect_timeout = 3 * heartbeat
        if curve:
            curve.call(socket)
        prepare(socket, self._endpoint, curve)
        socket.connect(self._endpoint)
        if self._endpoint.startswith("inproc:"):  # it has no handshake, and its monitor says nothing
            self.stage, self.was_open = Stage.OPEN, True

    def receive_all(self) -> list[list[bytes]]:
        """The messages that have come."""
        messages = self.line.receive_many(MANY)
        self.silent = self.silent and not messages
        return messages

    def listen(self) -> None:
        """Read all that the monitor has reported, and set `stage`."""
        assert self._monitor is not None
        while True:
            try:
                frames = self._monitor.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                return
            self._note(parse_monitor_message(frames)["event"])

    def _note(self, event: int) -> None:
        if event == zmq.EVENT_CLOSED:
            self._refused = True
        elif event == zmq.EVENT_CONNECTED:
            self._accepted = time.monotonic()
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.stage, self.was_open = Stage.OPEN, True
        elif event in (zmq.EVENT_DISCONNECTED, zmq.EVENT_CONNECT_RETRIED):
            self.stage = Stage.OVER
        elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            self._denied = True

    def trouble(self) -> str:
        """What is wrong with it, as far as this side can know; "" where nothing is known to be."""
        at = self._endpoint
        if self.stage is Stage.OPEN:
            return f"connected to {at}, where nobody has said a word: is it a broker, and is it alive?" * self.silent
        if self.was_open:
            return nobody_at(at)
        if self._denied:
            return f"the broker at {at} refused our key (CURVE): it must be among those that the broker trusts"
        if self._accepted and self.stage is Stage.OVER:
            keys = "has another key than we trust (CURVE), or uses none" if self._encrypted else "wants keys (CURVE)"
            return f"the handshake with {at} failed: the broker {keys}, or it is no broker"
        if self._accepted:
            late = time.monotonic() > self._accepted + MOMENT
            return f"somebody at {at} accepted the connection and does not answer as ZeroMQ does" * late
        if self.stage is Stage.BEGINS:
            return ""
        return nobody_at(at) if self._refused else f"the name of the host in {at} could not be resolved"

    def close(self) -> None:
        """Close the socket. What it has not sent is lost."""
        with contextlib.suppress(zmq.ZMQError):  # the context is terminated, so nobody reports any more
            self.socket.disable_monitor()  # first of all: libzmq waits for one who does not read its reports
        for socket in (self.socket, self._monitor):
            if socket is not None:
                socket.close(0)
