"""Exercise 02-a: right ways pass, and each mistake is refused with its own words."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, verdict
from zmqlab.course import exercises

KEY = "02-a"
HEAD = "import zmq\n\ndef ask(ctx, endpoint, question, timeout, tries):\n"

RIGHT = {
    "one socket, relaxed and correlated": HEAD
    + """
    with ctx.socket(zmq.REQ) as socket:
        socket.linger, socket.req_relaxed, socket.req_correlate = 0, 1, 1
        socket.connect(endpoint)
        for _ in range(tries):
            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
    raise TimeoutError
""",
    "rcvtimeo": HEAD
    + """
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger, socket.rcvtimeo = 0, int(timeout * 1000)
            socket.connect(endpoint)
            socket.send(question)
            try:
                return socket.recv()
            except zmq.Again:
                pass
    raise TimeoutError
""",
}

WRONG = {
    "recv without a limit": (
        HEAD
        + """
    socket = ctx.socket(zmq.REQ)
    socket.connect(endpoint)
    socket.send(question)
    return socket.recv()
""",
        "recv() without a time limit waits for ever",
        "the first try is not answered, the second one is",
    ),
    "sends twice on one REQ": (
        HEAD
        + """
    with ctx.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(endpoint)
        for _ in range(tries):
            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
    raise TimeoutError
""",
        "A REQ that waits for its answer cannot send again",
        "the first try is not answered, the second one is",
    ),
    "forgets linger": (
        HEAD
        + """
    for _ in range(tries):
        socket = ctx.socket(zmq.REQ)
        socket.connect(endpoint)
        socket.send(question)
        if socket.poll(timeout * 1000):
            return socket.recv()
        socket.close()
    raise TimeoutError
""",
        "term() does not return",
        "there is no server",
    ),
    "forgets close": (
        HEAD
        + """
    for _ in range(tries):
        socket = ctx.socket(zmq.REQ)
        socket.linger = 0
        socket.connect(endpoint)
        socket.send(question)
        if socket.poll(timeout * 1000):
            return socket.recv()
    raise TimeoutError
""",
        "a socket is still open after the TimeoutError",
        "there is no server",
    ),
    "keeps the socket for the next question": (
        "sockets = {}\n"
        + HEAD
        + """
    socket = sockets.get(endpoint)
    if socket is None:
        socket = sockets[endpoint] = ctx.socket(zmq.REQ)
        socket.linger, socket.req_relaxed = 0, 1
        socket.connect(endpoint)
    for _ in range(tries):
        socket.send(question)
        if socket.poll(timeout * 1000):
            return socket.recv()
    raise TimeoutError
""",
        "the late answer to Q1, returned for Q2",
        "a late answer to the question before",
    ),
    "returns None": (
        HEAD
        + """
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(endpoint)
            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
""",
        "came back: None returned",
        "the server never answers",
    ),
    "takes seconds for milliseconds": (
        HEAD
        + """
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(endpoint)
            socket.send(question)
            if socket.poll(timeout):
                return socket.recv()
    raise TimeoutError
""",
        "take milliseconds",
        "the server answers at once",
    ),
    "lets zmq.Again out": (
        HEAD
        + """
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger, socket.rcvtimeo = 0, int(timeout * 1000)
            socket.connect(endpoint)
            socket.send(question)
            return socket.recv()
""",
        "rcvtimeo ends recv() with zmq.Again",
        "the first try is not answered, the second one is",
    ),
    "asks once and waits for all tries": (
        HEAD
        + """
    with ctx.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(endpoint)
        socket.send(question)
        if socket.poll(timeout * tries * 1000):
            return socket.recv()
    raise TimeoutError
""",
        "although there are tries left",
        "the first try is not answered, the second one is",
    ),
    "one try too many": (
        HEAD
        + """
    for _ in range(tries + 1):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(endpoint)
            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
    raise TimeoutError
""",
        "three tries are three requests",
        "the server never answers",
    ),
    "returns frames": (
        HEAD
        + """
    with ctx.socket(zmq.REQ) as socket:
        socket.connect(endpoint)
        socket.send(question)
        return socket.recv_multipart()
""",
        "recv_multipart() returns a list",
        "the server answers at once",
    ),
}


def test_the_solution_passes():
    result = verdict(KEY, exercises.load(KEY).solution)
    assert result.passed, result


@pytest.mark.parametrize("name", RIGHT)
def test_another_way_passes(name):
    result = verdict(KEY, RIGHT[name])
    assert result.passed, result


def test_the_skeleton_is_not_yet_written():
    assert_unsolved(KEY)


@pytest.mark.parametrize("name", WRONG)
def test_the_mistake_is_named(name):
    source, words, scenario = WRONG[name]
    assert_refused(KEY, source, words, scenario=scenario)
