"""Exercise 02-a, the patient asker: a REQ that gives up in time, and asks again with a new socket."""

from __future__ import annotations

import threading
from itertools import pairwise
from time import monotonic
from typing import Any, NamedTuple

import zmq

from ..exercise import Exercise
from ..scenes.play import ENOUGH, Driver, Play, take
from ..scenes.refused import Refused
from ..scenes.running import expect_alive, held
from ..scenes.scenario import Scenario, Step
from ..scenes.shown import shown

CALLED = 'ask(ctx, endpoint, b"{}", timeout={:g}, tries={})'
ENDS = 1.0  # seconds for ctx.term() to return, or it never does
AT_ONCE = 0.2  # seconds that are none
ENDLESS = "recv() without a time limit waits for ever. Let poll() or rcvtimeo end the wait, then try once more."
SAME_ID = (
    "Two sockets, one after the other, have the same routing id. While a ROUTER knows the first, it lets in no second: "
    "what that one sends is lost. Later, an answer to the first comes to the second. Leave the routing id alone, and "
    "each socket gets its own."
)
ONE_SOCKET = "One socket serves both questions, and takes the first answer that comes. A new socket cannot get it."
TOO_EARLY = "It gives up too early: poll() and rcvtimeo take milliseconds, and timeout is seconds."
ENDS_AT_ONCE = "that it returns at once"
LINGERS = (
    "A socket was closed with its unsent question. As long as its linger says (-1 is for ever), term() waits for a "
    "server that never comes. Set linger to 0."
)
TOO_LATE = "It waits longer than it was told to: timeout is for each try, and is the same for all of them."
TRY = 0.3  # seconds of timeout, where the times are looked at
EARLY = 0.9  # of the time that all tries take together: clocks are coarse

SKELETON = '''
import zmq


def ask(ctx, endpoint, question, timeout, tries):
    """Ask at `endpoint`, and return the answer, as bytes.

    Each try waits at most `timeout` seconds for the answer,
    and there are at most `tries` tries. When none of them is
    answered, raise TimeoutError.

    A late answer to an earlier question is never returned as
    the answer to this one.

    No socket stays open, not even after an answer, and
    nothing stays behind that `ctx.term()` would wait for. The
    stop button's KeyboardInterrupt ends it at once.
    """
    raise NotImplementedError("write the patient asker")
'''

HINTS = (
    "A REQ that has sent its question cannot send again. What did the lesson do with such a socket?",
    "Make a new REQ for every try, in a loop. `socket.poll(milliseconds)` says whether an answer came in time.",
    "In each turn of the loop: make the socket with `linger = 0`, connect, send, and return `recv()` if "
    "`poll(timeout * 1000)` says so. `with ctx.socket(zmq.REQ) as socket:` closes it on every way out. After the loop, "
    "raise TimeoutError.",
)

SOLUTION = """
import zmq


def ask(ctx, endpoint, question, timeout, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(endpoint)
            socket.send(question)
            if socket.poll(timeout * 1000):
                return socket.recv()
    raise TimeoutError(f"no answer from {endpoint} after {tries} tries")
"""

WHY = (
    "Each try has a socket of its own. So REQ is always in the right state, and a late answer finds a connection that "
    "is gone: ROUTER and REP drop it. `with` closes the socket on every way out, an exception included, and linger 0 "
    "throws away a question that could not be sent, so that `ctx.term()` does not wait for it. The server may get the "
    "same question twice: ask only what may be asked twice."
)

