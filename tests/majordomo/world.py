"""A core with fake peers and a fake clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from zmqlab.majordomo.core import Core
from zmqlab.majordomo.errors import Status
from zmqlab.majordomo.limits import Limits
from zmqlab.majordomo.sockets import Sent
from zmqlab.majordomo.wire import Header, Part, Wishes

SMALL = Limits(
    max_queued=6,
    max_per_client=5,
    max_services=3,
    max_workers=5,
    max_capacity=4,
    max_frames=12,
    max_tries=3,
    queue_timeout=20.0,
    no_service_timeout=4.0,
    busy_timeout=8.0,
    heartbeat=1.0,
    liveness=3,
    tick=0.1,
    drain_timeout=15.0,
)


class World:
    """The core, what it has sent to whom, and which pipes are gone or full."""

    def __init__(self, limits: Limits = SMALL) -> None:
        self.now = 1000.0
        self.sent: dict[bytes, list[list[bytes]]] = defaultdict(list)  # routing id -> messages without it
        self.gone: set[bytes] = set()
        self.full: set[bytes] = set()
        self.core = Core(limits, self.send, self.send, self.now)

    def send(self, parts: Sequence[Part]) -> Sent:
        peer, *message = [part for part in parts if isinstance(part, bytes)]
        assert len(message) == len(parts) - 1
        if peer in self.gone:
            return Sent.GONE
        if peer in self.full:
            return Sent.FULL
        self.sent[peer].append(message)
        return Sent.YES

    # -- what peers do -----------------------------------------------------------------------------------------------

    def ask(self, client: bytes, *body: bytes, service: bytes = b"s", id: bytes = b"", timeout: int = 0) -> None:
        header = [Header(id.rjust(16, b"0"), timeout).pack()] if id else []
        self.core.from_client([client, b"", b"MDPC01", service, *header, *body], self.now)

    def command(self, worker: bytes, *frames: bytes) -> None:
        self.core.from_worker([worker, b"", b"MDPW01", *frames], self.now)

    def ready(
        self, worker: bytes, capacity: int | None = None, service: bytes = b"s", wishes: bytes | None = None
    ) -> None:
        extensions = [] if capacity is None else [b"%d" % capacity]
        self.command(worker, b"\x01", service, *extensions, *([] if wishes is None else [wishes]))

    def return_with(self, worker: bytes, *tokens: bytes, capacity: int = 2, service: bytes = b"s") -> None:
        """A worker of ours registers, and still works on these."""
        self.ready(worker, capacity, service, Wishes(held=tokens).pack())

    def heartbeat(self, worker: bytes) -> None:
        self.command(worker, b"\x04")

    def reply(self, worker: bytes, token: bytes, *body: bytes) -> None:
        self.command(worker, b"\x03", token, b"", *body)

    def wait(self, seconds: float, *alive: bytes) -> None:
        """Let time pass in ticks; the workers `alive` send heartbeats."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.1
            for worker in alive:
                self.heartbeat(worker)
            self.core.tick(self.now)

    # -- what came to them -------------------------------------------------------------------------------------------

    def answers(self, client: bytes) -> list[list[bytes]]:
        """The bodies that a plain client got."""
        return [message[3:] for message in self.sent[client]]

    def outcomes(self, client: bytes) -> list[tuple[bytes, Status]]:
        """Ids and statuses that an extended client got."""
        headers = [Header.unpack(message[3]) for message in self.sent[client]]
        return [(header.id.lstrip(b"0"), header.status) for header in headers if header]

    def errors(self, client: bytes) -> list[tuple[Status, str]]:
        """Statuses and texts of the errors that an extended client got."""
        told = [(Header.unpack(message[3]), message[4].decode()) for message in self.sent[client]]
        return [(header.status, text) for header, text in told if header and header.status is not Status.OK]

    def requests(self, worker: bytes) -> list[tuple[bytes, list[bytes]]]:
        """Tokens and bodies that a worker got."""
        return [(message[3], message[5:]) for message in self.sent[worker] if message[2] == b"\x02"]

    def confirmed(self, worker: bytes) -> list[bytes]:
        """The tokens under which a worker that has returned may still answer."""
        return next(message[5:] for message in self.sent[worker] if message[2] == b"\x04" and len(message) > 4)

    def commands(self, worker: bytes) -> list[bytes]:
        return [message[2] for message in self.sent[worker]]
