"""What the exercises share in which workers die: scripted workers that say that they live, or do not."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import cycle
from math import inf
from time import monotonic

import zmq

from ...trace.model import Message
from . import crew_causes as causes
from .play import ENOUGH, Play
from .polls import had_its_turn, waits_seen
from .running import Running

PATIENCE = 0.2  # seconds: what the learner's function is called with
MORE_PATIENCE = 0.35  # seconds, where the time itself is looked at, or many speak
BEAT = 0.05  # seconds between two ALIVE of a worker that lives
TALKERS, TABLES = 20, "abcd"
MORTAL, HEIRS = ("ann", "ben", "cem"), ("dan", "eve", "fay")
QUIET = 0.005  # seconds: who needs more to give out a job does not do so while many speak
TALK = 0.01  # seconds between two ALIVE of a talker
HEARD = 0.75  # of what many say is heard by who keeps up with them, at some moment
LAST_WORDS = (0.105, 0.145)
"""Seconds before a death in which nobody speaks, of one and of the next: who waits for longer sleeps through it.

Who waits for 0.1 s sleeps through the first, unless the last word is heard 5 to 45 ms late; then through the second."""
PROMPT = 0.03  # seconds in which a last word is heard, or the death does not count
OVER = 0.04  # seconds after a death that it is noticed in, on a busy machine too: the contract says 0.03


class Crew:
    """Scripted workers. Those in `alive` say ALIVE whenever somebody waits here for something."""

    def __init__(self, running: Running, endpoint: str) -> None:
        self.running = running
        self.play: Play = running.play
        self.sockets: dict[str, zmq.Socket[bytes]] = {}
        self.alive: set[str] = set()
        self.spoke: dict[str, float] = {}  # when each said something last
        self._endpoint = endpoint
        self._said = monotonic()
        self._waits = self.play.to_the_end(waits_seen())

    def join(self, name: str) -> None:
        """Its routing id is its name, with a byte in front that is no text."""
        self.sockets[name] = self.play.socket(
            zmq.DEALER, bind=False, endpoint=self._endpoint, name=name, routing_id=b"\xff" + name.encode()
        )
        self.say(name, b"READY")
        self.alive.add(name)

    def say(self, name: str, *frames: bytes) -> None:
        self.spoke[name] = monotonic()
        self.sockets[name].send_multipart(frames)

    def heard(self, name: str) -> bool:
        """Wait until what it said last has been received, as two connections keep no order; whether it has."""

        def received() -> bool:
            messages = self.play.lab.messages()  # first: it brings the trace up to date
            said = [message for message in messages if self.play.lab.trace.actor_of(message.sender) == name]
            return said[-1].received is not None

        return self.until(received, ENOUGH)

    def silent(self, name: str) -> None:
        self.alive.discard(name)

    def revive(self, name: str) -> None:
        """It says ALIVE, as it did before it fell silent, and has been heard."""
        self.say(name, b"ALIVE")
        self.heard(name)
        self.alive.add(name)

    def crash(self, name: str) -> None:
        self.silent(name)
        self.sockets.pop(name).close()

    def until(self, condition: Callable[[], bool], wait: float, *sockets: zmq.Socket[bytes]) -> bool:
        """Wait until the condition holds, while those who live say so; whether it does. It is looked at again when
        something comes to `sockets`."""

        def beaten() -> bool:
            self._beat()
            return condition()

        return self.play.until(beaten, wait, *sockets)

    def _beat(self) -> None:
        now = monotonic()
        if now - self._said > BEAT:
            self._said = now
            for name in self.alive:
                self.say(name, b"ALIVE")

    def received(self, wait: float) -> dict[str, list[bytes]]:
        """The next messages that come to anybody: name -> frames. Empty when none came within `wait` seconds."""
        self.until(self._has_come, wait, *self.sockets.values())
        return {name: socket.recv_multipart() for name, socket in self.sockets.items() if socket.poll(0)}

    def _has_come(self) -> bool:
        """Whether anybody has something to receive."""
        return any(socket.poll(0) for socket in self.sockets.values())

    def expect_punctual(self, name: str, patience: float, before: float, since: float, *, called: str) -> None:
        """The job of a worker that has been silent since then comes to `name` after `patience` seconds. What it said
        then was DONE; the time `before` is that of what it had said before that.
        """
        socket = self.sockets[name]
        came = self.until(lambda: bool(socket.poll(0)), ENOUGH, socket)
        seconds, unheard = monotonic() - since, monotonic() - before  # so long for who does not note the time of DONE
        called, wanted = f"{self.running.call}: {called}", f"{name} gets the job after {patience:g} s"
        got = f"{name} got the job after {seconds:.2f} s" if came else self.words({})
        at_once = causes.TAKEN_ONCE if unheard < 0.9 * patience else causes.DONE_IS_LIFE
        early = [(0.15, at_once), (0.45, causes.DONE_IS_LIFE), (1.0, causes.TOO_EARLY)]
        cause = next((cause for part, cause in early if came and seconds < part * patience), causes.NOT_NOTICED)
        self.play.expect(
            came and seconds > 0.8 * patience, called=called, got=got, wanted=wanted, cause=cause, timed=True
        )
        what = f"{name} got the job"
        self.play.expect_soon(seconds, patience, called=called, what=what, wanted=wanted, cause=causes.TOO_LATE)

    def expect_awake(self, dying: str, patience: float, job: str, expect_job: Callable[[str, str], None]) -> str:
        """The worker has that job. It dies, and so do its heirs, one after another, while nobody speaks: each time the
        next one gets the job, of which `expect_job(heir, called)` makes sure. Who has it at last.

        On a busy machine nothing may be seen of a death: then one more follows.
        """
        seen = 0
        for heir in HEIRS:
            called = f"{dying} has {job}, and falls silent; {heir} is free, and says little"
            seen += self._expect_awake(dying, heir, patience, LAST_WORDS[seen], called=called)
            expect_job(heir, called)
            dying = heir
            if seen == len(LAST_WORDS):
                break
        self.play.proves(seen == len(LAST_WORDS) or not self._waits)  # who waits in another way is never seen
        return dying

    def _expect_awake(self, dying: str, heir: str, patience: float, quiet: float, *, called: str) -> bool:
        """The worker has a job, and has just been heard for the last time. The heir joins, speaks once more `quiet`
        seconds before the other one's time is over, and gets its job: nobody waits until long after that.

        Whether a wait was seen that begins with this word: on a busy machine the code may come to it too late.
        """
        self.silent(dying)
        self.join(heir)
        self.silent(heir)
        self.heard(heir)
        death = self._heard_last(dying) + patience
        self.play.until(lambda: False, death - quiet - monotonic())
        before, said = len(self._waits), monotonic()
        self.say(heir, b"ALIVE")
        socket = self.sockets[heir]
        came = self.play.comes(socket, ENOUGH)
        waits = [wait for wait in self._waits[before:] if wait.began < death]
        late, limit = max(((wait.began + wait.limit - death, wait.limit) for wait in waits), default=(0.0, 0.0))
        wanted = f"{heir} gets the job when {dying} has been silent for `patience` seconds"
        got = f"a poll that lasts {1000 * limit:.0f} ms, if nobody speaks: until {1000 * late:.0f} ms after that"
        got = "a poll without a limit" if limit == inf else got
        self.expect(late <= OVER, called=called, got=got, wanted=wanted, cause=causes.OVERSLEPT, timed=True)
        self.expect(came, called=called, got=self.words({}), wanted=wanted, cause=causes.NOT_NOTICED)
        return bool(waits) and waits[0].began < said + PROMPT

    def _heard_last(self, name: str) -> float:
        """When its last message was received, by `time.monotonic`."""
        messages = self.play.lab.messages()  # first: it brings the trace up to date
        said = [m.received for m in messages if self.play.lab.trace.actor_of(m.sender) == name]
        return max(received for received in said if received is not None) / 1e9

    def expect_job(self, name: str, *job: bytes, called: str, cause: str) -> None:
        """The next message to anybody is this job, for that worker."""
        came = self.received(ENOUGH)
        wanted = f"{name} gets {_shown(job)}"
        cause = self.why(came, cause)
        self.expect(came == {name: list(job)}, called=called, got=self.words(came), wanted=wanted, cause=cause)

    def expect_quiet(self, seconds: float, *, called: str, cause: str) -> None:
        """Nobody gets a job meanwhile. Who would give one may come to it late, on a busy machine, and has no luck."""
        came = self.received(seconds)
        if not came:
            over = monotonic()
            self.until(lambda: self._has_come() or had_its_turn(self._waits, over), ENOUGH)
            came = self.received(ENOUGH if self.play.is_something_on_its_way() else 0)
        self.expect(not came, called=called, got=self.words(came), wanted="nobody gets a job", cause=cause)

    def why(self, came: Mapping[str, Sequence[bytes]], cause: str) -> str:
        """The likely cause when nobody got the job, or the wrong worker: for that it is `cause`."""
        if came:
            return cause
        cause = causes.NOT_GIVEN if cause in (causes.ONE, causes.TAKEN_ONCE) else cause
        return self.play.why_silent(self.play.why_silent(cause, endpoint=self._endpoint))

    def words(self, came: Mapping[str, Sequence[bytes]]) -> str:
        words = [f"{name} received {_shown(frames)}" for name, frames in came.items()]
        return " and ".join(words) or (
            "nobody received anything" if self.play.running() else self.play.silence(endpoint=self._endpoint)
        )

    def expect(
        self,
        condition: object,
        *,
        called: str,
        got: str,
        wanted: str,
        cause: str,
        late: bool = False,
        timed: bool = False,
    ) -> None:
        """As `Play.expect`; `called` is what happened after the exercise's own call."""
        called = f"{self.running.call}: {called}"
        self.play.expect(condition, called=called, got=got, wanted=wanted, cause=cause, late=late, timed=timed)


