"""Random programs of all socket types and transports, with threads, proxies, filters, bursts, restarts, broken links.

They are recorded and compared with the truth: each payload has a number, which the pairing is shown or not.

`python -m tests.recorder.topologies --seconds 600` tries as many as fit, from `--seed` on; one that fails is named.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import zmq

import zmqlab
from tests.ports import free_endpoint
from tests.recorder.counting import Truth, masked, wrong
from zmqlab.trace.actions import ACTIONS
from zmqlab.trace.events import RecvData, SendData
from zmqlab.trace.trace import Trace

PAIRS = (  # who asks and who answers, or who sends and who gets
    (zmq.PUSH, zmq.PULL),
    (zmq.DEALER, zmq.ROUTER),
    (zmq.DEALER, zmq.REP),
    (zmq.REQ, zmq.REP),
    (zmq.REQ, zmq.ROUTER),
    (zmq.DEALER, zmq.DEALER),
    (zmq.ROUTER, zmq.ROUTER),
    (zmq.PAIR, zmq.PAIR),
    (zmq.PUB, zmq.SUB),
    (zmq.XPUB, zmq.XSUB),
    (zmq.XPUB, zmq.SUB),
)
PROXIES = ((zmq.PULL, zmq.PUSH), (zmq.ROUTER, zmq.DEALER), (zmq.XSUB, zmq.XPUB))
AROUND = {  # who speaks to each side of a proxy
    zmq.PULL: (zmq.PUSH,),
    zmq.PUSH: (zmq.PULL,),
    zmq.ROUTER: (zmq.DEALER, zmq.REQ),
    zmq.DEALER: (zmq.REP, zmq.DEALER),
    zmq.XSUB: (zmq.PUB, zmq.XPUB),
    zmq.XPUB: (zmq.SUB, zmq.XSUB),
}
SENDERS = frozenset((zmq.PUSH, zmq.DEALER, zmq.PAIR, zmq.PUB, zmq.XPUB))
TOPICS = (b"a", b"b", b"")
_places = itertools.count()


@dataclass(frozen=True)
class Plan:
    seed: int
    links: bool = True
    groups: int = 3
    threads: int = 2
    steps: int = 40
    restarts: float = 0.02  # how often a socket is closed and made anew
    moves: float = 0.0  # how often a socket unbinds or disconnects, and comes back
    steered: bool = False  # links are held, slowed, cut and broken meanwhile


class Party:
    """A socket, and what is done with it."""

    def __init__(self, world: World, type: int, binds: list[str], connects: list[str]) -> None:
        self.world, self.type, self.binds, self.connects = world, type, binds, connects
        chance = world.chance
        self.name = b"%s-%d" % (chance.choice((b"n", b"m")), chance.randrange(4)) if chance.random() < 0.3 else b""
        self.conflates = type in (zmq.SUB, zmq.PULL) and chance.random() < 0.1
        # libzmq aborts where one connects by inproc to a place that was bound, and is again later
        self.stays = any(place.startswith("inproc:") for place in binds)
        self.waits = False  # a REQ for its reply
        self.known: list[bytes] = []  # by a ROUTER
        self.socket: zmq.Socket[bytes] | None = None

    def open(self) -> None:
        self.socket = made = self.world.context.socket(self.type)
        made.linger = 0
        if self.name and self.type in (zmq.DEALER, zmq.REQ, zmq.ROUTER):
            made.routing_id = self.name
        if self.conflates:
            made.conflate = True
        if self.type == zmq.SUB:
            made.subscribe(self.world.chance.choice(TOPICS))
        for place in self.binds:
            self.bind(place)
        for place in self.connects:
            if not place.startswith("inproc:") or place in self.world.bound:
                made.connect(place)
        if self.type == zmq.XSUB:
            made.send(b"\x01" + self.world.chance.choice(TOPICS))
        self.waits = False

    def bind(self, place: str) -> None:
        assert self.socket is not None
        with contextlib.suppress(zmq.ZMQError):  # another has it by now
            self.socket.bind(place)
            self.world.bound.add(place)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close(0)
            self.socket = None

    def step(self, chance: Random) -> None:
        if self.socket is None or (not self.stays and chance.random() < self.world.plan.restarts):
            self.close()
            self.open()
        elif chance.random() < self.world.plan.moves:
            self.move(chance)
        elif self.type == zmq.REQ:
            self.ask()
        elif self.type in SENDERS and chance.random() < 0.5:
            self.burst(chance.choice((1, 2, 30)))
        elif self.type == zmq.XSUB and chance.random() < 0.1:
            self.try_to_send([chance.choice((b"\x00", b"\x01")) + chance.choice(TOPICS)])
        else:
            self.receive(chance.choice((1, 5, 50)), chance)

    def move(self, chance: Random) -> None:
        """Leave a place, and come back, perhaps at once: libzmq may refuse, because it has not left yet."""
        assert self.socket is not None
        for place in self.binds + self.connects:
            if not place.startswith("inproc:") and chance.random() < 0.8:
                leave = self.socket.unbind if place in self.binds else self.socket.disconnect
                with contextlib.suppress(zmq.ZMQError):  # it had not come back the last time
                    leave(place)
                if chance.random() < 0.5:
                    self.receive(chance.choice((1, 5, 50)), chance) if self.type not in (zmq.REQ, zmq.REP) else None
                if place in self.binds:
                    self.bind(place)
                else:
                    self.socket.connect(place)

    def burst(self, count: int) -> None:
        for _ in range(count):
            frames = [self.world.payload()]
            if self.type in (zmq.PUB, zmq.XPUB):
                frames.insert(0, self.world.chance.choice((b"a", b"b", b"c")))
            elif self.type == zmq.DEALER:
                frames.insert(0, b"")  # a delimiter, so that REP understands it too
            if not self.try_to_send(frames):
                return

    def ask(self) -> None:
        assert self.socket is not None
        if not self.waits:
            self.waits = self.try_to_send([self.world.payload()])
        elif self.socket.poll(5):
            with contextlib.suppress(zmq.Again):  # what came was no reply to this request
                self.socket.recv_multipart(zmq.DONTWAIT)
                self.waits = False

    def receive(self, most: int, chance: Random) -> None:
        mine = self.socket
        assert mine is not None
        for _ in range(most):
            if self.type in (zmq.PUB, zmq.PUSH) or not mine.poll(0):
                return
            try:
                frames = mine.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:  # REP threw it away
                return
            if self.type == zmq.REP:
                self.try_to_send([self.world.payload()])
            elif self.type == zmq.ROUTER and len(frames) > 1:
                self.known = [*self.known[-5:], frames[0]]
                for _ in range(chance.choice((0, 1, 1, 2))):
                    self.try_to_send([chance.choice((frames[0], frames[0], *self.known)), b"", self.world.payload()])
        if self.type == zmq.ROUTER and self.name == b"":
            self.try_to_send([b"n-%d" % chance.randrange(4), b"", self.world.payload()])

    def try_to_send(self, frames: list[bytes]) -> bool:
        assert self.socket is not None
        try:
            self.socket.send_multipart(frames, zmq.DONTWAIT)
        except zmq.ZMQError:
            return False
        return True


@dataclass
class World:
    plan: Plan
    folder: str
    context: zmq.Context[Any] = field(default_factory=zmq.Context)
    bound: set[str] = field(default_factory=set)  # places where somebody has been bound
    parties: list[Party] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.plan.seed)
        self.numbers = itertools.count()
        self.proxies: list[tuple[Any, Any]] = []
        for _ in range(self.plan.groups):
            (self.proxied if self.chance.random() < 0.3 else self.group)()

    def payload(self) -> bytes:
        return b"#%d" % next(self.numbers)

    def place(self) -> str:
        number = next(_places)
        transport = self.chance.choice(("tcp", "inproc", "ipc") if os.name != "nt" else ("tcp", "inproc"))
        tail = {"tcp": "127.0.0.1:*", "inproc": f"place-{number}", "ipc": f"{self.folder}/{number}"}[transport]
        place = f"{transport}://{tail}"
        if transport == "tcp":
            place = free_endpoint()
        return place

    def group(self) -> None:
        """Some sockets of one type and some of another; one side binds, the other connects."""
        kinds = self.chance.choice(PAIRS)
        sides = [[kind] * self.chance.randrange(1, 4) for kind in kinds]
        if self.chance.random() < 0.5:
            sides.reverse()
        binding, connecting = sides
        if zmq.PAIR in kinds:
            binding, connecting = binding[:1], connecting[:2]
        places = [self.place() for _ in binding]
        self.parties += [Party(self, kind, [place], []) for kind, place in zip(binding, places, strict=True)]
        for kind in connecting:
            there = self.chance.sample(places, self.chance.randrange(1, len(places) + 1))
            self.parties.append(Party(self, kind, [], there))

    def proxied(self) -> None:
        kinds = self.chance.choice(PROXIES)
        places = [self.place(), self.place()]
        sockets = [self.context.socket(kind) for kind in kinds]
        for side, place in zip(sockets, places, strict=True):
            side.linger = 0
            side.bind(place)
            self.bound.add(place)
        self.proxies.append((sockets[0], sockets[1]))
        for kind, place in zip(kinds, places, strict=True):
            for _ in range(self.chance.randrange(1, 4)):
                self.parties.append(Party(self, self.chance.choice(AROUND[kind]), [], [place]))

    def run(self) -> None:
        carriers = [threading.Thread(target=_carry, args=proxy, name="proxy") for proxy in self.proxies]
        self.finish = threading.Barrier(self.plan.threads)
        crews = [self.parties[n :: self.plan.threads] for n in range(self.plan.threads)]
        workers = [threading.Thread(target=self._work, args=(n, crew)) for n, crew in enumerate(crews)]
        for thread in (*carriers, *workers):
            thread.start()
        for thread in workers:
            thread.join()
        self.context.term()
        for thread in carriers:
            thread.join()

    def _work(self, number: int, crew: list[Party]) -> None:
        chance = Random(self.plan.seed * 31 + number)
        for party in crew:
            party.open()
        for _ in range(self.plan.steps if crew else 0):
            chance.choice(crew).step(chance)
            if chance.random() < 0.1:
                time.sleep(0.002)
        time.sleep(0.03)
        for party in crew:
            if chance.random() < 0.8 and party.socket is not None and party.type != zmq.REQ:
                party.receive(10_000, chance)
        self.finish.wait()
        chance.shuffle(crew)
        for party in crew:
            party.close()


def _carry(front: Any, back: Any) -> None:
    with contextlib.suppress(zmq.ContextTerminated):
        zmq.proxy(front, back)
    front.close()
    back.close()


def play(plan: Plan) -> Trace:
    with tempfile.TemporaryDirectory() as folder, zmqlab.record(links=plan.links) as run:
        world = World(plan, folder)
        with _steered(run, plan) if plan.steered else contextlib.nullcontext():
            world.run()
    return run.trace


@contextlib.contextmanager
def _steered(run: Any, plan: Plan) -> Iterator[None]:
    """As a lab's links can be: held, slowed, cut and broken, at random."""
    chance, over, wiring = Random(plan.seed + 1), threading.Event(), run._recorder._wiring

    def steer() -> None:
        while not over.wait(0.004):
            run.trace.update()
            actors = list(run.trace.actors)
            name = chance.choice(("hold", "release", "latency", "cut", "cut", "heal", "reset"))
            both = name in ("cut", "heal", "reset")
            if len(actors) > 1 or not both:
                wiring.steer(
                    ACTIONS[name], 0.005 * (name == "latency"), *(chance.sample(actors, 2) if both else ("", ""))
                )
        for name in ("release", "latency"):
            wiring.steer(ACTIONS[name], 0.0, "", "")

    thread = threading.Thread(target=steer)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def faults(trace: Trace) -> list[str]:
    """What the trace says that was not so."""
    events, gap = trace.log.since(0)
    assert not gap
    truth = Truth(events)
    said = wrong(trace, truth) + [f"masked: {each}" for each in wrong(masked(trace), truth)]
    messages = list(trace.messages.values())
    said += [f"it waits, and nobody is there: {m}" for m in messages if m.place in ("in", "out", "wire")]
    types = {id: socket.type for id, socket in trace.sockets.items()}
    received = [
        (e.subject, e.time)
        for e in events
        if isinstance(e.data, RecvData) and not _subscribes(types[e.subject], "XPUB", e.data)
    ]
    shown = Counter((m.receiver, m.received) for m in messages if m.place == "received")
    said += [f"received, and shown {shown[each]} times: {each}" for each in received if shown[each] != 1]
    sent = [
        (e.subject, e.time)
        for e in events
        if isinstance(e.data, SendData) and not _subscribes(types[e.subject], "XSUB", e.data)
    ]
    drawn = Counter((m.sender, m.sent) for m in messages)
    said += [f"sent, and not shown: {each}" for each in sent if not drawn[each]]
    return said


def _subscribes(type: str, of: str, data: RecvData | SendData) -> bool:
    return type == of and len(data.frames) == 1 and data.frames[0][:1] in (b"\0", b"\1")


def plan_of(seed: int) -> Plan:
    chance = Random(seed)
    links = chance.random() < 0.6
    return Plan(
        seed,
        links,
        groups=chance.randrange(1, 5),
        threads=chance.randrange(1, 4),
        steps=chance.choice((20, 60, 200)),
        restarts=chance.choice((0.0, 0.01, 0.05)),
        moves=chance.choice((0.02, 0.1)),
        steered=links and chance.random() < 0.3,
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    end, seed, failed = time.monotonic() + asked.seconds, asked.seed, 0
    counts: Counter[str] = Counter()
    while time.monotonic() < end:
        plan = plan_of(seed)
        trace = play(plan)
        counts["programs"] += 1
        counts["messages"] += len(trace.messages)
        counts["certain"] += sum(message.certain for message in trace.messages.values())
        for fault in faults(trace)[:5]:
            print(f"{plan}: {fault}")
            failed += 1
        seed += 1
    print(dict(counts), f"{failed} faults" if failed else "nothing wrong")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
