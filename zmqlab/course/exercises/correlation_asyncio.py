"""05-b: the client of 05-a with asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from time import monotonic
from typing import Any

import zmq

from ..exercise import Exercise
from ..scenes.hostile_server import (
    CANCELLED,
    CAUSES,
    HOSTILE,
    LASTING,
    LONG,
    NOTHING,
    OPEN,
    OVER,
    PAIRING,
    PATIENCE,
    RESULT,
    TIMEOUT,
    Drivers,
    Patience,
    Rounds,
    advice,
    answer,
    leftovers,
    punctual,
    reply,
    said,
    scenarios,
    take,
)
from ..scenes.play import Play
from ..scenes.running import expect_alive
from ..scenes.scenario import Scenario, Step

GRACE = 1.0  # seconds for a cancelled task to end

SKELETON = '''
class AsyncClient:
    """Asks a server many things at the same time.

    Its frames are those of 05-a: a request is [id, payload],
    and its reply repeats the id. No id is used twice, not
    even by a client that is started later, or in another
    process. What else comes from the server is thrown away.
    When a request has ended, the client keeps nothing of it.
    """

    def __init__(self, ctx, endpoint):
        """Connect a DEALER of `ctx`, a zmq.asyncio.Context.

        It connects to `endpoint`. The loop runs already.
        """
        raise NotImplementedError("one task receives all")

    async def request(self, payload, timeout):
        """Send `payload` (bytes), wait, and return the
        payload of the reply.

        Raises TimeoutError when none comes within `timeout`
        seconds, also when there is no server, and more is
        asked than a DEALER queues. Many tasks may be in here,
        and each may be cancelled.
        """
        raise NotImplementedError

    async def close(self):
        """End the task and close the socket: both are done
        when it returns.

        Requests still open fail or are cancelled.
        """
        raise NotImplementedError
'''

HINTS = (
    "`__init__` makes the socket, an empty dict, and one task: `asyncio.create_task(self.read())`. Only this task "
    "calls `recv_multipart`. `request` puts a new future into the dict under a new id, sends, and awaits the future.",
    "`async with asyncio.timeout(timeout):` raises TimeoutError when the time is up. The send belongs inside too: it "
    "waits when the queue of the DEALER is full. Take the id out of the dict in a `finally`: that is right after a "
    "reply, a timeout and a cancellation.",
    "The reader asks `self.waiting.get(request_id)`: None means late, foreign or a second one. Also ask "
    "`future.done()`: a future that was cancelled a moment ago may still be in the dict. `close` cancels the reader, "
    "awaits it with `asyncio.gather(task, return_exceptions=True)`, and cancels every future in the dict.",
)

SOLUTION = '''
import asyncio
import itertools
import os

import zmq
import zmq.asyncio


class AsyncClient:
    """Asks a server many things at the same time."""

    def __init__(self, ctx, endpoint):
        self.ids = itertools.count()
        self.prefix = os.urandom(8)  # another one for each client: its ids were never used before
        self.waiting = {}  # id -> future
        self.socket = ctx.socket(zmq.DEALER)
        self.socket.connect(endpoint)
        self.reader = asyncio.create_task(self.read())

    async def request(self, payload, timeout):
        if self.socket.closed:
            raise RuntimeError("the client is closed")
        request_id = self.prefix + next(self.ids).to_bytes(8, "big")
        future = self.waiting[request_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await self.socket.send_multipart([request_id, payload])  # waits while its queue is full
                return await future
        finally:
            self.waiting.pop(request_id, None)

    async def close(self):
        self.reader.cancel()
        await asyncio.gather(self.reader, return_exceptions=True)
        for future in self.waiting.values():
            future.cancel()
        self.socket.close(linger=0)

    async def read(self):
        """The only task that receives."""
        while True:
            frames = await self.socket.recv_multipart()
            if len(frames) != 2:
                continue
            future = self.waiting.get(frames[0])
            if future is not None and not future.done():
                future.set_result(frames[1])
'''

WHY = (
    "One task receives, and the dict says for whom. If each request received for itself, it would get whatever comes "
    "next. The `finally` takes the id out of the dict however the request ends, so a late reply finds nothing. The "
    "reader looks before it unpacks and before it sets a result, because one exception would end it, and with it all "
    "answers to come, in silence: nobody sees the exception of a task without awaiting the task. One loop runs all "
    "tasks in one thread, so no lock is needed and the socket is never shared between threads."
)

WRONG_WAYS = {
    "receives in request": (
        "Each request then takes what comes next, for whomever it is. One task receives, and the dict says for whom."
    ),
    "sets every result": (
        "A reply that comes twice finds a future that is done, and `set_result` raises. The task that receives ends "
        "with that, and no request gets an answer any more."
    ),
    "unpacks every reply": (
        "One message with another number of frames ends the task that receives, in silence: nobody awaits it. Look at"
        " the length first."
    ),
    "keeps its ids": (
        "Each request that runs out of time leaves its id in the dict for ever. `finally` takes it out, however the "
        "request ends."
    ),
    "catches its cancellation": (
        "Whoever cancels a task relies on CancelledError. Clean up in `finally`, and let it out."
    ),
    "blocks the loop": (
        "`while not future.done(): pass` keeps the loop from running, and so from receiving the reply. Only an "
        "`await` lets other tasks run."
    ),
}


# -- the program that uses the client ---------------------------------------------------------------------------------


class Tasks:
    """Which tasks the learner's code has started: those that run on, and those that died of an exception."""

    def __init__(self) -> None:
        self._all: list[asyncio.Task[Any]] = []
        self._own: list[asyncio.Task[Any]] = []
        self._lasting: list[asyncio.Task[Any]] = []  # started by nobody's request
        loop = asyncio.get_running_loop()
        loop.set_task_factory(self._make)
        loop.set_exception_handler(lambda *_: None)  # the verdict says what is to be said, and not stderr

    def _make(self, loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **more)
        self._all.append(task)
        if asyncio.current_task() not in self._own:
            self._lasting.append(task)
        return task

    def start(self, work: Any) -> asyncio.Task[Any]:
        """A task of the driver."""
        task = asyncio.get_running_loop().create_task(work)
        self._own.append(task)
        return task

    async def ending(self, task: asyncio.Task[Any], patience: Patience) -> str:
        """What became of it, in words; waits for it, though not for ever. Raises what a request should not raise."""
        await asyncio.wait([task], timeout=patience.left())
        if not task.done():
            patience.lost()
            return NOTHING
        if task.cancelled():
            return "CancelledError"
        error = task.exception()
        if error is not None and not isinstance(error, TimeoutError):
            raise error
        return TIMEOUT if error is not None else repr(task.result())

    def raise_death(self) -> None:
        """Raise the exception of which a task of the learner's has died."""
        for task in self._learners():
            error = task.exception() if task.done() and not task.cancelled() else None
            if error is not None:
                raise error

    async def left(self) -> int:
        """How many go on; those of a request that was still open get the time to end."""
        going = [task for task in self._learners() if not task.done()]
        lasting = {task for task in going if task in self._lasting}
        return len(lasting | (await asyncio.wait(going, timeout=GRACE))[1]) if going else 0

    def _learners(self) -> list[asyncio.Task[Any]]:
        return [task for task in self._all if task not in self._own]


