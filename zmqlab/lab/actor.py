"""An actor: one function of the learner, in a thread of its own, with a context of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import inspect
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Protocol

import zmq

from ..sockets.aio import TracedAsyncContext, TracedAsyncSocket
from ..sockets.errors import WrongThread
from ..sockets.tap import Tap
from ..sockets.traced import TracedContext
from ..trace.events import ActorData, TextData
from . import output
from .tracebacks import describe, own_errors, own_traceback, where

GRACE = 0.1  # seconds for other threads to leave a call that term() has woken
LINGERS = (
    "has ended, but waits for a peer that takes what it has sent, and none came. "
    "Set socket.linger before closing, or use links, where the lab can take it."
)


class Run(Protocol):
    """What the lab runs and ends: an `Actor`, or a process of the system."""

    name: str
    tap: Tap
    state: str
    kind: str
    error: BaseException | None
    traceback: Any  # the learner's part of the error's traceback
    reported: bool  # somebody has been shown the error
    over: threading.Event  # the function has returned or raised
    gone: threading.Event  # and its sockets and context are closed
    output: output.Output

    def again(self, tap: Tap) -> Run:
        """The same once more, not started yet."""
        ...

    def start(self) -> None: ...
    def runs_here(self) -> bool: ...
    def where(self) -> str: ...
    def crash(self) -> None: ...
    def hang(self) -> None: ...
    def resume(self) -> None: ...
    def ask_to_stop(self) -> None: ...
    def terminate(self) -> None: ...
    def interrupt(self) -> None: ...
    def join(self, timeout: float) -> None: ...
    def abandon(self) -> str: ...


def failure(run: Run) -> BaseException | None:
    """Its error, once it is over."""
    return run.error if run.over.is_set() else None


class ActorStopped(BaseException):
    """Raised inside an actor that did not end when its context was terminated. Not an Exception: no
    ``except Exception`` of the learner's loop should keep it."""


