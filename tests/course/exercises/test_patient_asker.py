"""Exercise 02-a: right ways pass, and each mistake is refused with its own words."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests

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

LOOP = """
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(endpoint)
            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
    raise TimeoutError
"""
RIGHT |= {
    "a poller and a deadline": "import time\n"
    + HEAD
    + """
    for attempt in range(tries):
        socket = ctx.socket(zmq.REQ)
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        try:
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(endpoint)
            socket.send(question)
            deadline = time.monotonic() + timeout
            while (left := deadline - time.monotonic()) > 0:
                if dict(poller.poll(min(left * 1000, 50))).get(socket):
                    return socket.recv(copy=False).bytes
        finally:
            poller.unregister(socket)
            socket.close(0)
    raise TimeoutError
""",
    "a DEALER with a delimiter": HEAD
    + LOOP.replace("zmq.REQ", "zmq.DEALER")
    .replace("socket.send(question)", "socket.send_multipart([b'', question])")
    .replace("socket.recv()", "socket.recv_multipart()[1]"),
    "async def": "import asyncio\n"
    + HEAD.replace("def", "async def")
    + LOOP.replace(
        """            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
""",
        """            await socket.send(question)
            try:
                return await asyncio.wait_for(socket.recv(), timeout)
            except TimeoutError:
                pass
""",
    ),
    "a class that does it": HEAD.replace("def ask(ctx", "class Asker:\n  def __call__(self, ctx")
    + LOOP
    + "\nask = Asker()\n",
}

WRONG = {
    "has the same routing id in each call": (
        HEAD
        + """
    with ctx.socket(zmq.DEALER) as socket:
        socket.linger, socket.routing_id = 0, b"asker"
        socket.connect(endpoint)
        for _ in range(tries):
            socket.send_multipart([b"", question])
            if socket.poll(timeout * 1000):
                return socket.recv_multipart()[-1]
    raise TimeoutError
""",
        "have the same routing id",
        "a late answer to the question before",
    ),
    "waits twice as long": (
        HEAD + LOOP.replace("* 1000", "* 2000"),
        "It waits longer than it was told to",
        "the server never answers",
    ),
    "doubles its timeout": (
        HEAD + LOOP.replace("    raise", "        timeout *= 2\n    raise"),
        "It waits longer than it was told to",
        "the server never answers",
    ),
    "keeps the socket of an answered question": (
        "kept = []\n"
        + HEAD
        + LOOP.replace("with ctx.socket(zmq.REQ) as socket:", "if socket := ctx.socket(zmq.REQ):")
        .replace("return socket", "kept.append(socket)\n                return socket")
        .replace("    raise", "        socket.close()\n    raise"),
        "a socket is still open after the b'A1' returned",
        "the server answers four questions at once",
    ),
    "forgets close after an answer": (
        HEAD
        + LOOP.replace("with ctx.socket(zmq.REQ) as socket:", "if socket := ctx.socket(zmq.REQ):").replace(
            "    raise", "        socket.close()\n    raise"
        ),
        "a socket is still open after the b'A1' returned",
        "the server answers four questions at once",
    ),
    "takes an empty answer for none": (
        HEAD
        + LOOP.replace(
            "                return socket.recv()",
            "                if answer := socket.recv():\n                    return answer",
        ),
        "An empty answer is an answer too",
        "the server answers four questions at once",
    ),
    "strips its answer": (
        HEAD + LOOP.replace("socket.recv()", "socket.recv().strip(b'\\x00')"),
        "something else than what it received",
        "the server answers four questions at once",
    ),
    "catches the stop button": (
        HEAD
        + LOOP.replace("        with ", "        try:\n          with ").replace(
            "    raise", "        except BaseException:\n            pass\n    raise"
        ),
        "catch the stop button too",
        "the stop button",
    ),
    "connects elsewhere": (
        HEAD + LOOP.replace("connect(endpoint)", "connect('tcp://127.0.0.1:9')"),
        "No socket of yours is connected to this endpoint",
        "the server answers four questions at once",
    ),
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
        HEAD + LOOP.replace("    raise TimeoutError\n", ""),
        "came back: None returned",
        "the server never answers",
    ),
    "takes seconds for milliseconds": (
        HEAD + LOOP.replace("timeout * 1000", "timeout"),
        "take milliseconds",
        "the server answers four questions at once",
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
        "the server answers four questions at once",
    ),
}


class TestPatientAsker(ExerciseTests):
    key = KEY
    right = RIGHT
    wrong = WRONG
