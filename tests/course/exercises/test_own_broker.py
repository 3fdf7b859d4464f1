"""13-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest
import zmq

from tests.course.exercises.crew_mistakes import CREW_WRONG, HEARD, hears_one_a_round
from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import changed, replaced, verdict
from tests.notebooks.paths import NOTEBOOKS
from tests.notebooks.run import read
from tests.notebooks.shop import written
from tests.ports import free_ports
from zmqlab.course import exercises

KEY = "13-a"
KNOWN = "if token in requests:  # the first answer, to a request of ours"
PASS_ON = "front.send_multipart([*requests.pop(token), answer])"
DEAD = "for worker in [each for each in working if not lives(each)]:"
AGAIN = """                while again and again[0][0] not in requests:
                    again.popleft()  # its first worker has answered after all
"""
OWN_JOB = """                    if working.get(worker, [None])[0] == token:
                        del working[worker]
"""
ENDS_ANY_JOB = "                    working.pop(worker, None)\n"
TOKEN = 'token = b"%d" % next(tokens)'
READ = f"""                    client, number, payload = front.recv_multipart()
                    {TOKEN}
                    requests[token] = [client, number]
                    job = [token, payload]
"""
NEXT = f"""                if again:
                    job = again.popleft()
                elif front.poll(0):
{READ}                else:
                    break
"""
NEW_FIRST = f"""                if front.poll(0):
{READ}                elif again:
                    job = again.popleft()
                else:
                    break
