"""The hard cases for a drawing: eight actors, sixty messages through a broker, long names, and all that goes wrong."""

from __future__ import annotations

import heapq
import random

from tests.view.story import Story
from zmqlab.trace.events import Frames
from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace

FRONT, BACK = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"
IN, OUT = "1.1", "1.2"  # the broker's two sockets
LONG = "the-worker-with-a-name-that-goes-on-and-on-"


class Crowd(Story):
    """Four clients, a broker and three workers, whose messages cross as they do in a real run."""

    def __init__(self, prefix: str = "", text: str = "Task-{}", seed: int = 1) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._text = text
        self.clients = {f"{prefix}client-{n}": f"1.{10 + n}" for n in range(4)}
        self.workers = {f"{prefix}worker-{n}": f"1.{20 + n}" for n in range(3)}
        for name, socket in self.clients.items():
            self.actor(name, socket, "DEALER", connects=FRONT)
            self.at(0, "option", socket, "ROUTING_ID", name.encode())
        self.actor(f"{prefix}broker", IN, "ROUTER", binds=FRONT)
        self.at(0, "socket", OUT, "opened", f"{prefix}broker", "ROUTER")
        self.at(0, "endpoint", OUT, "bind", BACK)
        for name, socket in self.workers.items():
            self.actor(name, socket, "DEALER", connects=BACK)
            self.at(0, "option", socket, "ROUTING_ID", name.encode())
        for peers, bound, endpoint in ((self.clients, IN, FRONT), (self.workers, OUT, BACK)):
            for name, socket in peers.items():
                self.at(0.1, "connection", socket[2:], "opened", socket, bound, endpoint, name.encode())

    def run(self, jobs: int, pace: float) -> None:
        """Jobs of four hops, `pace` ms apart: a client asks, the broker passes on, a worker answers, and back."""
        waiting = [(1 + pace * n, n, 0, self._trips(n)) for n in range(jobs)]
        got: dict[str, float] = {}  # lane -> when it was last received from: it is first in, first out
        while waiting:
            at, number, hop, trips = heapq.heappop(waiting)
            sender, sent, lane, wire, receiver, received = trips[hop]
            self.send(at, sender, *sent)
            self.wire(at + 0.1, lane, *wire)
            got[lane] = max(at + self._pause(), got.get(lane, 0.0) + 0.2)
            self.recv(got[lane], receiver, lane, *received)
            if hop + 1 < len(trips):
                heapq.heappush(waiting, (got[lane] + self._pause(), number, hop + 1, trips))

    def _pause(self) -> float:
        return self._chance.choice((0.3, 0.5, 2.0, 5.0))

    def _trips(self, number: int) -> list[tuple[str, Frames, str, Frames, str, Frames]]:
        """Sender and frames, lane and frames, receiver and frames, hop by hop."""
        client, asking = self._chance.choice(list(self.clients.items()))
        worker, working = self._chance.choice(list(self.workers.items()))
        text, done = self._text.format(number).encode(), f"Done {number}".encode()
        return [
            (asking, (text,), f"{asking[2:]}>", (text,), IN, (client.encode(), text)),
            (OUT, (worker.encode(), text), f"{working[2:]}<", (text,), working, (text,)),
            (working, (done,), f"{working[2:]}>", (done,), OUT, (worker.encode(), done)),
            (IN, (client.encode(), done), f"{asking[2:]}<", (done,), asking, (done,)),
        ]

    def trace(self) -> Trace:
        """The story was not told in the order of time."""
        events = sorted(self.log.since(0)[0], key=lambda event: event.time)
        self.log = Log()
        for event in events:
            self.log.append((event.time, event.kind, event.subject, *event.data))
        return super().trace()


def through_a_broker(prefix: str = "", text: str = "Task-{}", pace: float = 4.0, seed: int = 1) -> Trace:
    """Sixty messages among eight actors."""
    crowd = Crowd(prefix, text, seed)
    crowd.run(15, pace)
    return crowd.trace()


def in_trouble(prefix: str = "", seed: int = 1, jobs: int = 9) -> Trace:
    """Fewer jobs, and all that goes wrong: drops, losses, sends in vain, a failure, hangs, cuts, crashes, restarts."""
    crowd = Crowd(prefix, "Task-{}", seed)
    crowd.run(jobs, 6.0)
    clients, workers = list(crowd.clients.items()), list(crowd.workers.items())
    for n in range(6):
        number = crowd.send(5 + 7 * n, IN, b"ghost-%d" % n, b"nobody is there")
        crowd.at(5.1 + 7 * n, "drop", IN, number, f"ROUTER: no peer with routing id 'ghost-{n}'")
        name, socket = clients[n % 4]
        number = crowd.send(80 + n, socket, b"in vain %d" % n)
        crowd.at(80.2 + n, "unsent", socket, number, "EAGAIN")
        name, socket = clients[n % 2]
        crowd.send(90 + n, socket, b"Lost-%d" % n)
        crowd.wire(90.1 + n, f"{socket[2:]}>", b"Lost-%d" % n, arrived=False)
        crowd.send(100 + n, workers[n % 3][1], b"unread %d" % n)
    for n, (name, socket) in enumerate(clients[:2]):
        closed = ("closed", socket, IN, FRONT, name.encode(), b"", "the bound side broke off")
        crowd.at(110 + n, "connection", socket[2:], *closed)
    broker = f"{prefix}broker"
    for n, (name, _) in enumerate(workers):
        crowd.at(8 + n, "control", name, "hang")
        crowd.at(30 + n, "control", name, "resume")
        crowd.at(40.1 + n, "control", broker, "cut", 0.0, name)
        crowd.at(44 + n, "control", broker, "heal", 0.0, name)
        crowd.at(60 + n, "control", name, "crash")
        crowd.at(61 + n, "control", name, "restart")
    crowd.at(62, "control", broker, "hang")
    crowd.at(120, "actor", clients[0][0], "failed", "ValueError: no")
    return crowd.trace()
