"""What the exercises share in which workers die: scripted workers that say that they live, or do not."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import cycle
from time import monotonic

import zmq

from .play import ENOUGH, Play
from .running import Running

PATIENCE = 0.2  # seconds: what the learner's function is called with
MORE_PATIENCE = 0.35  # seconds, where the time itself is looked at, or many speak
BEAT = 0.05  # seconds between two ALIVE of a worker that lives
TALKERS, TABLES = 20, "abcd"
MORTAL, HEIRS = ("ann", "bea", "cleo"), ("dan", "eve", "fay")
QUIET = 0.005  # seconds: who needs more to give out a job does not do so while many speak
TALK = 0.01  # seconds between two ALIVE of a talker

NOT_NOTICED = (
    "Silence is no message: look in every round, after each poll and after its limit too, who has been silent for too "
    "long."
)
NOT_GIVEN = (
    "A worker is free and a job is there, so it goes out: a worker is free with READY and with DONE. Hear what has "
    "come, then look at the clock, then give out jobs, in every round, also while ALIVE comes."
)
NOT_DEAD = "A worker that says ALIVE lives, however long its job takes: note the time of every message that it sends."
ONE = "A worker has one job at a time, and is free again when it has said DONE."
NO_JOB = "Look at the time again before you give a worker a job: it may have died while it was free."
FREE_AGAIN = "With DONE a worker is free, also one that was taken for dead."
STILL_FREE = "Who was free is still free when it is heard again: keep it in the list while it is dead."
KEEPS_PLACE = "And it keeps its place there: it has been free all the time, for longer than who has become free since."
EACH_DEATH = (
    "A job may lose more than one worker. Each time it goes to another one, and comes before all that nobody has had: "
    "it is not dropped, and not put behind the others."
)
AT_WORK = "Who was at work is at work when it is heard again. ALIVE makes nobody free: READY and DONE do."
TAKEN_ONCE = (
    "A job is put back once: take it from the dead worker when you put it back, and out of the queue when it goes."
)
DONE_IS_LIFE = "DONE is a sign of life too: note the time of every message, whatever it says."
TOO_EARLY = "`patience` is the whole time that a worker may be silent, in seconds."
TOO_LATE = "A worker is dead when it has been silent for `patience` seconds, and no later. Does the poll wait too long?"
STARVED = (
    "Hear all that has come, then look at the clock, then give out jobs, in every round. Who looks only when nothing "
    "has come never looks while many speak; and who takes too long for each message never has heard all."
)

CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (UnicodeDecodeError, "A routing id is bytes, and need not be text: do not decode it."),
    (KeyError, "A worker says something that you do not expect of it: its job was taken from it, or had its answer."),
    (IndexError, "Something was taken out of an empty deque: is there a job, and a free worker that lives?"),
    (ValueError, "A message has another number of frames than the code takes for granted: READY and ALIVE have one."),
)


class Crew:
    """Scripted workers. Those in `alive` say ALIVE whenever somebody waits here for something."""

    def __init__(self, running: Running, endpoint: str) -> None:
        self.running = running
        self.play: Play = running.play
        self.sockets: dict[str, zmq.Socket[bytes]] = {}
        self.alive: set[str] = set()
        self._endpoint = endpoint
        self._said = monotonic()

    def join(self, name: str) -> None:
        """Its routing id is its name, with a byte in front that is no text."""
        self.sockets[name] = self.play.socket(
            zmq.DEALER, bind=False, endpoint=self._endpoint, name=name, routing_id=b"\xff" + name.encode()
        )
        self.say(name, b"READY")
        self.alive.add(name)

    def say(self, name: str, *frames: bytes) -> None:
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
        sockets = self.sockets.values()
        self.until(lambda: any(socket.poll(0) for socket in sockets), wait, *sockets)
        return {name: socket.recv_multipart() for name, socket in self.sockets.items() if socket.poll(0)}

    def expect_punctual(self, name: str, patience: float, since: float, *, called: str) -> None:
        """The job of a worker that is silent since then comes to `name`, when it is time."""
        socket = self.sockets[name]
        came = self.until(lambda: bool(socket.poll(0)), ENOUGH, socket)
        seconds = monotonic() - since
        called, wanted = f"{self.running.call}: {called}", f"{name} gets the job after {patience:g} s"
        got = f"{name} got the job after {seconds:.2f} s" if came else self.words({})
        early = [(0.15, TAKEN_ONCE), (0.45, DONE_IS_LIFE), (1.0, TOO_EARLY)]
        cause = next((cause for part, cause in early if came and seconds < part * patience), NOT_NOTICED)
        self.play.expect(
            came and seconds > 0.8 * patience, called=called, got=got, wanted=wanted, cause=cause, timed=True
        )
        what = f"{name} got the job"
        self.play.expect_soon(seconds, patience, called=called, what=what, wanted=wanted, cause=TOO_LATE)

    def expect_job(self, name: str, *job: bytes, called: str, cause: str) -> None:
        """The next message to anybody is this job, for that worker."""
        came = self.received(ENOUGH)
        wanted = f"{name} gets {_shown(job)}"
        cause = self.why(came, cause)
        self.expect(came == {name: list(job)}, called=called, got=self.words(came), wanted=wanted, cause=cause)

    def expect_quiet(self, seconds: float, *, called: str, cause: str) -> None:
        came = self.received(seconds)
        self.expect(not came, called=called, got=self.words(came), wanted="nobody gets a job", cause=cause)

    def why(self, came: Mapping[str, Sequence[bytes]], cause: str) -> str:
        """The likely cause when not the right one got a job; `cause` is why it is another one."""
        if came:
            return cause
        cause = NOT_GIVEN if cause in (ONE, TAKEN_ONCE) else cause
        return self.play.why_silent(self.play.why_silent(cause, endpoint=self._endpoint))

    def words(self, came: Mapping[str, Sequence[bytes]]) -> str:
        words = [f"{name} received {_shown(frames)}" for name, frames in came.items()]
        return " and ".join(words) or (
            "nobody received anything" if self.play.running() else self.play.silence(endpoint=self._endpoint)
        )

    def expect(self, condition: object, *, called: str, got: str, wanted: str, cause: str) -> None:
        self.play.expect(condition, called=f"{self.running.call}: {called}", got=got, wanted=wanted, cause=cause)


class Talkers:
    """Many more workers, who say ALIVE all the time: there is hardly a moment in which nothing comes. Each says READY
    once, keeps the first job that it gets, and has done it at the end of the ``with``.

    They are not watched, as each station on the way makes gaps, and they sit at some tables, each a thread: while one
    does not get to speak, another one may.
    """

    def __init__(self, crew: Crew, endpoint: str) -> None:
        self.crew = crew
        self.jobs = 0  # that they have
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
            workers = [stack.enter_context(ctx.socket(zmq.DEALER)) for _ in range(TALKERS // len(TABLES))]
            kept: dict[zmq.Socket[bytes], list[bytes]] = {}
            for number, worker in enumerate(workers):
                worker.linger, worker.routing_id, worker.sndtimeo = 100, f"{table}{number}".encode(), 100
                worker.connect(self._endpoint)
                worker.send(b"READY")
            for worker in cycle(workers):
                if worker not in kept and worker.poll(0):
                    kept[worker] = worker.recv_multipart()
                    self.jobs += 1
                with suppress(zmq.Again):  # nobody reads any more
                    worker.send(b"ALIVE")
                if self._over.wait(TALK / len(workers)):
                    break
            for worker, job in kept.items():
                with suppress(zmq.Again):
                    worker.send_multipart([b"DONE", job[0], b"done"])

    def expect_jobs(self) -> None:
        """Each has one."""
        self.crew.until(lambda: self.jobs == TALKERS, ENOUGH)
        self.crew.expect(
            self.jobs == TALKERS,
            called=f"{TALKERS} workers say READY, and then ALIVE every {TALK:g} s, each of them",
            got=f"{self.jobs} of them have got a job",
            wanted="each of them gets a job",
            cause=STARVED,
        )

    def expect_deaths_noticed(self, *, called: str) -> None:
        """Some more workers, each with a job, fall silent one after another, and as many are free. The jobs are given
        out again while something comes, and not only in the gaps that a busy machine makes."""
        crew = self.crew
        for name in MORTAL:
            crew.silent(name)
            crew.until(lambda: False, BEAT)
        for name in HEIRS:
            crew.join(name)
        sockets = [crew.sockets[name] for name in HEIRS]
        came = crew.until(lambda: all(socket.poll(0) for socket in sockets), ENOUGH, *sockets)
        called += f"; {', '.join(MORTAL)} have fallen silent with a job, one after another; {', '.join(HEIRS)} are free"
        got = f"{sum(bool(socket.poll(0)) for socket in sockets)} of their {len(MORTAL)} jobs were given out again"
        crew.expect(came, called=called, got=got, wanted="all of them are given out again", cause=STARVED)
        waited = min(self._waits()[-len(MORTAL) :])
        got = f"no job was given out again before nothing had come for {1000 * waited:.0f} ms"
        wanted = "jobs are given out while workers speak"
        crew.expect(waited < QUIET, called=called, got=got, wanted=wanted, cause=STARVED)

    def _waits(self) -> list[float]:
        """Of each job, the seconds from the last message that came before to when it was given out."""
        messages = self.crew.play.lab.messages()  # first: it brings the trace up to date
        sockets = self.crew.play.lab.trace.sockets.items()
        boss = {id for id, socket in sockets if self._endpoint in socket.binds}
        heard = sorted(m.received for m in messages if m.receiver in boss and m.received is not None)
        given = [m.sent for m in messages if m.sender in boss and m.sent is not None]
        return [(sent - heard[bisect_left(heard, sent) - 1]) / 1e9 for sent in given if heard]


def _shown(frames: Sequence[bytes]) -> str:
    return str(list(frames))
