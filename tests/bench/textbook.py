"""The brokers that one finds in books, written anew for this comparison: one message a poll, one request a worker."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict, deque

import zmq

HEARTBEAT = 2.5  # seconds
LIVENESS = 3


def lru(frontend: zmq.Socket[bytes], backend: zmq.Socket[bytes]) -> None:
    """ROUTER to ROUTER: the frontend is read only when a worker is free."""
    workers: deque[bytes] = deque()
    poller = zmq.Poller()
    poller.register(backend, zmq.POLLIN)
    while True:
        ready = dict(poller.poll())
        if backend in ready:
            worker, _, client, *rest = backend.recv_multipart()
            if not workers:
                poller.register(frontend, zmq.POLLIN)
            workers.append(worker)
            if client != b"READY":
                frontend.send_multipart([client, *rest])
        if frontend in ready and workers:
            client, *rest = frontend.recv_multipart()
            backend.send_multipart([workers.popleft(), b"", client, *rest])
            if not workers:
                poller.unregister(frontend)


class Majordomo:
    """MDP 0.1 on one ROUTER: a queue and a list of idle workers for each service, expiry, heartbeats."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.socket = socket
        self.queues: dict[bytes, deque[list[bytes]]] = defaultdict(deque)
        self.idle: dict[bytes, OrderedDict[bytes, None]] = defaultdict(OrderedDict)
        self.service_of: dict[bytes, bytes] = {}
        self.expires: dict[bytes, float] = {}
        self.next_heartbeat = time.monotonic() + HEARTBEAT

    def run(self) -> None:
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        while True:
            if poller.poll(int(HEARTBEAT * 1000)):
                sender, _, protocol, *rest = self.socket.recv_multipart()
                if protocol == b"MDPC01":
                    self.from_client(sender, *rest)
                else:
                    self.from_worker(sender, *rest)
            self.purge()
            if time.monotonic() > self.next_heartbeat:
                for worker in self.expires:
                    self.socket.send_multipart([worker, b"", b"MDPW01", b"\x04"])
                self.next_heartbeat = time.monotonic() + HEARTBEAT

    def from_client(self, client: bytes, service: bytes, *body: bytes) -> None:
        self.queues[service].append([client, b"", *body])
        self.dispatch(service)

    def from_worker(self, worker: bytes, command: bytes, *rest: bytes) -> None:
        if command == b"\x01":
            self.service_of[worker] = rest[0]
            self.wait_for_work(worker)
        elif worker not in self.service_of:
            self.socket.send_multipart([worker, b"", b"MDPW01", b"\x05"])
        elif command == b"\x03":
            client, _, *body = rest
            self.socket.send_multipart([client, b"", b"MDPC01", self.service_of[worker], *body])
            self.wait_for_work(worker)
        elif command == b"\x04" and worker in self.expires:
            self.expires[worker] = time.monotonic() + HEARTBEAT * LIVENESS

    def wait_for_work(self, worker: bytes) -> None:
        service = self.service_of[worker]
        self.idle[service][worker] = None
        self.expires[worker] = time.monotonic() + HEARTBEAT * LIVENESS
        self.dispatch(service)

    def dispatch(self, service: bytes) -> None:
        self.purge()
        while self.queues[service] and self.idle[service]:
            worker, _ = self.idle[service].popitem(last=False)
            del self.expires[worker]
            self.socket.send_multipart([worker, b"", b"MDPW01", b"\x02", *self.queues[service].popleft()])

    def purge(self) -> None:
        now = time.monotonic()
        for worker, expires in list(self.expires.items()):
            if expires < now:
                del self.expires[worker], self.idle[self.service_of[worker]][worker]
