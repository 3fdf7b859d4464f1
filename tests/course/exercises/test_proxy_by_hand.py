"""06-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import changed, keeps_a_core_busy, verdict

KEY = "06-a"
THERE = "back.send_multipart(front.recv_multipart())"
BACK = "front.send_multipart(back.recv_multipart())"
IF_TOLD = "            if told in ready:\n                return\n"
LOOP = f"""            ready = dict(poller.poll())
{IF_TOLD}            if front in ready:
                {THERE}
            if back in ready:
                {BACK}
"""
WITH = """    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.DEALER) as back, ctx.socket(zmq.PULL) as told:
"""

ASYNC = """
import asyncio

import zmq


async def broker(ctx, frontend, backend, control):
    front, back, told = (ctx.socket(kind) for kind in (zmq.ROUTER, zmq.DEALER, zmq.PULL))
    front.bind(frontend)
    back.bind(backend)
    told.connect(control)

    async def carry(source, target):
        while True:
            await target.send_multipart(await source.recv_multipart())

    tasks = [asyncio.create_task(carry(front, back)), asyncio.create_task(carry(back, front))]
    await told.recv_multipart()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for socket in (front, back, told):
        socket.close(linger=0)
"""
"""Each task passes on all that is there before it is another one's turn: who stops after that has stopped in time."""
ASKS_EVERYWHERE = """
import zmq


def broker(ctx, frontend, backend, control):
    front, back, told = sockets = [ctx.socket(kind) for kind in (zmq.ROUTER, zmq.DEALER, zmq.PULL)]
    front.bind(frontend)
    back.bind(backend)
    told.connect(control)
    poller = zmq.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    while not told.poll(0):
        poller.poll()
        for source, target in ((front, back), (back, front)):
            for _ in range(10):
                if told.poll(0):
                    break
                try:
                    frames = source.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                target.send_multipart(frames)
    for socket in sockets:
        socket.close(linger=0)
"""

RIGHT = {"async, one task for each direction": ASYNC, "asks `control` in all its loops": ASKS_EVERYWHERE}

