"""What the exercises share in which workers die: scripted workers that say that they live, or do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

import zmq

from .play import ENOUGH, Play
from .running import Running

PATIENCE = 0.25  # seconds: what the learner's function is called with
BEAT = 0.05  # seconds between two ALIVE of a worker that lives

NOT_NOTICED = "Silence is no message: look after each poll, and after its limit too, who has been silent for too long."
NOT_DEAD = "A worker that says ALIVE lives, however long its job takes: note the time of every message that it sends."
ONE = "A worker has one job at a time, and is free again when it has said DONE."
NO_JOB = "Look at the time again before you give a worker a job: it may have died while it was free."
FREE_AGAIN = "With DONE a worker is free, also one that was taken for dead."
STILL_FREE = "Ben was free, and is still: keep him in the list while he is dead."

CAUSES: tuple[tuple[type[BaseException], str], ...] = (
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
        self.sockets[name] = self.play.socket(
            zmq.DEALER, bind=False, endpoint=self._endpoint, name=name, routing_id=name.encode()
        )
        self.say(name, b"READY")
        self.alive.add(name)

    def say(self, name: str, *frames: bytes) -> None:
        self.sockets[name].send_multipart(frames)

    def silent(self, name: str) -> None:
        self.alive.discard(name)

    def crash(self, name: str) -> None:
        self.silent(name)
        self.sockets.pop(name).close()

    def until(self, condition: Callable[[], bool], wait: float) -> bool:
        """Wait until the condition holds, while those who live say so; whether it does."""

        def beaten() -> bool:
            self._beat()
            return condition()

        return self.play.until(beaten, wait)

    def _beat(self) -> None:
        now = monotonic()
        if now - self._said > BEAT:
            self._said = now
            for name in self.alive:
                self.say(name, b"ALIVE")

    def received(self, wait: float) -> dict[str, list[bytes]]:
        """The next messages that come to anybody: name -> frames. Empty when none came within `wait` seconds."""
        self.until(lambda: any(socket.poll(0) for socket in self.sockets.values()), wait)
        return {name: socket.recv_multipart() for name, socket in self.sockets.items() if socket.poll(0)}

    def expect_job(self, name: str, *job: bytes, called: str, cause: str) -> None:
        """The next message to anybody is this job, for that worker."""
        came = self.received(ENOUGH)
        wanted = f"{name} gets {_shown(job)}"
        self.expect(came == {name: list(job)}, called=called, got=self._words(came), wanted=wanted, cause=cause)

    def expect_quiet(self, seconds: float, *, called: str, cause: str) -> None:
        came = self.received(seconds)
        self.expect(not came, called=called, got=self._words(came), wanted="nobody gets a job", cause=cause)

    def _words(self, came: Mapping[str, Sequence[bytes]]) -> str:
        words = [f"{name} received {_shown(frames)}" for name, frames in came.items()]
        return " and ".join(words) or ("nobody received anything" if self.play.running() else self.play.silence())

    def expect(self, condition: object, *, called: str, got: str, wanted: str, cause: str) -> None:
        self.play.expect(condition, called=f"{self.running.call}: {called}", got=got, wanted=wanted, cause=cause)


def _shown(frames: Sequence[bytes]) -> str:
    return str(list(frames))
