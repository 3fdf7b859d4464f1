"""Exercise 03-a, back to anybody: a ROUTER server that gives every envelope back as it came."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, islice
from typing import Any

import zmq

from ..exercise import Exercise
from ..scenes.play import ENOUGH, RETURNED, Play
from ..scenes.scenario import Scenario, Step

MANY = 50  # requests
REST = 0.15  # seconds

SKELETON = '''
import zmq


def serve(ctx, endpoint):
    """Bind a ROUTER to `endpoint`, and answer for ever.

    A request is an envelope and then a payload. The envelope
    ends with the first empty frame. If no frame is empty, the
    envelope is the first frame alone.

    The answer has the same envelope, and then each frame of
    the payload in capitals: frame.upper().

    All frames are bytes of any kind, and each frame of a
    payload may be empty too. A message without any payload
    gets no answer. Whatever came, the server goes on, and
    after many requests it keeps no more than after one.
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

WRONG_WAYS = {
    "takes the first frame alone for the envelope": (
        "Behind a hop the envelope is longer. The other routing ids would be taken for payload and come back in "
        "capitals, and no peer has such an id."
    ),
    "takes the second frame for the delimiter": (
        "A DEALER need not send a delimiter. Then a frame of its payload stands there."
    ),
    "splits at the last empty frame": (
        "A payload may have empty frames of its own. The first empty frame ends the envelope, as a routing id is "
        "never empty."
    ),
    "drops the delimiter": "A REQ takes no answer that does not begin with the empty frame, so it waits for ever.",
    "remembers the envelope": (
        "One client may send some requests with the delimiter and others without. The envelope belongs to the "
        "message, and not to the client."
    ),
    "answers a message without payload": (
        "A probe, for example, is an envelope and nothing else. Nobody waits for an answer to it."
    ),
}


def client(
    play: Play, kind: int, name: str = "alice", routing_id: bytes = b"alice", endpoint: str = ""
) -> zmq.Socket[bytes]:
    """A socket of the checking thread, connected to the server or to a hop."""
    return play.socket(kind, bind=False, endpoint=endpoint or None, name=name, routing_id=routing_id)


def start(play: Play) -> None:
    play.actor(play.code, play.endpoint)


def expect_answer(
    play: Play,
    socket: zmq.Socket[bytes],
    request: Sequence[bytes],
    payload: Sequence[bytes],
    seen: Sequence[bytes] = (),
) -> None:
    """`request` is what the server's ROUTER received, `payload` its last frames.

    `seen` is what the client, a DEALER, gets to see of the envelope.
    """
    capitals = [frame.upper() for frame in payload]
    envelope = list(request[: len(request) - len(payload)])
    came = play.receive(socket, ENOUGH)
    if came != [*seen, *capitals]:
        play.expect(
            False,
            called=f"serve(ctx, endpoint), and the server received {list(request)}",
            got=f"{answers(play)}; the client received {came or 'nothing'}",
            wanted=f"the answer {[*envelope, *capitals]}",
            cause=likely(play, envelope, list(payload)),
        )


def sent(play: Play) -> list[bytes] | None:
    """What the server sent last, after it had received its last message."""
    messages, actor_of = play.lab.messages(), play.lab.trace.actor_of
    heard = max((m.received or 0 for m in messages if actor_of(m.receiver) == "you"), default=0)
    answers = [m for m in messages if actor_of(m.sender) == "you" and (m.sent or 0) > heard]
    return list(answers[-1].sent_frames or ()) if answers else None


def answers(play: Play) -> str:
    """The same, in words."""
    last = sent(play)
    return "no answer" if last is None else f"the answer {last}"


