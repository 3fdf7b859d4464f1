"""What runs a worker's handler: threads for a plain one, an asyncio loop for an async one."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from .errors import Status
from .wire import Work

MOST_TEXT = 1000  # characters of an exception's text that are told

Handler = Callable[..., Any]
"""``handler(*frames)``: gets the frames of the request's body, returns the reply's: bytes, a sequence of bytes, or None
for one empty frame. It may be async. What it raises goes to the client as `HandlerFailed`."""

_log = logging.getLogger("zmqlab.majordomo.worker")


class Task:
    """One request that the worker has."""

    def __init__(self, conversation: int, work: Work) -> None:
        self.conversation = conversation  # with the broker; a later one does not know this request
        self.work = work
        self.began: float | None = None  # None: its handler was not called yet
        self.status = Status.OK
        self.body: list[bytes] = []
        self.joined: list[Task] = []  # the same request, come again meanwhile: what this one gives is theirs too

    def end_as(self, other: Task) -> None:
        self.status, self.body = other.status, other.body

    def succeed(self, result: Any) -> None:
        self.body = as_frames(result)

    def fail(self, error: BaseException) -> None:
        self.refuse(in_words(error))

    def refuse(self, why: str) -> None:
        self.status = Status.FAILED
        self.body = [why.encode(errors="replace")]


class Executor(Protocol):
    """Does tasks, as many at a time as the worker has capacity. ``done(task)`` is called in one of its threads."""

    def begin(self, task: Task) -> None: ...

    def stop(self) -> None:
        """Begin nothing more."""


def executor_for(handler: Handler, count: int, done: Callable[[Task], None]) -> Executor:
    """One that fits the handler."""
    is_async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004
    return LoopExecutor(handler, done) if is_async else ThreadExecutor(handler, count, done)


class ThreadExecutor:
    """`count` threads. They are daemons: a handler that hangs for ever does not keep the process alive."""

    def __init__(self, handler: Handler, count: int, done: Callable[[Task], None]) -> None:
        self._handler = handler
        self._done = done
        self._count = count
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._work, name=f"majordomo-handler-{number + 1}", daemon=True).start()

    def begin(self, task: Task) -> None:
        self._tasks.put(task)

    def stop(self) -> None:
        for _ in range(self._count):
            self._tasks.put(None)

    def _work(self) -> None:
        while True:
            try:
                while task := self._tasks.get():
                    self._do(task)
                return
            except BaseException:  # one that another thread has sent here, between two tasks
                _log.exception("a thread for handlers was interrupted, and goes on")

    def _do(self, task: Task) -> None:
        task.began = time.monotonic()
        try:
            task.succeed(self._handler(*task.work.body))
        except BaseException as error:  # also SystemExit: it must not end the thread in silence
            task.fail(error)
        finally:
            self._done(task)


class LoopExecutor:
    """An asyncio event loop in a thread of its own; as many tasks as the broker sends run at the same time.

    A handler may do anything to the loop: one that was stopped runs again, one that was closed is made anew, and each
    task ends.
    """

    def __init__(self, handler: Handler, done: Callable[[Task], None]) -> None:
        self._handler = handler
        self._done = done
        self._begun: deque[Task] = deque()
        self._running: dict[asyncio.Task[None], Task] = {}
        self._stopping = False
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, name="majordomo-loop", daemon=True).start()

    def begin(self, task: Task) -> None:
        self._begun.append(task)
        self._call(self._take)

    def stop(self) -> None:
        self._stopping = True
        self._call(self._loop.stop)

    def _call(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop was closed; the next one begins with a look at all this
            self._loop.call_soon_threadsafe(function)

    def _run(self) -> None:
        while not self._stopping:
            if self._loop.is_closed():
                self._renew()
            try:
                self._loop.call_soon(self._take)
                self._loop.run_forever()
            except BaseException:  # SystemExit in a callback, or in a task that a handler has made
                _log.exception("the event loop was interrupted, and goes on")
        if not self._loop.is_closed():
            self._loop.run_until_complete(asyncio.Task(self._cancel(), loop=self._loop))
            self._loop.close()

    def _renew(self) -> None:
        """A new loop. What ran in the old one will never end there."""
        self._loop = asyncio.new_event_loop()
        lost, self._running = self._running, {}
        for task in lost.values():
            task.refuse("RuntimeError: the event loop was closed while the handler worked")
            self._done(task)

    async def _cancel(self) -> None:
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _take(self) -> None:
        while self._begun:
            self._start(self._begun.popleft())

    def _start(self, task: Task) -> None:
        running = asyncio.Task(self._work(task), loop=self._loop)  # whatever task factory a handler has set
        self._running[running] = task
        running.add_done_callback(self._end)

    async def _work(self, task: Task) -> None:
        task.began = time.monotonic()
        try:
            task.succeed(await self._handler(*task.work.body))
        except BaseException as error:
            task.fail(error)

    def _end(self, running: asyncio.Task[None]) -> None:
        task = self._running.pop(running, None)
        if task is None:
            return
        if running.cancelled():
            task.refuse("CancelledError: it was cancelled before it began")
        self._done(task)


def as_frames(result: Any) -> list[bytes]:
    """What a handler returned, as the body of a reply. Raises TypeError if it cannot be one."""
    if result is None:
        return [b""]
    if isinstance(result, bytes | bytearray | memoryview):
        return [bytes(result)]
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError("the handler returned a coroutine: make it an `async def` itself")
    if not isinstance(result, Sequence) or isinstance(result, str) or not result:
        raise TypeError(f"a handler returns bytes or a sequence of bytes, not {type(result).__name__}")
    count = len(result)
    frames = list(itertools.islice(result, count + 1))  # looked at once: it may say something else each time
    if len(frames) != count or not all(isinstance(frame, bytes | bytearray | memoryview) for frame in frames):
        raise TypeError("a handler returns bytes or a sequence of bytes, and one element is something else")
    return [bytes(frame) for frame in frames]


def in_words(error: BaseException) -> str:
    """Its type and its text, cut where it is long. Raises nothing, whatever the exception is."""
    try:
        name = type(error).__name__
        try:
            text = str.__str__(str(error))
        except BaseException as another:
            return f"{name}, and its __str__ raised {type(another).__name__}"
        return f"{name}: {text}" if len(text) <= MOST_TEXT else f"{name}: {text[:MOST_TEXT]}… ({len(text)} characters)"
    except BaseException:
        return "an exception that cannot be told"
