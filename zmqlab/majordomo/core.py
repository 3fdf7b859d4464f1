"""The broker's mind: which worker gets which request, and what becomes of it. No socket and no clock in here.

Messages come in through `from_client` and `from_worker`, the time through every call, and messages go out through the
two functions that it is made with. They say at once whether the message went, so the whole of it runs in a test.

The one promise: **a request that was accepted ends exactly once**, in a worker's reply or in an explicit error.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import inf
from typing import NamedTuple

from . import checks, strays, wire
from .counts import Counts
from .errors import Status
from .jobs import Job, Service, Worker, weight
from .journal import Journal
from .ledger import Ledger
from .limits import REPLY_ENVELOPE, Limits, too_many_frames
from .mmi import Management
from .pool import Pool
from .presence import Clock
from .sockets import Send, Sent
from .wire import Disconnect, Heartbeat, Malformed, Part, Ready, Reply, Request


class State(Enum):
    """Where the broker is on its way to a clean end."""

    SERVING = "serving"
    DRAINING = "draining"
    DRAINED = "drained"


class Refusal(NamedTuple):
    """How a request ends that is not accepted."""

    status: Status
    text: str
    word: bytes = b""  # for programs, see PROTOCOL.md


_FATES = {
    "silent": "fell silent (it hung, or its host is gone)",
    "unreachable": "died (its connection has ended)",
    "disconnected": "left",
}


class Core:
    """`to_client` and `to_worker` send one message, routing id first, and say what became of it.

    `now` is the monotonic time in seconds, everywhere. Inside, it is that of a clock which stands still while we are
    away, so nobody is judged for what we did not listen to.
    """

    def __init__(self, limits: Limits, to_client: Send, to_worker: Send, now: float) -> None:
        self.limits = limits
        self.state = State.SERVING
        self.counts = Counts(now)
        self.ledger = Ledger(limits, to_client, self.counts, now)
        self.pool = Pool(limits, to_worker, self.counts)
        self._management = Management(self.pool, self.ledger, self.counts)
        self._clock = Clock(now, usual=2 * limits.tick + 0.05)
        self._deadlines = self.ledger.deadlines
        self._largest = min(limits.room, limits.max_client_bytes)  # bytes of a request
        self._drain_until = 0.0
        self._is_quiet = False  # no client waited at the last tick
        self._to_client, self._to_worker = to_client, to_worker
        self.journal = Journal(self.counts, now)

    def from_anyone(self, frames: Sequence[Part], now: float) -> None:
        """A message on a socket for both sides: its protocol frame tells which."""
        side = self.from_worker if len(frames) > 2 and frames[2] == wire.WORKER else self.from_client
        side(frames, now)

    # -- what a client sends -----------------------------------------------------------------------------------------

    def from_client(self, frames: Sequence[Part], now: float) -> None:
        """A message from the clients' side: it is answered, refused, given to a worker, or queued."""
        now = self._clock.read(now)
        try:
            request = wire.read_request(frames)
        except Malformed as error:
            stray = strays.told_a_worker(frames)
            if stray:
                self._to_client(stray)
            self.counts.drops[str(error) if stray is None else f"a worker at {strays.CLIENTS_SIDE}"] += 1
            return
        if request.service.startswith(checks.MMI):
            answer = self._management.answer(request, self.state.value, now)
            self.ledger.deliveries.answer(request.client, request.service, request.header, answer)
        elif self.ledger.has(request):  # its answer will come, or has just gone out
            if self.journal.tells_all:
                self.journal.step("a request has come again", request.header, request.service)
        elif refusal := self._refusal(request):
            if self.journal.tells_all:
                self.journal.step(f"a request is refused: {refusal.text}", request.header, request.service)
            self.ledger.refuse(request, *refusal)
        else:
            self._accept(request, now)

    def _refusal(self, request: Request) -> Refusal | None:
        """Why this request cannot be accepted; None if it can, and then its service is open."""
        limits = self.limits
        if self.state is not State.SERVING:
            return Refusal(Status.BUSY, "the broker is shutting down", wire.DRAINING)
        if len(request.body) + request.envelope() > limits.max_frames:
            self.counts.drops["too many frames"] += 1
            most = limits.max_frames - request.envelope()
            return Refusal(Status.BUSY, too_many_frames(len(request.body), most), wire.TOO_LARGE)
        size = weight(request.body)
        if size > self._largest:
            return Refusal(Status.BUSY, f"it takes {size} bytes, more than the broker may hold", wire.TOO_LARGE)
        service = self.pool.open(request.service, limits.max_services)
        if service is None:
            if why := checks.why_no_service(request.service, limits.max_service_name):
                return Refusal(Status.NO_SERVICE, f"that is no name of a service: {why}")
            return Refusal(Status.BUSY, "too many services")
        if len(service.queue) >= limits.max_queued:
            return Refusal(Status.BUSY, "the queue of the service is full")
        if self.ledger.deliveries.outstanding(request.client) >= limits.max_per_client:
            return Refusal(Status.BUSY, "too many requests of this client")
        if why := self.ledger.deliveries.why_full(request.client, size):
            return Refusal(Status.BUSY, why)
        return None

    def _accept(self, request: Request, now: float) -> None:
        service = self.pool.services[request.service]
        header = request.header
        expires = now + header.timeout / 1000 if header and header.timeout else inf
        job = self.ledger.enter(request, service, expires, now)
        if self.journal.tells_all:
            self.journal.step("a request is accepted", header, service.name)
        job.patience = self._patience(job, now)
        if service.ready and not service.queue:
            self._assign(job, self.pool.next_worker(job), now)
            self._dispatch(service, now)  # only if that failed, something waits now
            return
        service.queue.push(job)
        first = inf if service.workers else now + self.limits.no_service_timeout
        self._deadlines.set(job, min(job.patience, first))

    def _patience(self, job: Job, now: float) -> float:
        """Until when it may wait for a worker, from now on."""
        return min(job.expires, now + self.limits.queue_timeout)

    # -- what a worker sends -----------------------------------------------------------------------------------------

    def from_worker(self, frames: Sequence[Part], now: float) -> None:
        """A message from the workers' side. Every one but DISCONNECT says that the worker lives."""
        now = self._clock.read(now)
        routing_id = wire.name_in(frames[0])
        worker = self.pool.workers.get(routing_id)
        try:
            command = wire.read_command(frames)
        except Malformed as error:
            stray = strays.told_a_client(frames)
            if stray:
                self._to_worker(stray)
            self.counts.drops[str(error) if stray is None else f"a client at {strays.WORKERS_SIDE}"] += 1
            if worker:
                self._expel(worker, "malformed command", now)
            return
        if worker is None:
            self._from_stranger(routing_id, command, now)
            return
        worker.heard = now
        if isinstance(command, Reply):
            self._on_reply(worker, command, now)
        elif isinstance(command, Heartbeat):
            self._on_heartbeat(worker, command, now)
        elif isinstance(command, Disconnect):
            self._lose(worker, "disconnected", now)
        else:
            self._expel(worker, "second READY", now)

    def _from_stranger(self, routing_id: bytes, command: wire.Command, now: float) -> None:
        """A peer that is no worker of ours: it can become one, or learns that it is none (any more)."""
        if isinstance(command, Disconnect):
            return
        if not isinstance(command, Ready):
            if isinstance(command, Reply) and (found := self.pool.inherit(routing_id, command.token)):
                self._on_answer(*found, command, now)
            self.counts.drops["command of a stranger"] += 1
            self.pool.dismiss(routing_id)
        elif why := self.pool.why_refused(command):
            self.journal.refused(command, why)
            self.pool.dismiss(routing_id, why if command.wishes else "")
        else:
            self._welcome(routing_id, command, now)

    def _welcome(self, routing_id: bytes, ready: Ready, now: float) -> None:
        """A new worker; or one that has a new connection, and keeps what it still works on."""
        if old := self.pool.predecessor(ready):
            left = self.pool.forget(old, "reconnected")
            self.journal.lost(old, "reconnected", 0)
            for job in reversed(left):
                job.patience = self._patience(job, now)
                self._put_back(job)
        worker = self.pool.welcome(routing_id, ready, now)
        for job in worker.jobs.values():
            self._deadlines.set(job, now + worker.busy_timeout)
        self.journal.joined(worker)
        self._offer(worker, now)

    def _on_reply(self, worker: Worker, reply: Reply, now: float) -> None:
        job = self.pool.take(worker, reply.token)
        if job is None:
            self._expel(worker, "reply without request", now)
            return
        self._on_answer(worker, job, reply, now)
        self._offer(worker, now)

    def _on_answer(self, worker: Worker, job: Job, reply: Reply, now: float) -> None:
        """The first answer to a living job is its answer, also when its worker was given up and another has it now."""
        if job.ended:
            self.counts.drops["late reply"] += 1
            return
        if job.worker is None:
            job.service.queue.remove(job)
        elif job.token == reply.token:
            self.counts.works.add(now - job.given)
        else:
            self.pool.give_up(job)
        self._finish(job, worker, reply.body)

    def _on_heartbeat(self, worker: Worker, heartbeat: Heartbeat, now: float) -> None:
        if heartbeat.capacity is not None:
            self.pool.set_capacity(worker, heartbeat.capacity, now)
            self._offer(worker, now)

    # -- who gets what -----------------------------------------------------------------------------------------------

    def _offer(self, worker: Worker, now: float) -> None:
        """That worker may have credit: let it stand in line, and give out what waits."""
        self.pool.line_up(worker)
        self._dispatch(worker.service, now)

    def _dispatch(self, service: Service, now: float) -> None:
        """Bring waiting jobs and workers with credit together."""
        while service.ready and service.queue:
            job = service.queue.pop()
            self._assign(job, self.pool.next_worker(job), now)

    def _assign(self, job: Job, worker: Worker, now: float) -> None:
        """Give that job, which is in no queue, to that worker, which is in line; or put it in front of all."""
        sent = self.pool.give(worker, job, now)
        if sent is Sent.YES:
            self.counts.dispatched += 1
            if job.tries == 1:
                self.counts.waits.add(now - job.entered)
            job.given = now
            self._deadlines.set(job, now + worker.busy_timeout)
            if self.journal.tells_all:
                self.journal.step("a worker has got a request", job.header, job.service.name, worker)
            return
        self._put_back(job)
        if sent is Sent.GONE:
            self._forget(worker, "unreachable", now)
        else:
            del worker.service.ready[worker]  # its pipe is full: it stands in line again at the next tick

    def _put_back(self, job: Job) -> None:
        """It waits again, in front of all others."""
        job.worker = None
        job.service.queue.push_front(job)
        self._deadlines.set(job, job.patience)

    def _retry(self, job: Job, why: str, now: float) -> None:
        """A worker did not finish that job: the next one gets it, unless it has had its chances."""
        job.failures.append(why)
        if job.tries >= self.limits.max_tries:
            self._fail(job, Status.RETRIES_EXHAUSTED, job.history())
        elif job.expires <= now:
            self._fail(job, Status.TIMEOUT, f"{job.history()}; and the time was over")
        else:
            self.counts.retried += 1
            self.journal.retried(job, why)
            job.patience = self._patience(job, now)
            self._put_back(job)

    # -- how a job ends ----------------------------------------------------------------------------------------------

    def _finish(self, job: Job, worker: Worker, body: Sequence[Part]) -> None:
        """A worker's reply. What it says in a header is for us; the client gets one only if it sent one."""
        header, envelope = None, REPLY_ENVELOPE - 1
        if worker.extended:
            header, body = wire.split_header(body)
            envelope += header is not None
        if len(body) + envelope > self.limits.max_frames:
            why = too_many_frames(len(body), self.limits.max_frames - envelope)
            self._fail(job, Status.FAILED, f"the reply is too large: {why}")
            return
        status = header.status if header else Status.OK
        if status is Status.OK:
            if self.journal.tells_all:
                self.journal.step("a request is answered", job.header, job.service.name, worker)
        else:
            self.journal.failed(job, status, wire.name_in(body[0]).decode(errors="replace"))
        self.ledger.end(job, status, body)

    def _fail(self, job: Job, status: Status, why: str, word: bytes = b"") -> None:
        self.journal.failed(job, status, why)
        self.ledger.fail(job, status, why, word)

    # -- time passes -------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Look after all that depends on time. Call it every `limits.tick` seconds, when all is read that has come."""
        now = self._clock.read(now)
        if not self._clock.just_returned():
            self._judge(now)
        for service in self.pool.services.values():
            self._dispatch(service, now)
        self.ledger.tick(now)
        self.pool.close_unused()
        self.counts.mark(now)
        self.journal.tick(now)
        if self.state is State.DRAINING:
            self._finish_draining(now)

    def _judge(self, now: float) -> None:
        """Who is late, and who is silent."""
        for job in self._deadlines.due(now):
            self._overdue(job, now)
        for worker in list(self.pool.workers.values()):
            if why := self.pool.failing(worker, now):
                self._forget(worker, why, now)
            else:
                self.pool.line_up(worker)  # one whose pipe was full

    def _overdue(self, job: Job, now: float) -> None:
        """A deadline has passed: of the worker that has the job, or of its waiting."""
        if job.worker:
            why = f"took longer than {job.worker.busy_timeout:g} s (busy_timeout)"
            self.pool.give_up(job)
            self._retry(job, why, now)
        elif job.service.workers and now < job.patience:
            self._deadlines.set(job, job.patience)  # there was no worker at first, and there is one now
        else:
            job.service.queue.remove(job)
            if job.failures:
                self._fail(job, Status.TIMEOUT, f"{job.history()}; and no other had time for it")
            elif job.service.workers:
                self._fail(job, Status.TIMEOUT, "no worker had time for it")
            else:
                self._fail(job, Status.NO_SERVICE, "no worker offers this service")

    # -- workers go --------------------------------------------------------------------------------------------------

    def _forget(self, worker: Worker, why: str, now: float) -> None:
        """It is gone; what it worked on waits for others, in its old order."""
        left = self.pool.forget(worker, why)
        self.journal.lost(worker, why, len(left))
        for job in reversed(left):
            self._retry(job, _FATES.get(why, "broke the protocol"), now)

    def _lose(self, worker: Worker, why: str, now: float) -> None:
        self._forget(worker, why, now)
        self._dispatch(worker.service, now)

    def _expel(self, worker: Worker, why: str, now: float) -> None:
        """It broke the protocol."""
        self.pool.dismiss(worker.routing_id, why if worker.reads_reasons else "")
        self._lose(worker, why, now)

    # -- the end -----------------------------------------------------------------------------------------------------

    def drain(self, now: float) -> None:
        """Accept nothing more, finish what was accepted; DRAINED at some later tick, after `drain_timeout` at most."""
        now = self._clock.read(now)
        if self.state is State.SERVING:
            self.state = State.DRAINING
            self._drain_until = now + self.limits.drain_timeout
            self.journal.changed("draining", clients_waiting=self.ledger.deliveries.waiting())

    def _finish_draining(self, now: float) -> None:
        if now >= self._drain_until:
            self._fail_all("the broker was shut down before it was done")
        elif self.ledger.deliveries.waiting():
            self._is_quiet = False
            return
        elif not self._is_quiet:
            self._is_quiet = True  # one tick more: who asks meanwhile is told, and the last answers get away
            return
        for worker in self.pool.workers.values():
            self.pool.dismiss(worker.routing_id, "the broker is shutting down" if worker.reads_reasons else "")
        self.state = State.DRAINED

    def _fail_all(self, why: str) -> None:
        """End every job that has not ended yet."""
        for worker in self.pool.workers.values():
            for job in worker.jobs.values():
                self._fail(job, Status.TIMEOUT, why, wire.DRAINING)
            worker.jobs.clear()
        for service in self.pool.services.values():
            while service.queue:
                self._fail(service.queue.pop(), Status.TIMEOUT, why, wire.DRAINING)