class Actor:
    """A running function. States: started, ended, failed, stopped, crashed, abandoned.

    The thread makes, uses and closes its sockets itself. When the function returns, its sockets are closed with the
    linger they have (pyzmq's default: for ever), so that what it sent still goes out; `over` is set at once, `gone`
    when the context has let go of everything.
    """

    def __init__(self, name: str, function: Callable[..., Any], args: tuple[Any, ...], tap: Tap) -> None:
        self.name = name
        self.function = function
        self.args = args
        self.tap = tap
        self.kind = "asyncio" if inspect.iscoroutinefunction(function) else "thread"
        self.state = "started"
        self.error: BaseException | None = None
        self.traceback: Any = None  # the learner's part of the error's traceback
        self.reported = False  # somebody has been shown the error
        self.over = threading.Event()  # the function has returned or raised
        self.gone = threading.Event()  # and its sockets and context are closed
        self.output = output.Output(lambda line: tap.record("print", name, TextData(line)))
        make = TracedAsyncContext if self.kind == "asyncio" else TracedContext
        self._context: Any = make(tap)
        self._stopping = threading.Event()
        self._crashing = False
        self._terminating = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name=f"zmqlab actor {name}", daemon=True)

    def runs_here(self) -> bool:
        """Is this the actor's own thread?"""
        return self._thread is threading.current_thread()

    def again(self, tap: Tap) -> Actor:
        """The same function once more, not started yet."""
        return Actor(self.name, self.function, self.args, tap)

    def start(self) -> None:
        self.tap.record("actor", self.name, ActorData("started", self.kind))
        self._thread.start()

    def where(self) -> str:
        """What the actor is doing now, in words."""
        return where(self._thread.ident)

    # -- in the actor's thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        output.capture(self.output)
        try:
            self._finish(self._work())
        except ActorStopped:  # it came a moment too late
            self._finish(self._stopped())
        finally:
            self.over.set()
        self._close()

    def _work(self) -> str:
        """Run the function; returns the state that it ends in."""
        try:
            if self.kind == "asyncio":
                self._run_async()
            else:
                self.function(self._context, *self.args)
            return self._stopped() if self._stopping.is_set() else "ended"
        except BaseException as error:
            return self._failed(error)

    def _stopped(self) -> str:
        return "crashed" if self._crashing else "stopped"

    def _run_async(self) -> None:
        # A selector loop everywhere: zmq.asyncio cannot use Windows' proactor loop.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            self._loop = runner.get_loop()
            if not self._stopping.is_set():
                runner.run(self.function(self._context, *self.args))

    def _failed(self, error: BaseException) -> str:
        """The state that this exception means. In a crash it means nothing: a process would not have come so far."""
        asked_for = isinstance(error, (zmq.ContextTerminated, ActorStopped, asyncio.CancelledError))
        if self._stopping.is_set() and (self._crashing or asked_for):
            return self._stopped()
        self.error = error
        self.traceback = own_traceback(error.__traceback__)
        own_errors(error)
        return "failed"

    def _finish(self, state: str) -> None:
        output.release()
        text = describe(self.error) if self.error is not None else ""
        if self.state == "abandoned":
            state = self._stopped()
        self.state = state
        self.tap.record("actor", self.name, ActorData(state, text))

    def _close(self) -> None:
        close_own(self._context, None if not self._stopping.is_set() else 0)
        # Threads that the function has started may still use sockets; they end when the actor is stopped.
        while self._context.foreign_sockets() and not self._stopping.wait(0.1):
            close_own(self._context, None)
        end_context(self._context)
        self.gone.set()

    # -- stopping, from another thread ----------------------------------------------------------------------

    def crash(self) -> None:
        """What stops it from now on is a crash, and nothing is seen of what its thread still does."""
        self._crashing = True
        self.tap.die()
        self.output.left = 0

    def hang(self) -> None:
        """Stand still at the next call of a socket, or with the next message in hand. Raises RuntimeError inside
        zmq.proxy."""
        if "proxy(" in self.where():
            raise RuntimeError(
                f"actor {self.name!r} is inside zmq.proxy, which runs in C and cannot be hung. "
                "Cut its links instead: lab.link(one, other).cut()"
            )
        self.tap.hang()

    def resume(self) -> None:
        self.tap.resume()

    def ask_to_stop(self) -> None:
        """First rung: wake the actor, also from a hang. The tasks of its event loops are cancelled; without one, a
        blocked call raises ContextTerminated."""
        self._stopping.set()
        self.resume()
        if self.over.is_set():
            return
        loops = self._loops()
        for loop in loops:
            with contextlib.suppress(RuntimeError):  # it has just been closed: the actor is on its way out
                loop.call_soon_threadsafe(_cancel_tasks, loop)
        if not loops:
            self.terminate()

    def _loops(self) -> set[asyncio.AbstractEventLoop]:
        """The event loops that run for it: the lab's, and those of its own that use a socket of a shadow."""
        sockets = [each for each in self._context.open_sockets() if isinstance(each, TracedAsyncSocket)]
        loops: list[Any] = [self._loop, *(socket._current_loop for socket in sockets)]
        return {loop for loop in loops if loop is not None and not loop.is_closed()}

    def terminate(self) -> None:
        """Terminate the context from a helper thread: it returns when the actor has closed its sockets."""
        if not self._terminating:
            self._terminating = True
            threading.Thread(target=self._context.term, name=f"zmqlab stop {self.name}", daemon=True).start()

    def join(self, timeout: float) -> None:
        """Wait for the last steps of the thread of an actor that is gone."""
        self._thread.join(timeout)

    def interrupt(self) -> None:
        """Second rung, for a loop that never calls ZeroMQ: raise `ActorStopped` at its next step of Python."""
        if self._thread.ident is not None and not self.over.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(ActorStopped)
            )

    def abandon(self) -> str:
        """Last rung: leave the daemon thread alone, and say why."""
        if self.over.is_set():
            return LINGERS
        self.state = "abandoned"
        doing = self.where() or "inside a library, or asyncio code that swallows CancelledError"
        self.tap.record("actor", self.name, ActorData("abandoned", doing))
        return (
            f"does not stop and was left alone ({doing}). The context that the lab gave it is terminated, so it can "
            "send nothing through it. Restart the kernel to be rid of it."
        )


