"""Whatever clients, workers, pipes and time do: a request that was accepted ends exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.majordomo.world import SMALL, World
from zmqlab.majordomo.core import State
from zmqlab.majordomo.jobs import weight
from zmqlab.majordomo.sockets import Sent
from zmqlab.majordomo.wire import Header, Part

CLIENTS = [b"c0", b"c1", b"c2"]
SERVICES = [b"s", b"t"]


class Watched(World):
    """A world that counts how often each request was opened and ended, from what passes alone."""

    def __init__(self) -> None:
        self.opened: Counter[bytes] = Counter()
        self.ended: Counter[bytes] = Counter()
        self.given: dict[bytes, bytes] = {}  # token -> worker
        self.bodies: dict[bytes, list[bytes]] = {}  # token -> body
        super().__init__()

    def send(self, parts: Sequence[Part]) -> Sent:
        sent = super().send(parts)
        frames = [part for part in parts if isinstance(part, bytes)]
        if frames[2] == b"MDPC01":
            header = Header.unpack(frames[4])
            if header and (sent is not Sent.FULL or self.refusing(header)):
                self.ended[header.id] += 1
        elif frames[3] == b"\x02" and sent is Sent.YES:
            assert frames[4] not in self.given, "a token is used once"
            self.given[frames[4]] = frames[0]
            self.bodies[frames[4]] = frames[6:]
        elif frames[3] == b"\x04" and sent is Sent.YES:
            self.given.update(dict.fromkeys(frames[6:], frames[0]))
        return sent

    def refusing(self, header: Header) -> bool:
        """Whether that answer says that nothing was accepted; such a one is not kept for a slow client."""
        return self.asking == header.id and self.core.counts.accepted == self.accepted_before

    def open(self, client: bytes, id: bytes, service: bytes, timeout: int) -> None:
        counts = self.core.counts
        self.asking, self.accepted_before, rejoined = id.rjust(16, b"0"), counts.accepted, counts.rejoined
        self.ask(client, b"body", service=service, id=id, timeout=timeout)
        if counts.rejoined == rejoined:
            self.opened[self.asking] += 1
        self.asking = b""

    asking = b""
    accepted_before = 0


class Broker(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.world = Watched()
        self.ids: list[tuple[bytes, bytes]] = []  # id, service
        self.plain_asked = 0
        self.workers: list[bytes] = []
        self.extended: set[bytes] = set()

    # -- clients -----------------------------------------------------------------------------------------------------

    @rule(client=st.sampled_from(CLIENTS), service=st.sampled_from(SERVICES), timeout=st.sampled_from([0, 500, 5000]))
    def ask(self, client: bytes, service: bytes, timeout: int) -> None:
        id = b"%d" % (len(self.ids) + 1)
        self.ids.append((id, service))
        self.world.open(client, id, service, timeout)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), client=st.sampled_from(CLIENTS))
    def ask_again(self, data: st.DataObject, client: bytes) -> None:
        id, service = data.draw(st.sampled_from(self.ids))
        self.world.open(client, id, service, 0)

    @rule(client=st.sampled_from(CLIENTS), service=st.sampled_from(SERVICES))
    def ask_plainly(self, client: bytes, service: bytes) -> None:
        self.world.ask(client, b"plain", service=service)

    @rule(peer=st.sampled_from(CLIENTS), where=st.sampled_from(["gone", "full"]))
    def client_pipe_fails(self, peer: bytes, where: str) -> None:
        getattr(self.world, where).add(peer)

    @rule(peer=st.sampled_from(CLIENTS))
    def client_pipe_recovers(self, peer: bytes) -> None:
        self.world.gone.discard(peer)
        self.world.full.discard(peer)

    # -- workers -----------------------------------------------------------------------------------------------------

    @rule(capacity=st.sampled_from([None, 0, 1, 3, 9]), service=st.sampled_from(SERVICES))
    def ready(self, capacity: int | None, service: bytes) -> None:
        worker = b"w%d" % len(self.workers)
        self.workers.append(worker)
        if capacity is not None:
            self.extended.add(worker)
        self.world.ready(worker, capacity, service)

    @precondition(lambda self: self.world.given)
    @rule(data=st.data(), capacity=st.integers(1, 4), service=st.sampled_from(SERVICES))
    def return_with(self, data: st.DataObject, capacity: int, service: bytes) -> None:
        """On a new connection, with requests that it got on an old one, perhaps long ago, or that another one got."""
        tokens = data.draw(st.lists(st.sampled_from(list(self.world.given)), max_size=4))
        worker = b"w%d" % len(self.workers)
        self.workers.append(worker)
        self.extended.add(worker)
        self.world.return_with(worker, *tokens, capacity=capacity, service=service)

    @precondition(lambda self: self.world.given)
    @rule(data=st.data())
    def reply(self, data: st.DataObject) -> None:
        """To a request it got, perhaps long ago, perhaps a second time."""
        token = data.draw(st.sampled_from(list(self.world.given)))
        self.world.reply(self.world.given[token], token, *self.world.bodies[token])

    @precondition(lambda self: self.workers)
    @rule(
        data=st.data(),
        frames=st.sampled_from([[b"\x04"], [b"\x04", b"0"], [b"\x04", b"2"], [b"\x05"], [b"\x09"], [b"\x01", b"s"]]),
    )
    def command(self, data: st.DataObject, frames: list[bytes]) -> None:
        self.world.command(data.draw(st.sampled_from(self.workers)), *frames)

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), where=st.sampled_from(["gone", "full"]))
    def worker_pipe_fails(self, data: st.DataObject, where: str) -> None:
        getattr(self.world, where).add(data.draw(st.sampled_from(self.workers)))

    @rule()
    def full_pipes_empty(self) -> None:
        self.world.full.clear()

    # -- the rest ----------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.1, 0.5, 2.0, 5.0]))
    def time_passes(self, seconds: float) -> None:
        alive = [worker for worker in self.workers if worker in self.world.core.pool.workers]
        self.world.wait(seconds, *alive[:2])

    @rule()
    def sleep(self) -> None:
        """The broker itself was stopped for a while."""
        self.world.now += 7.0
        self.world.core.tick(self.world.now)

    @rule(frames=st.lists(st.binary(max_size=8), min_size=1, max_size=14))
    def garbage(self, frames: list[bytes]) -> None:
        self.world.core.from_anyone([b"c0", *frames], self.world.now)

    @precondition(lambda self: len(self.ids) > 10)
    @rule()
    def drain(self) -> None:
        self.world.core.drain(self.world.now)

    # -- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def no_request_ends_more_often_than_it_was_opened(self) -> None:
        for id, times in self.world.ended.items():
            assert times <= self.world.opened[id]

    @invariant()
    def nobody_waits_while_a_worker_has_credit(self) -> None:
        for service in self.world.core.pool.services.values():
            assert not (service.queue and service.ready)

    @invariant()
    def bounds_hold(self) -> None:
        core = self.world.core
        for service in core.pool.services.values():
            assert len(service.queue) == len(list(service.queue))
            # Work that comes back from a worker is not refused, so it may exceed the bound.
            assert len(service.queue) <= SMALL.max_queued + SMALL.max_workers * SMALL.max_capacity
        for worker in core.pool.workers.values():
            assert len(worker.jobs) + len(worker.given_up) <= SMALL.max_capacity
            assert (worker in worker.service.ready) <= worker.free()
        assert len(core.pool.services) <= SMALL.max_services + SMALL.max_workers
        assert len(core.pool.workers) <= SMALL.max_workers

    @invariant()
    def every_living_request_is_in_one_place_and_has_a_deadline(self) -> None:
        core = self.world.core
        working = [job for worker in core.pool.workers.values() for job in worker.jobs.values()]
        waiting = [job for service in core.pool.services.values() for job in service.queue]
        assert len(set(working + waiting)) == len(working) + len(waiting) == len(core.ledger.deadlines)
        assert all(job.worker for job in working)
        assert not any(job.worker for job in waiting)
        assert all(job.tries <= SMALL.max_tries for job in working + waiting)
        assert {(job.service.name, job.header.id) for job in working + waiting if job.header} == core.ledger.known()

    @invariant()
    def the_bytes_are_those_of_what_is_there(self) -> None:
        core = self.world.core
        jobs = [job for worker in core.pool.workers.values() for job in worker.jobs.values()]
        jobs += [job for service in core.pool.services.values() for job in service.queue]
        clients = core.ledger.deliveries.clients()
        waiting = [answer for client in clients for answer in client.backlog]
        assert core.ledger.deliveries.bytes == sum(map(weight, [job.body for job in jobs] + waiting))
        assert core.ledger.deliveries.bytes == sum(client.bytes for client in clients)

    @invariant()
    def plain_workers_see_no_extension(self) -> None:
        for worker in self.workers:
            if worker not in self.extended:
                assert all(Header.unpack(body[0]) is None for _, body in self.world.requests(worker))

    def teardown(self) -> None:
        """In the end every request has ended, as often as it was opened."""
        world = self.world
        world.gone.clear()
        world.full.clear()
        world.core.drain(world.now)
        world.wait(SMALL.drain_timeout + 1)
        assert world.core.state is State.DRAINED
        assert not world.core.ledger.deliveries.waiting()
        assert world.core.ledger.deliveries.bytes == 0
        assert world.ended == world.opened


TestBroker = Broker.TestCase
TestBroker.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