WRONG = {
    "receives one frame": (
        [(THERE, "back.send(front.recv())")],
        "came back: the worker received [b'alice']",
        "requests that were there before the worker",
    ),
    "answers with one frame": (
        [(BACK, "front.send_multipart(back.recv_multipart()[:2])")],
        "Frames are missing",
        "requests and replies of several frames",
    ),
    "takes three frames for granted": (
        [(THERE, "client, empty, request = front.recv_multipart(); back.send_multipart([client, empty, request])")],
        "another number of frames than the code takes for granted",
        "requests that were there before the worker",
    ),
    "loses the empty frames": (
        [(THERE, "back.send_multipart([frame for frame in front.recv_multipart() if frame])")],
        "An empty frame is a frame like any other",
        "requests and replies of several frames",
    ),
    "loses the empty frames at the end of a reply": (
        [
            (
                BACK,
                "reply = back.recv_multipart()\n"
                "                while not reply[-1]: reply.pop()\n"
                "                front.send_multipart(reply)",
            )
        ],
        "An empty frame is a frame like any other",
        "requests and replies of several frames",
    ),
    "throws away what it cannot send at once": (
        [
            (
                THERE,
                "request = front.recv_multipart()\n"
                "                try: back.send_multipart(request, zmq.NOBLOCK)\n"
                "                except zmq.Again: pass",
            )
        ],
        "Requests were read, and are gone. With zmq.NOBLOCK",
        "requests that were there before the worker",
    ),
    "adds a delimiter": (
        [(THERE, "back.send_multipart([b'', *front.recv_multipart()])")],
        "the broker must add nothing",
        "requests that were there before the worker",
    ),
    "remembers the last client": (
        [
            (THERE, "frames = front.recv_multipart(); client = frames[0]; back.send_multipart(frames)"),
            (BACK, "front.send_multipart([client, *back.recv_multipart()[1:]])"),
        ],
        "The first frame that the worker sends says to whom the answer goes",
        "three clients, answered in another order",
    ),
    "one direction only": (
        [(f"            if back in ready:\n                {BACK}\n", "")],
        "Nothing passes a reply from the backend to the frontend",
        "requests and replies of several frames",
    ),
    "one after the other": (
        [(LOOP, f"            {THERE}\n            {BACK}\n")],
        "The broker waits for something other than the next request",
        "requests that were there before the worker",
    ),
    "waits for a request before each reply": (
        [(LOOP, f"            {BACK} if back.poll(50) else None\n            {THERE}\n")],
        "or only after something else has come",
        "many requests before the first reply",
    ),
    "throws away what no worker takes": (
        [(THERE, "frames = front.recv_multipart(); back.poll(0, zmq.POLLOUT) and back.send_multipart(frames)")],
        "requests that were there before the worker",
        "requests that were there before the worker",
    ),
    "does not wait for a worker": (
        [(THERE, "back.send_multipart(front.recv_multipart(), zmq.DONTWAIT)")],
        "let send_multipart() wait",
        "requests that were there before the worker",
    ),
    "asks who is there": (
        [("front.bind", "front.router_mandatory = True; front.bind")],
        "messages that are no request and no reply",
        "messages that are no request and no reply",
    ),
    "returns after the first round": (
        [("while True:", "for _ in range(2):")],
        "it has to go on until a message comes",
        "requests that were there before the worker",
    ),
    "never stops": (
        [(IF_TOLD, "")],
        "the PULL is not in the poller, or nobody looks at it",
        "told to stop before anybody has sent anything",
    ),
    "does not listen to control": (
        [("(front, back, told)", "(front, back)")],
        "the PULL is not in the poller",
        "told to stop before anybody has sent anything",
    ),
    "has a PULL that is not connected": (
        [("        told.connect(control)\n", "")],
        "There is no PULL, or it is not connected",
        "told to stop before anybody has sent anything",
    ),
    "has a PAIR at control": (
        [("zmq.PULL", "zmq.PAIR")],
        "speaks to PULL sockets alone, and refuses the PAIR",
        "told to stop before anybody has sent anything",
    ),
    "has a REP at control": (
        [("zmq.PULL", "zmq.REP")],
        "came back: a REP at `control`, which hears nothing",
        "told to stop before anybody has sent anything",
    ),
    "looks at control now and then": (
        [
            ("(front, back, told)", "(front, back)"),
            ("dict(poller.poll())", "dict(poller.poll(1000))"),
            ("if told in ready:", "if told.poll(0):"),
        ],
        "Have the poller wait for `control` too",
        "told to stop before anybody has sent anything",
    ),
    "stops at one word": (
        [("if told in ready:", 'if told in ready and told.recv() == b"STOP":')],
        "It has received the message from `control`, and goes on. Any message says stop",
        "told to stop before anybody has sent anything",
    ),
    "stops at a word": (
        [("if told in ready:", "if told in ready and told.recv():")],
        "It has received the message from `control`, and goes on. Any message says stop",
        "told to stop before anybody has sent anything",
    ),
    "stops when it has time": (
        [("if told in ready:", "if list(ready) == [told]:")],
        "Look at `control` in every round",
        "told to stop while requests wait",
    ),
    "strips an empty frame from a reply": (
        [(BACK, "frames = back.recv_multipart(); front.send_multipart(frames[:1] + [f for f in frames[1:] if f])")],
        "An empty frame is a frame like any other",
        "requests and replies of several frames",
    ),
    "drops a message that says nothing": (
        [(THERE, "frames = front.recv_multipart(); any(frames[1:]) and back.send_multipart(frames)")],
        "alice sent [b'']",
        "requests and replies of several frames",
    ),
    "takes a routing id for text": (
        [(THERE, "frames = front.recv_multipart(); frames[0].decode(); back.send_multipart(frames)")],
        "A routing id is bytes, and need not be text",
        "requests and replies of several frames",
    ),
    "remembers that it was stopped": (
        [
            ("def broker(", "stopped = []\n\n\ndef broker("),
            ("while True:", "while not stopped:"),
            ("if told in ready:\n", "if told in ready:\n                stopped.append(told)\n"),
        ],
        "told to stop before anybody has sent anything",
        "told to stop before anybody has sent anything",
    ),
    "binds no backend": (
        [("        back.bind(backend)\n", "")],
        "Nobody is bound at this endpoint",
        "requests that were there before the worker",
    ),
    "is zmq.proxy": (
        [
            ("        told.connect(control)\n", ""),
            ("        while True:", "        zmq.proxy(front, back)\n        while True:"),
        ],
        "There is no PULL, or it is not connected",
        "told to stop before anybody has sent anything",
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
        "a REQ, a REP, and then told to stop",
    ),
    "strips a reply": (
        [(BACK, "front.send_multipart([frame.strip() for frame in back.recv_multipart()])")],
        r"the client received [b'hello']",
        "requests and replies of several frames",
    ),
    "passes on once what is equal": (
        [
            (
                THERE,
                "request = front.recv_multipart(); request == last or back.send_multipart(request); last = request",
            ),
            ("        while", "        last = None\n        while"),
        ],
        "one was lost or changed on the way",
        "many requests before the first reply",
    ),
    "takes what says stop for text": (
        [(IF_TOLD, IF_TOLD.replace("return", "return told.recv_string()"))],
        "do not decode it, nor any other frame",
        "a REQ, a REP, and then told to stop",
    ),
}


class TestProxyByHand(ExerciseTests):
    key = KEY
    right = RIGHT
    seeds = (1, 2, 3)
    wrong = WRONG
    after_step_1 = "does not listen to control"


def test_a_broker_that_reads_only_what_it_can_pass_on_passes() -> None:
    """It does not rest either, while requests wait and nobody takes them."""
    careful = changed(KEY, ("if front in ready:", "if front in ready and back.poll(0, zmq.POLLOUT):"))
    assert verdict(KEY, careful).passed


def test_a_broker_that_never_rests_passes() -> None:
    """It could be better, which the verdict says, in the scenario where it has nothing to do for a while."""
    assert keeps_a_core_busy(lambda: verdict(KEY, changed(KEY, ("poller.poll()", "poller.poll(0)"))))
