"""05-a: a right client passes, and each mistake is refused with its own words."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, replaced, verdict
from zmqlab.course import exercises

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

WRONG = {
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
    "takes what has frames enough": (
        [("len(frames) == 2", "len(frames) >= 2")],
        ["of one frame, of three", "b'one'", "is not thrown away"],
        "replies of one frame, of three, and an empty one",
    ),
    "never looks at the clock": (
        [("if time.monotonic() > deadline", "if False")],
        ["never comes", "no result and no exception", "Nobody looks at the clock"],
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
    "has one id for all": (
        [("uuid.uuid4().bytes", "b'id'")],
        ["in another order", "8 requests with 1 different ids", "An id is used twice"],
        "eight requests, the replies in another order",
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
    "leaves its socket open": (
        [("        self.socket.close(linger=0)", "")],
        ["close() while a request is open", "1 sockets still open", "term() wait"],
        "close() while a request is open",
    ),
}


@pytest.mark.parametrize("source", [exercises.load(KEY).solution, ANOTHER], ids=["solution", "another"])
def test_a_right_client_passes(source: str) -> None:
    result = verdict(KEY, source)
    assert result.passed, result


def test_the_skeleton_gets_a_friendly_word() -> None:
    assert_unsolved(KEY)


@pytest.mark.parametrize("mistake", WRONG)
def test_the_mistake_is_refused(mistake: str) -> None:
    changes, words, scenario = WRONG[mistake]
    assert_refused(KEY, replaced(ANOTHER, *changes), *words, scenario=scenario)
