"""A server that answers late, twice, out of order, wrongly or never: what happens to the clients of 05-a and 05-b.

`Drivers` are the programs that use the learner's client, once with threads and once with asyncio. They run as actors
and say how each request ended. The server is a ROUTER of the checking thread.
"""

from __future__ import annotations

import asyncio
import queue
import re
import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from time import monotonic
from typing import Any, NamedTuple

import zmq

from .play import ENOUGH, Play, is_late
from .play import take as at_hand
from .refused import Refused
from .scenario import Scenario

LONG = 30.0  # seconds of timeout: longer than any scenario
SHORT = 0.3  # seconds of timeout: over soon
PATIENCE = 2.0  # seconds for a client to do what it will do, on a busy machine too
MORE = 0.5  # seconds for all others, once it has not done something
OVER = PATIENCE + MORE + ENOUGH  # seconds until the program that uses it has given up, and goes on or ends
NOTHING = "no result and no exception"
TIMEOUT = "TimeoutError"
EARLY = "TimeoutError, before the time was up"
LATE = "TimeoutError, long after the time was up"
EMPTY, BINARY = b"what is nothing?", b"\xff\x00 \n"
MANY = 1100  # requests: more than the queue of a DEALER takes, which has a high-water mark of 1000
REST = 0.15  # seconds
HALF = 100  # requests
GAPS = 50  # ids from one to the next, of who counts: other things may take some between them
BRIEF = 0.1  # seconds of timeout, where only its end counts
FLOW = 12  # replies to other requests, while one runs out of time
FOREIGN = (
    "After a reply with a foreign id, the client hears nothing more; or it takes that id for another one: an id is "
    "compared byte for byte."
)
STEP = 0.06  # seconds between two of them
TURNS = 6  # requests of each of two clients
SHARED = (
    "Two clients that live at the same time share something. What stands in the class itself, as `waiting = {}` below "
    "`class`, is one thing for all clients: make it in `__init__`, as `self.waiting = {}`."
)
NOT_FOR_EVER = "It does not go on for ever: after some requests it sends no more, or does not end them."

Rounds = Sequence[Sequence[tuple[bytes, float]]]
"""Questions with their timeouts. Those of a round are asked at the same time; the next round begins when the last of
them has ended."""


@dataclass(frozen=True)
class Drivers:
    """`ask(ctx, code, endpoint, rounds)` makes a client, asks, closes it, and returns how each request ended.
    `leave(ctx, code, endpoint, arrived, threads)` asks `OPEN`, closes the client once `arrived` is set, and returns how
    that request ended, and what was left when close() had returned; `threads` says how many of the client's live.
    `repeat(ctx, code, endpoint, go, over)` makes a client and, for each list of questions that it gets from the queue
    `go`, asks all of them, puts into `over` how many ended with an answer and how many with TimeoutError, and keeps
    nothing of them. None from `go` closes the client. `cancels` says that it cancels each `CANCELLED` among them, once
    all others have ended, and counts none of these."""

    ask: Callable[..., Any]
    leave: Callable[..., Any]
    repeat: Callable[..., Any]
    cancels: bool = False


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
    if ended == TIMEOUT and waited < 0.9 * timeout:
        return EARLY
    return LATE if ended == TIMEOUT and is_late(waited, timeout) else ended


class Request(NamedTuple):
    peer: bytes
    id: bytes
    payload: bytes


OPEN = b"open"
CANCELLED = b"cancelled"
RESULT = "the result "  # in front of what `leave` returns when the request has one

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
    """The answer to that payload; the one to `EMPTY` is empty."""
    return b"" if payload == EMPTY else b"answer to " + payload


def said(question: bytes, timeout: float) -> str:
    """The call, in the learner's words."""
    return f"client.request({question!r}, {timeout:g})"


# -- the server -------------------------------------------------------------------------------------------------------


def take(play: Play, server: zmq.Socket[bytes], count: int, timeout: float | None = ENOUGH) -> list[Request]:
    """The next requests. Refused unless so many come, of two frames, from one DEALER, each with an id of its own.

    With None for `timeout` they come when an earlier request has ended, or is given up.
    """
    requests: list[Request] = []
    while len(requests) < count:
        frames = play.receive(server, OVER if timeout is None else timeout)
        if frames is None and timeout is None:
            play.result(timeout=0)  # which says where the client stands
        play.expect(
            frames is not None,
            got=f"{len(requests)} of {count} requests at the server, while none was answered",
            wanted=f"all {count} requests",
            cause=play.absent()
            or "request() does not send, or it waits for the answer before the next request can be sent.",
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
        len({request.peer for request in requests}) == 1,
        got=f"{count} requests from {len({request.peer for request in requests})} sockets",
        wanted="one DEALER that sends them all",
        cause="Each request has a socket of its own. One DEALER carries them all: that is what the ids are for.",
    )
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


