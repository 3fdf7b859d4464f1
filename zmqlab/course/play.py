"""`Play`: what a scenario has to play with. Real sockets in a lab of its own, and a deadline for everything."""

from __future__ import annotations

import inspect
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import zmq

from ..lab.lab import Lab
from ..lab.progress import Progress
from .exercise import Exercise, Refused
from .faults import Place, failed, leftover, stuck, unfit
from .watch import Watch

SECONDS = 5.0  # for one scenario
ENOUGH = 2.0  # seconds for what must happen, at one step of a scenario: a busy machine is slow
SLICE = 20  # ms between two looks at whether the learner's code still lives
STILL = 0.1  # seconds between two looks after which the machine is said to have stood still
GRACE = 1.0  # seconds for the learner's threads to end


@dataclass
class Outcome:
    """What became of one function."""

    call: str
    place: Place = field(default_factory=Place)
    value: Any = None
    error: BaseException | None = None
    over: threading.Event = field(default_factory=threading.Event)


class Play:
    """One run of one scenario.

    `code` is the learner's function or class, `endpoint` a free loopback address, `random` a seeded generator, `lab`
    the lab in which all runs. The scenario itself runs in the thread that checks; the learner's code never does.
    """

    def __init__(self, exercise: Exercise, code: Any, lab: Lab, watch: Watch, progress: Progress, seed: int) -> None:
        self.code = code
        self.lab = lab
        self.random = random.Random(seed)
        self.endpoint = self.more("door")
        self._exercise = exercise
        self._watch = watch
        self._progress = progress
        self._looked = 0.0  # not yet: the first wait comes after the lab has started its relay
        self._deadline = monotonic() + SECONDS
        self._gap = 0.0  # seconds, the longest between two looks
        self._outcomes: dict[str, Outcome] = {}
        self._contexts: dict[str, zmq.Context[zmq.Socket[bytes]]] = {}

    def more(self, name: str) -> str:
        """One more free loopback address; the same for the same name."""
        return self.lab.endpoint(name)

    # -- the learner's code ---------------------------------------------------------------------------------------

    def actor(self, function: Callable[..., Any], *args: Any, name: str = "you", call: str = "") -> None:
        """Run ``function(ctx, *args)``, plain or async, as the actor `name`. `call` says it in the learner's words;
        left out, it is the exercise's own call."""
        outcome = Outcome(call or self._exercise.call)
        problem = unfit(function, args, outcome.call) if function is self.code else None
        if problem is not None:
            raise problem
        self._outcomes[name] = outcome
        run = self._wrapped_async if inspect.iscoroutinefunction(function) else self._wrapped
        self.lab.actor(run(function, outcome), *args, name=name)

    def result(self, name: str = "you", timeout: float | None = None) -> Any:
        """Wait until that actor has ended; what its function returned.

        Raises `Refused` when it failed, or has not ended within `timeout` seconds or those that the scenario has left.
        """
        outcome = self._outcomes[name]
        self._until(outcome.over.is_set, timeout, lambda: outcome.over.wait(SLICE / 1000))
        self._raise_failures()
        if not outcome.over.is_set():
            raise stuck(outcome.call, outcome.place, self._exercise)
        return outcome.value

    def running(self, name: str = "you") -> bool:
        """Whether that actor's function has not returned yet."""
        return not self._outcomes[name].over.is_set()

    def silence(self, name: str = "you") -> str:
        """What to say when nothing came from that actor: what became of what it sent last, or of its function."""
        messages = self.lab.messages()  # first: it brings the trace up to date
        mine = {id for id, socket in self.lab.trace.sockets.items() if socket.actor == name}
        dropped = [m.reason for m in messages if m.end == "dropped" and m.sender in mine]
        if dropped:
            return f"nothing: what it sent was dropped ({dropped[-1]})"
        outcome = self._outcomes[name]
        if outcome.over.is_set():
            return "nothing: it has returned"
        doing = outcome.place.words()
        return "nothing: it still runs" + (f" ({doing})" if doing else "")

    def printed(self) -> str:
        """What the learner's code printed, all actors one after another."""
        return "".join(self.lab.output(name) for name in self._outcomes)

    # -- the other side -------------------------------------------------------------------------------------------

    def socket(
        self, kind: int, *, bind: bool = True, endpoint: str | None = None, name: str = "peer", routing_id: bytes = b""
    ) -> zmq.Socket[bytes]:
        """A watched socket of the checking thread, on the lane `name`, bound or connected to `endpoint`."""
        if name not in self._contexts:
            self._contexts[name] = self.lab.context(name)
        socket = self._contexts[name].socket(kind)
        socket.linger = 0
        socket.sndtimeo = int(SECONDS * 1000)  # a scenario that has forgotten that a send may wait fails, and ends
        if routing_id:
            socket.routing_id = routing_id
        (socket.bind if bind else socket.connect)(endpoint or self.endpoint)
        return socket

    def receive(self, socket: zmq.Socket[bytes], timeout: float | None = None) -> list[bytes] | None:
        """The next message's frames, or None when none came within `timeout` seconds or those that are left.

        Raises `Refused` when the learner's code fails meanwhile.
        """
        self._until(lambda: socket.poll(0) > 0, timeout, lambda: socket.poll(SLICE))
        if not socket.poll(0):
            self._raise_failures()
            return None
        return socket.recv_multipart()

    def until(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until the condition holds; whether it does."""
        pause = threading.Event()
        self._until(condition, timeout, lambda: pause.wait(SLICE / 1000))
        return condition()

    def _until(self, condition: Callable[[], bool], timeout: float | None, pause: Callable[[], object]) -> None:
        deadline = self._deadline if timeout is None else min(self._deadline, monotonic() + timeout)
        while self._look() < deadline and not condition():
            self._raise_failures()
            self._progress.say(f"checking {self._exercise.key}")
            pause()

    def _look(self) -> float:
        """The time now, in seconds. Who looks every 20 ms sees when the machine has stood still."""
        now = monotonic()
        if self._looked:
            self._gap = max(self._gap, now - self._looked)
        self._looked = now
        return now

    def doubtful(self) -> bool:
        """Whether a refusal may be the machine's fault: it stood still for a moment, which no scenario allows for.

        Not when the time is up: that is what a wait without end comes to.
        """
        return self._look() < self._deadline and self._gap > STILL

    # -- the verdict ----------------------------------------------------------------------------------------------

    def expect(self, condition: object, *, called: str = "", got: object, wanted: object, cause: str) -> None:
        """Raise `Refused` unless the condition holds. `called` left out is the exercise's own call."""
        if not condition:
            self._raise_failures()
            raise Refused(called=called or self._exercise.call, got=str(got), wanted=str(wanted), cause=cause)

    def finish(self) -> None:
        """The scenario is over: nothing of the learner's may have failed unseen, and no thread may stay."""
        self._raise_failures()
        ended = all(outcome.over.is_set() for outcome in self._outcomes.values())
        if ended and not self.until(lambda: not self._watch.alive(), GRACE):
            raise leftover(self._exercise, self._watch.alive())

    def _raise_failures(self) -> None:
        for outcome in self._outcomes.values():
            if outcome.error is not None:
                raise failed(outcome.call, outcome.error, self._exercise)
        for error in self._watch.errors:
            raise failed(f"{self._exercise.call}, in a thread that it started", error, self._exercise)

    # -- in the actor's thread ------------------------------------------------------------------------------------

    def _wrapped(self, function: Callable[..., Any], outcome: Outcome) -> Callable[..., None]:
        def run(*args: Any) -> None:
            self._watch.this_thread()
            outcome.place.thread()
            try:
                outcome.value = function(*args)
            except BaseException as error:
                outcome.error = error
                raise
            finally:
                outcome.over.set()

        return run

    def _wrapped_async(self, function: Callable[..., Any], outcome: Outcome) -> Callable[..., Any]:
        async def run(*args: Any) -> None:
            self._watch.this_thread()
            outcome.place.thread()
            coroutine = function(*args)
            outcome.place.coroutine(coroutine)
            try:
                outcome.value = await coroutine
            except BaseException as error:
                outcome.error = error
                raise
            finally:
                outcome.over.set()

        return run
