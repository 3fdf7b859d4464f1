"""04-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import assert_refused, changed, flat, verdict

KEY = "04-a"
FULL = "if sent - len(replies) == window:"
REST = "        while len(replies) < len(tasks):\n            replies.append(socket.recv())\n"

ANOTHER_SOCKET = """            socket.connect(endpoint)
            socket.send(task)"""
POPS = """
import zmq


def fetch(ctx, tasks, window, endpoint):
    replies, flying = [], 0
    with ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        while tasks or flying:
            while tasks and flying < window:
                socket.send(tasks.pop(0))
                flying += 1
            replies.append(socket.recv())
            flying -= 1
    return replies
"""
ASYNC = """
import asyncio

import zmq


async def fetch(ctx, tasks, window, endpoint):
    room, replies = asyncio.Semaphore(window), []
    with ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)

        async def send():
            for task in tasks:
                await room.acquire()
                await socket.send(task)

        sending = asyncio.create_task(send())
        while len(replies) < len(tasks):
            replies.append(await socket.recv())
            room.release()
        await sending
    return replies
"""
LAZY = """
import zmq


def fetch(ctx, tasks, window, endpoint):
    socket = ctx.socket(zmq.DEALER)
    socket.connect(endpoint)

    def replies():
        left = iter(tasks)
        flying = sum(1 for task in zip(range(window), left) if socket.send(task[1]) is None)
        while flying:
            yield bytes(socket.recv(copy=False))
            for task in left:
                socket.send(task, copy=False)
                break
            else:
                flying -= 1

    return list(replies())
"""
GIVES_UP = """
import zmq


def fetch(ctx, tasks, window, endpoint):
    replies = []
    with ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        socket.rcvtimeo = 500
        try:
            for sent, task in enumerate(tasks):
                if sent - len(replies) == window:
                    replies.append(socket.recv())
                socket.send(task)
            while len(replies) < len(tasks):
                replies.append(socket.recv())
        except zmq.Again:
            pass
    return replies
"""
SLEEPS = """
import time

import zmq


def fetch(ctx, tasks, window, endpoint):
    replies, sent = [], 0
    with ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        while len(replies) < len(tasks):
            while sent < len(tasks) and sent - len(replies) < window:
                socket.send(tasks[sent])
                sent += 1
            time.sleep(0.05)
            while socket.poll(0):
                replies.append(socket.recv())
    return replies