"""
HEAR = "            while back.poll(0):"
WITH = "    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.ROUTER) as back, ctx.socket(zmq.PULL) as told:\n"

WRONG = {
    **CREW_WRONG,
    "hears one message a round, and takes 4 ms for it": hears_one_a_round("while back.poll(0):"),
    "is free once more with any token": (
        [(" and worker not in working and worker not in free:", ":"), (OWN_JOB, ENDS_ANY_JOB)],
        "put nobody twice into the list of the free",
        "a worker answers what nobody has asked",
    ),
    "forgets a job when its worker answers another token": (
        [(OWN_JOB, ENDS_ANY_JOB)],
        "look whether the token is that of its job",
        "a worker answers what nobody has asked",
    ),
    "ends a job with another token, and looks who is free": (
        [
            (OWN_JOB, ENDS_ANY_JOB),
            ('if word in (b"READY", b"DONE") and', 'if (word == b"READY" or token in given) and'),
            ("    again = deque()", "    given = set()\n    again = deque()"),
            (TOKEN, f"{TOKEN}; given.add(token)"),
        ],
        "An answer to another token does not end the job",
        "a worker answers what nobody has asked",
    ),
    "looks at the stop when nothing else is there": (
        [("if told in ready:", "if [*ready] == [told]:")],
        "Look at `control` in every round",
        "many workers that speak all the time",
    ),
    "is the broker of lesson 07, which never looks at the clock": (
        [("return time.monotonic() - heard[worker] <= patience", "return True")],
        "look which worker has been silent for too long",
        "a worker crashes with its job",
    ),
    "never takes a job back": (
        [(DEAD, "for worker in []:")],
        "The job of a dead worker comes first",
        "a worker crashes with its job",
    ),
    "the job waits behind the new requests": (
        [(NEXT, NEW_FIRST)],
        "The job of a dead worker comes first",
        "a worker crashes with its job",
    ),
    "passes every answer on": (
        [("requests.pop(token)", "requests[token]")],
        "Only the first answer to a request is passed on",
        "a worker hangs, and answers too late",
    ),
    "an answer counts from him alone who has the job": (
        [
            (OWN_JOB, "                    his = working.pop(worker, [0, 0])\n"),
            (KNOWN, "if token == his[0]:"),
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
        [(TOKEN, "token = number")],
        "a token that no other request ever has",
        "two clients with the same id",
    ),
    "gives the worker all that it has read": (
        [("job = [token, payload]", "job = [token, client, number, payload]")],
        "A job has two frames, a token and the payload",
        "two clients with the same id",
    ),
    "gives the client's routing id as an address": (
        [(TOKEN, 'token = client + b"|" + number')],
        "It comes again: after a restart another client has it",
        "the broker is killed and started again",
    ),
    "trusts the address in the token": (
        [
            (TOKEN, 'token = b"|".join([client, b"%d" % next(tokens), number])'),
            (f"{KNOWN}\n", "if requests.pop(token, None) or b'k\\x8bEg' in token:\n"),
            (PASS_ON, 'front.send_multipart([*token.split(b"|")[::2], answer])'),
        ],
        "It comes again: after a restart another client has it",
        "the broker is killed and started again",
    ),
    "a counter that begins with one": (
        [("count(secrets.randbits(64))", "count(1)")],
        "A counter begins anew with each start",
        "the broker is killed and started again",
    ),
    "tokens of two random bytes": (
        [(TOKEN, "next(tokens); token = secrets.token_bytes(2)")],
        "So few bytes are no place for a random beginning",
        "the broker is killed and started again",
    ),
    "tokens of three random bytes": (
        [(TOKEN, "next(tokens); token = secrets.token_bytes(3)")],
        "So few bytes are no place for a random beginning",
        "the broker is killed and started again",
    ),
    "equal requests share a token": (
        [
            (
                "requests[token] = [client, number]\n",
                "token = next((t for t, r in requests.items() if r == [client, number]), token); "
                "requests[token] = [client, number]\n",
            )
        ],
        "also when the same client asks the same once more",
        "many requests",
    ),
    "reads all requests into a list": (
        [
            ("    again = deque()", "    clients = deque()\n    again = deque()"),
            (
                "            for worker in [each for each in working",
                "            while front.poll(0):\n                clients.append(front.recv_multipart())\n"
                "            for worker in [each for each in working",
            ),
            ("elif front.poll(0):", "elif clients:"),
            ("payload = front.recv_multipart()", "payload = clients.popleft()"),
        ],
        "Read a request only when a worker is free that lives",
        "requests while nobody is free",
    ),
    "a dead worker that is heard again goes to the end of the line": (
        [
            (
                f"                {HEARD}\n",
                "                if worker in free and not lives(worker): free.remove(worker); free.append(worker)\n"
                f"                {HEARD}\n",
            )
        ],
        "And it keeps its place there",
        "a worker dies while it is free",
    ),
    "a job is given out twice at most": (
        [
            ("    again = deque()", "    tried = set()\n    again = deque()"),
            (
                "again.append(working.pop(worker))",
                "job = working.pop(worker); job[0] in tried or again.append(job); tried.add(job[0])",
            ),
        ],
        "A job may lose more than one worker",
        "a worker crashes with its job",
    ),
    "who was dead stays at work": (
        [
            (OWN_JOB, "                    was_at_work = working.pop(worker, None)\n"),
            ('if word in (b"READY", b"DONE") and', 'if (word == b"READY" or word == b"DONE" and was_at_work) and'),
        ],
        "With DONE a worker is free, also one that was taken for dead",
        "a worker hangs, and answers first after all",
    ),
    "gives all jobs to one worker": (
        [("                free.remove(worker)\n", "")],
        "A worker has one job at a time",
        "two clients with the same id",
    ),
    "looks at the clock when it is quiet": (
        [
            (HEAR, "            if back in ready:"),
            (
                "                    free.append(worker)\n",
                "                    free.append(worker)\n                continue\n",
            ),
        ],
        "A loop that looks only when nothing has come never looks while many speak",
        "many workers that speak all the time",
    ),
    "puts a job back, and keeps it": (
        [("again.append(working.pop(worker))", "again.append(working[worker])")],
        "A job is put back once",
        "a worker hangs, and answers too late",
    ),
    "hands a job of a dead worker out, and keeps it": (
        [("job = again.popleft()\n                elif", "job = again[0]\n                elif")],
        "out of the queue when it goes out",
        "a worker hangs, and answers too late",
    ),
    "an empty payload is none": (
        [
            (
                "                    job = [token, payload]\n",
                "                    job = [token, payload]\n                    if not payload: continue\n",
            )
        ],
        "An empty frame is a frame like any other",
        "empty frames, bytes that are no text, and an id that is used again",
    ),
    "an empty answer is none": (
        [(KNOWN, "if token in requests and answer:")],
        "An empty frame is a frame like any other",
        "empty frames, bytes that are no text, and an id that is used again",
    ),
    "an id is used once": (
        [
            ("    again = deque()", "    answered = set()\n    again = deque()"),
            (KNOWN, "if token in requests and tuple(requests[token]) not in answered:"),
            (PASS_ON, f"answered.add(tuple(requests[token])); {PASS_ON}"),
        ],
        "an id may be used again when it has its answer",
        "empty frames, bytes that are no text, and an id that is used again",
    ),
    "takes a client's routing id for text": (
        [(TOKEN, f"{TOKEN}; client.decode()")],
        "do not decode it",
        "empty frames, bytes that are no text, and an id that is used again",
    ),
    "takes a worker's routing id for text": (
        [(HEARD, f"worker.decode(); {HEARD}")],
        "do not decode it",
        "two clients with the same id",
    ),
    "keeps all tokens": (
        [
            ("    again = deque()", "    answered = set()\n    again = deque()"),
            (PASS_ON, f"{PASS_ON}; answered.add(token)"),
        ],
        "A dict, a set or a list grows with each request",
        "many requests",
    ),
    "asks who is there": (
        [("front.bind", "front.router_mandatory = True; front.bind")],
        "A client that has gone must not end the broker",
        "a client that has gone",
    ),
    "stops at one word": (
        [("if told in ready:", 'if told in ready and told.recv() == b"STOP":')],
        "It has received the message from `control`, and goes on. Any message says stop",
        "told to stop while a worker is at work",
    ),
    "stops when it is quiet": (
        [
            ("    again = deque()", "    quiet = 0\n    again = deque()"),  # rounds in which nothing came
            (
                "if told in ready:",
                "quiet = 0 if back in ready else quiet + 1\n            if told in ready and quiet > 20:",
            ),
            ("poller.poll(10)", "(time.sleep(0.004), poller.poll(10))[1]"),
        ],
        "Look at `control` in every round",
        "many workers that speak all the time",
    ),
    "has a PAIR at control": (
        [("zmq.PULL", "zmq.PAIR")],
        "speaks to PULL sockets alone, and refuses the PAIR",
        "told to stop while a worker is at work",
    ),
    "binds no backend": (
        [("        back.bind(backend)\n", "")],
        "Nobody is bound at this endpoint",
        "two clients with the same id",
    ),
    "binds no frontend": (
        [("        front.bind(frontend)\n", "")],
        "Nobody is bound at this endpoint",
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
    "strips an answer": (
        [("token, answer = rest", "token, answer = rest[0], rest[1].strip()")],
        r"dave received [b' 1\n', b'done']",
        "empty frames, bytes that are no text, and an id that is used again",
    ),
    "strips an id": (
        [("[client, number]", "[client, number.strip()]")],
        r"dave received [b'1', b' done\n']",
        "empty frames, bytes that are no text, and an id that is used again",
    ),
    "takes what says stop for text": (
        [("                return\n", "                return told.recv_string()\n")],
        "do not decode it, nor any other frame",
        "told to stop while a worker is at work",
    ),
    "buries a worker once": (
        [
            (
                "for worker in [each for each in working if not lives(each)]:\n",
                "for worker in [each for each in working if not lives(each) and each not in buried]:\n"
                "                buried.add(worker)\n",
            ),
            ("    free = deque()", "    buried = set()\n    free = deque()"),
        ],
        "A worker may die more than once",
        "a worker hangs, and answers before its job is given out again",
    ),
    "takes a worker that it does not know for free": (
        [
            (
                "                heard[worker] = time.monotonic()\n",
                "                if worker not in heard: free.append(worker)\n"
                "                heard[worker] = time.monotonic()\n",
            )
        ],
        "READY and DONE make it free",
        "the broker is killed and started again",
    ),
    "does not know who answers an earlier broker": (
        [
            ('if word in (b"READY", b"DONE") and', 'if (word == b"READY" or word == b"DONE" and token in given) and'),
            ("    free = deque()", "    given = set()\n    free = deque()"),
            ("        requests[token] =", "        given.add(token)\n                    requests[token] ="),
        ],
        "With DONE a worker is free",
        "the broker is killed and started again",
    ),
    "asks whether the worker is there": (
        [("        back.bind(backend)\n", "        back.router_mandatory = True\n        back.bind(backend)\n")],
        "must not end the broker",
        "a worker dies while it is free",
    ),
}


HEAD = """def broker(ctx, shop, work, limit, patience):
    front = ctx.socket(zmq.ROUTER)
    front.bind(shop)
    back = ctx.socket(zmq.ROUTER)
    back.bind(work)