WRONG_WAYS = {
    "recv without a limit": (
        "A server that is gone never answers, and `recv()` waits for ever. `poll` with a limit says whether something"
        " has come in time."
    ),
    "sends twice on one REQ": (
        "A REQ that waits for its answer cannot send: it raises an error. A new REQ may send at once."
    ),
    "keeps the socket for the next question": (
        "The answer to the question before may still come, and on the same socket it is taken for the answer to this "
        "one."
    ),
    "has the same routing id in each call": (
        "While a ROUTER knows the first socket of that id it lets in no second one, so the question is lost. Later, "
        "an answer to the first question can come to the second one."
    ),
    "forgets linger": (
        "A question that could not be sent stays with the closed socket, and `ctx.term()` waits until a server takes "
        "it: for ever, if there is none."
    ),
    "catches the stop button": (
        "`except BaseException:` catches KeyboardInterrupt as well, so the loop goes on with its next try. Catch what"
        " a try can raise, and no more."
    ),
}


class Outcome(NamedTuple):
    """What became of one call of the learner's function."""

    answer: Any  # TimeoutError or KeyboardInterrupt, the class, where it raised one
    open: int  # how many sockets it has left open
    seconds: float
    early: bool  # not even one try can have waited for its time


async def attempt(ctx: Any, code: Driver, endpoint: str, question: bytes, timeout: float, tries: int) -> Outcome:
    """In the actor: call it. Sockets are counted also where nobody refers to them any more."""
    began = monotonic()
    answer: Any
    with held(ctx):
        try:
            answer = await code(ctx, endpoint, question, timeout, tries)
        except (TimeoutError, KeyboardInterrupt) as error:
            answer = TimeoutError if isinstance(error, TimeoutError) else KeyboardInterrupt
        seconds = monotonic() - began
        expect_alive(ctx, f"ask(ctx, endpoint, {question!r}, {timeout=:g}, {tries=})")
        return Outcome(answer, len(ctx.open_sockets()), seconds, seconds < timeout / 2)


def start(play: Play, called: str, question: bytes, timeout: float, tries: int) -> None:
    play.drive(attempt, play.endpoint, question, timeout, tries, call=called)


def answered(play: Play, called: str, answer: Any, wanted: bytes) -> None:
    """The answer must be that, as bytes."""
    causes = (
        (answer is TimeoutError and not wanted, "An empty answer is an answer too: `if answer:` takes it for none."),
        (answer is TimeoutError, TOO_EARLY),
        (answer is None, "A way through the function ends without `return`."),
        (isinstance(answer, str), "It decodes the answer. The caller asked for bytes."),
        (isinstance(answer, list), "recv_multipart() returns a list of frames; an answer here is one frame: recv()."),
    )
    cause = next((cause for true, cause in causes if true), "It returns something else than what it received.")
    fits = isinstance(answer, bytes) and answer == wanted
    play.expect(fits, called=called, got=said(answer), wanted=f"{wanted!r} returned", cause=cause)


def said(answer: Any) -> str:
    return answer.__name__ if isinstance(answer, type) else f"{shown(answer)} returned"


def closed(play: Play, called: str, outcome: Outcome) -> None:
    play.expect(
        outcome.open == 0,
        called=called,
        got=f"a socket is still open after the {said(outcome.answer)} ({outcome.open} in all)",
        wanted="no open socket",
        cause="Not every way out of the function closes its socket: `with ctx.socket(…) as socket:` does.",
    )


def request(play: Play, peer: zmq.Socket[bytes], called: str, already: str) -> list[bytes]:
    """The next question that the server gets, with its envelope. `already` says what there was before it."""
    play.until(lambda: peer.poll(0) > 0 or not play.running(), 2 * ENOUGH)  # a try may have taken all the time
    frames = play.receive(peer, 0.2)
    if frames is not None:
        return frames
    if play.running():
        got = f"{already}, and it still waits"
        cause = SAME_ID if named_twice(play) else ENDLESS
    else:
        outcome = play.result()
        got = f"{already}, then {said(outcome.answer)}"
        cause = TOO_EARLY if outcome.early else "It gives up although there are tries left."
    raise Refused(called=called, got=got, wanted="one more request", cause=play.absent() or cause)