class Talkers:
    """Many more workers, who say ALIVE all the time: there is hardly a moment in which nothing comes. Each says READY
    once, keeps the first job that it gets, and has done it at the end of the ``with``.

    They are not watched, as each station on the way makes gaps, and they sit at some tables, each a thread: while one
    does not get to speak, another one may. When the machine lets a table stand still, its talkers fall silent as the
    dead do: that is no fault of the learner's code.
    """

    def __init__(self, crew: Crew, endpoint: str) -> None:
        self.crew = crew
        self.jobs = 0  # that they have
        self._said = dict.fromkeys(TABLES, 0)
        self._endpoint = endpoint
        self._over = threading.Event()
        self._tables = [threading.Thread(target=self._talk, args=(name,), daemon=True) for name in TABLES]

    def __enter__(self) -> Talkers:
        for table in self._tables:
            table.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for table in self._tables:
            table.join()

    def _talk(self, table: str) -> None:
        with zmq.Context() as ctx, ExitStack() as stack:
            look = self.crew.play.pace.another()
            workers = [stack.enter_context(ctx.socket(zmq.DEALER)) for _ in range(TALKERS // len(TABLES))]
            kept: dict[zmq.Socket[bytes], list[bytes]] = {}
            for number, worker in enumerate(workers):
                worker.linger, worker.routing_id, worker.sndtimeo = 100, f"{table}{number}".encode(), 100
                worker.connect(self._endpoint)
                worker.send(b"READY")
            for worker in cycle(workers):
                if worker is workers[0]:
                    look()
                if worker not in kept and worker.poll(0):
                    kept[worker] = worker.recv_multipart()
                    self.jobs += 1
                with suppress(zmq.Again):  # nobody reads any more
                    worker.send(b"ALIVE")
                    self._said[table] += 1
                if self._over.wait(TALK / len(workers)):
                    break
            for worker, job in kept.items():
                with suppress(zmq.Again):
                    worker.send_multipart([b"DONE", job[0], b"done"])

    def expect_jobs(self) -> None:
        """Each talker gets a job."""
        self.crew.until(lambda: self.jobs == TALKERS, ENOUGH)
        self.crew.expect(
            self.jobs == TALKERS,
            called=f"{TALKERS} workers say READY, and then ALIVE every {TALK:g} s, each of them",
            got=f"{self.jobs} of them have got a job",
            wanted="each of them gets a job",
            cause=causes.STARVED,
        )

    def expect_deaths_noticed(self, *, called: str) -> None:
        """Some more workers, each with a job, fall silent one after another, and as many are free. The jobs are given
        out again while something comes, and not only in the gaps that a busy machine makes."""
        crew = self.crew
        for name in MORTAL:
            crew.silent(name)
            crew.until(lambda: False, BEAT / 2)
        for name in HEIRS:
            crew.join(name)
        sockets = [crew.sockets[name] for name in HEIRS]
        came = crew.until(lambda: all(socket.poll(0) for socket in sockets), ENOUGH, *sockets)
        called += f"; {', '.join(MORTAL)} have fallen silent with a job, one after another; {', '.join(HEIRS)} are free"
        got = f"{sum(bool(socket.poll(0)) for socket in sockets)} of their {len(MORTAL)} jobs were given out again"
        crew.expect(came, called=called, got=got, wanted="all of them are given out again", cause=causes.STARVED)
        waited = min(self._waits()[-len(MORTAL) :])
        got = f"no job was given out again before nothing had come for {1000 * waited:.0f} ms"
        wanted = "jobs are given out while workers speak"
        # With all cores busy those who speak may pause, too: so it is played once more.
        crew.expect(waited < QUIET, called=called, got=got, wanted=wanted, cause=causes.STARVED, late=True)

    def expect_heard(self, *, called: str) -> None:
        """Who keeps up with them has heard nearly all that they have said, at one moment or another."""
        share = 0.0

        def keeps_up() -> bool:
            nonlocal share
            share = max(share, len(self._heard()) / max(sum(self._said.values()), 1))
            return share >= HEARD

        self.crew.until(keeps_up, ENOUGH)
        self.crew.expect(
            share >= HEARD,
            called=called,
            got=f"it has heard {100 * share:.0f} % of what they have said",
            wanted="that it hears all, and does not fall further and further behind",
            cause=causes.STARVED,
            timed=True,
        )

    def _waits(self) -> list[float]:
        """Of each job, the seconds from the last message that came before to when it was given out."""
        messages, boss = self._messages()
        heard = self._heard()
        given = [m.sent for m in messages if m.sender in boss and m.sent is not None]
        return [(sent - heard[bisect_left(heard, sent) - 1]) / 1e9 for sent in given if heard]

    def _heard(self) -> list[int]:
        """When each message was received where the workers are bound to."""
        messages, boss = self._messages()
        return sorted(m.received for m in messages if m.receiver in boss and m.received is not None)

    def _messages(self) -> tuple[Sequence[Message], set[str]]:
        """All of the lab, and the sockets at the workers' endpoint."""
        messages = self.crew.play.lab.messages()  # first: it brings the trace up to date
        sockets = self.crew.play.lab.trace.sockets.items()
        return messages, {id for id, socket in sockets if self._endpoint in socket.binds}


def _shown(frames: Sequence[bytes]) -> str:
    return str(list(frames))