async def ask(ctx: Any, code: Any, endpoint: str, rounds: Rounds) -> list[str]:
    tasks, patience = Tasks(), Patience()
    client = code(ctx, endpoint)
    asked: list[asyncio.Task[Any]] = []
    ended: dict[int, str] = {}  # place in `asked` -> what was seen when its round was over
    for questions in rounds:
        began = monotonic()
        asked += [tasks.start(client.request(question, timeout)) for question, timeout in questions]
        last = await tasks.ending(asked[-1], patience)
        ended[len(asked) - 1] = punctual(last, monotonic() - began, questions[-1][1])
    endings = [ended.get(place) or await tasks.ending(task, patience) for place, task in enumerate(asked)]
    if NOTHING in endings:
        tasks.raise_death()
    await client.close()
    return endings


async def leave(
    ctx: Any, code: Any, endpoint: str, arrived: threading.Event, threads: Callable[[], int]
) -> tuple[str, str]:
    tasks = Tasks()
    client = code(ctx, endpoint)
    asked = tasks.start(client.request(OPEN, LONG))
    await happened(arrived)
    await client.close()
    expect_alive(ctx, "client.close() while a request is open")
    sockets, left = len(ctx.open_sockets()), await tasks.left()
    try:
        ended = await tasks.ending(asked, Patience())
        if asked.done() and not asked.cancelled() and asked.exception() is None:
            ended = RESULT + ended
    except Exception as error:  # any is a good end here
        ended = type(error).__name__
    return ended, leftovers(sockets=sockets, tasks=left, threads=threads())


