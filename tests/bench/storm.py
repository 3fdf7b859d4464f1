"""Minutes in which everything of the broker's world is killed, stopped and cut off at random, while clients ask."""

from __future__ import annotations

import json
import math
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.bench import asking
from tests.bench.faults import Actor, Faults
from tests.bench.marks import at_most
from tests.majordomo.cut import Link
from zmqlab.course.side_by_side.dialects import MDP
from zmqlab.course.side_by_side.sides import ANY, SPAWN, Side, spawned

CLIENTS, WORKERS = 4, 4
EVERY = 0.7  # seconds between two faults, in the mean
EXECUTIONS = 1.05  # the mark, for each request
LAST_ANSWERS = asking.PATIENCE + 30.0  # seconds


class BrokerActor(Actor):
    """Always at the same endpoints."""

    kind = "broker"

    def __init__(self) -> None:
        self.endpoints = ANY, ANY
        self.start()

    def start(self) -> None:
        running = Side("ours", asking.serve, MDP).start(self.endpoints)
        self.process = running.process
        self.endpoints = running.frontend, running.backend


class PeerActor(Actor):
    """A worker, or a client, behind a link of its own."""

    link: Link

    def __init__(self, endpoint: str) -> None:
        self.link = Link(endpoint)
        self.start()


class WorkerActor(PeerActor):
    kind = "worker"

    def __init__(self, endpoint: str, log: Path) -> None:
        self._log = log
        super().__init__(endpoint)

    def start(self) -> None:
        self.process = spawned(asking.work, self.link.endpoint, self._log)


class ClientActor(PeerActor):
    """Each of its processes has a number, and a file that it tells what it saw."""

    kind = "client"

    def __init__(self, endpoint: str, folder: Path, number: int) -> None:
        self.logs: list[Path] = []
        self._folder = folder
        self._number = number
        super().__init__(endpoint)

    def start(self) -> None:
        number = self._number + CLIENTS * len(self.logs)
        self.logs.append(self._folder / f"client-{number}")
        self.logs[-1].touch()
        self._tell, told = SPAWN.Pipe()
        self.process = spawned(asking.ask, self.link.endpoint, number, self.logs[-1], told)

    def finish(self) -> None:
        """Ask nothing more."""
        self._tell.send("stop")


@dataclass
class Outcome:
    """What the storm has shown."""

    asked: int = 0
    answered: int = 0
    lost: int = 0  # of clients that were not killed: ended in an error, or not at all
    twice: int = 0
    wrong: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    executed: int = 0
    distinct: int = 0  # requests that were executed
    ended: list[str] = field(default_factory=list)  # processes, but not by our hand
    longest: float = 0.0  # seconds without an answer to anybody

    def add_client(self, lines: list[dict[str, Any]], *, was_killed: bool) -> None:
        """What a client has told; what was under way when it was killed is not lost."""
        if not lines:
            return
        last = lines[-1]
        self.asked += last["asked"]
        self.answered += last["answered"]
        self.twice += last["twice"]
        self.wrong += last["wrong"]
        self.errors.update(last["errors"])
        failed = sum(last["errors"].values())
        self.lost += failed if was_killed else last["asked"] - last["answered"] - last["wrong"]

    def add_executions(self, log: bytes) -> None:
        keys = [log[at : at + asking.KEY] for at in range(0, len(log), asking.KEY)]
        self.executed += len(keys)
        self.distinct += len(set(keys))

    def report(self) -> bool:
        """Print it; True if all marks are reached."""
        ratio = self.executed / self.distinct if self.distinct else math.inf
        few = at_most(ratio, EXECUTIONS)
        print(
            f"{self.asked} requests asked, {self.answered} answered; longest time without answers {self.longest:.1f} s"
        )
        print(
            f"lost {self.lost}, answered twice {self.twice}, wrong {self.wrong} (marks: 0); errors {dict(self.errors)}"
        )
        print(f"{ratio:.4f} executions a request, mark at most {EXECUTIONS}: {few}")
        print(f"processes that ended but by our hand (mark: 0): {len(self.ended)} {self.ended}", flush=True)
        return bool(few) and self.answered > 0 and not (self.lost or self.twice or self.wrong or self.ended)


class World:
    """A broker, its workers and its clients."""

    def __init__(self, folder: Path) -> None:
        self.executions = folder / "executed"
        self.executions.touch()
        self.broker = BrokerActor()
        frontend, backend = self.broker.endpoints
        self.workers = [WorkerActor(backend, self.executions) for _ in range(WORKERS)]
        self.clients = [ClientActor(frontend, folder, number) for number in range(CLIENTS)]
        self.actors: list[Actor] = [self.broker, *self.workers, *self.clients]
        self.outcome = Outcome()

    def look_after(self, *, clients_may_end: bool = False) -> None:
        """Notice who has ended but by our hand, and start another one."""
        for actor in self.actors:
            code = actor.process.exitcode
            if code is None or (clients_may_end and actor.kind == "client" and code == 0):
                continue
            self.outcome.ended.append(f"{actor.kind}: {code}")
            print(f"a {actor.kind} has ended with {code}", flush=True)
            actor.start()

    def finish(self) -> None:
        """Let the clients wait for their last answers."""
        for client in self.clients:
            client.finish()
        by = time.monotonic() + LAST_ANSWERS
        while any(client.process.is_alive() for client in self.clients) and time.monotonic() < by:
            self.look_after(clients_may_end=True)
            time.sleep(0.05)

    def close(self) -> None:
        for actor in self.actors:
            actor.process.kill()
            actor.process.join()
            if actor.link:
                actor.link.close()

    def tally(self) -> Outcome:
        moments: list[float] = []
        for client in self.clients:
            for log in client.logs:
                lines = read(log)
                self.outcome.add_client(lines, was_killed=log is not client.logs[-1])
                moments += [line["at"] for line in lines]
        self.outcome.add_executions(self.executions.read_bytes())
        self.outcome.longest = longest_gap(moments)
        return self.outcome


def read(log: Path) -> list[dict[str, Any]]:
    """The whole lines of it; a client that was killed may have left half of one."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines(keepends=True) if line[-1] == "\n"]


def longest_gap(moments: list[float]) -> float:
    ordered = sorted(moments)
    return max((later - earlier for earlier, later in pairwise(ordered)), default=math.inf)


def storm(seconds: float, seed: int | None = None) -> bool:
    """Print what came of it; True if all marks are reached."""
    seed = random.randrange(2**32) if seed is None else seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            faults = Faults(world.actors, random.Random(seed))
            blow(world, faults, seconds, random.Random(seed + 1))
            world.finish()
        finally:
            world.close()
        outcome = world.tally()
    print(f"{faults.done.total()} faults in {seconds:.0f} s: {dict(sorted(faults.done.items()))}")
    return outcome.report()


def blow(world: World, faults: Faults, seconds: float, chance: random.Random) -> None:
    end = time.monotonic() + seconds
    due = time.monotonic() + EVERY
    while (now := time.monotonic()) < end:
        world.look_after()
        faults.undo(now)
        if now >= due:
            faults.do_one(now)
            due = now + chance.expovariate(1 / EVERY)
        time.sleep(0.02)
    faults.undo(math.inf)
