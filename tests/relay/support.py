"""What the tests of the relay share: plain pyzmq sockets that connect through it, and raw TCP."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import zmq

from zmqlab.lab.relay import Relay
from zmqlab.trace.events import ConnectionData, Event
from zmqlab.trace.log import Log

METADATA, SOCKS_USERNAME, SOCKS_PASSWORD = 95, 99, 100
DEADLINE = 30.0  # seconds; reached only when something is wrong

_labs = itertools.count(1)


def until(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """Wait for `condition` to be true, and return what it gave."""
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        assert time.monotonic() < end, f"{what} did not come true within {DEADLINE} s"
        time.sleep(0.005)
    return value


class Wired:
    """One lab at the relay, with its log and a context; `socket` makes sockets as the lab's traced ones are."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.lab = next(_labs)
        self.log = Log()
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.ids: list[str] = []
        relay.attach(self.lab, self.log)

    def socket(
        self, kind: int, context: zmq.Context[zmq.Socket[bytes]] | None = None, **options: Any
    ) -> zmq.Socket[bytes]:
        """A socket of id ``<lab>.<n>`` whose waits end after `DEADLINE`."""
        made = (context or self.context).socket(kind)
        name = f"{self.lab}.{len(self.ids) + 1}"
        self.ids.append(name)
        made.setsockopt(METADATA, f"X-Zmqlab:{name}".encode())
        made.setsockopt_string(zmq.SOCKS_PROXY, self.relay.address)
        made.setsockopt_string(SOCKS_USERNAME, name)
        made.setsockopt_string(SOCKS_PASSWORD, self.relay.token)
        made.linger = 0
        made.rcvtimeo = made.sndtimeo = int(DEADLINE * 1000)
        for option, value in options.items():
            setattr(made, option, value)
        return made

    def pair(self, bound: int, connected: int) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        """``<lab>.1`` bound and ``<lab>.2`` connected to it."""
        server, client = self.socket(bound), self.socket(connected)
        port = server.bind_to_random_port("tcp://127.0.0.1")
        client.connect(f"tcp://127.0.0.1:{port}")
        return server, client

    def events(self, kind: str = "") -> list[Event]:
        self.relay.flush(self.lab)
        return [event for event in self.log.since(0)[0] if kind in ("", event.kind)]

    def connections(self, state: str) -> list[Event]:
        return [
            event for event in self.events() if isinstance(event.data, ConnectionData) and event.data.state == state
        ]

    def wires(self, lane: str = "") -> list[Any]:
        """What passed: the WireData of one lane, or of all."""
        return [event.data for event in self.events("wire") if lane in ("", event.subject)]

    def close(self) -> None:
        self.context.destroy(linger=0)
        self.relay.detach(self.lab)


@contextmanager
def wired(relay: Relay) -> Iterator[Wired]:
    lab = Wired(relay)
    try:
        yield lab
    finally:
        lab.close()


def relay_port(relay: Relay) -> int:
    return int(relay.address.partition(":")[2])


def receive(sock: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes; fewer when the other side ends."""
    data = b""
    while len(data) < count and (more := sock.recv(count - len(data))):
        data += more
    return data


def socks_connect(
    relay: Relay, user: str, port: int, token: str = "", answered: bool = True
) -> tuple[socket.socket, int]:
    """A raw connection through the relay to 127.0.0.1:port, and the SOCKS reply code (-1: none)."""
    sock = socket.create_connection(("127.0.0.1", relay_port(relay)), timeout=DEADLINE)
    name, password = user.encode(), (token or relay.token).encode()
    sock.sendall(b"\x05\x01\x02")
    assert receive(sock, 2) == b"\x05\x02"
    sock.sendall(bytes((1, len(name))) + name + bytes((len(password),)) + password)
    if receive(sock, 2) != b"\x01\x00":
        return sock, -1
    sock.sendall(b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2, "big"))
    return sock, receive(sock, 10)[1] if answered else -1


def ended(sock: socket.socket) -> bool:
    """Read on until the other side closes or resets the connection."""
    try:
        while sock.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    return True
