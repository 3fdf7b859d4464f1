"""05-a: a right client passes, and each mistake is refused with its own words."""

from __future__ import annotations

from tests.course.exercises.client_mistakes import CLIENT_WRONG
from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import assert_remarked, keeps_a_core_busy, replaced, verdict

KEY = "05-a"

ANOTHER = """
import queue
import threading
import time
import uuid
from concurrent.futures import Future

import zmq


class Client:
    def __init__(self, ctx, endpoint):
        self.requests = queue.SimpleQueue()
        self.waiting = {}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ctx, endpoint))
        self.thread.start()

    def request(self, payload, timeout):
        future = Future()
        self.requests.put((uuid.uuid4().bytes, payload, future, time.monotonic() + timeout))
        return future

    def close(self):
        self.stop.set()
        self.thread.join()

    def run(self, ctx, endpoint):
        self.socket = ctx.socket(zmq.DEALER)
        self.socket.connect(endpoint)
        while not self.stop.is_set():
            while not self.requests.empty():
                id, payload, future, deadline = self.requests.get()
                self.waiting[id] = future, deadline
                self.socket.send_multipart([id, payload])
            if self.socket.poll(10):
                frames = self.socket.recv_multipart()
                if len(frames) == 2 and frames[0] in self.waiting:
                    future, _ = self.waiting.pop(frames[0])
                    future.set_result(frames[1])
            for id, (future, deadline) in list(self.waiting.items()):
                if time.monotonic() > deadline:
                    del self.waiting[id]
                    future.set_exception(TimeoutError())
        for future, _ in self.waiting.values():
            future.cancel()
        while not self.requests.empty():
            self.requests.get()[2].cancel()
        self.socket.close(linger=0)
"""
"""The simplest right one: it looks at its queue a hundred times a second."""

TAKE = """                if len(frames) == 2 and frames[0] in self.waiting:
                    future, _ = self.waiting.pop(frames[0])
"""

SOCKET_EACH = """                self.more.append(ctx.socket(zmq.DEALER))
                self.more[-1].connect(endpoint)
                self.more[-1].send_multipart([id, payload])
"""
LOOP = """
import asyncio
import threading
import uuid
from concurrent.futures import Future

import zmq
import zmq.asyncio


class Client:
    def __init__(self, ctx, endpoint):
        self.loop = asyncio.new_event_loop()
        self.waiting = {}
        self.up = threading.Event()
        self.thread = threading.Thread(target=self.main, args=(ctx, endpoint), daemon=True)
        self.thread.start()
        self.up.wait()

    def main(self, ctx, endpoint):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.serve(ctx, endpoint))
        self.loop.close()

    async def serve(self, ctx, endpoint):
        self.stop = asyncio.Event()
        with zmq.asyncio.Context(shadow=ctx).socket(zmq.DEALER) as self.socket:
            self.socket.linger = 0
            self.socket.connect(endpoint)
            reader = asyncio.create_task(self.read())
            self.up.set()
            await self.stop.wait()
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            for future, timer in self.waiting.values():
                timer.cancel()
                future.set_exception(ConnectionError("closed"))

    async def read(self):
        while True:
            frames = await self.socket.recv_multipart()
            if len(frames) == 2:
                future, timer = self.waiting.pop(frames[0], (None, None))
                if future:
                    timer.cancel()
                    future.set_result(frames[1])

    def request(self, payload, timeout):
        future = Future()
        self.loop.call_soon_threadsafe(self.begin, future, payload, timeout)
        return future

    def begin(self, future, payload, timeout):
        id = uuid.uuid4().bytes
        self.waiting[id] = future, self.loop.call_later(timeout, self.overdue, id)
        self.socket.send_multipart([id, payload])

    def overdue(self, id):
        future, _ = self.waiting.pop(id)
        future.set_exception(TimeoutError())

    def close(self):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join()
"""
"""An event loop in the thread."""

