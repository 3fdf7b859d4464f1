"""Pairing against the truth, on real sockets, the real relay and random traffic.

Each payload is a number that is never used twice. The pairing is shown the same events with every payload replaced
by nothing, so it must find out by connections, order and routing ids alone; the numbers then tell whether it is
right.
"""

import random
import time
from collections import Counter

import pytest
import zmq

from tests.relay.support import DEADLINE
from tests.truths.sockets import address
from zmqlab.lab.relay import Relay
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.events import ConnectionData, Event, RecvData, SendData, WireData
from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace

LAB = 9001
PAYLOAD = b"#"  # what a payload begins with; routing ids and delimiters do not


class Client:
    """A DEALER or REQ that connects to some servers."""

    def __init__(self, traffic: "Traffic", type: int, name: bytes, endpoints: list[str]) -> None:
        self.traffic, self.type, self.name, self.endpoints = traffic, type, name, endpoints
        self.open()

    def open(self) -> None:
        self.socket = self.traffic.context.socket(self.type)
        self.socket.linger = 0
        if self.name:
            self.socket.routing_id = self.name
        for endpoint in self.endpoints:
            self.socket.connect(endpoint)
        self.waiting = False  # a REQ between its request and the reply

    def send(self) -> None:
        envelope = [b""] if self.type == zmq.DEALER else []  # a delimiter, so that REP understands it too
        if self.waiting:
            return
        try:
            self.socket.send_multipart([*envelope, self.traffic.payload()], zmq.DONTWAIT)
        except zmq.Again:
            return
        self.waiting = self.type == zmq.REQ

    def reopen(self) -> None:
        self.socket.close()
        self.open()

    def reconnect(self) -> None:
        endpoint = self.traffic.random.choice(self.endpoints)
        self.socket.disconnect(endpoint)
        self.socket.connect(endpoint)


class Traffic:
    """Random sends, receives, replies and broken connections; `log` is what the lab would have seen."""

    def __init__(self, seed: int, links: bool, *, calm: bool = False) -> None:
        self.random = random.Random(seed)
        self.breaking = (0, 0, 0) if calm else (1.5, 1.5, 0.4)  # how often a connection breaks, and how
        self.log = Log()
        self.relay = Relay.shared() if links else None
        if self.relay:
            self.relay.attach(LAB, self.log)
        self.context = TracedContext(Tap(self.log, "everybody", LAB, (lambda: Relay.shared()) if links else None))
        self.numbers = 0
        self.servers = [self._server(type) for type in (zmq.ROUTER, zmq.ROUTER, zmq.REP)]
        endpoints = [address(server) for server in self.servers]
        self.clients = [
            Client(self, zmq.DEALER, b"ann", [endpoints[0]]),
            Client(self, zmq.DEALER, b"", [endpoints[0]]),
            Client(self, zmq.DEALER, b"bob", endpoints[:2]),
            Client(self, zmq.DEALER, b"", [endpoints[2]]),
            Client(self, zmq.REQ, b"eve", [endpoints[1]]),
            Client(self, zmq.REQ, b"", [endpoints[2]]),
        ]
        self.known: dict[zmq.Socket, list[bytes]] = {server: [] for server in self.servers}

    def _server(self, type: int) -> zmq.Socket:
        server = self.context.socket(type)
        server.linger = 0
        server.bind("tcp://127.0.0.1:*")
        return server

    def payload(self) -> bytes:
        self.numbers += 1
        return PAYLOAD + str(self.numbers).encode()

    def serve(self, server: zmq.Socket) -> None:
        """Receive what is there; answer none, one or several times, to the asker or to anybody known."""
        while server.poll(0):
            try:
                frames = server.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:  # REP threw away a request that it cannot answer
                return
            if server.type == zmq.REP:
                server.send(self.payload())
                continue
            if frames[0] not in self.known[server]:
                self.known[server].append(frames[0])
            for _ in range(self.random.choice((0, 1, 1, 1, 3))):
                self.answer(server, frames[0])

    def answer(self, server: zmq.Socket, routing_id: bytes) -> None:
        server.send_multipart([routing_id, b"", self.payload()])

    def run(self, steps: int) -> None:
        """So many random steps, once each server has heard somebody: connecting takes a busy machine a while."""
        for client in self.clients:
            client.send()
        for server in self.servers:
            assert server.poll(round(DEADLINE * 1000))
            self.serve(server)
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        client = self.random.choice(self.clients)
        server = self.random.choice(self.servers)
        action = self.random.choices(
            ("send", "serve", "receive", "speak", "settle", "reconnect", "reopen", "cut"),
            (40, 25, 20, 5, 2, *self.breaking),
        )[0]
        if action == "send":
            client.send()
        elif action == "serve":
            self.serve(server)
        elif action == "receive":
            self.receive(client)
        elif action == "speak" and self.known[server]:
            self.answer(server, self.random.choice(self.known[server]))
        elif action == "reconnect" and client.type == zmq.DEALER:
            client.reconnect()
        elif action == "reopen":
            client.reopen()
        elif action == "cut" and self.relay:
            self.relay.flush(LAB)  # detached, it reports no more: not even the connections that it had seen until then
            self.relay.detach(LAB)  # every connection breaks, with what was under way
            self.relay.attach(LAB, self.log)
        elif action == "settle":
            self.settle()

    def receive(self, client: Client) -> None:
        while client.socket.poll(0):
            client.socket.recv_multipart()
            client.waiting = False

    def settle(self) -> None:
        """Let everything that can arrive do so: nothing new for 20 ms."""
        seen = -1
        while seen != self.log.next_index:
            seen = self.log.next_index
            time.sleep(0.02)
            for client in self.clients:
                self.receive(client)

    def events(self) -> list[Event]:
        self.settle()
        for server in self.servers:
            self.serve(server)
        self.settle()
        if self.relay:
            self.relay.flush(LAB)
        events, gap = self.log.since(0)
        assert gap == 0
        return events

    def close(self) -> None:
        for socket in self.context.open_sockets():
            socket.close(0)
        self.context.term()
        if self.relay:
            self.relay.detach(LAB)