def judge(play: Play, rounds: Rounds, lost: str, *, name: str = "you", timed_out: Sequence[bytes] = ()) -> None:
    """Refused unless each request of that client ended as it should. `lost` says why one may have been left without its
    answer."""
    endings = play.result(name, OVER)
    questions = [question for each in rounds for question in each]
    answers = {repr(answer(question)) for question, _ in questions}
    for (question, timeout), got in zip(questions, endings, strict=True):
        wanted = TIMEOUT if question in timed_out else repr(answer(question))
        if got != wanted:
            cause = _likely(got, wanted, answers) or lost
            called, timed = said(question, timeout), got in (EARLY, LATE)
            raise Refused(called=called, got=got, wanted=wanted, cause=cause, late=got == LATE, timed=timed)


def _likely(got: str, wanted: str, answers: set[str]) -> str:
    if wanted == TIMEOUT and got == NOTHING:
        return "Nobody looks at the clock while no message comes, or `timeout`, which is in seconds, was made longer."
    if wanted == TIMEOUT and got.isidentifier():
        return f"The caller expects a TimeoutError when the time is up, and {got} is another exception."
    if got == LATE:
        return (
            "The client looks at the clock too seldom, or its deadline is too late: it is `timeout` seconds from now, "
            "and a reply that comes meanwhile for another request does not move it."
        )
    if got in answers:
        return "It pairs a reply with a request by their order. The id in the reply says which request is meant."
    if got in (TIMEOUT, EARLY):
        return "It ran out of time too early: the timeout is in seconds, and poll() wants milliseconds."
    if got == NOTHING and wanted == repr(b""):
        return "An empty payload is a reply too: `if payload:` takes it for none."
    return ""


# -- what it does to a client -----------------------------------------------------------------------------------------


def one(drivers: Drivers, play: Play) -> None:
    rounds = [[(question, LONG)] for question in (b"one", EMPTY, BINARY, b"")]
    server = begin(play, drivers, rounds)
    for _ in rounds:
        reply(server, *take(play, server, 1, None))
    judge(play, rounds, "Nobody receives the reply, or it does not get to the request that waits.")


def shuffled(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"question %d" % n, LONG) for n in range(8)]]
    server = begin(play, drivers, rounds)
    requests = take(play, server, 8)
    play.random.shuffle(requests)
    for request in requests:
        reply(server, request)
    judge(play, rounds, "Only some replies get to the requests that wait for them.")


def twice(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG)], [(b"two", LONG)]]
    server = begin(play, drivers, rounds)
    (request,) = take(play, server, 1)
    reply(server, request)
    reply(server, request)
    reply(server, *take(play, server, 1, None))
    judge(play, rounds, "After a reply that came twice, the client hears nothing more.")


def foreign(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG), (b"two", LONG)]]
    server = begin(play, drivers, rounds)
    requests = take(play, server, 2)
    peer, id, _ = requests[0]
    for nobodys in (b"nobody's id", id + b" ", id[:-1]):
        server.send_multipart([peer, nobodys, b"a foreign answer"])
    for request in requests:
        reply(server, request)
    judge(play, rounds, FOREIGN)


def malformed(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"one", LONG)]]
    server = begin(play, drivers, rounds)
    (request,) = take(play, server, 1)
    for frames in ([b""], [request.id], [request.id, b"one", b"frame too many"]):
        server.send_multipart([request.peer, *frames])
    reply(server, request)
    judge(play, rounds, "A reply of one or three frames is not thrown away, or ends the client.")


def never(drivers: Drivers, play: Play) -> None:
    """Meanwhile there are other replies, wanted and foreign, which give the hasty one no more time. A pause among them
    would end its time, though they had."""
    rounds = [[*((b"patient %d" % n, LONG) for n in range(FLOW)), (b"hasty", SHORT)], [(b"next", LONG)]]
    server = begin(play, drivers, rounds)
    patient = [request for request in take(play, server, FLOW + 1) if request.payload != b"hasty"]
    replied = [monotonic()]
    while len(patient) > 1 and not play.until(lambda: bool(server.poll(0)), STEP, server):
        server.send_multipart([patient[0].peer, b"nobody's id", b"a foreign answer"])
        reply(server, patient.pop())
        replied.append(monotonic())
    play.proves(all(after - before < SHORT / 2 for before, after in pairwise(replied)))
    (following,) = take(play, server, 1, None)
    for request in (*patient, following):
        reply(server, request)
    judge(play, rounds, "After a timeout, the client hears nothing more.", timed_out=[b"hasty"])