async def repeat(ctx: Any, code: Any, endpoint: str, go: SimpleQueue[Any], over: SimpleQueue[tuple[int, int]]) -> None:
    client = code(ctx, endpoint)
    while questions := await got(go):
        asked = [asyncio.create_task(client.request(question, timeout)) for question, timeout in questions]
        cancelled = {task for task, (question, _) in zip(asked, questions, strict=True) if question == CANCELLED}
        done, going = await asyncio.wait(set(asked) - cancelled, timeout=PATIENCE)
        lost = sum(task.cancelled() or task.exception() is not None for task in done)
        late = sum(not task.cancelled() and isinstance(task.exception(), TimeoutError) for task in done)
        ended = len(done) - lost, late
        await cancel(going | cancelled)
        del asked, cancelled, done, going
        over.put(ended)
    await client.close()


async def cancel(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=GRACE)


async def got(things: SimpleQueue[Any]) -> Any:
    """The next one that another thread puts in there."""
    while things.empty():
        await asyncio.sleep(0.005)
    return things.get()


async def give_up(ctx: Any, code: Any, endpoint: str, arrived: threading.Event) -> tuple[str, str]:
    """Cancel a request, ask another, and say how both ended."""
    tasks, patience = Tasks(), Patience()
    client = code(ctx, endpoint)
    first = tasks.start(client.request(b"cancelled", LONG))
    await happened(arrived)
    first.cancel()
    gone = await tasks.ending(first, patience)
    ended = await tasks.ending(tasks.start(client.request(b"next", LONG)), patience)
    if ended == NOTHING:
        tasks.raise_death()
    await client.close()
    return gone, ended


async def happened(event: threading.Event) -> None:
    """An event of another thread."""
    while not event.is_set():
        await asyncio.sleep(0.01)


def cancelled(play: Play) -> None:
    server = play.socket(zmq.ROUTER)
    arrived = threading.Event()
    play.actor(give_up, play.code, play.endpoint, arrived)
    (first,) = take(play, server, 1)
    arrived.set()
    (following,) = take(play, server, 1, None)
    reply(server, first)
    reply(server, following)
    gone, got = play.result(timeout=OVER)
    play.expect(
        gone == "CancelledError",
        called=said(b"cancelled", LONG) + ", which is cancelled",
        got=gone,
        wanted="CancelledError",
        cause="Your code catches the cancellation and goes on. Clean up in `finally`, or raise it again.",
    )
    play.expect(
        got == repr(answer(b"next")),
        called=said(b"next", LONG) + ", after one before it was cancelled",
        got=got,
        wanted=repr(answer(b"next")),
        cause="The reply to a request that was cancelled ended the task that receives, or went to another request.",
    )


DRIVERS = Drivers(ask, leave, repeat, cancels=True)

EXERCISE = Exercise(
    key="05-b",
    lesson="B-zeromq-in-an-event-loop",
    title="a client that survives a hostile server, with asyncio",
    name="AsyncClient",
    call="AsyncClient(ctx, endpoint)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step("each request gets its own reply", scenarios(DRIVERS, PAIRING)),
        Step(
            "no reply can harm it, and every wait has an end",
            (*scenarios(DRIVERS, HOSTILE), Scenario("a request that is cancelled", cancelled)),
        ),
        Step(
            "it lives beside others, keeps nothing, and can end",
            (*scenarios(DRIVERS, LASTING), advice(DRIVERS)),
        ),
    ),
    causes=CAUSES,
    stuck="It awaits something that does not come, or it blocks the event loop: only what is awaited lets others run. "
    "A task that catches its cancellation, as `except BaseException` does, never ends.",
)
