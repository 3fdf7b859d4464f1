"""Exercise 02-a: right ways pass, and each mistake is refused with its own words."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests, Mistake

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

WITH, OPENS = "with ctx.socket(zmq.REQ) as socket:", "if socket := ctx.socket(zmq.REQ):"
RAISE = "    raise"

WRONG: dict[str, Mistake] = {
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
        [("* 1000", "* 2000")],
        "It waits longer than it was told to",
        "the server never answers",
    ),
    "doubles its timeout": (
        [(RAISE, f"        timeout *= 2\n{RAISE}")],
        "It waits longer than it was told to",
        "the server never answers",
    ),
    "keeps the socket of an answered question": (
        [
            ("import zmq", "import zmq\n\nkept = []"),
            (WITH, OPENS),
            ("return socket", "kept.append(socket)\n                return socket"),
            (RAISE, f"        socket.close()\n{RAISE}"),
        ],
        "a socket is still open after the b'A1' returned",
        "the server answers four questions at once",
    ),
    "forgets close after an answer": (
        [(WITH, OPENS), (RAISE, f"        socket.close()\n{RAISE}")],
        "a socket is still open after the b'A1' returned",
        "the server answers four questions at once",
    ),
    "takes an empty answer for none": (
        [("return socket.recv()", "if answer := socket.recv():\n                    return answer")],
        "An empty answer is an answer too",
        "the server answers four questions at once",
    ),
    "strips its answer": (
        [("socket.recv()", "socket.recv().strip(b'\\x00')")],
        "something else than what it received",
        "the server answers four questions at once",
    ),
    "catches the stop button": (
        [
            ("        with ", "        try:\n          with "),
            (RAISE, f"        except BaseException:\n            pass\n{RAISE}"),
        ],
        "catch the stop button too",
        "the stop button",
    ),
    "connects elsewhere": (
        [("connect(endpoint)", "connect('tcp://127.0.0.1:9')")],
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
        [("            socket.linger = 0\n", "")],
        "term() does not return",
        "there is no server",
    ),
    "forgets close": (
        [(WITH, OPENS)],
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
        [("    raise TimeoutError\n", "")],
        "came back: None returned",
        "the server never answers",
    ),
    "takes seconds for milliseconds": (
        [("timeout * 1000", "timeout")],
        "take milliseconds",
        "the server answers four questions at once",
    ),
    "lets zmq.Again out": (
        [
            ("socket.linger = 0", "socket.linger, socket.rcvtimeo = 0, int(timeout * 1000)"),
            ("if socket.poll(timeout * 1000)", "if True"),
        ],
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
        [("range(tries)", "range(tries + 1)")],
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
    "ends the caller's context": (
        [("    raise TimeoutError", "    ctx.destroy(linger=0)\n    raise TimeoutError")],
        "The context is the caller's, who goes on using it",
        "the server never answers",
    ),
    "lingers for a moment": (
        [("linger = 0", "linger = 600")],
        "As long as its linger says",
        "there is no server",
    ),
    "has the same routing id in each try": (
        [("linger = 0", "linger = 0\n            socket.routing_id = b'me'")],
        "have the same routing id",
        "a late answer to the question before",
    ),
    "waits for a second at least": (
        [("timeout * 1000", "max(timeout, 1) * 1000")],
        "or longer than `timeout`",
        "the server never answers",
    ),
}


class TestPatientAsker(ExerciseTests):
    key = KEY
    right = RIGHT
    wrong = WRONG
    changed = HEAD + LOOP
