"""What is said of code that raised, hangs, has the wrong signature, or leaves threads behind."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import zmq

from ..lab.errors import WrongThread
from ..lab.frames import is_foreign, last_line, place, where
from .exercise import Exercise, Refused, Unsolved

CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (WrongThread, "One thread made the socket, and another one used it."),
    (UnicodeDecodeError, "Bytes that are no text were decoded. A routing id is bytes: do not decode it."),
    (zmq.Again, "A call with DONTWAIT or a time limit found nothing to do, and nobody caught zmq.Again."),
    (zmq.ContextTerminated, "The context was terminated: the code ended a context that is not its own."),
    (
        zmq.ZMQError,
        "ZeroMQ refused the call: the text of the error says why. 'current state' means that a REQ or REP was used out "
        "of turn.",
    ),
    (KeyError, "Something was looked up that is not there: perhaps a message that nobody waits for."),
    (IndexError, "A message had fewer frames than the code takes for granted."),
    (ValueError, "A message had another number of frames than the code unpacks, or a frame is not what it expects."),
    (TypeError, "Something has another type than the code expects. Frames are bytes, not str."),
    (TimeoutError, "A wait ran out of time, and nobody caught the TimeoutError."),
    (SystemExit, "Code that others call must not end the program."),
)


class Place:
    """Where an actor's code stands: its thread, or the coroutine that it awaits."""

    def __init__(self) -> None:
        self._ident: int | None = None
        self._coroutine: Any = None

    def thread(self) -> None:
        self._ident = threading.get_ident()

    def coroutine(self, coroutine: Any) -> None:
        self._coroutine = coroutine

    def words(self) -> str:
        """``in recv(), line 4: "m = s.recv()"``; "" when the code is at no line of the learner's."""
        deepest: FrameType | None = None
        step = self._coroutine
        while getattr(step, "cr_frame", None) is not None:
            if is_foreign(step.cr_frame):
                deepest = step.cr_frame
            step = step.cr_await
        # None: a plain thread; or a coroutine that does not await but runs, which only the thread can tell.
        return place(deepest) if deepest is not None else where(self._ident)


def unfit(function: Callable[..., Any], args: tuple[Any, ...], call: str) -> Refused | None:
    """What is wrong when it cannot be called as ``function(ctx, *args)``."""
    try:
        inspect.signature(function).bind(None, *args)
    except TypeError as error:
        return Refused(
            called=call,
            got=f"TypeError: {error}",
            wanted="a function that can be called like that",
            cause="The parameters of the skeleton were changed, or their order.",
        )
    return None


def failed(call: str, error: BaseException, exercise: Exercise) -> Refused | Unsolved:
    """An exception came out of the learner's code."""
    if isinstance(error, NotImplementedError):
        return Unsolved()
    line = last_line(error)
    text = str(error).partition("\n")[0]
    return Refused(
        called=call,
        got=f"{type(error).__name__}: {text}" + (f" ({line})" if line else ""),
        wanted="no exception",
        cause=_cause(error, exercise),
    )


def _cause(error: BaseException, exercise: Exercise) -> str:
    if isinstance(error, TypeError) and "argument" in str(error) and "()" in str(error):
        return "A call has other arguments than the function takes. The parameters of the skeleton have to stay."
    return next(
        (cause for kind, cause in (*exercise.causes, *CAUSES) if isinstance(error, kind)),
        "The code does not expect what happened to it here.",
    )


def stuck(call: str, at: Place, exercise: Exercise) -> Refused:
    doing = at.words()
    return Refused(
        called=call,
        got="nothing: it still runs" + (f" ({doing})" if doing else ""),
        wanted="that it returns",
        cause=exercise.stuck,
    )


def leftover(exercise: Exercise, threads: Iterable[threading.Thread]) -> Refused:
    """Threads that run on after the code that started them has returned."""
    names = ", ".join(f"{thread.name!r} ({where(thread.ident) or 'at no line of yours'})" for thread in threads)
    return Refused(
        called=exercise.call,
        got=f"it has returned, but a thread that it started still runs: {names}",
        wanted="that no thread stays behind",
        cause="Nobody tells the thread to end, or nobody waits for it with join().",
    )


def deaf(exercise: Exercise, warning: str) -> Refused:
    """The lab could not stop an actor."""
    return Refused(
        called=exercise.call,
        got=warning,
        wanted="that it ends when its context is terminated",
        cause="It swallows the exception zmq.ContextTerminated, or a loop or a sleep never comes back to its socket.",
    )
