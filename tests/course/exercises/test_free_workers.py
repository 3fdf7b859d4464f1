"""07-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import changed, verdict

KEY = "07-a"
POLL = "zmq.POLLIN if free else 0"
IF_TOLD = "            if told in ready:\n                return\n"
NOT_TWICE = """                if worker not in free:
                    free.append(worker)
"""
JOB = "back.send_multipart([free.popleft(), *front.recv_multipart()])"
WITH = """    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.ROUTER) as back, ctx.socket(zmq.PULL) as told:
"""

GREEDY = [
    ("        free = deque()\n", "        free, waiting = deque(), deque()\n"),
    (POLL, "zmq.POLLIN"),
    (
        f"                {JOB}\n",
        "                waiting.append(front.recv_multipart())\n"
        "            while free and waiting:\n"
        "                back.send_multipart([free.popleft(), *waiting.popleft()])\n",
    ),
]
"""What turns the solution into the broker that reads at once."""

WRONG = {
    "keeps what nobody can do": (
        GREEDY,
        "as long as no worker is free",
        "requests while no worker is free",
    ),
    "does not look whether anybody is free": (
        [(POLL, "zmq.POLLIN")],
        "out of an empty deque",
        "requests while no worker is free",
    ),
    "throws away what nobody can do": (
        [
            (POLL, "zmq.POLLIN"),
            (f"                {JOB}", f"                {JOB} if free else front.recv_multipart()"),
        ],
        "as long as no worker is free",
        "requests while no worker is free",
    ),
    "the last one first": (
        [("free.popleft()", "free.pop()")],
        "The worker that has been free the longest is next",
        "three workers, and who is next",
    ),
    "always the same order": (
        [
            (
                "            if front in ready:",
                "                free = deque(sorted(free))\n            if front in ready:",
            )
        ],
        "The worker that has been free the longest is next",
        "three workers, and who is next",
    ),
    "round-robin": (
        [(JOB, "free.rotate(-1); back.send_multipart([free[-1], *front.recv_multipart()])")],
        "as long as no worker is free",
        "requests while no worker is free",
    ),
    "counts the free ones, and deals": (
        [
            ("free = deque()", "free, idle, crew = deque(), 0, deque()"),
            ("POLLIN if free", "POLLIN if idle"),
            (
                NOT_TWICE,
                "                idle += 1\n                if worker not in crew: crew.append(worker)\n",
            ),
            (JOB, "idle -= 1; crew.rotate(-1); back.send_multipart([crew[-1], *front.recv_multipart()])"),
        ],
        "three workers, and who is next",
        "three workers, and who is next",
    ),
    "READY twice is free twice": (
        [(NOT_TWICE, "                free.append(worker)\n")],
        "in the deque twice",
        "a worker that says READY three times",
    ),
    "READY again loses its place": (
        [(NOT_TWICE, "                if worker in free: free.remove(worker)\n                free.append(worker)\n")],
        "says READY again keeps its place",
        "a worker that says READY three times",
    ),
    "any of the free ones": (
        [
            ("free = deque()", "free = set()"),
            (NOT_TWICE, "                free.add(worker)\n"),
            ("free.popleft()", "free.pop()"),
        ],
        "The worker that has been free the longest is next",
        "three workers, and who is next",
    ),
    "reads more than there are workers": (
        [
            ("free = deque()", "free, tasks = deque(), deque()"),
            (
                f"                {JOB}\n",
                "                while front.poll(0):\n"
                "                    tasks.append(front.recv_multipart())\n"
                "            while free and tasks:\n"
                "                back.send_multipart([free.popleft(), *tasks.popleft()])\n",
            ),
        ],
        "as long as no worker is free",
        "requests while no worker is free",
    ),
    "splits at the first empty frame": (
        [
            (
                "front.send_multipart(rest)",
                'front.send_multipart([rest[0], *rest[rest.index(b"") if b"" in rest else 1:]])',
            )
        ],
        "What stood in front of an empty frame is missing",
        "requests and replies of several frames",
    ),
    "takes a client's routing id for text": (
        [("front.send_multipart(rest)", "rest[0].decode(); front.send_multipart(rest)")],
        "do not decode it",
        "requests and replies of several frames",
    ),
    "stops at one word": (
        [("if told in ready:", 'if told in ready and told.recv() == b"STOP":')],
        "It has received the message from `control`, and goes on. Any message says stop",
        "told to stop while a worker is free",
    ),
    "stops when it has time": (
        [("if told in ready:", "if told in ready and front not in ready:")],
        "Look at `control` in every round",
        "told to stop while workers are free and requests wait",
    ),
    "has a PAIR at control": (
        [("zmq.PULL", "zmq.PAIR")],
        "speaks to PULL sockets alone, and refuses the PAIR",
        "told to stop while a worker is free",
    ),
    "free only by READY": (
        [
            (
                NOT_TWICE,
                '                if rest == [b"READY"] and worker not in free: free.append(worker)\n',
            )
        ],
        "the broker has forgotten one of them",
        "requests while no worker is free",
    ),
    "takes READY for READY anywhere": (
        [('if rest != [b"READY"]', 'if b"READY" not in rest')],
        "Nothing passes the reply",
        "requests and replies of several frames",
    ),
    "takes a client's name for READY": (
        [('rest != [b"READY"]', 'rest[0] != b"READY"')],
        "in another order",
        "three clients, answered in another order",
    ),
    "leaves the worker's routing id in the reply": (
        [("front.send_multipart(rest)", "front.send_multipart([worker, *rest])")],
        "Which client is it?",
        "requests while no worker is free",
    ),
    "does not name the worker": (
        [(JOB, "free.popleft(); back.send_multipart(front.recv_multipart())")],
        "Which worker is it?",
        "requests while no worker is free",
    ),
    "takes the client off": (
        [(JOB, "back.send_multipart([free.popleft(), *front.recv_multipart()[1:]])")],
        "Frames are missing",
        "requests while no worker is free",
    ),
    "adds a delimiter": (
        [(JOB, 'back.send_multipart([free.popleft(), b"", *front.recv_multipart()])')],
        "There are too many frames",
        "requests while no worker is free",
    ),
    "takes three frames for granted": (
        [
            (
                "worker, *rest = back.recv_multipart()",
                "worker, client, reply = back.recv_multipart(); rest = [client, reply]",
            )
        ],
        "another number of frames than the code takes for granted",
        "requests while no worker is free",
    ),
    "takes a routing id for text": (
        [("free.append(worker)", "free.append(worker.decode().encode())")],
        "do not decode it",
        "requests and replies of several frames",
    ),
    "asks who is there": (
        [("front.bind", "front.router_mandatory = True; front.bind")],
        "a client that has left",
        "a client that has left",
    ),
    "waits for the worker": (
        [
            (
                JOB,
                "worker = free.popleft(); back.send_multipart([worker, *front.recv_multipart()])\n"
                "                worker, *rest = back.recv_multipart(); front.send_multipart(rest); free += [worker]",
            )
        ],
        "three workers, and who is next",
        "three workers, and who is next",
    ),
    "waits for a worker with recv": (
        [
            ("poller.poll()", "poller.poll() if free else [(back, 1)]"),
        ],
        "told to stop while nobody is free",
        "told to stop while nobody is free",
    ),
    "returns after the first round": (
        [("while True:", "for _ in range(2):")],
        "it has to go on until a message comes",
        "requests while no worker is free",
    ),
    "connects to the workers": (
        [("back.bind(backend)", "back.connect(backend)")],
        "Here you bind, and others connect",
        "requests while no worker is free",
    ),
    "never stops": (
        [(IF_TOLD, "")],
        "the PULL is not in the poller, or nobody looks at it",
        "told to stop while a worker is free",
    ),
    "leaves its sockets open": (
        [
            (
                WITH,
                "    front, back, told = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER), ctx.socket(zmq.PULL)\n"
                "    if True:\n",
            )
        ],
        "Whoever makes a socket closes it",
        "told to stop while nobody is free",
    ),
    "strips a reply": (
        [("front.send_multipart(rest)", "front.send_multipart([frame.strip() for frame in rest])")],
        "alice received [b'hello']",
        "requests and replies of several frames",
    ),
    "passes on once what is equal": (
        [
            (
                JOB,
                "request = front.recv_multipart()\n"
                "                if request != last: back.send_multipart([free.popleft(), *request])\n"
                "                last = request",
            ),
            ("        free = deque()\n", "        free, last = deque(), None\n"),
        ],
        "A worker is free and a request is there: the broker has forgotten one of them",
        "a worker that is busy all the time",
    ),
    "takes what says stop for text": (
        [(IF_TOLD, IF_TOLD.replace("return", "return told.recv_string()"))],
        "do not decode it, nor any other frame",
        "told to stop while nobody is free",
    ),
}

OWN_LOOP = """
import asyncio
import zmq
import zmq.asyncio