def named_twice(play: Play) -> bool:
    """Whether two of its sockets have set the same routing id."""
    play.lab.messages()  # brings the trace up to date
    ids = [socket.routing_id for socket in play.lab.trace.sockets.values() if socket.routing_id is not None]
    return len(set(ids)) < len(ids)


def listen(peer: zmq.Socket[bytes], came: list[float]) -> int:
    """Note when requests came; how many that were until now."""
    while take(peer):
        came.append(monotonic())
    return len(came)


def reply(peer: zmq.Socket[bytes], to: list[bytes], answer: bytes) -> None:
    """Answer as a server does: the envelope comes back as it is."""
    peer.send_multipart([*to[:-1], answer])


def at_once(play: Play) -> None:
    """Four questions in turn: any bytes, and none; and so are the answers."""
    peer = play.socket(zmq.ROUTER)
    for question, answer in ((b"Q1", b"A1"), (b"Q2", b""), (b"\xff\x00", b"\x00\xfe"), (b"", b"A4")):
        called = f"ask(ctx, endpoint, {question!r}, timeout=1, tries=2)"
        start(play, called, question, 1.0, 2)
        first = request(play, peer, called, "no request came")
        play.expect(
            first[-1] == question,
            called=called,
            got=f"the request {first[-1]!r}",
            wanted=f"the request {question!r}",
            cause="The question has to be sent as it is, in one frame.",
        )
        reply(peer, first, answer)
        outcome = play.result()
        answered(play, called, outcome.answer, answer)
        closed(play, called, outcome)


def second_try(play: Play) -> None:
    called = CALLED.format("Q1", 0.3, 5)
    peer = play.socket(zmq.ROUTER)
    start(play, called, b"Q1", 0.3, 5)
    request(play, peer, called, "no request came")
    late = request(play, peer, called, "one request, which was not answered")
    while late:  # a slow machine may need one more try
        reply(peer, late, b"A1")
        play.until(lambda: peer.poll(0) > 0 or not play.running())
        late = take(peer) or []
    answered(play, called, play.result().answer, b"A1")
    closed(play, called, play.result())


def never(play: Play) -> None:
    """Each try has its time, and so have all together."""
    called = CALLED.format("Q1", TRY, 3)
    peer = play.socket(zmq.ROUTER)
    start(play, called, b"Q1", TRY, 3)
    came: list[float] = []

    play.until(lambda: listen(peer, came) > 3 or not play.running(), 2 * ENOUGH)
    outcome = play.result(timeout=ENOUGH)
    listen(peer, came)
    gave_up(play, called, outcome.answer)
    play.expect(
        outcome.seconds >= EARLY * TRY * 3,
        called=called,
        got="TimeoutError too early",
        wanted=f"TimeoutError after about 3 times {TRY} s",
        cause="A try is missing, or it does not wait: poll() and rcvtimeo take milliseconds, and timeout is seconds.",
    )
    play.expect(
        len(came) <= 3,
        called=called,
        got=f"{len(came)} requests",
        wanted="3 requests at most",
        cause="The first try counts too: three tries are three requests.",
    )
    for before, after in pairwise(came):
        wanted, cause = f"one more request after {TRY} s", SAME_ID if named_twice(play) else TOO_LATE
        play.expect_soon(after - before, TRY, called=called, what="one more request", wanted=wanted, cause=cause)
    wanted = f"TimeoutError after about 3 times {TRY} s"
    play.expect_soon(outcome.seconds, 3 * TRY, called=called, what="TimeoutError", wanted=wanted, cause=TOO_LATE)


def interrupted(play: Play) -> None:
    """As by the stop button, while it waits. An async function is not interrupted, but cancelled: not tried here."""
    called = CALLED.format("Q1", 0.2, 20)
    peer = play.socket(zmq.ROUTER)
    start(play, called, b"Q1", 0.2, 20)
    request(play, peer, called, "no request came")
    if not play.interrupt():
        return
    more: list[float] = []
    play.until(lambda: listen(peer, more) > 1 or not play.running(), ENOUGH)  # one may be under way
    play.expect(
        not play.running() and play.result().answer is KeyboardInterrupt,
        called=called + ", and the stop button is pressed",
        got="the next try" if play.running() else said(play.result().answer),
        wanted="that KeyboardInterrupt comes out",
        cause="`except:` and `except BaseException:` catch the stop button too. Catch what a try can raise: zmq.Again.",
    )


