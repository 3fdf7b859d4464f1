"""Floods of malformed messages, of status requests, of half handshakes and of messages without an end: what all others
notice of them.

Who floods takes processors of the same machine. So the endless message comes twice, as fast as it goes, and as fast as
a network brings it; and its bytes once more to somebody else, which shows what is not the broker's doing."""

from __future__ import annotations

import math
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from statistics import median
from time import monotonic
from time import sleep as wait

import zmq

from tests.bench.load import at_rate, percentile
from tests.bench.marks import at_most
from tests.bench.rounds import interleave, report_ratios
from tests.majordomo.support import status_of
from zmqlab.course.side_by_side.dialects import MDP
from zmqlab.course.side_by_side.load import PAYLOAD, Caller, Workers
from zmqlab.course.side_by_side.sides import OURS, SPAWN, spawned
from zmqlab.majordomo import Client, wire
from zmqlab.majordomo.wire import Header

QUIET = "quiet"
MARK = 5.0  # how many times the quiet p99 that of the others may be
RATE = 300.0  # requests a second of the others
WINDOW = 64  # status requests under way
HALF_OPEN = 200  # connections that one keeps open, and says nothing more
GREETING = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL".ljust(64, b"\0")  # of ZMTP 3.0 (RFC 23)
READY = b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER"
FRAME = bytes((3,)) + struct.pack(">Q", 1 << 16) + bytes(1 << 16)  # a long one, and more follow
ENDLESS = 256 << 20  # bytes of a message, after which its connection ends: libzmq keeps them all till then
GIGABIT = 1e9 / 8  # bytes a second: who is on another host, and takes none of our processors, is as fast as the network
BESIDE = "the same beside the broker"
NOW = struct.pack("ii", 1, 0)  # SO_LINGER: a connection ends at once, so that no port stays taken

Abuse = Callable[[str, Connection], None]
"""Does it to an endpoint for ever, and tells when it has begun."""


def malformed(endpoint: str, tell: Connection) -> None:
    """Messages that are none of MDP, as fast as they go."""
    chance = random.Random(1)
    starts = [[], [b""], [b"", wire.CLIENT], [b"", wire.WORKER, b"\x09"]]
    messages = [[*chance.choice(starts), chance.randbytes(chance.randrange(100))] for _ in range(1000)]
    peer = zmq.Context().socket(zmq.DEALER)
    peer.connect(endpoint)
    tell.send("begun")
    while True:
        for message in messages:
            peer.send_multipart(message)


def status_requests(endpoint: str, tell: Connection) -> None:
    """So many under way at any time."""
    peer = zmq.Context().socket(zmq.DEALER)
    peer.connect(endpoint)
    for _ in range(WINDOW):
        peer.send_multipart(wire.build_request(b"mmi.status", Header(wire.new_id()), [b""]))
    tell.send("begun")
    while True:
        peer.recv_multipart()
        peer.send_multipart(wire.build_request(b"mmi.status", Header(wire.new_id()), [b""]))


def half_handshakes(endpoint: str, tell: Connection) -> None:
    """Connections with a part of a greeting, of which the oldest ends when there are many."""
    address = ("127.0.0.1", int(endpoint.rpartition(":")[2]))
    chance = random.Random(1)
    peers: deque[socket.socket] = deque()
    tell.send("begun")
    while True:
        peer = socket.create_connection(address)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
        peer.sendall(GREETING[: chance.randrange(64)])
        peers.append(peer)
        if len(peers) > HALF_OPEN:
            peers.popleft().close()


def endless_messages(endpoint: str, tell: Connection, rate: float = math.inf) -> None:
    """Frames after which more follow, so many bytes a second; on one connection until they are many, then on a new one.

    By hand, because libzmq sends nothing of a message before it has its last frame.
    """
    address = ("127.0.0.1", int(endpoint.rpartition(":")[2]))
    tell.send("begun")
    while True:
        with socket.create_connection(address) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
            peer.sendall(GREETING + bytes((4, len(READY))) + READY)
            heard = b""
            while b"READY" not in heard:  # a message before it is refused
                heard += peer.recv(256)
            pour(peer, rate)


def pour(peer: socket.socket, rate: float) -> None:
    """Send frames until they are many."""
    due = monotonic()
    for _ in range(ENDLESS // len(FRAME)):
        peer.sendall(FRAME)
        due += len(FRAME) / rate
        wait(max(0.0, due - monotonic()))


def beside(endpoint: str, tell: Connection) -> None:
    """The same frames as fast as they go, and not to that endpoint: what the machine has to do for them in any case."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=swallow, args=(server,), daemon=True).start()
        tell.send("begun")
        with socket.create_connection(server.getsockname()) as peer:
            while True:
                pour(peer, math.inf)


def swallow(server: socket.socket) -> None:
    """Accept one, and swallow what comes from it."""
    peer, _ = server.accept()
    with peer:
        swallow_from(peer)


def swallow_from(peer: socket.socket) -> None:
    """Read all that comes, and keep nothing."""
    room = bytearray(1 << 16)
    while peer.recv_into(room):
        pass


ABUSES: dict[str, Abuse] = {
    "malformed messages": malformed,
    "status requests": status_requests,
    "half handshakes": half_handshakes,
    "messages without an end": endless_messages,
    "the same at 1 Gbit/s": partial(endless_messages, rate=GIGABIT),
}


@contextmanager
def going_on(abuse: Abuse, endpoint: str) -> Iterator[None]:
    told, tell = SPAWN.Pipe()
    process = spawned(abuse, endpoint, tell)
    try:
        assert told.recv() == "begun"
        yield
    finally:
        process.kill()
        process.join()


def p99(caller: Caller, count: int) -> float:
    """Of the others' requests; in ms."""
    found = at_rate(caller, RATE, count, {"short": PAYLOAD, "long": PAYLOAD}, random.Random(1))
    return percentile(found["short"], 0.99)


def p99_under(abuse: Abuse, endpoint: str, caller: Caller, count: int) -> float:
    with going_on(abuse, endpoint):
        return p99(caller, count)


def flood(rounds: int, count: int) -> bool:
    """All of them in turn, at one broker; True if no mark is missed. What a message without an end does to the memory
    is no question here: it fills it, as docs/operations.md says."""
    broker = OURS.start()
    workers = Workers(2, broker.backend, MDP)
    caller = Caller(broker.frontend, MDP)
    try:
        caller.warm_up(2)
        sides: dict[str, Callable[[], float]] = {QUIET: partial(p99, caller, count)}
        for name, abuse in ABUSES.items():
            sides[name] = partial(p99_under, abuse, broker.frontend, caller, count)
        sides[BESIDE] = partial(p99_under, beside, broker.frontend, caller, count)
        print(f"p99 in ms of others who ask {RATE:.0f} times a second")
        figures = interleave(sides, rounds, digits=2)
        with Client(broker.frontend) as client:
            print(f"what the broker has thrown away: {status_of(client)['drops']}")
    finally:
        caller.close()
        workers.kill()
        broker.kill()
    share = median(one / other for one, other in zip(figures[BESIDE], figures[QUIET], strict=True))
    print(f"{BESIDE} / {QUIET}: median {share:.2f}: who floods takes a processor in any case")
    return report_ratios(figures, QUIET, dict.fromkeys(ABUSES, MARK), judge=at_most)
