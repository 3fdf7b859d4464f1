"""The accepted requests: each is entered once, and ended once, or cancelled by its client."""

from __future__ import annotations

from collections.abc import Sequence

from . import wire
from .answered import Answered, Key
from .counts import Counts
from .deadlines import Deadlines
from .deliveries import Deliveries
from .errors import Status
from .jobs import Job, Service
from .limits import Limits
from .sockets import Send
from .wire import Header, Part, Request

UNTOLD = "for a plain client, which knows no errors"


class Ledger:
    """Every accepted request is in here until `end`, the one place where it gets its answer, or until `cancel`."""

    def __init__(self, limits: Limits, to_client: Send, counts: Counts, now: float) -> None:
        self.deliveries = Deliveries(limits, to_client, counts)
        self.deadlines = Deadlines(limits.tick, now)
        self._counts = counts
        self._known: dict[Key, Job] = {}
        self._answered = Answered()

    def enter(self, request: Request, service: Service, expires: float, now: float) -> Job:
        """Accept a request."""
        job = Job(self.deliveries.enter(request.client), service, request.header, request.body, expires, now)
        self.deliveries.hold(job.client, job.weight)
        if job.header:
            self._known[service.name, job.header.id] = job
        self._counts.accepted += 1
        return job

    def has(self, request: Request) -> bool:
        """Whether this request is here already, or was answered just now, so that its client has sent it again.

        It gets one answer. If the client has a new connection, the answer goes there. The same id for another service
        is another request: nobody gets the answer of one by asking for the other.
        """
        if request.header is None:
            return False
        key = request.service, request.header.id
        job = self._known.get(key)
        if job is None and not self._answered.has(key, request.client):
            return False
        self._counts.rejoined += 1
        if job and job.client.routing_id != request.client:
            self.deliveries.hold(job.client, -job.weight)
            self.deliveries.leave(job.client)
            job.client = self.deliveries.enter(request.client)
            self.deliveries.hold(job.client, job.weight)
        return True

    def waiting(self, service: bytes, id: bytes, client: bytes) -> Job | None:
        """The request of that client's that no worker has; None where there is none, or a worker has it."""
        job = self._known.get((service, id))
        return job if job and job.worker is None and job.client.routing_id == client else None

    def cancel(self, job: Job) -> None:
        """Nobody wants its answer any more. It is forgotten."""
        self._counts.cancelled += 1
        self._forget(job)
        self.deliveries.leave(job.client)

    def refuse(self, request: Request, status: Status, why: str, word: bytes = b"") -> None:
        """Answer what is not accepted. MDP 0.1 knows no errors: a plain client gets nothing, and times out."""
        self._counts.errors[status.name] += 1
        if request.header is None:
            self._counts.drops[f"{status.name} {UNTOLD}"] += 1
        else:
            header = Header(request.header.id, 0, status)
            self.deliveries.answer(request.client, request.service, header, wire.build_error(why, word))

    def end(self, job: Job, status: Status, body: Sequence[Part]) -> None:
        """Answer an accepted request. It is forgotten."""
        self._forget(job)
        if status is Status.OK:
            self._counts.answered += 1
        else:
            self._counts.errors[status.name] += 1
        header = job.header
        if header:
            self._answered.add((job.service.name, header.id), job.client.routing_id)
            header = Header(header.id, 0, status)
        elif status is not Status.OK:  # a plain client, see `refuse`
            self._counts.drops[f"{status.name} {UNTOLD}"] += 1
            self.deliveries.leave(job.client)
            return
        self._deliver(job, header, body)

    def _forget(self, job: Job) -> None:
        self.deadlines.clear(job)
        job.ended = True
        job.body = []  # some worker may hold the job for long
        self.deliveries.hold(job.client, -job.weight)
        if job.header:
            del self._known[job.service.name, job.header.id]

    def _deliver(self, job: Job, header: Header | None, body: Sequence[Part]) -> None:
        """The answer, or the word that there was no room for it."""
        client, name = job.client, job.service.name
        if self.deliveries.deliver(client, wire.build_answer(client.routing_id, name, header, body)):
            return
        self._counts.drops["answer for a client that does not read"] += 1
        if header:
            error = wire.build_error("it was done, but its answer was thrown away: this client does not read")
            told = wire.build_answer(client.routing_id, name, Header(header.id, 0, Status.TIMEOUT), error)
            self.deliveries.keep(client, told)
        else:
            self.deliveries.leave(client)

    def fail(self, job: Job, status: Status, why: str, word: bytes = b"") -> None:
        """Answer it with an error."""
        self.end(job, status, wire.build_error(why, word))

    def tick(self, now: float) -> None:
        """Send slow clients what waits for them, and forget old answers."""
        self.deliveries.flush()
        self._answered.tick(now)

    def known(self) -> set[Key]:
        """The living requests that have an id."""
        return set(self._known)