def likely(play: Play, envelope: list[bytes], payload: list[bytes]) -> str:
    last = sent(play)
    if not play.running():
        return RETURNED
    if last is None:
        return play.absent() or "The server took the request for a message without payload, or it waits, or loops."
    capitals = [frame.upper() for frame in payload]
    if last == [*envelope, *payload]:
        return (
            "It came back as it was. The envelope ends in the wrong place, or a frame of the payload was not put into "
            "capitals: that is frame.upper(), whatever its bytes are."
        )
    if _is_cut_elsewhere(last, [*envelope, *payload], len(envelope)):
        return "The envelope ends in the wrong place: it ends with the first empty frame, or is the first frame alone."
    is_longer = len(last) > len(envelope) + len(capitals) and last[-len(capitals) :] == capitals
    if last[: len(envelope)] == envelope and not is_longer:
        return _payload(last[len(envelope) :], capitals)
    return (
        "The envelope was changed on the way back, so the answer found nobody, or a REQ that did not take it. Each "
        "request comes with an envelope of its own: give back all of that one."
    )


def _is_cut_elsewhere(answer: list[bytes], request: list[bytes], length: int) -> bool:
    """Whether all frames behind another place than the end of the envelope, which has that `length`, are in capitals,
    and those before it are as they came."""
    cuts = (cut for cut in range(len(request)) if cut != length)
    return any(answer == [*request[:cut], *(frame.upper() for frame in request[cut:])] for cut in cuts)


def _payload(answer: list[bytes], capitals: list[bytes]) -> str:
    """The envelope is right."""
    if sum(map(bool, capitals)) > 1 and answer == [b"".join(capitals)]:
        return "The envelope is right, and the payload is not: its frames were joined to one. Each stays a frame."
    if len(answer) != len(capitals):
        return "The envelope is right, and the payload is not: the answer has as many frames as the request had."
    return (
        "The envelope is right, and the payload is not: each of its frames comes back as frame.upper() of the bytes, "
        "the same number of them. Code that decodes the frames first changes more than the letters a to z."
    )


def hop(ctx: Any, front_endpoint: str, back_endpoint: str, name: str) -> None:
    """An actor that passes everything on."""
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    back.routing_id = name.encode()
    front.bind(front_endpoint)
    back.connect(back_endpoint)
    zmq.proxy(front, back)


def req(play: Play) -> None:
    start(play)
    alice = client(play, zmq.REQ)
    for question in (b"hello", b"still there?"):
        alice.send(question)
        expect_answer(play, alice, [b"alice", b"", question], [question])


def no_text(play: Play) -> None:
    """Neither the routing id nor the question."""
    start(play)
    odd = client(play, zmq.REQ, "odd", b"\xff\x00a")
    for question in (b"caf\xe9", "stra\u00dfe".encode(), b"\x00 \t\n", bytes(range(256))):
        odd.send(question)
        expect_answer(play, odd, [b"\xff\x00a", b"", question], [question])


def dealers(play: Play) -> None:
    """The next question of the same client may have another envelope."""
    start(play)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    bob.send_multipart([b"", b"hello"])
    expect_answer(play, bob, [b"bob", b"", b"hello"], [b"hello"], [b""])
    for payload in ([b"hello"], [b"caf\xe9"], [b"two", b"frames"], [b" three\r\n"]):
        bob.send_multipart(payload)
        expect_answer(play, bob, [b"bob", *payload], payload)
    bob.send_multipart([b"", b"again"])
    expect_answer(play, bob, [b"bob", b"", b"again"], [b"again"], [b""])


def several_frames(play: Play) -> None:
    start(play)
    alice = client(play, zmq.REQ)
    for payload in ([b"one", b"", b"three"], [b""], [b"", b""], [b"", b"two"], [b"one", b""]):
        alice.send_multipart(payload)
        expect_answer(play, alice, [b"alice", b"", *payload], payload)


def hops(play: Play) -> None:
    start(play)
    play.lab.actor(hop, play.more("hop 1"), play.endpoint, "hop 1", name="hop 1")
    play.lab.actor(hop, play.more("hop 2"), play.more("hop 1"), "hop 2", name="hop 2")
    alice = client(play, zmq.REQ, endpoint=play.more("hop 1"))
    alice.send(b"hello")
    expect_answer(play, alice, [b"hop 1", b"alice", b"", b"hello"], [b"hello"])
    carol = client(play, zmq.REQ, "carol", b"carol", play.more("hop 2"))
    for payload in ([b"hello"], [b"one", b"", b"three"], [b"", b""]):
        carol.send_multipart(payload)
        expect_answer(play, carol, [b"hop 1", b"hop 2", b"carol", b"", *payload], payload)


