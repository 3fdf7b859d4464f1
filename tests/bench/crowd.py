"""500 workers and 500 clients at one broker, each of them a socket of its own."""

from __future__ import annotations

import time
from typing import Any

import zmq

from tests.bench.memory import LONG, bounded, watched
from tests.majordomo.support import status_of
from zmqlab.course.side_by_side.dialects import MDP, SERVICE
from zmqlab.course.side_by_side.load import HEARTBEAT, register
from zmqlab.course.side_by_side.sides import spawned
from zmqlab.majordomo import Client, Limits
from zmqlab.majordomo.sockets import copying

PATIENCE = 60.0  # seconds without any answer
WINDOW = 2  # requests of one client that are under way


def work(endpoint: str, count: int) -> None:
    """So many workers that echo, for ever."""
    context: zmq.Context[Any] = zmq.Context()
    lines = dict(register(context, endpoint, MDP) for _ in range(count))
    poller = zmq.Poller()
    for socket in lines:
        poller.register(socket, zmq.POLLIN)
    beat = 0.0
    while True:
        for socket, _ in poller.poll(int(HEARTBEAT * 1000)):
            for frames in lines[socket].receive_many(10):
                if MDP.is_request(frames):
                    lines[socket].send(MDP.make_reply(frames))
        if time.monotonic() > beat:
            beat = time.monotonic() + HEARTBEAT
            for line in lines.values():
                line.send(list(MDP.heartbeat))


class Asker:
    """A plain client with some requests, which it numbers."""

    def __init__(self, socket: zmq.Socket[bytes], number: int, count: int) -> None:
        self._line = copying(socket)
        self._bodies = [b"%d of %d" % (request, number) for request in range(count)]
        self._under_way: set[bytes] = set()
        self.answered = self.wrong = 0

    def ask(self) -> None:
        while self._bodies and len(self._under_way) < WINDOW:
            self._under_way.add(body := self._bodies.pop())
            self._line.send([*MDP.before, body])

    def read(self) -> None:
        for frames in self._line.receive_many(WINDOW):
            right = frames[-1] in self._under_way
            self._under_way.discard(frames[-1])
            self.answered += right
            self.wrong += not right
        self.ask()


def many_peers(workers: int, clients: int, each: int, budget: int) -> bool:
    """Every client asks `each` requests; True if all are answered, rightly, and the memory stays in its budget."""
    limits = Limits(max_bytes=budget, queue_timeout=LONG, no_service_timeout=LONG)
    with watched(limits) as broker:
        working = spawned(work, broker.endpoint, workers)
        try:
            with Client(broker.endpoint) as client:
                began = time.monotonic()
                answered, wrong = ask_all(broker.endpoint, clients, each)
                seconds = time.monotonic() - began
                here = status_of(client)["services"][SERVICE.decode()]["workers"]
        finally:
            working.kill()
            working.join()
        print(
            f"{workers} workers ({here} there at the end) and {clients} clients: {answered} of {clients * each} "
            f"requests answered in {seconds:.1f} s, {wrong} wrong"
        )
        small = bounded(broker, budget)
    return answered == clients * each and not wrong and here == workers and small


def ask_all(endpoint: str, clients: int, each: int) -> tuple[int, int]:
    """How many were answered rightly, and how many wrongly; ends when all are, or nothing comes any more."""
    with zmq.Context() as context:
        askers = {}
        poller = zmq.Poller()
        for number in range(clients):
            socket = context.socket(zmq.DEALER)
            socket.linger = 0
            socket.connect(endpoint)
            poller.register(socket, zmq.POLLIN)
            askers[socket] = Asker(socket, number, each)
            askers[socket].ask()
        while sum(asker.answered for asker in askers.values()) < clients * each:
            ready = poller.poll(int(PATIENCE * 1000))
            if not ready:
                break
            for socket, _ in ready:
                askers[socket].read()
        for socket in askers:
            socket.close()
    return sum(asker.answered for asker in askers.values()), sum(asker.wrong for asker in askers.values())
