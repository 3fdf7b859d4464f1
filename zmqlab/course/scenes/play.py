"""`Play`: what a scenario has to play with. Real sockets in a lab of its own, and a deadline for everything."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import random
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from math import ceil, inf
from time import monotonic
from typing import Any, TypeVar

import zmq

from ...lab import output
from ...lab.lab import Lab
from ...lab.progress import Progress
from ...lab.spawn import RelayError
from . import silence
from .calls import is_async, own, step, unfit, unrun
from .contract import Contract
from .faults import Place, failed, leftover, stuck
from .growth import grows
from .pace import STILL, Pace, connecting_stood_still, is_connecting, messages_stood_still
from .refused import Refused
from .shown import shown
from .watch import Watch

SECONDS = 5.0  # for one scenario
ENOUGH = 1.0  # seconds for what must happen, at one step: when the machine stands still meanwhile, it is played anew
SLICE = 20  # ms between two looks at whether the learner's code still lives
FIRST_LOOKS = (1, 2, 4, 8)  # ms: what is waited for has mostly come by then
PRINTED = 100_000  # characters that are kept of what an actor prints
FEW = 20  # lines that are kept of it in a bulk scenario, where memory counts, and a line for each request is no leak
GRACE = 1.0  # seconds for the learner's threads to end
SLACK = 0.1  # seconds that something may come later than it should, and half of its own time more

RETURNED = "The function has returned: it has to go on."

Driver = Callable[..., Coroutine[Any, Any, Any]]
T = TypeVar("T")


@dataclass(eq=False)
class Outcome:
    """What became of one function. Of one that the play has `killed` it is nobody's fault."""

    call: str
    place: Place = field(default_factory=Place)
    value: Any = None
    error: BaseException | None = None
    over: threading.Event = field(default_factory=threading.Event)
    killed: bool = False

    def runs(self) -> bool:
        return not (self.killed or self.over.is_set())