def late(drivers: Drivers, play: Play) -> None:
    rounds = [[(b"first", SHORT)], [(b"second", LONG)]]
    server = begin(play, drivers, rounds)
    (first,) = take(play, server, 1)
    (second,) = take(play, server, 1, None)
    reply(server, first)
    reply(server, second)
    judge(play, rounds, "After a late reply, the client hears nothing more.", timed_out=[b"first"])


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
        judge(play, rounds, "A second client gets no answers.", name=name)
    play.expect(
        not is_counted(ids),
        got=f"ids that only count: {sorted(ids)}",
        wanted="ids that no client has used before, not even before the program was started again",
        cause="A counter that the class keeps begins anew with the program, and a reply to the old one may come late.",
    )
    expect_different(play, len(ids), len(ids), short=max(map(len, ids)) < 4)


def two(drivers: Drivers, play: Play) -> None:
    """They live at the same time, and one is closed while the other waits for its last reply."""
    server = play.socket(zmq.ROUTER)
    rounds = {name: [[(f"{n} of {name}".encode(), LONG)] for n in range(TURNS)] for name in ("one", "two")}
    for name, questions in rounds.items():
        play.actor(drivers.ask, play.code, play.endpoint, questions, name=name)
    last = rounds["two"][-1][0][0]
    held: list[Request] = []
    peers: set[tuple[bytes, bytes]] = set()  # which socket has sent something of which client
    for _ in range(2 * TURNS):
        frames = play.receive(server, PATIENCE)
        if frames is None:
            break  # the client says which request got no answer
        request = Request(*frames)
        peers.add((request.peer, request.payload.split()[-1]))
        (held.append if request.payload == last else partial(reply, server))(request)
    play.expect(
        len(peers) <= len(rounds),
        called="Client one and client two, at the same time",
        got="a request of one client, sent by the socket of the other",
        wanted="that each client sends what it was asked",
        cause=SHARED,
        timed=True,  # who has passed once had luck with its threads, and left no state
    )
    judge(play, rounds["one"], SHARED, name="one")
    for request in held:
        reply(server, request)
    judge(play, rounds["two"], SHARED, name="two")


def is_counted(ids: Iterable[bytes]) -> bool:
    """Whether these ids are numbers that follow each other, if not one by one, with nothing random beside them."""
    texts = [re.fullmatch(rb"[A-Za-z]*[^0-9A-Za-z]?([0-9]{1,9})", id) for id in ids]
    readings = [
        [int(text[1]) for text in texts if text],
        [int.from_bytes(id, "big") for id in ids],
        [int.from_bytes(id, "little") for id in ids],
    ]
    return any(
        len(numbers) == len(texts) and max(numbers) < 1 << 32 and max(numbers) - min(numbers) < GAPS * len(texts)
        for numbers in readings
    )


def closed(drivers: Drivers, play: Play) -> None:
    server = play.socket(zmq.ROUTER)
    arrived = threading.Event()
    call = "client.close() while a request is open"
    play.actor(drivers.leave, play.code, play.endpoint, arrived, play.threads, call=call)
    take(play, server, 1)
    play.rest(REST)
    arrived.set()
    ending, left = play.result(timeout=OVER)
    play.expect(
        ending != NOTHING and not ending.startswith(RESULT),
        called="client.close() while a request is open",
        got=f"the request has {ending}",
        wanted="that the request fails or is cancelled",
        cause="Whoever waits for it waits for ever: close() has to end what is still open."
        if ending == NOTHING
        else "No reply has come, so there is no result: let it raise an exception, or cancel it.",
    )
    play.expect(
        not left,
        called="client.close()",
        got=left,
        wanted="no socket, thread or task left when it returns",
        cause="A socket left open makes ctx.term() wait for ever; a task left running still waits for a message, and "
        "so does a thread. close() tells it to end, and waits until it has: with await, or with join().",
    )