def many_hops(play: Play) -> None:
    """A DEALER that says what three hops, then seven, and then a hundred would have put in front of the request."""
    start(play)
    last = client(play, zmq.DEALER, "the last hop", b"last")
    seven = [b"\xff", b"\x00\x01", b"b", b"B", b"b", b"x" * 255, b"carol"]
    for way in ([b"hop 2", b"hop 1", b"alice"], seven, [b"hop %d" % n for n in range(100)]):
        last.send_multipart([*way, b"", b"hello"])
        expect_answer(play, last, [b"last", *way, b"", b"hello"], [b"hello"], [*way, b""])


def no_payload(play: Play) -> None:
    """As a probe comes, from near and from behind a hop. The next answer is that of the next question, also after a
    moment in which nothing happens."""
    start(play)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    for frames in ([b""], [b"behind a hop", b""]):
        bob.send_multipart(frames)
        play.rest(REST)
        bob.send(b"hello")
        came = play.receive(bob, ENOUGH)
        play.expect(
            came == [b"HELLO"],
            called=f"serve(ctx, endpoint), and the server received {[b'bob', *frames]}, then [b'bob', b'hello']",
            got=f"the client received {came or 'nothing'}",
            wanted="no answer to the first message, and [b'bob', b'HELLO'] to the second",
            cause="A message without payload was answered, or it stopped the server." if play.running() else RETURNED,
        )


def all_together(play: Play) -> None:
    """All ask before the first one reads."""
    start(play)
    play.lab.actor(hop, play.more("hop 1"), play.endpoint, "hop 1", name="hop 1")
    alice = client(play, zmq.REQ)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    carol = client(play, zmq.REQ, "carol", b"carol", play.more("hop 1"))
    requests = {
        alice: [b"alice", b"", b"from alice"],
        bob: [b"bob", b"from bob"],
        carol: [b"hop 1", b"carol", b"", b"from carol"],
    }
    for socket in play.random.sample(list(requests), len(requests)):
        socket.send(requests[socket][-1])
    for socket, request in requests.items():
        expect_answer(play, socket, request, request[-1:])


def for_ever(play: Play) -> None:
    """What the server keeps may not grow with each request. No two have the same envelope, or the same payload, for who
    keeps what it has worked out for either."""
    start(play)
    bob = client(play, zmq.DEALER, "bob", b"bob")
    numbers = count()

    def ask() -> None:
        for n in islice(numbers, MANY):
            bob.send_multipart([b"%d" % n, b"", b"hello %d" % n])
        for n in range(MANY):
            play.expect(
                play.receive(bob, ENOUGH) is not None,
                got=f"{n} answers to {MANY} requests",
                wanted="an answer to each request",
                cause="It does not go on for ever.",
            )

    play.expect_no_growth(
        MANY,
        ask,
        cause="Something is put into a list or a dict for each request, and never taken out. In the end the memory is "
        "full.",
    )


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
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "",
            (
                Scenario("a REQ asks, twice", req),
                Scenario("a DEALER asks, with the delimiter and without", dealers),
                Scenario("routing ids and questions that are no text", no_text),
                Scenario("payloads of several frames, some of them empty", several_frames),
                Scenario("a REQ behind one hop, and another behind two", hops),
                Scenario("requests that have come a long way", many_hops),
                Scenario("a message without a payload", no_payload),
                Scenario("all of them at the same time", all_together),
                Scenario("hundreds of requests", for_ever, bulk=True),
            ),
        ),
    ),
    causes=(
        (UnicodeDecodeError, "A frame that is no text was decoded. Frames are bytes, and bytes have upper() too."),
        (ValueError, "A message had another number of frames than the code takes for granted, or no empty frame."),
        (IndexError, "A message had fewer frames than the code takes for granted: a payload may be missing."),
    ),
    stuck="It is in a loop that never comes back to recv_multipart().",
)