def nobody(play: Play) -> None:
    """The question cannot even be sent."""
    called = CALLED.format("Q1", 0.2, 2) + ", then ctx.term()"

    async def ask_and_end(ctx: Any, code: Driver) -> tuple[Outcome, bool, float]:
        outcome = await attempt(ctx, code, play.endpoint, b"Q1", 0.2, 2)
        ending, began = threading.Thread(target=ctx.term, daemon=True), monotonic()
        ending.start()
        ending.join(ENDS)
        return outcome, not ending.is_alive(), monotonic() - began

    play.drive(ask_and_end, call=called)
    outcome, ended, seconds = play.result()
    gave_up(play, called, outcome.answer)
    closed(play, called, outcome)
    play.expect(
        ended,
        called=called,
        got="term() does not return",
        wanted=ENDS_AT_ONCE,
        cause=LINGERS,
    )
    play.expect_soon(seconds, AT_ONCE, called=called, what="it returned", wanted=ENDS_AT_ONCE, cause=LINGERS)


def gave_up(play: Play, called: str, answer: Any) -> None:
    play.expect(
        answer is TimeoutError,
        called=called,
        got=said(answer),
        wanted="TimeoutError",
        cause="After the last try it ends without an exception: its caller takes that for an answer.",
    )


def late(play: Play) -> None:
    """The answer to the first question arrives while the second one waits for its own."""
    called = f"{CALLED.format('Q1', 0.3, 1)}, then {CALLED.format('Q2', 3, 1)}"
    peer = play.socket(zmq.ROUTER)

    async def twice(ctx: Any, code: Driver) -> Outcome:
        await attempt(ctx, code, play.endpoint, b"Q1", 0.3, 1)
        return await attempt(ctx, code, play.endpoint, b"Q2", 3.0, 1)

    play.drive(twice, call=called)
    first = request(play, peer, called, "no request came")
    second = request(play, peer, called, "the request b'Q1', which was not answered in time")
    reply(peer, first, b"A1")
    reply(peer, second, b"A2")
    answer = play.result().answer
    play.expect(
        answer != b"A1",
        called=called,
        got="b'A1', the late answer to Q1, returned for Q2",
        wanted="b'A2' returned for Q2",
        cause=SAME_ID if named_twice(play) else ONE_SOCKET,
    )
    answered(play, called, answer, b"A2")


EXERCISE = Exercise(
    key="02-a",
    lesson="02-lock-step-or-not",
    title="the patient asker",
    name="ask",
    call="ask(ctx, endpoint, question, timeout, tries)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "",
            (
                Scenario("the server answers four questions at once", at_once),
                Scenario("the first try is not answered, the second one is", second_try),
                Scenario("the server never answers", never),
                Scenario("a late answer to the question before", late),
                Scenario("there is no server", nobody),
                Scenario("the stop button", interrupted),
            ),
        ),
    ),
    causes=(
        (zmq.Again, "rcvtimeo ends recv() with zmq.Again: catch it, and try once more or raise TimeoutError."),
        (TimeoutError, TOO_EARLY),
        (zmq.ContextTerminated, "The context belongs to the caller: close sockets, and leave the context alone."),
        (zmq.ZMQError, "A REQ that waits for its answer cannot send again. Close it, and make a new one."),
    ),
    stuck="It waits without a time limit, or longer than `timeout`: recv() waits for ever. Ask poll() first, or set "
    "rcvtimeo. Both take milliseconds, and `timeout` is seconds.",
)
