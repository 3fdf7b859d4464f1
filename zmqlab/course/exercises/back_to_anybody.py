"""Exercise 03-a, back to anybody: a ROUTER server that gives every envelope back as it came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import zmq

from ..exercise import Exercise, Scenario
from ..play import ENOUGH, Play

SKELETON = '''
import zmq


def serve(ctx, endpoint):
    """Bind a ROUTER to `endpoint`, and answer requests for ever.

    A request is an envelope and then a payload. The envelope is all frames up to the first empty one,
    and that one too. If no frame is empty, the envelope is the first frame alone.

    The answer has the same envelope, and then each frame of the payload in capitals: frame.upper().
    A message without any payload gets no answer.
    """
    raise NotImplementedError("write the server")
'''

HINTS = (
    "How many frames belong to the envelope? `frames.index(b'')` says where the first empty one is, if there is one.",
    "Find one number, the length of the envelope: `frames.index(b'') + 1` if `b'' in frames`, else 1. Cut the list "
    "there.",
    "In an endless loop: `frames = socket.recv_multipart()`; the number of hint 2 cuts it into `envelope` and "
    "`payload`; if there is a payload, `socket.send_multipart([*envelope, *(frame.upper() for frame in payload)])`.",
)

SOLUTION = """
import zmq


def serve(ctx, endpoint):
    socket = ctx.socket(zmq.ROUTER)
    socket.bind(endpoint)
    while True:
        frames = socket.recv_multipart()
        length = frames.index(b"") + 1 if b"" in frames else 1
        envelope, payload = frames[:length], frames[length:]
        if payload:
            socket.send_multipart([*envelope, *(frame.upper() for frame in payload)])
