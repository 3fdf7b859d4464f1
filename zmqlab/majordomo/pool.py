"""The workers' side of the broker: the services, the workers that offer them, and how much credit each has left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from . import checks, wire
from .counts import Counts
from .fair import FairQueue
from .jobs import Job, Service, Worker
from .limits import Limits
from .sockets import Send, Sent
from .wire import Part, Ready


class Pool:
    """Every service with its workers. The workers with free credit stand in line, least recently used first."""

    def __init__(self, limits: Limits, send: Send, counts: Counts) -> None:
        self.services: dict[bytes, Service] = {}
        self.workers: dict[bytes, Worker] = {}  # by routing id
        self._limits = limits
        self._send = send
        self._counts = counts
        self._tokens = 0
        self._orphans: dict[bytes, tuple[Worker, Job]] = {}  # by token: living jobs that forgotten workers had
        self.announcement = limits.announce()  # what peers are told of the limits

    # -- services ----------------------------------------------------------------------------------------------------

    def open(self, name: bytes, at_most: float) -> Service | None:
        """The service of that name; None if there may be none, or not one more than `at_most`."""
        service = self.services.get(name)
        if service is None and self.allows(name) and len(self.services) < at_most:
            service = self.services[name] = Service(name, FairQueue())
        return service

    def allows(self, name: bytes) -> bool:
        """Whether a service may have that name. Those of RFC 8 belong to the broker."""
        return not checks.why_no_service(name, self._limits.max_service_name)

    def close_unused(self) -> None:
        """Forget the services that nobody offers and nobody waits for, and jobs of lost workers that have ended."""
        for token in [token for token, (_, job) in self._orphans.items() if job.ended]:
            del self._orphans[token]
        for service in list(self.services.values()):
            if not service.workers and not service.queue:
                del self.services[service.name]

    # -- workers come and go -----------------------------------------------------------------------------------------

    def why_refused(self, ready: Ready) -> str:
        """Why that worker is not registered; "" if it is.

        However many services clients have asked for in vain, there is room for one that a worker offers.
        """
        limits = self._limits
        if why := checks.why_no_service(ready.service, limits.max_service_name):
            return f"that is no name of a service: {why}"
        if len(self.workers) >= limits.max_workers:
            return "too many workers"
        if ready.service not in self.services and len(self.services) >= limits.max_services + limits.max_workers:
            return "too many services"
        return ""

    def predecessor(self, ready: Ready) -> Worker | None:
        """The worker that this one was on an earlier connection, if nobody has noticed yet that it is over."""
        service = self.services.get(ready.service)
        if not ready.wishes or not ready.wishes.held or not service:
            return None
        prefixes = {token[:8] for token in ready.wishes.held}
        return next((worker for worker in service.workers.values() if worker.prefix in prefixes), None)

    def welcome(self, routing_id: bytes, ready: Ready, now: float) -> Worker:
        """Register a worker that nothing speaks against. What it still works on is its own again."""
        service = self.open(ready.service, math.inf)
        assert service is not None
        busy_timeout = self._limits.busy_timeout
        if ready.wishes and ready.wishes.busy_timeout is not None:
            busy_timeout = ready.wishes.busy_timeout
        worker = Worker(routing_id, service, self._bounded(ready.capacity), ready, busy_timeout, now)
        self.workers[routing_id] = service.workers[routing_id] = worker
        if ready.wishes:
            self._confirm(worker, now, self.announcement, self._take_back(worker, ready.wishes.held))
        elif worker.extended:
            self._confirm(worker, now)
        return worker

    def _take_back(self, worker: Worker, held: Iterable[bytes]) -> list[bytes]:
        """Returns the tokens under which it may still answer: of living requests that it was given before."""
        taken = []
        for token in held:
            job = self._orphans[token][1] if token in self._orphans else None
            if job is None or job.ended or job.service is not worker.service or not worker.free():
                continue
            del self._orphans[token]
            if job.worker:  # another one has it meanwhile: the first answer counts
                worker.given_up[token] = job
            else:
                job.service.queue.remove(job)
                job.worker, job.token = worker, token
                worker.jobs[token] = job
            taken.append(token)
        return taken

    def dismiss(self, routing_id: bytes, why: str = "") -> None:
        """Tell a peer to start anew on a new socket. It gets nothing more. Only one that reads reasons is told why."""
        self._send(wire.build_disconnect(routing_id, why.encode()))

    def forget(self, worker: Worker, why: str) -> list[Job]:
        """Strike a worker off. Returns the jobs it had, in the order in which it got them.

        What it has answered may still be unread, or on its way: `inherit` has those jobs, while they live.
        """
        self._counts.lost_workers[why] += 1
        for token, job in (*worker.jobs.items(), *worker.given_up.items()):
            if not job.ended:
                self._orphans[token] = worker, job
        del self.workers[worker.routing_id], worker.service.workers[worker.routing_id]
        worker.service.ready.pop(worker, None)
        jobs = list(worker.jobs.values())
        worker.jobs.clear()
        worker.given_up.clear()
        return jobs

    # -- credit ------------------------------------------------------------------------------------------------------

    def line_up(self, worker: Worker) -> None:
        """Put it in the line of free workers, if it has credit and is not there yet."""
        if worker.free() and worker not in worker.service.ready:
            worker.service.ready[worker] = None

    def set_capacity(self, worker: Worker, capacity: int, now: float) -> None:
        """The worker changes its credit."""
        worker.capacity = self._bounded(capacity)
        worker.service.ready.pop(worker, None)
        self._confirm(worker, now)

    def _confirm(self, worker: Worker, now: float, limits: bytes = b"", held: Sequence[bytes] = ()) -> None:
        """Tell a worker that we know its capacity; and, if it reads that, our limits and what it has taken back.

        It comes behind all that was sent before: a worker that wants no more knows then what it still has to do.
        """
        self.send(worker, wire.build_heartbeat(worker.routing_id, worker.capacity, limits, held), now)

    def next_worker(self, job: Job) -> Worker:
        """The worker that is first in line; for a job that failed before, if possible one that does not have it."""
        line = job.service.ready
        if job.failures:
            for worker in line:
                if job not in worker.given_up.values():
                    return worker
        return next(iter(line))

    def give(self, worker: Worker, job: Job, now: float) -> Sent:
        """Send a job to the worker, which stands in line. Only if it was sent, anything changes."""
        self._tokens += 1
        token = worker.prefix + self._tokens.to_bytes(8, "big")  # a name for this one try
        header = job.header if worker.extended else None
        sent = self.send(worker, wire.build_work(worker.routing_id, token, header, job.body), now)
        if sent is not Sent.YES:
            return sent
        worker.jobs[token] = job
        job.token = token
        job.worker = worker
        job.tries += 1
        if worker.free():
            worker.service.ready.move_to_end(worker)
        else:
            del worker.service.ready[worker]
        return sent

    def take(self, worker: Worker, token: bytes) -> Job | None:
        """The worker answers: the job that it held under that token, given up or not; None if it held none."""
        return worker.jobs.pop(token, None) or worker.given_up.pop(token, None)

    def inherit(self, routing_id: bytes, token: bytes) -> tuple[Worker, Job] | None:
        """The worker that was forgotten, and the job that it had under that token; None if there are no such two."""
        found = self._orphans.get(token)
        return self._orphans.pop(token) if found and found[0].routing_id == routing_id else None

    def give_up(self, job: Job) -> None:
        """Its worker need not answer any more. The worker's place is free again when its reply has come."""
        worker = job.worker
        assert worker is not None
        worker.given_up[job.token] = worker.jobs.pop(job.token)

    # -- signs of life -----------------------------------------------------------------------------------------------

    def send(self, worker: Worker, frames: Sequence[Part], now: float) -> Sent:
        sent = self._send(frames)
        if sent is Sent.YES:
            worker.sent = now
        return sent

    def failing(self, worker: Worker, now: float) -> str:
        """Why this worker must be taken for dead; "" if it lives. Sends it a heartbeat when that is due."""
        limits = self._limits
        if now - worker.heard > limits.heartbeat * limits.liveness:
            return "silent"
        if now - worker.sent >= limits.heartbeat:
            heartbeat = wire.build_heartbeat(worker.routing_id)
            if self.send(worker, heartbeat, now) is Sent.GONE:
                return "unreachable"
        return ""

    def _bounded(self, capacity: int | None) -> int:
        return 1 if capacity is None else int(min(capacity, self._limits.max_capacity))