def _cancel_tasks(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()


def check_function(function: object, args: tuple[Any, ...]) -> None:
    """Raise TypeError, with what to write instead, unless `function` can be called as ``function(ctx, *args)``."""
    if inspect.iscoroutine(function):
        name = function.__name__
        function.close()
        raise TypeError(f"{name}(…) is a coroutine: it was already called. Pass the function itself: lab.actor({name})")
    kinds = (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(kind(function) for kind in kinds):
        raise TypeError(f"{function!r} has a yield in it, so calling it runs nothing; an actor is a plain function")
    if inspect.iscoroutinefunction(type(function).__call__) and not inspect.iscoroutinefunction(function):
        raise TypeError(f"pass an async def itself, not an object with an async __call__ ({function!r})")
    if not callable(function):
        raise TypeError(f"an actor is a function that takes a context, def server(ctx): …, not {function!r}")
    try:
        inspect.signature(function).bind(None, *args)
    except TypeError as error:
        name = getattr(function, "__name__", "server")
        raise TypeError(
            f"{name} does not fit: {error}. An actor takes the lab's context first: def {name}(ctx): …"
        ) from None


def check_not_own(actors: Iterable[Run]) -> None:
    """Raise RuntimeError when one of them is the caller, who cannot wait for its own end."""
    if any(actor.runs_here() for actor in actors):
        raise RuntimeError(
            "an actor cannot stop or replace itself, nor close its lab: return from the function instead"
        )


def close_own(context: Any, linger: int | None) -> None:
    """Close the sockets of this thread, and those whose thread is gone."""
    for socket in context.own_sockets():
        socket.close(linger=linger)


def retire(context: Any, fate: str) -> None:
    """Close the sockets of this thread, whose variables the program may go on using; it is then told of their fate."""
    for socket in context.own_sockets():
        socket.close(linger=0)
        socket._reporter.retire(fate)


def end_context(context: Any) -> None:
    """Terminate, and close what other threads still had open once `term` has woken them."""
    if context.foreign_sockets():
        ending = threading.Thread(target=context.term, name="zmqlab end", daemon=True)
        ending.start()
        ending.join(GRACE)
        close_own(context, 0)
        for socket in context.foreign_sockets():
            with contextlib.suppress(WrongThread):  # a thread that lives on: it has to close it itself
                socket.close(linger=0)
    context.term()


def stop(actors: Iterable[Run], patience: float, sink: Callable[[list[str]], None]) -> list[tuple[Run, str]]:
    """Stop actors, all at the same time, by a ladder of `patience` seconds a rung.

    `sink` is called with the ids of the sockets of those that do not end at once: it makes the relay swallow what they
    hold back. Returns the actors that had to be abandoned, each with the reason in words.
    """
    stopping = list(actors)
    left = [actor for actor in stopping if not actor.gone.is_set()]
    for actor in left:
        actor.ask_to_stop()
    left = _wait(left, patience / 5)
    if left:
        sink([id for actor in left for id in actor.tap.sockets])
    for actor in left:
        actor.terminate()
    left = _wait(left, patience)
    for actor in left:
        actor.interrupt()
    left = _wait(left, patience)
    for actor in stopping:
        if actor not in left:
            actor.join(patience)
    return [(actor, actor.abandon()) for actor in left]


def _wait(actors: list[Run], seconds: float) -> list[Run]:
    deadline = monotonic() + seconds
    for actor in actors:
        actor.gone.wait(max(0.0, deadline - monotonic()))
    return [actor for actor in actors if not actor.gone.is_set()]
