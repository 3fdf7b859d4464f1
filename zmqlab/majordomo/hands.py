"""What a worker works with: threads for a plain handler, an asyncio loop for an async one."""

from __future__ import annotations

import asyncio
import inspect
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .errors import Status
from .wire import Work

Handler = Callable[..., Any]
"""``handler(*frames)``: gets the frames of the request's body, returns the reply's: bytes, a sequence of bytes, or None
for one empty frame. It may be async. What it raises goes to the client as `HandlerFailed`."""


class Task:
    """One request in the worker's hands."""

    def __init__(self, conversation: int, work: Work) -> None:
        self.conversation = conversation  # with the broker; a later one does not know this request
        self.work = work
        self.began: float | None = None  # None: it waits for a hand
        self.status = Status.OK
        self.body: list[bytes] = []

    def succeed(self, result: Any) -> None:
        self.body = as_frames(result)

    def fail(self, error: BaseException) -> None:
        self.status = Status.FAILED
        self.body = [f"{type(error).__name__}: {error}".encode(errors="replace")]


class Hands(Protocol):
    """Does tasks, as many at a time as the worker has capacity. ``done(task)`` is called in some thread."""

    def begin(self, task: Task) -> None: ...

    def stop(self) -> None:
        """Begin nothing more."""


def hands_for(handler: Handler, count: int, done: Callable[[Task], None]) -> Hands:
    """Hands that fit the handler."""
    is_async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004
    return LoopHands(handler, done) if is_async else ThreadHands(handler, count, done)


class ThreadHands:
    """`count` threads. They are daemons: a handler that hangs for ever does not keep the process alive."""

    def __init__(self, handler: Handler, count: int, done: Callable[[Task], None]) -> None:
        self._handler = handler
        self._done = done
        self._count = count
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._work, name=f"majordomo-hand-{number + 1}", daemon=True).start()

    def begin(self, task: Task) -> None:
        self._tasks.put(task)

    def stop(self) -> None:
        for _ in range(self._count):
            self._tasks.put(None)

    def _work(self) -> None:
        while task := self._tasks.get():
            task.began = time.monotonic()
            try:
                task.succeed(self._handler(*task.work.body))
            except BaseException as error:  # also SystemExit: it must not end a hand in silence
                task.fail(error)
            self._done(task)


class LoopHands:
    """An asyncio event loop in a thread of its own; as many tasks as the broker sends run at the same time."""

    def __init__(self, handler: Handler, done: Callable[[Task], None]) -> None:
        self._handler = handler
        self._done = done
        self._running: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, name="majordomo-loop", daemon=True).start()

    def begin(self, task: Task) -> None:
        self._loop.call_soon_threadsafe(self._start, task)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._cancel())
        self._loop.close()

    async def _cancel(self) -> None:
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, task: Task) -> None:
        running = self._loop.create_task(self._work(task))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _work(self, task: Task) -> None:
        task.began = time.monotonic()
        try:
            task.succeed(await self._handler(*task.work.body))
        except BaseException as error:
            task.fail(error)
        self._done(task)


def as_frames(result: Any) -> list[bytes]:
    """What a handler returned, as the body of a reply. Raises TypeError if it cannot be one."""
    if result is None:
        return [b""]
    if isinstance(result, bytes | bytearray | memoryview):
        return [bytes(result)]
    if not isinstance(result, Sequence) or isinstance(result, str) or not result:
        raise TypeError(f"a handler returns bytes or a sequence of bytes, not {type(result).__name__}")
    if not all(isinstance(frame, bytes | bytearray | memoryview) for frame in result):
        raise TypeError("a handler returns bytes or a sequence of bytes, and one element is something else")
    return [bytes(frame) for frame in result]
