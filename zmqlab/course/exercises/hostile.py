"""A server that answers late, twice, out of order, wrongly or never: what happens to the clients of 05-a and 05-b.

`Drivers` are the programs that use the learner's client, once with threads and once with asyncio. They run as actors
and say how each request ended. The server is a ROUTER of the checking thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

import zmq

from ..exercise import Scenario
from ..play import Play

LONG = 30.0  # seconds of timeout: longer than any scenario
SHORT = 0.2  # seconds of timeout: over soon
PATIENCE = 2.0  # seconds for a client to do what it will do, on a busy machine too
MORE = 0.8  # seconds for all others, once it has not done something
NOTHING = "no result and no exception"
TIMEOUT = "TimeoutError"
EARLY = "TimeoutError, before the time was up"

Rounds = Sequence[Sequence[tuple[bytes, float]]]
"""Questions with their timeouts. Those of a round are asked at the same time; the next round begins when the last of
them has ended."""


@dataclass(frozen=True)
class Drivers:
    """`ask(ctx, code, endpoint, rounds)` makes a client, asks, closes it, and returns how each request ended.
    `leave(ctx, code, endpoint, arrived)` asks `OPEN`, closes the client once `arrived` is set, and returns how that
    request ended, and what is left."""

    ask: Callable[..., Any]
    leave: Callable[..., Any]


class Patience:
    """How long to wait for the next request to end: long; but once one has not ended, the others get little more."""

    def __init__(self) -> None:
        self._deadline: float | None = None

    def left(self) -> float:
        return PATIENCE if self._deadline is None else max(0.0, self._deadline - monotonic())

    def lost(self) -> None:
        self._deadline = self._deadline or monotonic() + MORE


def punctual(ended: str, waited: float, timeout: float) -> str:
    """How a request ended, when also the time counts."""
    return EARLY if ended == TIMEOUT and waited < 0.9 * timeout else ended


class Request(NamedTuple):
    peer: bytes
    id: bytes
    payload: bytes


OPEN = b"open"

CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (KeyError, "A reply came with an id that nobody waits for (any more), and the dict was not asked first."),
    (futures.InvalidStateError, "A future was ended twice: by two replies, or by a late reply after its timeout."),
    (asyncio.InvalidStateError, "A future was ended twice: by two replies, or by a late reply after its end."),
    (ValueError, "A reply had another number of frames than two, and was unpacked without a look."),
    (IndexError, "A reply had fewer frames than two, and was not counted first."),
    (AttributeError, "A method or an attribute has another name than the skeleton says, or was not made yet."),
)
"""What an exception of such a client most likely means."""


def leftovers(**counts: int) -> str:
    """In words, what a closed client has left: "" for nothing."""
    return ", ".join(f"{count} {what} still open" for what, count in counts.items() if count)


def answer(payload: bytes) -> bytes:
    return b"answer to " + payload


def said(question: bytes, timeout: float) -> str:
    """The call, in the learner's words."""
    return f"client.request({question!r}, {timeout:g})"


# -- the server -------------------------------------------------------------------------------------------------------


def take(play: Play, server: zmq.Socket[bytes], count: int, timeout: float | None = PATIENCE) -> list[Request]:
    """The next requests. Refused unless so many come, of two frames, each with an id of its own."""
    requests: list[Request] = []
    while len(requests) < count:
        frames = play.receive(server, timeout)
        play.expect(
            frames is not None,
            got=f"{len(requests)} of {count} requests at the server, while none was answered",
            wanted=f"all {count} requests",
            cause="request() does not send, or it waits for the answer before the next request can be sent.",
        )
        assert frames is not None
        play.expect(
            len(frames) == 3,
            got=f"a request of {len(frames) - 1} frames at the server",
            wanted="two frames: [id, payload]",
            cause="A DEALER adds nothing: what you give to send_multipart is what arrives.",
        )
        requests.append(Request(*frames))
    play.expect(
        len({request.id for request in requests}) == count,
        got=f"{count} requests with {len({request.id for request in requests})} different ids",
        wanted="an id of its own for each request",
        cause="An id is used twice, so nobody can say to which of its requests a reply belongs.",
    )
    return requests


def reply(server: zmq.Socket[bytes], request: Request) -> None:
    server.send_multipart([request.peer, request.id, answer(request.payload)])


def begin(play: Play, drivers: Drivers, rounds: Rounds) -> zmq.Socket[bytes]:
    """Start the client; the server's socket."""
    server = play.socket(zmq.ROUTER)
    play.actor(drivers.ask, play.code, play.endpoint, rounds)
    return server


def judge(play: Play, endings: Sequence[str], rounds: Rounds, lost: str, timed_out: Sequence[bytes] = ()) -> None:
    """Refused unless each request ended as it should. `lost` says why one may have been left without its answer."""
    questions = [question for each in rounds for question in each]
    answers = {repr(answer(question)) for question, _ in questions}
    for (question, timeout), got in zip(questions, endings, strict=True):
        wanted = TIMEOUT if question in timed_out else repr(answer(question))
        if wanted == TIMEOUT and got == NOTHING:
            cause = "Nobody looks at the clock while no message comes."
        elif got in answers:
            cause = "It pairs a reply with a request by their order. The id in the reply says which request is meant."
        elif got in (TIMEOUT, EARLY):
            cause = "It ran out of time too early: the timeout is in seconds, and poll() wants milliseconds."
        else:
            cause = lost
        play.expect(got == wanted, called=said(question, timeout), got=got, wanted=wanted, cause=cause)


