"""What the broker knows: jobs, workers, services, clients."""

from __future__ import annotations

import os
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence

from .fair import FairQueue
from .wire import Header, Part, Ready

OBJECTS = 1_000  # bytes of memory for one message beside its frames: what Python needs to keep it


def weight(frames: Sequence[Part]) -> int:
    """About how many bytes of memory a message takes."""
    return OBJECTS + sum(map(len, frames))


class Client:
    """A client that has requests without a delivered answer. It is forgotten when it has none."""

    __slots__ = ("backlog", "bytes", "outstanding", "routing_id")

    def __init__(self, routing_id: bytes) -> None:
        self.routing_id = routing_id
        self.outstanding = 0
        self.bytes = 0  # that its requests and its backlog take
        self.backlog: deque[Sequence[Part]] = deque()  # answers that its full pipe did not take yet


class Job:
    """One accepted request, until it is answered.

    It waits in the queue of its service (``worker`` is None), or a worker has it. ``tries`` counts how often it was
    given to one, and ``failures`` what became of those that did not answer (yet).
    """

    __slots__ = (
        "body",
        "client",
        "ended",
        "entered",
        "expires",
        "failures",
        "given",
        "header",
        "lane",
        "patience",
        "service",
        "slot",
        "token",
        "tries",
        "weight",
        "worker",
    )

    def __init__(
        self, client: Client, service: Service, header: Header | None, body: Sequence[Part], expires: float, now: float
    ) -> None:
        self.client = client  # who gets the answer
        self.lane = client.routing_id  # whose turn in the queue it takes
        self.service = service
        self.header = header
        self.body = body
        self.weight = weight(body)
        self.entered = self.given = now  # when it was accepted, and when the worker got it that has it
        self.expires = expires  # when its client waits no more
        self.patience = expires  # how long it may wait in the queue this time
        self.worker: Worker | None = None
        self.token = b""  # its name at that worker
        self.tries = 0
        self.failures: list[str] = []
        self.ended = False
        self.slot = -1  # kept by Deadlines

    def history(self) -> str:
        """What became of its tries, in words."""
        fates = Counter(self.failures)
        if self.tries == 1:
            return f"its worker {self.failures[0]}"
        if len(fates) == 1:
            return f"tried {self.tries} times, and each time its worker {self.failures[0]}"
        return f"tried {self.tries} times: " + ", ".join(f"{count} x its worker {why}" for why, count in fates.items())


class Worker:
    """A worker that has said READY and is thought to live."""

    __slots__ = (
        "busy_timeout",
        "capacity",
        "extended",
        "given_up",
        "heard",
        "jobs",
        "prefix",
        "reads_reasons",
        "routing_id",
        "sent",
        "service",
    )

    def __init__(
        self, routing_id: bytes, service: Service, capacity: int, ready: Ready, busy_timeout: float, now: float
    ) -> None:
        self.routing_id = routing_id
        self.prefix = os.urandom(8)  # of its tokens: nobody else can guess them, and no other broker's are the same
        self.service = service
        self.capacity = capacity  # the credit it gives us
        self.busy_timeout = busy_timeout  # seconds that it may work on one request
        self.extended = ready.capacity is not None  # it speaks our extensions
        self.reads_reasons = ready.wishes is not None  # also those of wire version 2
        self.jobs: dict[bytes, Job] = {}  # by token: what it works on
        self.given_up: dict[bytes, Job] = {}  # by token: what it holds, and need not answer any more
        self.heard = now
        self.sent = now

    def free(self) -> bool:
        """Whether it has credit left. A job given up takes its place until the worker lets go of it."""
        return len(self.jobs) + len(self.given_up) < self.capacity


class Service:
    """A name, the requests that wait for it and the workers that offer it."""

    __slots__ = ("name", "queue", "ready", "workers")

    def __init__(self, name: bytes, queue: FairQueue[Job]) -> None:
        self.name = name
        self.queue = queue
        self.workers: dict[bytes, Worker] = {}  # all, by routing id
        self.ready: OrderedDict[Worker, None] = OrderedDict()  # with free credit, least recently used first
