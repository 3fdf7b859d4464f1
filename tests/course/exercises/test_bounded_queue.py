"""08-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import changed

KEY = "08-a"
ROOM = "if len(waiting) < limit:"
APPEND = "waiting.append(request)"
SAY = 'front.send_multipart([*request[:-1], b"BUSY"])'
PASS_ON = "front.send_multipart(back.recv_multipart())"
NEXT = "back.send_multipart(waiting.popleft())"
REFUSE = f"                else:\n                    {SAY}\n"
IF_TOLD = "            if told in ready:\n                return\n"
WITH = """    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.DEALER) as back, ctx.socket(zmq.PULL) as told:
"""

WRONG = {
    "one too many": (
        [(ROOM, "if len(waiting) <= limit:")],
        "More than 3 wait: count those in the queue",
        "more requests than the queue may hold",
    ),
    "counts the one at the worker": (
        [(ROOM, "if len(waiting) + (not free) < limit:")],
        "What the worker has does not wait any more",
        "more requests than the queue may hold",
    ),
    "no limit": (
        [(ROOM, "if True:")],
        "queued beyond the limit or thrown away. Its client was not told",
        "more requests than the queue may hold",
    ),
    "drops in silence": (
        [(REFUSE, "")],
        "queued beyond the limit or thrown away. Its client was not told",
        "more requests than the queue may hold",
    ),
    "drops the oldest": (
        [("deque(), True", "deque(maxlen=limit), True"), (ROOM, "if True:")],
        "queued beyond the limit or thrown away. Its client was not told",
        "more requests than the queue may hold",
    ),
    "refuses the oldest": (
        [(SAY, 'front.send_multipart([*waiting.popleft()[:-1], b"BUSY"]); waiting.append(request)')],
        "the request that comes last gets BUSY",
        "more requests than the queue may hold",
    ),
    "gives the worker two at a time": (
        [
            ("waiting, free = deque(), True", "waiting, free = deque(), 2"),
            ("free = True", "free += 1"),
            ("if free and waiting:", "while free and waiting:"),
            ("free = False", "free -= 1"),
        ],
        "One request at a time",
        "more requests than the queue may hold",
    ),
    "takes equal requests for one": (
        [(APPEND, f"request in waiting or {APPEND}")],
        "What was queued must not be lost",
        "a worker that takes its time",
    ),
    "loses the empty frame of a reply behind a hop": (
        [
            (
                PASS_ON,
                "reply = back.recv_multipart(); "
                "front.send_multipart(reply if not reply[1] else [*filter(None, reply[:-1]), reply[-1]])",
            )
        ],
        "A reply is the whole envelope of its request",
        "requests and replies with odd frames",
    ),
    "stops reading": (
        [("if front in ready:", "if front in ready and len(waiting) < limit:")],
        "Requests lie unread in the ROUTER",
        "more requests than the queue may hold",
    ),
    "waits for the worker instead": (
        [(SAY, f"{PASS_ON}; {NEXT}; {APPEND}")],
        "Requests lie unread in the ROUTER",
        "more requests than the queue may hold",
    ),
    "BUSY for ever": (
        [
            ("deque(), True", "deque(), True\n        seen = 0"),
            ("request = front.recv_multipart()", "request = front.recv_multipart(); seen += 1"),
            (ROOM, "if seen <= limit + 1:"),
        ],
        "each reply makes room for one",
        "one request after another",
    ),
    "BUSY, and queued as well": (
        [(SAY, f"{SAY}; {APPEND}")],
        "a request that got BUSY is not done as well",
        "more requests than the queue may hold",
    ),
    "loses the envelope": (
        [(SAY, 'front.send_multipart([request[0], b"BUSY"])')],
        "A reply is the whole envelope of its request",
        "more requests than the queue may hold",
    ),
    "takes three frames for granted": (
        [(SAY, 'client, empty, number, _ = request; front.send_multipart([client, empty, number, b"BUSY"])')],
        "an envelope has any",
        "BUSY for a REQ, a bare DEALER, and a client behind two hops",
    ),
    "sends the request back with BUSY": (
        [(SAY, 'front.send_multipart([*request, b"BUSY"])')],
        "and then one frame",
        "more requests than the queue may hold",
    ),
    "last come, first served": (
        [(NEXT, "back.send_multipart(waiting.pop())")],
        "First come, first served",
        "more requests than the queue may hold",
    ),
    "gives the worker all of it": (
        [("free = False", "pass")],
        "One request at a time",
        "more requests than the queue may hold",
    ),
    "forgets that the worker is free": (
        [("free = True", "pass")],
        "What was queued must not be lost",
        "one request after another",
    ),
    "asks nobody whether a request waits": (
        [("if free and waiting:", "if free:")],
        "nothing in the queue",
        "one request after another",
    ),
    "ends the caller's context": (
        [("                return\n", "                ctx.destroy(linger=0)\n                return\n")],
        "The context is the caller's",
        "told to stop before anybody has sent anything",
    ),
    "the queue is that of all brokers": (
        [("\n\ndef broker(", "\nwaiting = deque()\n\n\ndef broker("), ("waiting, free = deque(), True", "free = True")],
        "State left from an earlier call",
        "",
    ),
    "BUSY when it has time": (
        [
            (SAY, 'late.append([*request[:-1], b"BUSY"])'),
            ("waiting, free = deque(), True", "waiting, free, late = deque(), True, []"),
            (
                "ready = dict(poller.poll())",
                "ready = dict(poller.poll(500))\n"
                "            while late and not ready: front.send_multipart(late.pop(0))",
            ),
        ],
        "Say BUSY when you read the request",
        "more requests than the queue may hold",
    ),
    "asks the worker again": (
        [
            ("poller.poll()", "poller.poll(500)"),
            (
                "            if told in ready",
                "            if not ready and not free: back.send_multipart(now)\n            if told in ready",
            ),
            (NEXT, "now = waiting.popleft(); back.send_multipart(now)"),
        ],
        "not the same one again, before its reply",
        "a worker that takes its time",
    ),
    "a limit for each client": (
        [(ROOM, "if sum(each[0] == request[0] for each in waiting) < limit:")],
        "The limit is for all requests that wait, whoever has sent them",
        "BUSY for a REQ, a bare DEALER, and a client behind two hops",
    ),
    "two or more": (
        [(ROOM, "if len(waiting) < max(limit, 2):")],
        "queued beyond the limit or thrown away",
        "BUSY for a REQ, a bare DEALER, and a client behind two hops",
    ),
    "throws away what is empty": (
        [
            (
                "request = front.recv_multipart()",
                "request = front.recv_multipart()\n                if not request[-1]: continue",
            )
        ],
        "carol sent [b'']",
        "requests and replies with odd frames",
    ),
    "takes a routing id for text": (
        [("request = front.recv_multipart()", "request = front.recv_multipart(); request[0].decode()")],
        "need not be text: do not decode it",
        "requests and replies with odd frames",
    ),
    "stops at one word": (
        [("if told in ready:", 'if told in ready and told.recv() == b"STOP":')],
        "It has received the message from `control`, and goes on. Any message says stop",
        "told to stop before anybody has sent anything",
    ),
    "stops when it has time": (
        [("if told in ready:", "if told in ready and front not in ready:")],
        "Look at `control` in every round",
        "told to stop while requests wait to be read",
    ),
    "has a PAIR at control": (
        [("zmq.PULL", "zmq.PAIR")],
        "speaks to PULL sockets alone, and refuses the PAIR",
        "told to stop before anybody has sent anything",
    ),
    "does not connect to the worker": (
        [("        back.connect(worker)\n", "")],
        "No socket of yours is connected to this endpoint",
        "one request after another",
    ),
    "never stops": (
        [(IF_TOLD, "")],
        "the PULL is not in the poller, or nobody looks at it",
        "told to stop before anybody has sent anything",
    ),
    "stops only when nothing waits": (
        [("if told in ready:", "if told in ready and not waiting:")],
        "the PULL is not in the poller, or nobody looks at it",
        "told to stop while the queue is full",
    ),
    "leaves its sockets open": (
        [
            (
                WITH,
                "    front, back, told = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER), ctx.socket(zmq.PULL)\n"
                "    if True:\n",
            )
        ],
        "Whoever makes a socket closes it",
        "told to stop while the queue is full",
    ),
    "three at most": (
        [(ROOM, "if len(waiting) < min(limit, 3):")],
        "BUSY came too early",
        "a worker that takes its time",
    ),
    "says busy": (
        [(SAY, SAY.replace("BUSY", "busy"))],
        "in other bytes than these",
        "more requests than the queue may hold",
    ),
    "strips a reply": (
        [(PASS_ON, "front.send_multipart([frame.strip() for frame in back.recv_multipart()])")],
        "the client received [b'job']",
        "requests and replies with odd frames",
    ),
    "takes what says stop for text": (
        [(IF_TOLD, IF_TOLD.replace("return", "return told.recv_string()"))],
        "do not decode it, nor any other frame",
        "told to stop while the queue is full",
    ),
}

RIGHT = {
    "counts the one at the worker, and allows for it": changed(
        KEY,
        (ROOM, "if len(waiting) < limit + 1:"),
        (NEXT, "back.send_multipart(waiting[0])"),
        (PASS_ON, f"{PASS_ON}; waiting.popleft()"),
    )
}


class TestBoundedQueue(ExerciseTests):
    key = KEY
    right = RIGHT
    seeds = (1, 2, 3)
    wrong = WRONG
    after_step_1 = "no limit"
