"""03-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import pytest

from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import replaced, verdict
from zmqlab.course import exercises

KEY = "03-a"
LENGTH = 'frames.index(b"") + 1 if b"" in frames else 1'
ANSWER = "[*envelope, *(frame.upper() for frame in payload)]"
IF = "        if payload:\n    "

STEP_BY_STEP = """
import zmq


def serve(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as socket:
        socket.bind(endpoint)
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        while True:
            if not dict(poller.poll(200)).get(socket, 0) & zmq.POLLIN:
                continue
            parts = [socket.recv(copy=False)]
            while socket.rcvmore:
                parts.append(socket.recv(copy=False))
            cut = 1
            for at, part in enumerate(parts):
                if len(part.bytes) == 0:
                    cut = at + 1
                    break
            if cut == len(parts):
                continue
            for part in parts[:cut]:
                socket.send(part, zmq.SNDMORE, copy=False)
            for part in parts[cut:-1]:
                socket.send(part.bytes.upper(), zmq.SNDMORE)
            socket.send(parts[-1].bytes.upper())
"""
ITERATORS = """
from itertools import takewhile

import zmq


class Message:
    def __init__(self, frames):
        before = [*takewhile(len, frames)]
        self.envelope = frames[: len(before) + 1] if len(before) < len(frames) else frames[:1]
        self.payload = frames[len(self.envelope) :]

    def answer(self):
        yield from self.envelope
        yield from map(bytes.upper, self.payload)


async def serve(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as socket:
        socket.bind(endpoint)
        while True:
            message = Message(await socket.recv_multipart())
            if message.payload:
                await socket.send_multipart([*message.answer()])
"""
RIGHT = {"frame by frame": STEP_BY_STEP, "async, with a class and a generator": ITERATORS}

WRONG = {
    "uses latin-1": (
        [("frame.upper()", "frame.decode('latin-1').upper().encode('latin-1')")],
        "The envelope is right, and the payload is not: each of its frames comes back as frame.upper()",
        "a DEALER asks, with the delimiter and without",
    ),
    "prints the routing id as text": (
        [("        length", "        print(frames[0].decode())\n        length")],
        "A frame that is no text was decoded",
        "routing ids and questions that are no text",
    ),
    "joins the payload": (
        [("*(frame.upper() for frame in payload)", "b''.join(payload).upper()")],
        "The envelope is right, and the payload is not: its frames were joined to one",
        "a DEALER asks, with the delimiter and without",
    ),
    "leaves empty frames out": (
        [("for frame in payload)", "for frame in payload if frame)")],
        "the answer has as many frames as the request had",
        "payloads of several frames, some of them empty",
    ),
    "takes one empty frame for no payload": (
        [("if payload:", "if any(payload):")],
        "took the request for a message without payload",
        "payloads of several frames, some of them empty",
    ),
    "remembers the envelope": (
        [
            ("envelope, payload = frames[:length]", "envelope, payload = known.setdefault(frames[0], frames[:length])"),
            ("    while", "    known = {}\n    while"),
        ],
        "The envelope was changed on the way back",
        "a DEALER asks, with the delimiter and without",
    ),
    "knows of two hops at most": (
        [(LENGTH, 'frames.index(b"", 0, 4) + 1 if b"" in frames[:4] else 1')],
        "The envelope ends in the wrong place",
        "requests that have come a long way",
    ),
    "keeps all requests": (
        [("        length", "        log.append(frames)\n        length"), ("    while", "    log = []\n    while")],
        "memory that grows with each of",
        "hundreds of requests",
    ),
    "keeps each request that it has not seen before": (
        [
            ("        length", "        known[tuple(frames)] = True\n        length"),
            ("    while", "    known = {}\n    while"),
        ],
        "memory that grows with each of",
        "hundreds of requests",
    ),
    "binds elsewhere": (
        [("bind(endpoint)", "bind('tcp://127.0.0.1:*')")],
        "Nobody is bound at this endpoint",
        "a REQ asks, twice",
    ),
    "answers the last frame only": (
        [(ANSWER, "[*frames[:-1], frames[-1].upper()]")],
        "came back: the answer [b'bob', b'two', b'FRAMES']",
        "a DEALER asks, with the delimiter and without",
    ),
    "drops the delimiter": (
        [(ANSWER, "[frames[0], frames[-1].upper()]")],
        "the answer [b'alice', b'HELLO']; the client received nothing",
        "a REQ asks, twice",
    ),
    "takes the second frame for the delimiter": (
        [(LENGTH, "2"), (IF, "")],
        "The envelope ends in the wrong place",
        "a DEALER asks, with the delimiter and without",
    ),
    "unpacks three frames": (
        [("frames = socket", "routing_id, delimiter, payload = frames = socket")],
        "A message had another number of frames",
        "a DEALER asks, with the delimiter and without",
    ),
    "takes it for granted that one frame is empty": (
        [(LENGTH, 'frames.index(b"") + 1')],
        "or no empty frame",
        "a DEALER asks, with the delimiter and without",
    ),
    "splits at the last empty frame": (
        [(LENGTH, 'len(frames) - frames[::-1].index(b"") if b"" in frames else 1')],
        "came back: the answer [b'alice', b'', b'one', b'', b'THREE']",
        "payloads of several frames, some of them empty",
    ),
    "takes the first frame alone for the envelope": (
        [(LENGTH, "1")],
        "The envelope ends in the wrong place",
        "a REQ behind one hop, and another behind two",
    ),
    "answers a message without payload": (
        [(IF, "")],
        "A message without payload was answered",
        "a message without a payload",
    ),
    "dies of a message without payload": (
        [("        if payload:", "        if payload[0] is not None:")],
        "a payload may be missing",
        "a message without a payload",
    ),
    "answers once": (
        [("while True:", "for _ in range(1):")],
        "The function has returned: it has to go on",
        "a REQ asks, twice",
    ),
    "decodes": (
        [("frame.upper()", "frame.decode().upper().encode()")],
        "Frames are bytes, and bytes have upper() too",
        "a DEALER asks, with the delimiter and without",
    ),
    "strips its payload": (
        [("frame.upper()", "frame.strip().upper()")],
        "The envelope is right, and the payload is not: each of its frames comes back as frame.upper()",
        "a DEALER asks, with the delimiter and without",
    ),
    "leaves alone what is not made of letters": (
        [("frame.upper()", "(frame.upper() if frame.isalpha() else frame)")],
        "or a frame of the payload was not put into capitals",
        "a REQ asks, twice",
    ),
    "answers the first frame of the payload only": (
        [(ANSWER, "[*envelope, payload[0].upper(), *payload[1:]]")],
        "The envelope is right, and the payload is not: each of its frames comes back as frame.upper()",
        "a DEALER asks, with the delimiter and without",
    ),
    "leaves out what is equal": (
        [("in payload)", "in dict.fromkeys(payload))")],
        "the answer has as many frames as the request had",
        "payloads of several frames, some of them empty",
    ),
    "splits at the last empty frame, behind a hop": (
        [
            (
                LENGTH,
                '2 if frames[1:2] == [b""] else len(frames) - frames[::-1].index(b"") if b"" in frames else 1',
            )
        ],
        "The envelope ends in the wrong place",
        "a REQ behind one hop, and another behind two",
    ),
    "takes ten frames at most": (
        [("if payload:", "if payload and len(frames) <= 10:")],
        "took the request for a message without payload",
        "requests that have come a long way",
    ),
    "remembers what a payload is in capitals": (
        [
            (ANSWER, "[*envelope, *(known.setdefault(frame, frame.upper()) for frame in payload)]"),
            ("    while", "    known = {}\n    while"),
        ],
        "memory that grows with each of",
        "hundreds of requests",
    ),
    "never answers": (
        [("if payload:", "if not payload:")],
        "took the request for a message without payload",
        "a REQ asks, twice",
    ),
}


class TestBackToAnybody(ExerciseTests):
    key = KEY
    right = RIGHT
    seeds = (1, 2, 3)
    wrong = WRONG


@pytest.mark.parametrize("source", [exercises.load(KEY).solution, ITERATORS], ids=["plain", "async"])
def test_a_line_for_each_request_is_no_leak(source: str) -> None:
    chatty = replaced(source, ("while True:", "while print('one more') or True:"))
    result = verdict(KEY, chatty, scenario="hundreds of requests")
    assert result.passed, result
