"""11-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.learner import assert_refused, assert_unsolved, changed, verdict
from zmqlab.course import exercises

KEY = "11-a"
HEARD = "heard[worker] = time.monotonic()"
KNOWN = "if (client, number) in unanswered:  # the first answer"
FREE = "for worker in [each for each in free if lives(each)]:"
DEAD = "for worker in [each for each in working if not lives(each)]:"
AGAIN = """                while again and tuple(again[0][:2]) not in unanswered:
                    again.popleft()  # its first worker has answered after all
"""
NEXT = """                if again:
                    job = again.popleft()
                elif front.poll(0):
                    job = front.recv_multipart()
                    unanswered.add(tuple(job[:2]))
                else:
                    break
"""
NEW_FIRST = """                if front.poll(0):
                    job = front.recv_multipart()
                    unanswered.add(tuple(job[:2]))
                elif again:
                    job = again.popleft()
                else:
                    break
"""
WITH = "    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.ROUTER) as back, ctx.socket(zmq.PULL) as told:\n"

WRONG = {
    "is the broker of lesson 07, which never looks at the clock": (
        [("return time.monotonic() - heard[worker] <= patience", "return True")],
        "look who has been silent for too long",
        "a worker crashes with its job",
    ),
    "never takes a job back": (
        [(DEAD, "for worker in []:")],
        "The job of a dead worker comes first",
        "a worker crashes with its job",
    ),
    "takes a long job for death": (
        [(HEARD, f"if word != b'ALIVE': {HEARD}")],
        "A worker that says ALIVE lives, however long its job takes",
        "a worker is slow, and lives",
    ),
    "the job waits behind the new requests": (
        [(NEXT, NEW_FIRST)],
        "The job of a dead worker comes first",
        "a worker crashes with its job",
    ),
    "passes every answer on": (
        [(KNOWN, "if True:"), ("unanswered.remove(", "unanswered.discard(")],
        "Only the first answer to a request is passed on",
        "a worker hangs, and answers too late",
    ),
    "an answer counts from him alone who has the job": (
        [
            (
                "                    working.pop(worker, None)\n",
                "                    his = working.pop(worker, [0, 0])\n",
            ),
            (KNOWN, "if [client, number] == his[:2]:"),
        ],
        "The first answer counts, whoever gives it",
        "a worker hangs, and answers first after all",
    ),
    "gives out what has its answer": (
        [(AGAIN, "")],
        "A request that has its answer is not given out again",
        "a worker hangs, and answers before its job is given out again",
    ),
    "knows a request by its id": (
        [
            ("(client, number) in unanswered", "number in unanswered"),
            ("unanswered.remove((client, number))", "unanswered.remove(number)"),
            ("unanswered.add(tuple(job[:2]))", "unanswered.add(job[1])"),
            ("tuple(again[0][:2])", "again[0][1]"),
        ],
        "Look at the routing id and the id together",
        "two clients with the same id",
    ),
    "reads all requests into a list": (
        [
            ("    again = deque()", "    clients = deque()\n    again = deque()"),
            (
                "            for worker in [each for each in working",
                "            while front.poll(0):\n                clients.append(front.recv_multipart())\n"
                "            for worker in [each for each in working",
            ),
            (
                "elif front.poll(0):\n                    job = front.recv_multipart()",
                "elif clients:\n                    job = clients.popleft()",
            ),
        ],
        "Read a request only when a worker is free that lives",
        "requests while nobody is free",
    ),
    "gives a job to the dead": (
        [(FREE, "for worker in list(free):")],
        "it may have died while it was free",
        "a worker dies while it is free",
    ),
    "forgets the dead who were free": (
        [
            (
                f"            {FREE}",
                f"            free = deque(each for each in free if lives(each))\n            {FREE}",
            )
        ],
        "keep him in the list while he is dead",
        "a worker dies while it is free",
    ),
    "who was dead stays at work": (
        [
            ("working.pop(worker, None)", "was_at_work = working.pop(worker, None)"),
            ('if word in (b"READY", b"DONE"):', 'if word == b"READY" or word == b"DONE" and was_at_work:'),
        ],
        "With DONE a worker is free, also one that was taken for dead",
        "a worker hangs, and answers first after all",
    ),
    "gives all jobs to one worker": (
        [("                free.remove(worker)\n", "")],
        "A worker has one job at a time",
        "two clients with the same id",
    ),
    "does not look at the PULL": (
        [("for socket in (back, told):", "for socket in (back,):"), ("(front, back, told)", "(front, back)")],
        "the PULL is not in the poller",
        "told to stop while a worker is at work",
    ),
    "leaves its sockets open": (
        [
            (
                WITH,
                "    front, back, told = map(ctx.socket, (zmq.ROUTER, zmq.ROUTER, zmq.PULL))\n    if True:\n",
            )
        ],
        "Whoever makes a socket closes",
        "told to stop while a worker is at work",
    ),
}


def test_the_solution_passes() -> None:
    assert verdict(KEY, exercises.load(KEY).solution).passed


def test_the_skeleton_gets_a_friendly_word() -> None:
    assert_unsolved(KEY)


@pytest.mark.parametrize("name", WRONG)
def test_the_mistake_gets_its_own_words(name: str) -> None:
    changes, words, scenario = WRONG[name]
    assert_refused(KEY, changed(KEY, *changes), words, scenario=scenario)