# -- what it does to a client -----------------------------------------------------------------------------------------


def one(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG)]]
    server = begin(play, drivers, rounds)
    reply(server, *take(play, server, 1))
    judge(play, play.result(), rounds, "Nobody receives the reply, or it does not get to the request that waits.")


def shuffled(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"question %d" % n, LONG) for n in range(8)]]
    server = begin(play, drivers, rounds)
    requests = take(play, server, 8)
    play.random.shuffle(requests)
    for request in requests:
        reply(server, request)
    judge(play, play.result(), rounds, "Only some replies get to the requests that wait for them.")


def twice(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG)], [(b"two", LONG)]]
    server = begin(play, drivers, rounds)
    (request,) = take(play, server, 1)
    reply(server, request)
    reply(server, request)
    reply(server, *take(play, server, 1))
    judge(play, play.result(), rounds, "After a reply that came twice, the client hears nothing more.")


def foreign(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG), (b"two", LONG)]]
    server = begin(play, drivers, rounds)
    requests = take(play, server, 2)
    server.send_multipart([requests[0].peer, b"nobody's id", b"a foreign answer"])
    for request in requests:
        reply(server, request)
    judge(play, play.result(), rounds, "After a reply with a foreign id, the client hears nothing more.")


def malformed(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG)]]
    server = begin(play, drivers, rounds)
    (request,) = take(play, server, 1)
    for frames in ([b""], [request.id], [request.id, b"one", b"frame too many"]):
        server.send_multipart([request.peer, *frames])
    reply(server, request)
    judge(play, play.result(), rounds, "A reply of one or three frames is not thrown away, or ends the client.")


def never(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"patient", LONG), (b"hasty", SHORT)], [(b"next", LONG)]]
    server = begin(play, drivers, rounds)
    patient, _ = take(play, server, 2)
    (following,) = take(play, server, 1, None)  # which is asked when the hasty one has ended, or is given up
    reply(server, patient)
    reply(server, following)
    judge(play, play.result(), rounds, "After a timeout, the client hears nothing more.", timed_out=[b"hasty"])


def late(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"first", SHORT)], [(b"second", LONG)]]
    server = begin(play, drivers, rounds)
    (first,) = take(play, server, 1)
    (second,) = take(play, server, 1, None)
    reply(server, first)
    reply(server, second)
    judge(play, play.result(), rounds, "After a late reply, the client hears nothing more.", timed_out=[b"first"])


def restarted(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG), (b"two", LONG)]]
    server = play.socket(zmq.ROUTER)
    ids: set[bytes] = set()
    for name in ("you", "you again"):
        play.actor(drivers.ask, play.code, play.endpoint, rounds, name=name)
        requests = take(play, server, 2)
        play.expect(
            not ids & {request.id for request in requests},
            got="a client started later used an id that an earlier one had used",
            wanted="ids that no client has used before",
            cause="A counter begins anew with each start, and a reply to the old client may come late.",
        )
        ids |= {request.id for request in requests}
        for request in requests:
            reply(server, request)
        judge(play, play.result(name), rounds, "A second client gets no answers.")


def closed(drivers: Drivers, play: Play) -> None:
    server = play.socket(zmq.ROUTER)
    arrived = threading.Event()
    play.actor(drivers.leave, play.code, play.endpoint, arrived, call="client.close() while a request is open")
    take(play, server, 1)
    arrived.set()
    ending, left = play.result()
    play.expect(
        ending not in (NOTHING, repr(answer(OPEN))),
        called="client.close() while a request is open",
        got=f"the request has {ending}",
        wanted="that the request fails or is cancelled",
        cause="Whoever waits for it waits for ever: close() has to end what is still open.",
    )
    play.expect(
        not left,
        called="client.close()",
        got=left,
        wanted="no socket, thread or task left behind",
        cause="A socket left open makes ctx.term() wait for ever; a task left running still waits for a message.",
    )


SCRIPTS: tuple[tuple[str, Callable[[Drivers, Play], None]], ...] = (
    ("one request, one reply", one),
    ("eight requests, the replies in another order", shuffled),
    ("a reply that comes twice", twice),
    ("a reply with an id that nobody waits for", foreign),
    ("replies of one frame, of three, and an empty one", malformed),
    ("a reply that never comes", never),
    ("a late reply, and then the right one", late),
    ("a second client, started later", restarted),
    ("close() while a request is open", closed),
)


def scenarios(drivers: Drivers) -> tuple[Scenario, ...]:
    """All of the above for one kind of client."""
    return tuple(Scenario(name, partial(script, drivers)) for name, script in SCRIPTS)