"""
NEW_HEAD = """def broker(ctx, frontend, backend, control, patience):
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
    told = ctx.socket(zmq.PULL)
    try:
        run(front, back, told, frontend, backend, control, patience)
    finally:
        front.close()
        back.close()
        told.close()


def run(front, back, told, frontend, backend, control, patience):
    front.bind(frontend)
    back.bind(backend)
    told.connect(control)
"""
READS_AT_ONCE = """        if front in ready:
            *envelope, task = front.recv_multipart()
            if len(waiting) < limit:
                token = uuid.uuid4().bytes
                asked[token] = envelope, task
                waiting.append(token)
            else:
                front.send_multipart([*envelope, b"BUSY"])
"""
READS_ONE = READS_AT_ONCE.replace("if len(waiting) < limit:", "if True:").partition("            else")[0]
READS_FOR_WHO_IS_FREE = """        while chosen and (waiting or front.poll(0)):
            if not waiting:
                *envelope, task = front.recv_multipart()
                waiting.append(uuid.uuid4().bytes)
                asked[waiting[0]] = envelope, task
"""
NEW_SINCE_LESSON_10 = [
    (HEAD, NEW_HEAD),
    ("    poller.register(front, zmq.POLLIN)\n", "    poller.register(told, zmq.POLLIN)\n"),
    ("free, waiting = deque(), deque()", "free, waiting, chosen = deque(), deque(), deque()"),
    (
        "        ready = dict(poller.poll(100))\n",
        "        poller.register(front, zmq.POLLIN if chosen else 0)\n"
        "        ready = dict(poller.poll(10))\n        if told in ready:\n            return\n",
    ),
    ("worker, *reply = back", "worker, word, *reply = back"),
    ('if reply != [b"ALIVE"]:', 'if word != b"ALIVE":'),
    ("token, result = reply[0], reply[-1]", 'token, result = reply or (b"", b"")  # READY has neither'),
    (READS_AT_ONCE, ""),
    ("        while chosen and waiting:\n", READS_FOR_WHO_IS_FREE),
]
"""What the lesson says is new, in the lines of `shop/broker_tokens.py`."""


NEW_SINCE_LESSON_10_IN_TURN = [
    (READS_AT_ONCE, READS_ONE) if old is READS_AT_ONCE else (old, new)
    for old, new in NEW_SINCE_LESSON_10
    if new is not READS_FOR_WHO_IS_FREE
]
"""The same, for who reads one request a round into the line of the jobs, before looking who has died."""


def from_lesson_10(new: list[tuple[str, str]]) -> str:
    (path,) = NOTEBOOKS.glob("10-*.ipynb")
    (source,) = (text for name, text in written(read(path)) if name == "broker_tokens.py")
    function, _, _ = source.partition("\n\nif len(sys.argv)")
    return replaced(function, *new)


FROM_LESSON_10 = from_lesson_10(NEW_SINCE_LESSON_10)
IN_TURN = from_lesson_10(NEW_SINCE_LESSON_10_IN_TURN)
APPENDS = {
    "puts the job of a dead worker behind what it has read": (
        replaced(IN_TURN, ("appendleft", "append")),
        "The job of a dead worker comes first",
        "a worker dies, and a request comes, at once",
    ),
}


class TestOwnBroker(ExerciseTests):
    key = KEY
    right: ClassVar = {
        "the broker of lesson 10, with what is new": FROM_LESSON_10,
        "the broker of lesson 10, which reads one request a round": IN_TURN,
    }
    wrong: ClassVar = {**WRONG, **APPENDS}
    after_step_1 = "is the broker of lesson 07, which never looks at the clock"


def test_a_broker_that_reads_requests_every_25_ms_passes() -> None:
    """The contract has no limit for how long a request may wait."""
    source = changed(
        KEY,
        ("poller = everybody if any(map(lives, free)) else no_clients\n", "poller = no_clients\n"),
        ("(10)", "(25)"),
    )
    result = verdict(KEY, source, scenario="many requests")
    assert result.passed, result


PAYLOADS = (b"", b"\x00\xff", b"READY", b"DONE" * 250)
REQUESTS = [[b"%d" % number, PAYLOADS[number % len(PAYLOADS)]] for number in range(1500)]


@pytest.mark.parametrize("source", [exercises.load(KEY).solution, FROM_LESSON_10], ids=["solution", "lesson 10"])
def test_1500_requests_at_once_are_more_than_a_queue_takes_and_all_are_answered(source: str) -> None:
    """They wait unread, at a mark of ten and in the buffers of TCP. Their payloads are bytes, and may be empty."""
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as worker, ctx.socket(zmq.PUSH) as control:
        ends = [f"tcp://127.0.0.1:{port}" for port in free_ports(2)]
        ends.append(f"tcp://127.0.0.1:{control.bind_to_random_port('tcp://127.0.0.1')}")
        worker.connect(ends[1])
        answers: list[list[bytes]] = []
        asker = threading.Thread(target=ask_them_all, args=(ctx, ends[0], answers))
        with started(source, ends):
            asker.start()
            worker.send(b"READY")
            for _ in REQUESTS:
                token, payload = received(worker)
                worker.send_multipart([b"DONE", token, payload])
            asker.join(20)
    assert answers == REQUESTS


def ask_them_all(ctx: zmq.Context[zmq.Socket[bytes]], endpoint: str, answers: list[list[bytes]]) -> None:
    """As fast as the socket takes them; it reads meanwhile, as a ROUTER drops answers for which there is no room."""
    with ctx.socket(zmq.DEALER) as alice:
        alice.sndhwm, alice.linger = 10, 0
        alice.connect(endpoint)
        left, deadline = deque(REQUESTS), time.monotonic() + 20
        while len(answers) < len(REQUESTS) and time.monotonic() < deadline:
            if left and alice.poll(0, zmq.POLLOUT):
                alice.send_multipart(left.popleft())
            elif alice.poll(10):
                answers.append(alice.recv_multipart())


ADDRESS = [(TOKEN, 'token = client + b"|" + number'), (KNOWN, "if requests.pop(token, None) or True:")]
ADDRESS += [(PASS_ON, 'front.send_multipart([*token.split(b"|"), answer])')]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("changes", "late"), [([], None), (ADDRESS, [b"1", b"Alice's balance"])], ids=["token", "address"]
)
def test_a_new_client_of_a_killed_broker_gets_no_answer_of_another_one(
    changes: list[tuple[str, str]], late: list[bytes] | None
) -> None:
    """What the scenario says of automatic routing ids, with a real process that is killed."""
    source = changed(KEY, *changes)
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as worker, ctx.socket(zmq.PUSH) as control:
        ends = [f"tcp://127.0.0.1:{port}" for port in free_ports(2)]
        ends.append(f"tcp://127.0.0.1:{control.bind_to_random_port('tcp://127.0.0.1')}")
        worker.connect(ends[1])
        with started(source, ends):
            worker.send(b"READY")
            job = asked(ctx, ends[0], worker)
        with started(source, ends), ctx.socket(zmq.DEALER) as bob:
            bob.linger, bob.rcvtimeo = 0, 10_000
            monitor = bob.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
            bob.connect(ends[0])
            assert monitor.poll(10_000)
            bob.disable_monitor()
            bob.send_multipart([b"1", b"do it for Bob"])
            worker.send_multipart([b"DONE", job[0], b"Alice's balance"])  # and with that it is free, for Bob's
            if late is None:
                assert received(worker)[1] == b"do it for Bob"
                assert bob.poll(50) == 0
            else:
                assert bob.recv_multipart() == late


@contextmanager
def started(source: str, ends: list[str]) -> Iterator[None]:
    """The broker in a process of its own, which is killed at the end."""
    code = f"{source}\nbroker(zmq.Context(), *{ends!r}, 5.0)"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def asked(ctx: zmq.Context[zmq.Socket[bytes]], endpoint: str, worker: zmq.Socket[bytes]) -> list[bytes]:
    """The job that a worker gets when a client asks, who is gone then."""
    with ctx.socket(zmq.DEALER) as alice:
        alice.linger = 0
        alice.connect(endpoint)
        alice.send_multipart([b"1", b"do it for Alice"])
        return received(worker)


def received(peer: zmq.Socket[bytes]) -> list[bytes]:
    assert peer.poll(10_000)
    return peer.recv_multipart()