SOCKET_FOR_EACH_CALL = """
import threading
import time
import uuid
from concurrent.futures import Future

import zmq


class Client:
    def __init__(self, ctx, endpoint):
        self.ctx, self.lock, self.waiting = ctx, threading.Lock(), {}
        self.bell = f"inproc://{uuid.uuid4().hex}"
        up = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(endpoint, up))
        self.thread.start()
        up.wait()

    def put(self, *frames):
        with self.ctx.socket(zmq.PUSH) as push:
            push.connect(self.bell)
            push.send_multipart(frames)

    def request(self, payload, timeout):
        id, future = uuid.uuid4().bytes, Future()
        with self.lock:
            self.waiting[id] = future, time.monotonic() + timeout
        self.put(id, payload)
        return future

    def run(self, endpoint, up):
        with self.ctx.socket(zmq.DEALER) as dealer, self.ctx.socket(zmq.PULL) as pull:
            dealer.connect(endpoint)
            dealer.linger = 0
            pull.bind(self.bell)
            up.set()
            while True:
                dealer.poll(5)
                while pull.poll(0):
                    frames = pull.recv_multipart()
                    if len(frames) == 1:
                        return
                    if dealer.poll(0, zmq.POLLOUT):
                        dealer.send_multipart(frames)
                while dealer.poll(0):
                    frames = dealer.recv_multipart()
                    if len(frames) == 2:
                        self.end(frames[0], lambda future: future.set_result(frames[1]))
                for id in [id for id, (_, end) in list(self.waiting.items()) if end <= time.monotonic()]:
                    self.end(id, lambda future: future.set_exception(TimeoutError()))

    def end(self, id, how):
        with self.lock:
            future, _ = self.waiting.pop(id, (None, None))
        if future:
            how(future)

    def close(self):
        self.put(b"end")
        self.thread.join()
        for id in list(self.waiting):
            self.end(id, Future.cancel)
"""
"""Its callers make a socket for each request, and close it. What has no room is not sent, and runs out of time."""

