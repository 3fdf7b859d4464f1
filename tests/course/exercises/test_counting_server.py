"""01-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import changed, flat, keeps_a_core_busy, verdict

KEY = "01-a"
IGNORES = """        name = routing_id.decode(errors="ignore")
        seen[name] = seen.get(name, 0) + 1"""

CLASS = """
import zmq


class Desk:
    def __init__(self, socket):
        self.socket, self.book = socket, {}

    def handle(self):
        who, what = self.socket.recv_multipart(copy=False)
        n = self.book[who.bytes] = self.book.setdefault(who.bytes, 0) + 1
        self.socket.send(who, zmq.SNDMORE, copy=False)
        self.socket.send(b"".join([str(n).encode(), b": ", what.bytes]), copy=False)


def counting_server(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as socket:
        monitor = socket.get_monitor_socket()
        socket.bind(endpoint)
        desk, poller = Desk(socket), zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.register(monitor, zmq.POLLIN)
        try:
            while True:
                ready = dict(poller.poll(100))
                if monitor in ready:
                    monitor.recv_multipart()
                if socket in ready:
                    desk.handle()
        finally:
            socket.disable_monitor()
            monitor.close(0)
"""
THREADS = """
import queue
import threading

import zmq


def counting_server(ctx, endpoint):
    tasks, replies = queue.SimpleQueue(), queue.SimpleQueue()

    def work():
        seen = {}
        while True:
            who, task = tasks.get()
            seen.setdefault(who, []).append(task)
            replies.put([who, b"%d: %s" % (len(seen[who]), task)])

    threading.Thread(target=work, daemon=True).start()
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(endpoint)
    while True:
        if socket.poll(5):
            tasks.put(socket.recv_multipart())
        while not replies.empty():
            socket.send_multipart(replies.get())
"""
RIGHT = {
    "a class, a poller, a monitor, frames without copy": CLASS,
    "a thread that counts": THREADS,
    "a class whose call never ends": changed(
        KEY, ("def counting_server(ctx", "class counting_server:\n  def __init__(self, ctx")
    ),
}

WRONG = {
    "has one digit for its count": (
        [("(seen[routing_id], task)", "(seen[routing_id] % 10, task)")],
        "The count does not go up by one",
        "an empty task, and one that is no text",
    ),
    "an empty task ends it": (
        [("        seen[r", "        if not task:\n            break\n        seen[r")],
        "it has returned",
        "an empty task, and one that is no text",
    ),
    "leaves out what is no text in a routing id": (
        [("        seen[routing_id] = seen.get(routing_id, 0) + 1", IGNORES), ("(seen[routing_id]", "(seen[name]")],
        "Clients share one count",
        "two routing ids that are no text",
    ),
    "connects": (
        [("socket.bind", "socket.connect")],
        "Here you bind, and others connect",
        "one client, three tasks",
    ),
    "binds another port": (
        [("bind(endpoint)", "bind('tcp://127.0.0.1:*')")],
        "Nobody is bound at this endpoint",
        "one client, three tasks",
    ),
    "replies without the routing id": (
        [("[routing_id, b", "[b")],
        "what it sent was dropped (ROUTER: a routing id without a message after it goes nowhere)",
        "one client, three tasks",
    ),
    "one count for all": (
        [("seen[routing_id] = seen.get(routing_id, 0)", "seen[0] = seen.get(0, 0)"), ("(seen[routing_id]", "(seen[0]")],
        "Clients share one count",
        "three clients in turn",
    ),
    "takes capitals for small letters": (
        [
            (
                "        seen[routing_id] = seen.get(",
                "        name = routing_id.lower()\n        seen[name] = seen.get(",
            ),
            ("get(routing_id", "get(name"),
            ("(seen[routing_id]", "(seen[name]"),
        ],
        "Clients share one count. Each routing id needs its own, byte for byte",
        "three clients in turn",
    ),
    "strips the routing id": (
        [
            (
                "        seen[routing_id] = seen.get(",
                "        name = routing_id.strip()\n        seen[name] = seen.get(",
            ),
            ("get(routing_id", "get(name"),
            ("(seen[routing_id]", "(seen[name]"),
        ],
        "Clients share one count. Each routing id needs its own, byte for byte",
        "three clients in turn",
    ),
    "decodes the routing id": (
        [("seen = {}", "seen = {}; names = set()"), ("+ 1\n", "+ 1\n        names.add(routing_id.decode())\n")],
        "A routing id is bytes: do not decode it",
        "two routing ids that are no text",
    ),
    "does not count": (
        [("(seen[routing_id], task)", "(1, task)")],
        "The count does not go up by one",
        "one client, three tasks",
    ),
    "sends a delimiter too": (
        [("[routing_id, b", '[routing_id, b"", b')],
        "has too many or too few",
        "one client, three tasks",
    ),
    "serves one task and returns": (
        [("while True:", "for _ in range(1):")],
        "nothing: it has returned",
        "one client, three tasks",
    ),
    "replies with text": (
        [('b"%d: %s" % (seen[routing_id], task)', 'f"{seen[routing_id]}: {task}"')],
        "TypeError",
        "one client, three tasks",
    ),
    "answers equal tasks once": (
        [
            ("seen = {}", "seen, known = {}, set()"),
            (
                "        seen[r",
                "        if (routing_id, task) in known:\n            continue\n"
                "        known.add((routing_id, task))\n        seen[r",
            ),
        ],
        "also one that is equal to an earlier one",
        "an empty task, and one that is no text",
    ),
    "knows the last clients alone": (
        [
            (
                "        seen[r",
                "        if len(seen) > 3 and routing_id not in seen:\n"
                "            del seen[next(iter(seen))]\n        seen[r",
            )
        ],
        "The count of this client has begun anew",
        "three clients in turn",
    ),
    "never looks at the socket": (
        [("seen = {}", "seen = {}\n    while True: pass")],
        "nothing: it still runs",
        "one client, three tasks",
    ),
    "leaves out the space": (
        [("%d: ", "%d:")],
        "Behind the count stand a colon and a space",
        "one client, three tasks",
    ),
}


class TestCountingServer(ExerciseTests):
    key = KEY
    right = RIGHT
    wrong = WRONG


def test_a_busy_loop_passes_with_a_remark() -> None:
    busy = (
        "routing_id, task = socket",
        "while not socket.poll(0):\n            pass\n        routing_id, task = socket",
    )
    spinning = changed(KEY, busy)
    assert keeps_a_core_busy(lambda: verdict(KEY, spinning, scenario="an empty task, and one that is no text"))


def test_counts_of_an_earlier_call_are_named() -> None:
    result = verdict(KEY, changed(KEY, ("(ctx, endpoint)", "(ctx, endpoint, seen={})"), ("    seen = {}\n", "")))
    assert "State left from an earlier call" in flat(result), result
