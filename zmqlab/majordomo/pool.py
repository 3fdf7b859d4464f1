"""The workers' side of the broker: which services there are, who offers them, and who has credit left."""

from __future__ import annotations

import os

from . import checks, wire
from .counts import Counts
from .fair import FairQueue
from .jobs import Job, Service, Worker
from .limits import Limits
from .sockets import Send, Sent
from .wire import Ready


class Pool:
    """Every service with its workers. The workers with free credit stand in line, least recently used first."""

    def __init__(self, limits: Limits, send: Send, counts: Counts) -> None:
        self.services: dict[bytes, Service] = {}
        self.workers: dict[bytes, Worker] = {}  # by routing id
        self._limits = limits
        self._send = send
        self._counts = counts
        self._token_prefix = os.urandom(8)  # no token of an earlier broker is taken for ours
        self._tokens = 0

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
        """Forget the services that nobody offers and nobody waits for."""
        for service in list(self.services.values()):
            if not service.workers and not service.queue:
                del self.services[service.name]

    # -- workers come and go -----------------------------------------------------------------------------------------

    def welcome(self, routing_id: bytes, ready: Ready, now: float) -> Worker | None:
        """Register a worker; None if it cannot be one.

        However many services clients have asked for in vain, there is room for one that a worker offers.
        """
        most = self._limits.max_services + self._limits.max_workers
        service = self.open(ready.service, most) if len(self.workers) < self._limits.max_workers else None
        if service is None:
            return None
        extended = ready.capacity is not None
        worker = Worker(routing_id, service, self._bounded(ready.capacity), extended, now)
        self.workers[routing_id] = service.workers[routing_id] = worker
        if extended:
            self._confirm(worker, now)
        return worker

    def dismiss(self, routing_id: bytes) -> None:
        """Tell a peer to start anew on a new socket. It gets nothing more."""
        self._send(wire.build_disconnect(routing_id))

    def forget(self, worker: Worker, why: str) -> list[Job]:
        """Strike a worker off. Returns the jobs it had, in the order in which it got them."""
        self._counts.lost_workers[why] += 1
        del self.workers[worker.routing_id], worker.service.workers[worker.routing_id]
        worker.service.ready.pop(worker, None)
        jobs = list(worker.jobs.values())
        worker.jobs.clear()
        return jobs

    # -- credit ------------------------------------------------------------------------------------------------------

    def line_up(self, worker: Worker) -> None:
        """Let it stand in line, if it has credit and does not yet."""
        if worker.free() and worker not in worker.service.ready:
            worker.service.ready[worker] = None

    def set_capacity(self, worker: Worker, capacity: int, now: float) -> None:
        """The worker changes its credit."""
        worker.capacity = self._bounded(capacity)
        worker.service.ready.pop(worker, None)
        self._confirm(worker, now)

    def _confirm(self, worker: Worker, now: float) -> None:
        """Tell a worker that we know its capacity.

        It comes behind all that was sent before: a worker that wants no more knows then what it still has to do.
        """
        self.send(worker, wire.build_heartbeat(worker.routing_id, worker.capacity), now)

    def give(self, worker: Worker, job: Job, now: float) -> Sent:
        """Send a job to the worker, which stands first in line. Only if it was sent, anything changes."""
        self._tokens += 1
        token = self._token_prefix + self._tokens.to_bytes(8, "big")  # a name for this one try
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

    def give_up(self, job: Job) -> None:
        """Its worker holds the job beyond its deadline. The place is free again when the late reply has come."""
        worker = job.worker
        assert worker is not None
        del worker.jobs[job.token]
        worker.given_up.add(job.token)

    # -- signs of life -----------------------------------------------------------------------------------------------

    def send(self, worker: Worker, frames: list[bytes], now: float) -> Sent:
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

    def excuse(self, seconds: float) -> None:
        """We did not listen for so long: that silence is no worker's fault."""
        for worker in self.workers.values():
            worker.heard += seconds

    def _bounded(self, capacity: int | None) -> int:
        return 1 if capacity is None else int(min(capacity, self._limits.max_capacity))