def for_ever(drivers: Drivers, play: Play) -> None:
    """As many requests are answered as time out, and as are cancelled, where a client can do that. Nothing stays of any
    when the time of all is up: who keeps deadlines in order, may keep each until then. No id comes twice. Whose time is
    up before it was sent, need not be sent any more.
    """
    server = play.socket(zmq.ROUTER)
    go: queue.SimpleQueue[Any] = queue.SimpleQueue()
    over: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    ids = array("q")  # hashes: they take no memory that the client's would be taken for
    play.actor(drivers.repeat, play.code, play.endpoint, go, over)
    questions = [(b"answered", SHORT)] * HALF + [(b"too late", BRIEF)] * HALF
    questions += [(CANCELLED, SHORT)] * HALF * drivers.cancels

    def serve() -> bool:
        while frames := at_hand(server):
            request = Request(*frames)
            ids.append(hash(request.id))
            if request.payload == b"answered":
                reply(server, request)
        return not over.empty()

    def one_round() -> None:
        began = monotonic()
        go.put(questions)
        play.until(serve, PATIENCE + ENOUGH, server)  # the client's, and ours
        expect_different(play, len(ids), len(set(ids)))
        answered, timed_out = over.get() if not over.empty() else (0, 0)
        play.expect(
            answered + timed_out == 2 * HALF,
            got=f"{answered} answers and {timed_out} TimeoutErrors to {2 * HALF} requests",
            wanted=f"{HALF} answers, and {HALF} TimeoutErrors",
            cause=NOT_FOR_EVER,
        )
        play.rest(began + 1.2 * SHORT - monotonic())

    play.expect_no_growth(
        HALF,
        one_round,
        cause="Something stays of each: an id in the dict when its time is up, or a task that still waits.",
    )
    go.put(None)
    play.result(timeout=OVER)


def expect_different(play: Play, count: int, different: int, short: bool = False) -> None:
    play.expect(
        count == different and not short,
        got="ids of less than 4 bytes" if short else f"{count} requests with {different} different ids",
        wanted="an id of its own for each request, of all clients",
        cause="The ids are too short: among many random ones two are equal. 8 random bytes are enough, or a counter "
        "with something random in front.",
    )


def nobody(drivers: Drivers, play: Play) -> None:
    """More requests than the queue of the DEALER takes, and no server. Then there is one."""
    go: queue.SimpleQueue[Any] = queue.SimpleQueue()
    over: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    play.actor(drivers.repeat, play.code, play.endpoint, go, over)
    go.put([(b"nobody hears", BRIEF)] * MANY)
    play.until(lambda: not over.empty(), 15 * BRIEF)
    ended = over.get() if not over.empty() else ()
    play.expect(
        ended == (0, MANY),
        called=f"client.request() {MANY} times, with no server",
        got="requests that have not ended",
        wanted=f"TimeoutError for each after {BRIEF} s",
        cause="After 1000 messages the queue of the DEALER is full, and a send waits until somebody takes one. Send "
        "with zmq.DONTWAIT, or let the time of a request run while it waits to be sent, too.",
    )
    server = play.socket(zmq.ROUTER)
    go.put([(b"next", LONG)])
    while True:
        frames = play.receive(server, ENOUGH)
        play.expect(
            frames, got="no request", wanted="the next request", cause="After so many timeouts it sends no more."
        )
        request = Request(*frames or ())
        if request.payload == b"next":
            break
    reply(server, request)
    play.until(lambda: not over.empty(), ENOUGH)
    go.put(None)
    play.result(timeout=OVER)


Scripts = tuple[tuple[str, Callable[[Drivers, Play], None]], ...]
"""Scenarios by their names, as far as they are the same for both kinds of client."""

PAIRING: Scripts = (
    ("one request, one reply", one),
    ("eight requests, the replies in another order", shuffled),
)
HOSTILE: Scripts = (
    ("a reply that comes twice", twice),
    ("a reply with an id that nobody waits for", foreign),
    ("replies of one frame, of three, and an empty one", malformed),
    ("a reply that never comes", never),
    ("a late reply, and then the right one", late),
)
LASTING: Scripts = (
    ("a second client, started later", restarted),
    ("two clients at the same time", two),
    ("hundreds of requests", for_ever),
    ("close() while a request is open", closed),
)
BULK = (for_ever,)


def scenarios(drivers: Drivers, scripts: Scripts) -> tuple[Scenario, ...]:
    """These, for one kind of client."""
    return tuple(Scenario(name, partial(script, drivers), bulk=script in BULK) for name, script in scripts)


def advice(drivers: Drivers) -> Scenario:
    """What the contract asks for too, and is no reason to refuse code that is right in all else."""
    return Scenario(f"{MANY} requests, and no server", partial(nobody, drivers), bulk=True, advice=True)