async def serve(ctx, frontend, backend, control):
    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.ROUTER) as back, ctx.socket(zmq.PULL) as told:
        front.bind(frontend)
        back.bind(backend)
        told.connect(control)
        free = []
        while True:
            poller = zmq.asyncio.Poller()
            for socket in (back, told, front) if free else (back, told):
                poller.register(socket, zmq.POLLIN)
            ready = dict(await poller.poll())
            if told in ready:
                return
            if back in ready:
                worker, *rest = await back.recv_multipart()
                if worker not in free:
                    free.append(worker)
                if rest != [b"READY"]:
                    await front.send_multipart(rest)
            if front in ready:
                await back.send_multipart([free.pop(0), *await front.recv_multipart()])

def broker(ctx, frontend, backend, control):
    asyncio.run(serve(zmq.asyncio.Context.shadow(ctx), frontend, backend, control))
"""

RIGHT = {
    "a plain function with an event loop, and a shadow of its context": OWN_LOOP,
    "who has a task is free again by a reply alone": changed(
        KEY,
        (
            NOT_TWICE,
            "                if worker not in free and not (rest == [b'READY'] and worker in known):\n"
            "                    free.append(worker)\n"
            "                known.add(worker)\n",
        ),
        ("        free = deque()\n", "        free, known = deque(), set()\n"),
    ),
    "two pollers, one of them without the clients": changed(
        KEY,
        (
            "        poller = zmq.Poller()\n        for socket in (back, told):\n"
            "            poller.register(socket, zmq.POLLIN)\n",
            "        no_clients, everybody = zmq.Poller(), zmq.Poller()\n"
            "        for socket in (back, told):\n"
            "            no_clients.register(socket, zmq.POLLIN)\n"
            "        for socket in (front, back, told):\n"
            "            everybody.register(socket, zmq.POLLIN)\n",
        ),
        (
            f"            poller.register(front, {POLL})\n            ready = dict(poller.poll())\n",
            "            ready = dict((everybody if free else no_clients).poll())\n",
        ),
    ),
}


class TestFreeWorkers(ExerciseTests):
    key = KEY
    right = RIGHT
    seeds = (1, 2, 3)
    wrong = WRONG
    after_step_1 = "never stops"


def test_a_broker_that_never_rests_passes() -> None:
    """It polls the frontend all the time and leaves it unread, which costs a core: the solution's `why` says so."""
    restless = changed(KEY, (POLL, "zmq.POLLIN"), ("if front in ready:", "if front in ready and free:"))
    assert verdict(KEY, restless).passed