"""

WHY = (
    "The server never asks who is there or how many hops lie between. It finds the end of the envelope, and gives all "
    "of it back untouched: each ROUTER on the way takes its own frame off. The first empty frame ends it, because a "
    "routing id is never empty, and a payload may have empty frames of its own. A probe is a message without payload: "
    "a server for everybody has to expect such messages too."
)


def client(
    play: Play, kind: int, name: str = "ada", routing_id: bytes = b"ada", endpoint: str = ""
) -> zmq.Socket[bytes]:
    """A socket of the checking thread, connected to the server or to a hop."""
    return play.socket(kind, bind=False, endpoint=endpoint or None, name=name, routing_id=routing_id)


def start(play: Play) -> None:
    play.actor(play.code, play.endpoint)


def expect_answer(
    play: Play, socket: zmq.Socket[bytes], request: Sequence[bytes], payload: Sequence[bytes], delimiter: bool = False
) -> None:
    """`request` is what the server's ROUTER received, `payload` its last frames.

    `delimiter` says whether the client, a DEALER, gets to see the delimiter of the answer.
    """
    capitals = [frame.upper() for frame in payload]
    envelope = list(request[: len(request) - len(payload)])
    came = play.receive(socket, ENOUGH)
    play.expect(
        came == [b""] * delimiter + capitals,
        called=f"serve(ctx, endpoint), and the server received {list(request)}",
        got=f"{answers(play)}; the client received {came or 'nothing'}",
        wanted=f"the answer {[*envelope, *capitals]}",
        cause=likely(play, came),
    )


def answers(play: Play) -> str:
    """What the server sent last, in words."""
    sent = [message for message in play.lab.messages() if play.lab.trace.actor_of(message.sender) == "you"]
    return f"the answer {list(sent[-1].sent_frames or ())}" if sent else "no answer"


def likely(play: Play, came: list[bytes] | None) -> str:
    if not play.running():
        return "The function has returned: it has to go on and answer for ever."
    if came is not None:
        return "The envelope ends in the wrong place: it ends with the first empty frame, or is the first frame alone."
    if answers(play) == "no answer":
        return "The server took the request for a message without payload, or it waits, or loops for ever."
    return "The envelope was changed on the way back, so the answer found nobody, or a REQ that did not take it."


def hop(ctx: Any, front_endpoint: str, back_endpoint: str, name: str) -> None:
    """An actor that passes everything on."""
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    back.routing_id = name.encode()
    front.bind(front_endpoint)
    back.connect(back_endpoint)
    zmq.proxy(front, back)


def req(play: Play) -> None:
    start(play)
    ada = client(play, zmq.REQ)
    for question in (b"hello", b"still there?"):
        ada.send(question)
        expect_answer(play, ada, [b"ada", b"", question], [question])


def dealers(play: Play) -> None:
    """One of the questions is no text."""
    start(play)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    bob.send_multipart([b"", b"hello"])
    expect_answer(play, bob, [b"bob", b"", b"hello"], [b"hello"], delimiter=True)
    for payload in ([b"hello"], [b"caf\xe9"], [b"two", b"frames"]):
        bob.send_multipart(payload)
        expect_answer(play, bob, [b"bob", *payload], payload)


def several_frames(play: Play) -> None:
    start(play)
    ada = client(play, zmq.REQ)
    payload = [b"one", b"", b"three"]
    ada.send_multipart(payload)
    expect_answer(play, ada, [b"ada", b"", *payload], payload)


def hops(play: Play) -> None:
    start(play)
    play.lab.actor(hop, play.more("hop 1"), play.endpoint, "hop 1", name="hop 1")
    play.lab.actor(hop, play.more("hop 2"), play.more("hop 1"), "hop 2", name="hop 2")
    ada = client(play, zmq.REQ, endpoint=play.more("hop 1"))
    ada.send(b"hello")
    expect_answer(play, ada, [b"hop 1", b"ada", b"", b"hello"], [b"hello"])
    eve = client(play, zmq.REQ, "eve", b"eve", play.more("hop 2"))
    eve.send(b"hello")
    expect_answer(play, eve, [b"hop 1", b"hop 2", b"eve", b"", b"hello"], [b"hello"])


def no_payload(play: Play) -> None:
    """As a probe comes, from near and from behind a hop. The next answer is that of the next question."""
    start(play)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    for frames in ([b""], [b"behind a hop", b""]):
        bob.send_multipart(frames)
        bob.send(b"hello")
        came = play.receive(bob, ENOUGH)
        play.expect(
            came == [b"HELLO"],
            called=f"serve(ctx, endpoint), and the server received {[b'bob', *frames]}, then [b'bob', b'hello']",
            got=f"the client received {came or 'nothing'}",
            wanted="no answer to the first message, and [b'bob', b'HELLO'] to the second",
            cause="A message without payload was answered, or it stopped the server."
            if play.running()
            else "The function has returned: it has to go on and answer for ever.",
        )


def all_together(play: Play) -> None:
    """All ask before the first one reads."""
    start(play)
    play.lab.actor(hop, play.more("hop 1"), play.endpoint, "hop 1", name="hop 1")
    ada = client(play, zmq.REQ)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    eve = client(play, zmq.REQ, "eve", b"eve", play.more("hop 1"))
    requests = {
        ada: [b"ada", b"", b"from ada"],
        bob: [b"bob", b"from bob"],
        eve: [b"hop 1", b"eve", b"", b"from eve"],
    }
    for socket in play.random.sample(list(requests), len(requests)):
        socket.send(requests[socket][-1])
    for socket, request in requests.items():
        expect_answer(play, socket, request, request[-1:])


EXERCISE = Exercise(
    key="03-a",
    lesson="03-envelopes",
    title="back to anybody",
    name="serve",
    call="serve(ctx, endpoint)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    scenarios=(
        Scenario("a REQ asks, twice", req),
        Scenario("a DEALER asks, with the delimiter and without", dealers),
        Scenario("a REQ with a payload of three frames, one of them empty", several_frames),
        Scenario("a REQ behind one hop, and another behind two", hops),
        Scenario("a message without a payload", no_payload),
        Scenario("all of them at the same time", all_together),
    ),
    causes=(
        (UnicodeDecodeError, "A frame that is no text was decoded. Frames are bytes, and bytes have upper() too."),
        (ValueError, "A message had another number of frames than the code takes for granted, or no empty frame."),
        (IndexError, "A message had fewer frames than the code takes for granted: a payload may be missing."),
    ),
    stuck="It is in a loop that never comes back to recv_multipart().",
)