WRONG = {
    **CLIENT_WRONG,
    "has a deadline five times as far": (
        [("+ timeout", "+ 5 * timeout")],
        ["long after the time was up", "its deadline is too late"],
        "a reply that never comes",
    ),
    "has a deadline twice as far": (
        [("+ timeout", "+ 2 * timeout")],
        ["long after the time was up", "its deadline is too late"],
        "a late reply, and then the right one",
    ),
    "polls for a second": (
        [("self.socket.poll(10)", "self.socket.poll(1000 if self.waiting else 10)")],
        ["long after the time was up", "looks at the clock too seldom"],
        "a late reply, and then the right one",
    ),
    "has ids of two bytes": (
        [("uuid.uuid4().bytes", "uuid.uuid4().bytes[:2]")],
        ["ids of less than 4 bytes", "The ids are too short"],
        "a second client, started later",
    ),
    "has a counter of the class": (
        [
            ("    def __init__", "    count = 0\n\n    def __init__"),
            ("        future = Future()", "        future = Future()\n        Client.count += 1"),
            ("uuid.uuid4().bytes", "b'id-%d' % Client.count"),
        ],
        ["ids that only count", "begins anew with the program"],
        "a second client, started later",
    ),
    "keeps what has timed out": (
        [
            (
                "                    del self.waiting[id]\n",
                "                    self.old.append(id)\n                    del self.waiting[id]\n",
            ),
            ("        self.waiting = {}", "        self.waiting = {}\n        self.old = []"),
        ],
        ["memory that grows with each of", "Something stays of each"],
        "hundreds of requests",
    ),
    "keeps what was answered": (
        [
            (
                "future.set_result(frames[1])",
                "future.set_result(frames[1])\n                    self.old.append(frames[0])",
            ),
            ("        self.waiting = {}", "        self.waiting = {}\n        self.old = []"),
        ],
        ["memory that grows with each of", "Something stays of each"],
        "hundreds of requests",
    ),
    "does not wait for its thread": (
        [("        self.stop.set()\n        self.thread.join()", "        self.stop.set()")],
        ["still open", "and waits until it has"],
        "close() while a request is open",
    ),
    "has a socket for each request": (
        [
            ("                self.socket.send_multipart([id, payload])\n", SOCKET_EACH),
            ("        self.waiting = {}", "        self.waiting = {}\n        self.more = []"),
        ],
        ["8 requests from 8 sockets", "One DEALER carries them all"],
        "eight requests, the replies in another order",
    ),
    "takes other arguments": (
        [("def __init__(self, ctx, endpoint):", "def __init__(self, endpoint):")],
        ["TypeError", "The parameters of the skeleton have to stay"],
        "one request, one reply",
    ),
    "pairs by order": (
        [("self.waiting.pop(frames[0])", "self.waiting.pop(next(iter(self.waiting)))")],
        ["the replies in another order", "b'answer to question 0'", "by their order"],
        "eight requests, the replies in another order",
    ),
    "makes the socket in one thread and uses it in another": (
        [
            ("        self.stop = ", "        self.socket = ctx.socket(zmq.DEALER)\n        self.stop = "),
            (
                "        self.socket = ctx.socket(zmq.DEALER)\n        self.socket.connect",
                "        self.socket.connect",
            ),
        ],
        ["one request, one reply", "WrongThread", "One thread made the socket"],
        "one request, one reply",
    ),
    "sends in the caller's thread": (
        [("        return future", "        self.socket.send_multipart([b'', payload])\n        return future")],
        ["WrongThread", "One thread made the socket"],
        "one request, one reply",
    ),
    "looks for every reply": (
        [(TAKE, TAKE.replace(" and frames[0] in self.waiting", ""))],
        ["comes twice", "KeyError", "that nobody waits for"],
        "a reply that comes twice",
    ),
    "keeps what is done": (
        [(TAKE, TAKE.replace(".pop(frames[0])", "[frames[0]]"))],
        ["comes twice", "InvalidStateError", "ended twice"],
        "a reply that comes twice",
    ),
    "unpacks every reply": (
        [("frames = self", "frames = id, payload = self")],
        ["of one frame, of three", "ValueError", "unpacked without a look"],
        "replies of one frame, of three, and an empty one",
    ),
    "never looks at the clock": (
        [("if time.monotonic() > deadline", "if False")],
        ["never comes", "no result and no exception", "Nobody looks at the clock"],
        "a reply that never comes",
    ),
    "ends with another exception": (
        [("TimeoutError(", "RuntimeError(")],
        ["RuntimeError", "expects a TimeoutError when the time is up, and RuntimeError is another exception"],
        "a reply that never comes",
    ),
    "shares its queue with all clients": (
        [
            ("class Client:\n", "class Client:\n    requests = queue.SimpleQueue()\n\n"),
            ("        self.requests = queue.SimpleQueue()\n", ""),
        ],
        ["is one thing for all clients"],
        "two clients at the same time",
    ),
    "begins its time anew with each reply": (
        [
            (
                TAKE,
                TAKE + "                    for id, (other, deadline) in list(self.waiting.items()):\n"
                "                        if deadline - time.monotonic() < 1:\n"
                "                            self.waiting[id] = other, time.monotonic() + 0.3\n",
            )
        ],
        ["long after the time was up", "for another request does not move it"],
        "a reply that never comes",
    ),
    "looks at the oldest deadline alone": (
        [("in list(self.waiting.items())", "in list(self.waiting.items())[:1]")],
        ["never comes", "b'hasty'", "Nobody looks at the clock"],
        "a reply that never comes",
    ),
    "takes milliseconds": (
        [("+ timeout", "+ timeout / 1000")],
        ["TimeoutError", "poll() wants milliseconds"],
        "a reply that never comes",
    ),
    "counts from 0": (
        [
            ("        self.waiting = {}", "        self.waiting = {}\n        self.count = 0"),
            ("        future = Future()", "        future = Future()\n        self.count += 1"),
            ("uuid.uuid4().bytes", "b'%d' % self.count"),
        ],
        ["started later", "A counter begins anew"],
        "a second client, started later",
    ),
    "waits in request": (
        [("        return future", "        future.result()\n        return future")],
        ["1 of 8 requests at the server", "waits for the answer"],
        "eight requests, the replies in another order",
    ),
    "returns the answer": (
        [("        return future", "        return future.result()")],
        ["one request, one reply", "bytes in place of a concurrent.futures.Future"],
        "one request, one reply",
    ),
    "leaves its thread": (
        [("        self.stop.set()\n        self.thread.join()", "        pass")],
        ["one request, one reply", "a thread that it started still runs", "Nobody tells the thread to end"],
        "one request, one reply",
    ),
    "joins a thread that goes on": (
        [("        self.stop.set()\n", "")],
        ["in close()", "a thread that nobody has told to end"],
        "one request, one reply",
    ),
    "leaves requests open": (
        [("            future.cancel()", "            pass")],
        ["close() while a request is open", "no result and no exception", "close() has to end what is still open"],
        "close() while a request is open",
    ),
    "forgets what is still in the queue": (
        [("        while not self.requests.empty():\n            self.requests.get()[2].cancel()\n", "")],
        ["right after five requests", "never ended", "has not taken out yet"],
        "close() right after five requests",
    ),
    "gives what is open a result": (
        [("            future.cancel()", "            future.set_result(None)")],
        ["the request has the result None", "No reply has come, so there is no result"],
        "close() while a request is open",
    ),
}

RIGHT = {"an event loop": LOOP}


class TestCorrelationThreads(ExerciseTests):
    key = KEY
    right = RIGHT
    wrong = WRONG
    after_step_1 = "looks for every reply"
    changed = ANOTHER


def test_a_socket_for_each_call_leaves_nothing() -> None:
    """Nor does the lab keep anything of each socket here."""
    result = verdict(KEY, SOCKET_FOR_EACH_CALL, scenario="hundreds of requests")
    assert result.passed, result


def test_a_client_that_waits_for_a_full_queue_passes_with_a_remark() -> None:
    result = assert_remarked(KEY, ANOTHER, "1100 requests, and no server: requests that have not ended.")
    assert result.text.count("but:") == 1  # and it does not keep a core busy


def test_a_busy_loop_passes_with_a_remark() -> None:
    spinning = replaced(ANOTHER, ("poll(10)", "poll(0)"))
    assert keeps_a_core_busy(lambda: verdict(KEY, spinning, scenario="close() while a request is open"))
