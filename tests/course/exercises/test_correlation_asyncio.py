"""05-b: a right client passes, and each mistake is refused with its own words."""

from __future__ import annotations

from tests.course.exercises.client_mistakes import CLIENT_WRONG
from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import assert_remarked

KEY = "05-b"

ANOTHER = """
import asyncio
import uuid

import zmq


class AsyncClient:
    def __init__(self, ctx, endpoint):
        self.socket = ctx.socket(zmq.DEALER)
        self.socket.connect(endpoint)
        self.waiting = {}
        self.reader = asyncio.create_task(self.read())

    async def request(self, payload, timeout):
        id = uuid.uuid4().bytes
        self.waiting[id] = asyncio.Future()
        await self.socket.send_multipart([id, payload])
        try:
            async with asyncio.timeout(timeout):
                return await self.waiting[id]
        finally:
            del self.waiting[id]

    async def close(self):
        self.reader.cancel()
        await asyncio.wait([self.reader])
        for future in self.waiting.values():
            future.set_exception(ConnectionError("closed"))
        self.socket.close(linger=0)

    async def read(self):
        while True:
            frames = await self.socket.recv_multipart()
            if len(frames) == 2 and frames[0] in self.waiting:
                if not self.waiting[frames[0]].done():
                    self.waiting[frames[0]].set_result(frames[1])
"""

SEND = """        await self.socket.send_multipart([id, payload])
        try:
            async with asyncio.timeout(timeout):
                return await self.waiting[id]
        finally:
            del self.waiting[id]
"""
RECEIVES_ITSELF = """        await self.socket.send_multipart([id, payload])
        async with asyncio.timeout(timeout):
            return (await self.socket.recv_multipart())[1]
"""
LOCK_STEP = """        async with self.lock:
            await self.socket.send_multipart([id, payload])
            try:
                return await asyncio.wait_for(self.waiting[id], timeout)
            finally:
                del self.waiting[id]
"""
CLEANS_UP_AFTER_TIMEOUT_ALONE = """        await self.socket.send_multipart([id, payload])
        try:
            return await asyncio.wait_for(self.waiting[id], timeout)
        except TimeoutError:
            del self.waiting[id]
            raise
"""
WAITS = "        await asyncio.wait([self.reader])\n"
READER = "        self.reader = asyncio.create_task(self.read())\n"
DONE = "                if not self.waiting[frames[0]].done():\n"

TIMERS = """
import asyncio
import secrets

import zmq


class Call:
    def __init__(self, timeout):
        self.over = asyncio.Event()
        self.value = self.error = None
        self.timer = asyncio.get_running_loop().call_later(timeout, self.end, None, TimeoutError())

    def end(self, value, error=None):
        if not self.over.is_set():
            self.value, self.error = value, error
            self.over.set()


class AsyncClient:
    def __init__(self, ctx, endpoint):
        self.calls, self.outbox = {}, asyncio.Queue()
        self.socket = ctx.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)
        self.tasks = [asyncio.create_task(self.read()), asyncio.create_task(self.write())]

    async def write(self):
        while True:
            await self.socket.send_multipart(await self.outbox.get())

    async def read(self):
        while True:
            match await self.socket.recv_multipart():
                case [id, payload] if id in self.calls:
                    self.calls[id].end(payload)

    async def request(self, payload, timeout):
        id = secrets.token_bytes(16)
        call = self.calls[id] = Call(timeout)
        try:
            await self.outbox.put([id, payload])
            await call.over.wait()
        finally:
            call.timer.cancel()
            del self.calls[id]
        if call.error is not None:
            raise call.error
        return call.value

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks)
        for call in self.calls.values():
            call.end(None, ConnectionError("closed"))
        self.socket.close()
"""
"""A timer and an event for each request, and a task that sends."""

DEAF_READER = """            try:
                frames = await self.socket.recv_multipart()
            except BaseException:
                continue
"""
READER_EACH = """        await self.socket.send_multipart([id, payload])
        self.tasks.add(asyncio.create_task(self.read_one()))
        try:
            async with asyncio.timeout(timeout):
                return await self.waiting[id]
        finally:
            del self.waiting[id]
"""