class Play:
    """One run of one scenario.

    `code` is the learner's function or class, `endpoint` a free loopback address, `random` a seeded generator, `lab`
    the lab in which all runs. The scenario itself runs in the thread that checks; the learner's code never does.
    """

    def __init__(
        self, contract: Contract, code: Any, lab: Lab, watch: Watch, progress: Progress, seed: int, bulk: bool = False
    ) -> None:
        self.code = code
        self.lab = lab
        self.random = random.Random(seed)
        self.endpoint = self.more("door")
        self.pace = Pace(watch.spent)
        self.proven = True  # by passing it
        self._contract = contract
        self._lines = FEW if bulk else output.KEPT_LINES
        self._watch = watch
        self._progress = progress
        self._deadline = monotonic() + (2 if bulk else 1) * SECONDS  # with rounds enough to see what grows
        self._over = False
        self._outcomes: dict[str, Outcome] = {}
        self._contexts: dict[str, zmq.Context[zmq.Socket[bytes]]] = {}
        self._sockets: list[zmq.Socket[bytes]] = []
        self._bound: set[str] = set()  # by us: the learner's code connects there
        self._to_the_end = contextlib.ExitStack()

    def more(self, name: str) -> str:
        """One more free loopback address; the same for the same name."""
        return self.lab.endpoint(name)

    def to_the_end(self, manager: contextlib.AbstractContextManager[T]) -> T:
        """Enter it until all is closed."""
        return self._to_the_end.enter_context(manager)

    # -- the learner's code ---------------------------------------------------------------------------------------

    def actor(self, function: Callable[..., Any], *args: Any, name: str = "you", call: str = "") -> None:
        """Run ``function(ctx, *args)``, plain or async, as the actor `name`. `call` says it in the learner's words;
        left out, it is the exercise's own call.

        The learner's function gets its own copy of what is in `args`.
        """
        call = call or self._contract.call
        if function is self.code:
            problem = unfit(function, args, call)
            if problem is not None:
                raise problem
            self._start(is_async(function), partial(self._learners, call), args, name, call)
        else:
            self._start(inspect.iscoroutinefunction(function), function, args, name, call)

    def drive(self, driver: Driver, *args: Any, name: str = "you", call: str = "") -> None:
        """Run the coroutine ``driver(ctx, code, *args)`` as the actor `name`. It calls the learner's function, plain or
        async, with ``await code(ctx, …)``, and waits for nothing else."""
        call = call or self._contract.call

        def run(ctx: Any, *more: Any) -> Any:
            return driver(ctx, code, *more)

        async def code(*more: Any) -> Any:
            problem = unfit(self.code, more[1:], call)
            if problem is not None:
                raise problem
            value = self._learners(call, *more)
            return await value if is_async(self.code) else value

        if is_async(self.code):
            self._start(True, run, args, name, call)
        else:
            self._start(False, lambda *more: step(run(*more)), args, name, call)

    def _learners(self, call: str, ctx: Any, *args: Any) -> Any:
        """Call the learner's function; of an async one the coroutine."""
        value = self.code(ctx, *(own(each) for each in args))
        problem = unrun(value, call) if not is_async(self.code) else None
        if problem is not None:
            raise problem
        return value

    def _start(self, in_loop: bool, function: Callable[..., Any], args: tuple[Any, ...], name: str, call: str) -> None:
        outcome = self._outcomes[name] = Outcome(call)
        run = self._wrapped_async if in_loop else self._wrapped
        self.lab.actor(run(function, outcome), *args, name=name)

    def result(self, name: str = "you", timeout: float | None = None) -> Any:
        """Wait until that actor has ended; what its function returned.

        Raises `Refused` when it failed, or has not ended within `timeout` seconds or those that the scenario has left.
        """
        outcome = self._outcomes[name]
        self._until(outcome.over.is_set, timeout, lambda ms: outcome.over.wait(ms / 1000))
        self._raise_failures()
        if not outcome.over.is_set():
            raise stuck(outcome.call, outcome.place, self._contract)
        return outcome.value

    def interrupt(self, name: str = "you") -> bool:
        """Raise KeyboardInterrupt in that actor at its next step of Python, as the stop button does in a cell. False
        when it is an async one, in which the event loop would be hit."""
        return not is_async(self.code) and self._outcomes[name].place.interrupt()

    def kill(self, name: str = "you") -> None:
        """That actor dies now, as a process that is killed. What its code and its threads do on the way, and whatever
        they raise, is no fault from now on: it is noted before anything of it ends, so that nobody can be quicker.

        Raises `Refused` when it has failed before.
        """
        self._raise_failures()
        outcome = self._outcomes[name]
        outcome.killed = True
        self._watch.forget(outcome)
        with contextlib.suppress(RuntimeError):  # it has just returned
            self.lab[name].crash()

    def running(self, name: str = "you") -> bool:
        """Whether that actor's function has not returned yet, and was not killed."""
        return self._outcomes[name].runs()

    def silence(self, name: str = "you", endpoint: str = "") -> str:
        """What to say when nothing came from that actor: what became of what it sent last, or of its function.

        `endpoint` is where it should have come from; left out, `self.endpoint`.
        """
        messages = self.lab.messages()  # first: it brings the trace up to date
        dropped = silence.dropped(messages, self.lab.trace, name)
        if dropped:
            return f"nothing: what it sent was dropped ({dropped})"
        where = self._nowhere(name, endpoint)[0]
        outcome = self._outcomes[name]
        doing = "it has returned"
        if not outcome.over.is_set():
            place = outcome.place.words()
            doing = "it still runs" + (f" ({place})" if place else "")
        return f"nothing: {doing}" + (f", and {where}" if where else "")

    def why_silent(self, otherwise: str, name: str = "you", endpoint: str = "") -> str:
        """The likely cause when nothing came: what `absent` says, or that it has returned; or `otherwise`."""
        return self.absent(name, endpoint) or ("" if self.running(name) else RETURNED) or otherwise

    def absent(self, name: str = "you", endpoint: str = "") -> str:
        """What that actor should do, if it has nothing at the endpoint, as the trace knows; else ""."""
        self.lab.messages()
        return self._nowhere(name, endpoint)[1]

    def _nowhere(self, name: str, endpoint: str) -> tuple[str, str]:
        endpoint = endpoint or self.endpoint
        return silence.nowhere(self.lab.trace, name, endpoint, endpoint not in self._bound)

    def printed(self) -> str:
        """The beginning of what the learner's code printed, all actors one after another."""
        return "".join(self.lab.output(name) for name in self._outcomes)

    # -- the other side -------------------------------------------------------------------------------------------

    def socket(
        self, kind: int, *, bind: bool = True, endpoint: str | None = None, name: str = "peer", routing_id: bytes = b""
    ) -> zmq.Socket[bytes]:
        """A watched socket of the checking thread, on the lane `name`, bound or connected to `endpoint`."""
        if name not in self._contexts:
            self._contexts[name] = self.lab.context(name)
        socket = self._contexts[name].socket(kind)
        self._sockets.append(socket)
        socket.linger = 0
        socket.sndtimeo = int(ENOUGH * 1000)  # the check says that nobody takes it, and ends
        if routing_id:
            socket.routing_id = routing_id
        (socket.bind if bind else socket.connect)(endpoint or self.endpoint)
        if bind:
            self._bound.add(endpoint or self.endpoint)
        return socket

    def receive(self, socket: zmq.Socket[bytes], timeout: float | None = None) -> list[bytes] | None:
        """The next message's frames, or None when none came within `timeout` seconds or those that are left.

        Raises `Refused` when the learner's code fails meanwhile.
        """
        came: list[list[bytes]] = []

        def look() -> bool:
            frames = take(socket)
            came.extend([] if frames is None else [frames])
            return frames is not None

        self._until(look, timeout, socket.poll)
        if not came and not look():
            self._raise_failures()
            return None
        return came[0]

    def until(self, condition: Callable[[], bool], timeout: float | None = None, *sockets: zmq.Socket[bytes]) -> bool:
        """Wait until the condition holds; whether it does. It is looked at again when something comes to `sockets`."""
        pause, poller = threading.Event(), zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        self._until(condition, timeout, lambda ms: poller.poll(ms) if sockets else pause.wait(ms / 1000))
        return condition()

    def has_come(self, socket: zmq.Socket[bytes]) -> bool:
        """Whether something can be received: what the learner's code has sent may still be on its way."""
        return self.comes(socket, ENOUGH if self.is_something_on_its_way() else 0)

    def comes(self, socket: zmq.Socket[bytes], timeout: float) -> bool:
        """Whether something can be received within so many seconds."""
        return self.until(lambda: bool(socket.poll(0)), timeout, socket)

    def is_something_on_its_way(self) -> bool:
        """Whether a message of the learner's code has not arrived yet."""
        messages, actor_of = self.lab.messages(), self.lab.trace.actor_of
        return any(actor_of(each.sender) == "you" and not (each.arrived or each.end) for each in messages)

    def rest(self, seconds: float) -> None:
        """Nothing happens for so long. Code that computes meanwhile is busy for nothing, which the verdict says."""
        self.until(lambda: False, seconds)

    def _until(self, condition: Callable[[], bool], timeout: float | None, pause: Callable[[int], object]) -> None:
        """`pause` waits for so many ms, or less when something comes."""
        looks = chain(FIRST_LOOKS, repeat(SLICE))
        deadline = monotonic() + timeout if timeout is not None else inf
        nothing_came = self.pace.rest()
        while (left := min(deadline - self.pace.look(), self._left())) > 0:
            if condition():
                return
            self._raise_failures()
            self._progress.say(f"checking {self._contract.key}")
            pause(min(next(looks), ceil(1000 * left)))
        nothing_came()

    def time_is_up(self) -> bool:
        """Whether it came to nothing more, as with a wait without end."""
        self.pace.look()
        return self._left() <= 0

    def _left(self) -> float:
        """Seconds that the scenario has left. While its code waits for a processor, its time stands still."""
        return self._deadline + self.pace.kept_waiting - monotonic()

    def doubtful(self) -> bool:
        """Whether a refusal may be the machine's fault: it stood still for a moment, which no scenario allows for. Or
        the relay did, which all messages pass."""
        settled = monotonic() + 2 * STILL
        try:
            self.lab.messages()  # waits for the relay, if that stands still just now
            while is_connecting(self.lab.trace) and self.pace.look() < settled:
                time.sleep(SLICE / 1000)
                self.lab.messages()
        except RelayError:  # it does not move at all
            return True
        self.pace.look()
        trace = self.lab.trace
        return self.pace.stood_still() or messages_stood_still(trace) or connecting_stood_still(trace)

    # -- the verdict ----------------------------------------------------------------------------------------------

    def proves(self, condition: bool) -> None:
        """Unless the condition holds, the machine was too late for what this scenario is about, and who has passed it
        has shown nothing: it is played anew."""
        self.proven = self.proven and condition

    def expect(
        self,
        condition: object,
        *,
        called: str = "",
        got: object,
        wanted: object,
        cause: str,
        late: bool = False,
        timed: bool = False,
    ) -> None:
        """Raise `Refused` unless the condition holds. `called` left out is the exercise's own call; `late` and `timed`
        are those of `Refused`."""
        if not condition:
            self._raise_failures()
            called = called or self._contract.call
            raise Refused(called=called, got=_said(got), wanted=_said(wanted), cause=cause, late=late, timed=timed)

    def expect_no_growth(self, requests: int, one_round: Callable[[], None], *, called: str = "", cause: str) -> None:
        """Refuse when something stays in memory of each of so many requests, which `one_round` makes, again and again.

        No machine is too busy for that. But it is measured: who has passed once had luck, and left no state.
        """
        if grows(requests, one_round):
            raise Refused(
                called=called or self._contract.call,
                got=f"memory that grows with each of {requests} requests, again and again",
                wanted="that nothing is kept of a request when it has ended",
                cause=cause,
                timed=True,
                certain=True,
            )

    def expect_soon(
        self, seconds: float, limit: float, *, called: str = "", what: str, wanted: str, cause: str
    ) -> None:
        """Refuse what `is_late`; `what` says what came after so many `seconds`. It is played once more before it is
        believed."""
        if is_late(seconds, limit):
            self._raise_failures()
            got = f"{what} after {seconds:.1f} s"
            raise Refused(called=called or self._contract.call, got=got, wanted=wanted, cause=cause, late=True)

    def finish(self) -> None:
        """The scenario is over: nothing of the learner's may have failed unseen, and no thread may stay."""
        self._raise_failures()
        ended = not any(outcome.runs() for outcome in self._outcomes.values())
        if ended and not self.until(lambda: not self._watch.alive(), GRACE):
            raise leftover(self._contract, self._watch.alive())

    def threads(self) -> int:
        """How many threads that the learner's code has started have not ended."""
        return len(self._watch.alive())

    def close(self, patience: float = GRACE) -> None:
        """End all that runs, the learner's code first, with so many seconds for each step."""
        self._over = True
        self._watch.cancel_tasks(patience)
        self.lab.close(patience=patience)
        for socket in self._sockets:
            socket.close()
        self._to_the_end.close()

    @property
    def call(self) -> str:
        """What runs, in the learner's words."""
        return next((outcome.call for outcome in self._outcomes.values()), self._contract.call)

    def used_its_context(self) -> bool:
        """Whether each actor has made a socket of the context that it was given."""
        makers = {socket.actor for socket in self.lab.trace.sockets.values()}
        return all(name in makers for name in self._outcomes)

    def _raise_failures(self) -> None:
        for outcome in self._outcomes.values():
            if outcome.error is not None and not outcome.killed:
                raise failed(outcome.call, outcome.error, self._contract)
        for error in self._watch.errors:
            raise failed(f"{self._contract.call}, in a thread that it started", error, self._contract)

    def let_out(self, error: BaseException) -> bool:
        """Whether the learner's code has let this exception out. If so it is no fault from now on: the scenario has
        raised it itself."""
        mine = [outcome for outcome in self._outcomes.values() if outcome.error is error]
        for outcome in mine:
            outcome.error = None
        known = error in self._watch.errors
        if known:
            self._watch.errors.remove(error)
        return known or bool(mine)

    # -- in the actor's thread ------------------------------------------------------------------------------------

    def _begin(self, outcome: Outcome) -> None:
        self._watch.this_thread(outcome)
        output.limit(PRINTED, self._lines)
        outcome.place.thread()

    def _wrapped(self, function: Callable[..., Any], outcome: Outcome) -> Callable[..., None]:
        def run(*args: Any) -> None:
            self._begin(outcome)
            try:
                outcome.value = function(*args)
            except BaseException as error:
                if self._over and isinstance(error, asyncio.CancelledError):
                    return  # we have cancelled it; to keep the error would keep its sockets
                outcome.error = error
                raise
            finally:
                outcome.over.set()

        return run

    def _wrapped_async(self, function: Callable[..., Any], outcome: Outcome) -> Callable[..., Any]:
        async def run(*args: Any) -> None:
            self._begin(outcome)
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


def is_late(seconds: float, limit: float) -> bool:
    """Whether so many seconds are more than the contract's `limit`, by half of it and a moment: a machine is slow."""
    return seconds > 1.5 * limit + SLACK


def take(socket: zmq.Socket[bytes]) -> list[bytes] | None:
    """The message that is there, or None. Without blocking, also where poll() has seen one that cannot be received."""
    try:
        return socket.recv_multipart(zmq.DONTWAIT)
    except zmq.Again:
        return None


def _said(value: object) -> str:
    return value if isinstance(value, str) else shown(value)