def mask(frames: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(b"" if frame.startswith(PAYLOAD) else frame for frame in frames)


def masked(events: list[Event]) -> Log:
    log = Log()
    for event in events:
        data = event.data
        if isinstance(data, SendData | RecvData | WireData):
            data = data._replace(frames=mask(data.frames))
        log.append((event.time, event.kind, event.subject, *data))
    return log


class Truth:
    """Which number was sent, seen and received, by the time at which it was."""

    def __init__(self, events: list[Event]) -> None:
        self.sent = {(e.subject, e.time): e.data.frames[-1] for e in events if isinstance(e.data, SendData)}
        self.seen = {(e.subject, e.data.number): e.data.frames[-1] for e in events if isinstance(e.data, WireData)}
        self.received = {(e.subject, e.time): e.data.frames[-1] for e in events if isinstance(e.data, RecvData)}
        self.moves = Counter(e.subject for e in events if e.kind == "endpoint")
        self.links: Counter[str] = Counter()
        for e in events:
            if isinstance(e.data, ConnectionData) and e.data.state == "opened":
                self.links[e.data.client] += 1
                self.links[e.data.server] += 1

    def unbroken(self, socket: str) -> bool:
        """One connection, ever."""
        return self.moves[socket] == 1 and self.links[socket] == 1


def check(trace: Trace, truth: Truth, links: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for m in trace.messages.values():
        sent = truth.sent.get((m.sender, m.sent)) if m.sent is not None else None
        seen = truth.seen.get((m.lane, m.number)) if m.left is not None and m.number is not None else None
        received = truth.received.get((m.receiver, m.received)) if m.received is not None else None
        if links and received is not None and (m.certain or trace.sockets[m.receiver].type != "REQ"):
            # A second answer to a REQ, at the moment of its next request, may be thrown away or not: nobody sees.
            assert seen == received, f"wrong receive: {m}"
            counts["receives"] += 1
        there = seen if seen is not None else received
        if there is None:
            continue
        if sent is not None and m.certain:
            assert sent == there, f"certain, and wrong: {m}"
            counts["certain"] += 1
        sender = trace.sockets[m.sender]
        if links and (sender.type in ("ROUTER", "REP") or truth.unbroken(m.sender)):
            assert sent == there, f"a send of {sender.type} is paired wrong: {m}"
            counts["must"] += 1
        counts["inferred"] += sent is not None and not m.certain
        counts["inferred, right"] += sent is not None and not m.certain and sent == there
    return counts


@pytest.mark.parametrize("links", [True, False], ids=["links", "bare"])
@pytest.mark.parametrize("seed", range(12))
def test_random_traffic_is_paired_right_from_masked_payloads(seed, links):
    counts, received = paired(Traffic(seed, links), 400)
    assert counts["certain"] + counts["inferred"] > 5  # how many of them are certain is chance: connections broke
    if links:
        assert received * 0.9 < counts["receives"] <= received
        assert counts["must"] > 5


@pytest.mark.parametrize("links", [True, False], ids=["links", "bare"])
def test_while_no_connection_breaks_most_pairs_are_certain(links):
    counts, received = paired(Traffic(1, links, calm=True), 200)
    assert counts["certain"] > received / 2


def paired(traffic: Traffic, steps: int) -> tuple[Counter[str], int]:
    """What the check has counted in that traffic, and how many messages were received in it."""
    try:
        traffic.run(steps)
        events = traffic.events()
    finally:
        traffic.close()
    trace = Trace(masked(events))
    trace.update()
    counts = check(trace, Truth(events), traffic.relay is not None)
    received = sum(e.kind == "recv" for e in events)
    assert sum(m.received is not None for m in trace.messages.values()) == received
    return counts, received


def test_the_check_sees_a_wrong_pairing():
    """Two sends swapped in what the pairing is shown: the check must say so."""
    traffic = Traffic(1, links=True)
    try:
        traffic.run(200)
        events = traffic.events()
    finally:
        traffic.close()
    wrong = Trace(masked(events))
    wrong.update()
    certain = [m for m in wrong.messages.values() if m.certain and m.sent is not None and m.left is not None]
    one, other = certain[0], certain[-1]
    one.sender, other.sender = other.sender, one.sender
    one.sent, other.sent = other.sent, one.sent
    with pytest.raises(AssertionError):
        check(wrong, Truth(events), links=True)
