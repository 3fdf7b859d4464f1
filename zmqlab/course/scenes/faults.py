"""What is said of code that raised, hangs, or leaves threads behind."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable
from types import FrameType
from typing import Any

import zmq

from ...lab.tracebacks import is_foreign, last_line, message_of, place, raised_in, where
from ...sockets.errors import WrongThread
from .contract import Contract
from .refused import Refused, Unsolved
from .shown import short

ASKS = "The code asks somebody to type something, by input(). Nobody does while a check runs."
ARGUMENTS = "A call has other arguments than the function takes. The parameters of the skeleton have to stay."

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
    (RecursionError, "A function calls itself without an end."),
    (EOFError, ASKS),
    (NotImplementedError, "A part of the code is still to be written."),
)

TEXT = "A str was used where bytes are needed: b'…' is bytes, and text.encode() makes some."
SAID: tuple[tuple[type[BaseException], str, str], ...] = (
    (NotImplementedError, "input", ASKS),  # ipykernel's StdinNotImplementedError
    (ValueError, "signal only works in main thread", "The check runs the code in a thread: leave signals alone."),
    (TypeError, "positional argument", ARGUMENTS),
    (TypeError, "keyword argument", ARGUMENTS),
    (TypeError, "required argument", ARGUMENTS),
    (TypeError, "unicode", TEXT),
    (TypeError, "str to bytes", TEXT),
    (TypeError, '(not "bytes") to str', TEXT),
    (TypeError, "str found", TEXT),
    (TypeError, "not 'str'", TEXT),
    (TypeError, 'not "str"', TEXT),
    (TypeError, "buffer interface", "A frame is something else than bytes: a str or a number. b'%d' % 3 makes bytes."),
    (TypeError, "can't be used in 'await'", "It awaits something that is no coroutine: does the plain zmq work here?"),
)
"""What part of an error's text means."""


class Place:
    """Where an actor's code stands: its thread, or the coroutine that it awaits."""

    def __init__(self) -> None:
        self._ident: int | None = None
        self._coroutine: Any = None

    def thread(self) -> None:
        self._ident = threading.get_ident()

    def coroutine(self, coroutine: Any) -> None:
        self._coroutine = coroutine

    def interrupt(self) -> bool:
        """Raise KeyboardInterrupt at the thread's next step of Python; whether there is a thread."""
        ident, interrupt = ctypes.c_ulong(self._ident or 0), ctypes.py_object(KeyboardInterrupt)
        return bool(ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, interrupt))

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


def failed(call: str, error: BaseException, contract: Contract) -> Refused | Unsolved:
    """An exception came out of the learner's code."""
    if isinstance(error, (Refused, Unsolved)):
        return error
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration):
        error = error.__cause__  # Python does not let it out of a coroutine as it is
    if type(error) is NotImplementedError and contract.is_skeletons(raised_in(error), str(error)):
        return Unsolved(raised_in(error))
    line = last_line(error)
    text = short(message_of(error).partition("\n")[0])
    return Refused(
        called=call,
        got=f"{type(error).__name__}: {text}" + (f" ({line})" if line else ""),
        wanted="no exception",
        cause=_cause(error, contract),
    )


def _cause(error: BaseException, contract: Contract) -> str:
    text = message_of(error)
    for kind, part, cause in SAID:
        if isinstance(error, kind) and part in text:
            return cause
    if isinstance(error, zmq.ZMQError) and error.errno == zmq.EADDRINUSE:
        return "Somebody is bound there already, and only one can be: this side connects, or it binds a second time."
    return next(
        (cause for kind, cause in (*contract.causes, *CAUSES) if isinstance(error, kind)),
        "The code does not expect what happened to it here.",
    )


def stuck(call: str, at: Place, contract: Contract) -> Refused:
    doing = at.words()
    return Refused(
        called=call,
        got="nothing: it still runs" + (f" ({doing})" if doing else ""),
        wanted="that it returns",
        cause=contract.stuck,
    )


def leftover(contract: Contract, threads: Iterable[threading.Thread]) -> Refused:
    """Threads that run on after the code that started them has returned."""
    names = ", ".join(f"{thread.name!r} ({where(thread.ident) or 'at no line of yours'})" for thread in threads)
    return Refused(
        called=contract.call,
        got=f"it has returned, but a thread that it started still runs: {names}",
        wanted="that no thread stays behind",
        cause="Nobody tells the thread to end, or nobody waits for it with join().",
    )


def left_state(problem: Refused) -> Refused:
    """The refusal, of code that passes when it was not called before."""
    return Refused(
        called=problem.called,
        got=problem.got,
        wanted=problem.wanted,
        cause="State left from an earlier call: alone, this goes well. Look for a default such as `seen={}`, for an "
        "attribute of the class, and for a global variable; make it anew in each call.",
    )


def unheard(call: str) -> Refused:
    """The check's own send found nobody within its time."""
    return Refused(
        called=call,
        got="nobody who takes what is sent",
        wanted="a socket that is connected, and read",
        cause="The socket that should receive this is not there, or it is full because nobody reads from it.",
    )


def deaf(contract: Contract, warning: str, used: bool) -> Refused:
    """The lab could not stop an actor in its time, which a busy machine may take for itself: so it is `late`. `used`
    says whether it made a socket of its context."""
    swallows = "It swallows the exception zmq.ContextTerminated, or a loop or a sleep never comes back to its socket."
    return Refused(
        called=contract.call,
        got=warning,
        wanted="that it ends when its context is terminated",
        cause=swallows if used else "It made its sockets with a context of its own: use `ctx`, which it is given.",
        late=True,
    )