"""
RIGHT = {
    "lazy, leaving the socket to Python": LAZY,
    "pops from the list that it got": POPS,
    "async, with a semaphore": ASYNC,
}

WRONG = {
    "looks for each task in the list": (
        [("sent - len(replies) == window", "tasks.index(task) - len(replies) == window")],
        "Two tasks may be equal",
        "equal tasks, empty ones, and one that is no text",
    ),
    "leaves out an empty task": (
        [("            socket.send(task)", "            if task:\n                socket.send(task)")],
        "One reply makes room for one task",
        "equal tasks, empty ones, and one that is no text",
    ),
    "does not count an empty reply": (
        [(REST, REST.replace("append(socket.recv())", "extend(filter(None, [socket.recv()]))"))],
        "each task is answered once",
        "empty replies",
    ),
    "strips its replies": (
        [("append(socket.recv())", "append(socket.recv()[6:])")],
        "Keep each reply as it came",
        "3 tasks, a window of 5",
    ),
    "returns texts": (
        [("append(socket.recv())", "append(socket.recv_string())")],
        "Keep each reply as it came, as bytes",
        "3 tasks, a window of 5",
    ),
    "sends capitals": (
        [("send(task)", "send(task.upper())")],
        "byte for byte",
        "3 tasks, a window of 5",
    ),
    "has a socket for each task": (
        [("            socket.send(task)", "            socket = ctx.socket(zmq.DEALER)\n" + ANOTHER_SOCKET)],
        "One DEALER sends all tasks",
        "3 tasks, a window of 5",
    ),
    "binds": (
        [("connect(", "bind(")],
        "Somebody is bound there already, and only one can be: this side connects",
        "3 tasks, a window of 5",
    ),
    "connects elsewhere": (
        [("connect(endpoint)", "connect('tcp://127.0.0.1:9')")],
        "No socket of yours is connected to this endpoint",
        "3 tasks, a window of 5",
    ),
    "keeps all its sockets": (
        [
            ("import zmq\n", "import zmq\n\nkept = []\n"),
            (
                "with ctx.socket(zmq.DEALER) as socket:",
                "if socket := ctx.socket(zmq.DEALER):\n        kept.append(socket)",
            ),
        ],
        "sockets that are still open: 1",
        "3 tasks, a window of 5",
    ),
    "sends all at once": (
        [(FULL, "if False:")],
        "A task went out while the window was full",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "works in lock-step": (
        [(FULL, "if sent:")],
        "send before you wait for a reply",
        "3 tasks, a window of 5",
    ),
    "has one too many in flight": (
        [(FULL, "if sent - len(replies) > window:")],
        "A task went out while the window",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "has one too many in flight, after the first replies": (
        [(FULL, "if sent - len(replies) == window + (len(replies) > 2):")],
        "3 in flight at most",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "has one too few in flight": (
        [(FULL, "if sent - len(replies) >= window - 1:")],
        "send before you wait",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "works in batches": (
        [(FULL, "while len(replies) < sent and sent % window == 0:")],
        "One reply makes room for one task",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "waits until all of the window are answered": (
        [(FULL, "while sent - len(replies) == window or 0 < sent - len(replies) and len(replies) % window:")],
        "One reply makes room for one task",
        "7 tasks, a window of 3, one reply at a time",
    ),
    "forgets the last window": (
        [(REST, "")],
        "a whole window is still in flight",
        "3 tasks, a window of 5",
    ),
    "sorts": (
        [("return replies", "return sorted(replies)")],
        "Keep the order of arrival",
        "3 tasks, a window of 5",
    ),
    "returns nothing": (
        [("    return replies\n", "")],
        "Return the list of the replies",
        "3 tasks, a window of 5",
    ),
    "adds a delimiter": (
        [("socket.send(task)", "socket.send_multipart([b'', task])")],
        "came as [b'', b'task 0']",
        "3 tasks, a window of 5",
    ),
    "unpacks two frames": (
        [("replies.append(socket.recv())", "_, reply = socket.recv_multipart()")],
        "A reply is one frame",
        "3 tasks, a window of 5",
    ),
    "waits for one reply more": (
        [("while len(replies) < len(tasks):", "while len(replies) <= len(tasks):")],
        "each task is answered once",
        "3 tasks, a window of 5",
    ),
    "sends the last task first": (
        [("enumerate(tasks)", "enumerate(reversed(tasks))")],
        "in the order of the list",
        "3 tasks, a window of 5",
    ),
    "ends the caller's context": (
        [("    return replies", "    ctx.term()\n    return replies")],
        "The context is the caller's, who goes on using it",
        "3 tasks, a window of 5",
    ),
    "gives up after a second": (
        [
            (
                "            replies.append(socket.recv())\n    return",
                "            if not socket.poll(1000): break\n            replies.append(socket.recv())\n    return",
            )
        ],
        "a server that takes its time",
        "a server that takes its time",
    ),
}


class TestSlidingWindow(ExerciseTests):
    key = KEY
    right = RIGHT
    seeds = (1, 2, 3)
    wrong = WRONG


def test_replies_of_an_earlier_call_are_named() -> None:
    result = verdict(
        KEY, changed(KEY, ("window, endpoint)", "window, endpoint, replies=[])"), ("    replies = []\n", ""))
    )
    assert "State left from an earlier call" in flat(result), result


def test_who_gives_up_after_half_a_second_is_refused() -> None:
    words = "A reply may take as long as the server likes"
    assert_refused(KEY, GIVES_UP, words, scenario="a server that takes its time")


def test_who_sleeps_while_a_reply_is_there_is_refused() -> None:
    assert_refused(KEY, SLEEPS, "Who sleeps hears no reply", scenario="7 tasks, a window of 3, one reply at a time")