WRONG = {
    **CLIENT_WRONG,
    "has a timeout five times as long": (
        [("asyncio.timeout(timeout)", "asyncio.timeout(5 * timeout)")],
        ["long after the time was up", "its deadline is too late"],
        "a reply that never comes",
    ),
    "has ids of two bytes": (
        [
            ("uuid.uuid4().bytes", "uuid.uuid4().bytes[:2]"),
            ("            del self.waiting[id]", "            self.waiting.pop(id, None)"),
        ],
        ["ids of less than 4 bytes", "The ids are too short"],
        "a second client, started later",
    ),
    "has a counter of the class": (
        [
            ("    def __init__", "    count = 0\n\n    def __init__"),
            ("uuid.uuid4().bytes", "AsyncClient.count.to_bytes(8, 'big')\n        AsyncClient.count += 1"),
        ],
        ["ids that only count", "begins anew with the program"],
        "a second client, started later",
    ),
    "compares the beginning of an id": (
        [
            (
                "            if len(frames) == 2",
                "            frames[0] = frames[0][:16]\n            if len(frames) == 2",
            )
        ],
        ["came back: b'a foreign answer'", "an id is compared byte for byte"],
        "a reply with an id that nobody waits for",
    ),
    "keeps its ids": (
        [
            ("            del self.waiting[id]", "            pass"),
            ('set_exception(ConnectionError("closed"))', "cancel()"),
        ],
        ["memory that grows with each of", "Something stays of each"],
        "hundreds of requests",
    ),
    "starts a reader for each request": (
        [
            (SEND, READER_EACH),
            (READER, "        self.tasks = set()\n"),
            ("        self.reader.cancel()\n", "        for task in self.tasks:\n            task.cancel()\n"),
            (WAITS, "        await asyncio.wait(self.tasks)\n"),
            ("    async def read(self):\n        while True:\n", "    async def read_one(self):\n        if True:\n"),
        ],
        ["memory that grows with each of", "or a task that still waits"],
        "hundreds of requests",
    ),
    "catches its cancellation": (
        [("        finally:\n", "        except asyncio.CancelledError:\n            return None\n        finally:\n")],
        ["None", "Your code catches the cancellation and goes on"],
        "a request that is cancelled",
    ),
    "has a reader that catches its cancellation": (
        [
            ("            frames = await self.socket.recv_multipart()\n", DEAF_READER),
        ],
        ["in close()", "A task that catches its cancellation"],
        "one request, one reply",
    ),
    "receives in request": (
        [(SEND, RECEIVES_ITSELF), (READER, ""), ("        self.reader.cancel()\n", ""), (WAITS, "")],
        ["the replies in another order", "b'answer to question", "by their order"],
        "eight requests, the replies in another order",
    ),
    "pairs by order": (
        [("[frames[0]].", "[next(iter(self.waiting))].")],
        ["the replies in another order", "by their order"],
        "eight requests, the replies in another order",
    ),
    "has one in flight": (
        [(SEND, LOCK_STEP), (READER, READER + "        self.lock = asyncio.Lock()\n")],
        ["1 of 8 requests at the server", "waits for the answer"],
        "eight requests, the replies in another order",
    ),
    "counts from 0": (
        [
            ("        self.waiting = {}", "        self.waiting = {}\n        self.count = 0"),
            ("uuid.uuid4().bytes", "b'%d' % self.count\n        self.count += 1"),
        ],
        ["started later", "A counter begins anew"],
        "a second client, started later",
    ),
    "looks for every reply": (
        [("len(frames) == 2 and frames[0] in self.waiting", "len(frames) == 2")],
        ["KeyError", "that nobody waits for"],
        "a reply with an id that nobody waits for",
    ),
    "sets every result": (
        [
            (DONE, "                if True:\n"),
            ("del self.waiting[id]", "pass"),
            ('set_exception(ConnectionError("closed"))', "cancel()"),
        ],
        ["comes twice", "InvalidStateError", "ended twice"],
        "a reply that comes twice",
    ),
    "unpacks every reply": (
        [("frames = await", "frames = id, payload = await")],
        ["of one frame, of three", "ValueError", "unpacked without a look"],
        "replies of one frame, of three, and an empty one",
    ),
    "has no timeout": (
        [("asyncio.timeout(timeout)", "asyncio.timeout(None)")],
        ["never comes", "no result and no exception", "Nobody looks at the clock"],
        "a reply that never comes",
    ),
    "gives up too early": (
        [("asyncio.timeout(timeout)", "asyncio.timeout(timeout / 100)")],
        ["TimeoutError", "too early"],
        "a reply that never comes",
    ),
    "forgets about the cancelled": (
        [
            (SEND, CLEANS_UP_AFTER_TIMEOUT_ALONE),
            (DONE, ""),
            ("    self.waiting[frames[0]].set", "self.waiting.pop(frames[0]).set"),
        ],
        ["that is cancelled", "InvalidStateError", "ended twice"],
        "a request that is cancelled",
    ),
    "keeps what was cancelled": (
        [
            (
                SEND,
                CLEANS_UP_AFTER_TIMEOUT_ALONE.replace(
                    "            return await asyncio.wait_for(self.waiting[id], timeout)\n",
                    "            reply = await asyncio.wait_for(self.waiting[id], timeout)\n"
                    "            del self.waiting[id]\n            return reply\n",
                ),
            )
        ],
        ["memory that grows with each of", "Something stays of each"],
        "hundreds of requests",
    ),
    "begins its time anew with each reply": (
        [
            (
                "            async with asyncio.timeout(timeout):\n",
                "            async with asyncio.timeout(timeout) as self.limits[id]:\n",
            ),
            ("        self.waiting = {}", "        self.waiting, self.limits = {}, {}"),
            (
                "            if len(frames) == 2 and",
                "            for limit in [each for each in self.limits.values() if not each.expired()]:\n"
                "                if limit.when() and limit.when() < asyncio.get_running_loop().time() + 5:\n"
                "                    limit.reschedule(asyncio.get_running_loop().time() + 0.3)\n"
                "            if len(frames) == 2 and",
            ),
            ("            del self.waiting[id]\n", "            del self.waiting[id], self.limits[id]\n"),
        ],
        ["long after the time was up", "for another request does not move it"],
        "a reply that never comes",
    ),
    "shares its dict with all clients": (
        [
            ("class AsyncClient:\n", "class AsyncClient:\n    waiting = {}\n\n"),
            ("        self.waiting = {}\n", ""),
            ('future.set_exception(ConnectionError("closed"))', "future.cancel()"),
        ],
        ["of two'", "CancelledError", "is one thing for all clients"],
        "two clients at the same time",
    ),
    "does not wait until its task has ended": (
        [(WAITS, "")],
        ["close() while a request is open", "1 tasks still open", "waits until it has"],
        "close() while a request is open",
    ),
    "leaves its task": (
        [("        self.reader.cancel()\n", ""), (WAITS, ""), ("        self.socket.close(linger=0)\n", "")],
        ["close() while a request is open", "1 tasks still open", "a task left running"],
        "close() while a request is open",
    ),
    "leaves requests open": (
        [('            future.set_exception(ConnectionError("closed"))', "            pass")],
        ["close() while a request is open", "no result and no exception", "close() has to end what is still open"],
        "close() while a request is open",
    ),
    "blocks the loop": (
        [("        try:\n", "        while not self.waiting[id].done():\n            pass\n        try:\n")],
        ["it still runs (in request(), line", "blocks the event loop"],
        "one request, one reply",
    ),
    "gives what is open a result": (
        [('            future.set_exception(ConnectionError("closed"))', "            future.set_result(None)")],
        ["the request has the result None", "No reply has come, so there is no result"],
        "close() while a request is open",
    ),
    "takes the names of its tasks": (
        [("uuid.uuid4().bytes", "asyncio.current_task().get_name().encode()")],
        ["ids that only count"],
        "a second client, started later",
    ),
}

RIGHT = {"timers": TIMERS}


class TestCorrelationAsyncio(ExerciseTests):
    key = KEY
    right = RIGHT
    wrong = WRONG
    after_step_1 = "sets every result"
    changed = ANOTHER


def test_a_client_that_waits_for_a_full_queue_passes_with_a_remark() -> None:
    assert_remarked(KEY, ANOTHER, "1100 requests, and no server: requests that have not ended.")
