"""05-a: a client of futures, with a thread that owns the socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import zmq

from ..exercise import Exercise
from ..scenes.hostile_server import (
    CAUSES,
    HOSTILE,
    LASTING,
    LONG,
    NOTHING,
    OPEN,
    OVER,
    PAIRING,
    RESULT,
    TIMEOUT,
    Drivers,
    Patience,
    Rounds,
    advice,
    answer,
    leftovers,
    punctual,
    reply,
    said,
    scenarios,
    take,
)
from ..scenes.play import Play
from ..scenes.running import expect_alive
from ..scenes.scenario import Scenario, Step

SHORT_WAIT = 0.05  # seconds

SKELETON = '''
class Client:
    """Asks a server many things at the same time.

    A request has two frames, [id, payload], and so has its
    reply, which repeats the id. No id is used twice, not even
    by a client that is started later, or in another process.
    What else comes from the server (an id that nobody waits
    for, another number of frames) is thrown away. When a
    request has ended, the client keeps nothing of it.
    """

    def __init__(self, ctx, endpoint):
        """Connect a DEALER of `ctx`, a zmq.Context.

        It connects to `endpoint`. One thread alone uses each
        socket, and no lock changes that.
        """
        raise NotImplementedError("one thread has the socket")

    def request(self, payload, timeout):
        """Send `payload` (bytes), and return a
        concurrent.futures.Future at once.

        The future's result is the payload of the reply. If
        none comes within `timeout` seconds, its exception is
        a TimeoutError then, even when there is no server and
        more is asked than a DEALER queues. Several threads
        may call this at the same time. Nobody cancels the
        future, and nobody asks once the client is closed.
        """
        raise NotImplementedError

    def close(self):
        """End the thread and close the socket: both are done
        when it returns.

        Requests that are still open fail or are cancelled.
        """
        raise NotImplementedError
'''

HINTS = (
    "Start one thread in `__init__`. It makes the socket, and nobody else touches it. `request` puts id, payload, "
    "future and deadline into a `queue.SimpleQueue`. The thread may look into the queue a hundred times a second, as "
    "`owner` does. Or ring a bell: write a byte into one end of a `socket.socketpair()`, and let a `zmq.Poller` look "
    "at the other end and at the socket.",
    "The thread keeps a dict from id to future and deadline. With `waiting.pop(request_id, None)` a reply finds its "
    "future, and a second, late or foreign reply finds None. Look at `len(frames)` before you unpack. `os.urandom(8)`, "
    "made once, and a counter make an id that no other client has.",
    "`poll` must end in time for the earliest deadline: give it the milliseconds until then. After each poll, take "
    "every entry whose deadline has passed out of the dict, and give its future a TimeoutError. `send` waits when the "
    "queue of the DEALER is full, and then nobody looks at the clock: send with zmq.DONTWAIT, and keep what zmq.Again "
    "refuses for later. `close` tells the thread to end, and joins it; at its end the thread fails what is still in "
    "the dict or in the queue.",
)

SOLUTION = '''
import itertools
import os
import queue
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future

import zmq


class Client:
    """Asks a server many things at the same time."""

    def __init__(self, ctx, endpoint):
        self.ids = itertools.count()
        self.prefix = os.urandom(8)  # another one for each client: its ids were never used before
        self.lock = threading.Lock()
        self.closed = False
        self.requests = queue.SimpleQueue()
        self.bell, self.ear = socket.socketpair()
        self.thread = threading.Thread(target=self.run, args=(ctx, endpoint))
        self.thread.start()

    def request(self, payload, timeout):
        future = Future()
        future.set_running_or_notify_cancel()  # nobody can cancel it now, so nobody can end it but us
        deadline = time.monotonic() + timeout
        with self.lock:  # nothing is put into the queue after the last look at it
            if self.closed:
                raise RuntimeError("the client is closed")
            request_id = self.prefix + next(self.ids).to_bytes(8, "big")
            self.requests.put((request_id, payload, future, deadline))
            self.bell.send(b"!")
        return future

    def close(self):
        with self.lock:
            if not self.closed:
                self.closed = True
                self.requests.put(None)
                self.bell.send(b"!")
        self.thread.join()

    def run(self, ctx, endpoint):
        """The thread that owns the socket."""
        waiting = {}  # id -> (future, deadline)
        try:
            with ctx.socket(zmq.DEALER) as dealer, self.bell, self.ear:
                dealer.linger = 0
                dealer.connect(endpoint)
                self.serve(dealer, waiting)
        finally:
            for future, _ in waiting.values():
                future.set_exception(ConnectionError("the client was closed"))

    def serve(self, dealer, waiting):
        outbox = deque()  # ids and payloads that are not sent yet
        poller = zmq.Poller()
        poller.register(self.ear, zmq.POLLIN)
        while True:
            poller.register(dealer, zmq.POLLIN | (zmq.POLLOUT if outbox else 0))
            ready = dict(poller.poll(self.patience(waiting)))
            if self.ear.fileno() in ready:
                self.ear.recv(1)
                request = self.requests.get()
                if request is None:
                    return
                request_id, payload, future, deadline = request
                waiting[request_id] = future, deadline
                outbox.append((request_id, payload))
            if ready.get(dealer, 0) & zmq.POLLIN:
                self.receive_one(dealer, waiting)
            self.end_overdue(waiting)
            self.send_all(dealer, outbox, waiting)

    def patience(self, waiting):
        """Milliseconds until the earliest deadline; None when nothing waits."""
        if not waiting:
            return None
        earliest = min(deadline for _, deadline in waiting.values())
        return max(0, (earliest - time.monotonic()) * 1000 + 1)

    def send_all(self, dealer, outbox, waiting):
        """As far as the DEALER takes them: it waits for nobody, or no time would ever be up."""
        while outbox:
            request_id, payload = outbox[0]
            if request_id in waiting:  # its time is not up
                try:
                    dealer.send_multipart([request_id, payload], zmq.DONTWAIT)
                except zmq.Again:
                    return
            outbox.popleft()

    def receive_one(self, dealer, waiting):
        frames = dealer.recv_multipart()
        if len(frames) == 2 and frames[0] in waiting:
            future, _ = waiting.pop(frames[0])
            future.set_result(frames[1])

    def end_overdue(self, waiting):
        now = time.monotonic()
        for request_id, (future, deadline) in list(waiting.items()):
            if deadline <= now:
                del waiting[request_id]
                future.set_exception(TimeoutError("no reply in time"))
'''

WHY = (
    "The dict says which requests are open. A reply takes its request out of it, and so does a timeout, so everything "
    "that comes later, twice or from elsewhere finds nothing there and is dropped. One thread owns the socket; the "
    "others reach it by a queue, and wake it by a byte through a socket pair, which may be shared, as a ZeroMQ socket "
    "may not. `poll` wakes up for the earliest deadline. The lock makes sure that no request comes after `close`."
)

WRONG_WAYS = {
    "sends in the caller's thread": (
        "Then several threads use one socket, which may end the whole process. Hand the request to the thread that "
        "owns the socket."
    ),
    "pairs by order": (
        "A server may answer in any order, and then one caller gets the answer of another one. The id in the reply "
        "says which request is meant."
    ),
    "counts from 0": (
        "A client that is started again counts from 0 as well. A late reply to the earlier client then has an id for "
        "which the new one waits. Random bytes in front of the counter prevent that."
    ),
    "keeps what is done": (
        "A reply that comes twice finds its future once more, and to end it again raises an exception. The thread "
        "dies of it, and with it all other requests."
    ),
    "never looks at the clock": (
        "A reply that never comes wakes nobody. `poll` has to end in time for the earliest deadline."
    ),
    "forgets what is still in the queue": (
        "A request that the thread has not taken out of the queue is open too. After `close()` nobody would end it, "
        "and whoever waits for it waits for ever."
    ),
}


# -- the program that uses the client ---------------------------------------------------------------------------------


def ending(future: Any, patience: Patience) -> str:
    """What became of it, in words; waits for it, though not for ever."""
    if not isinstance(future, Future):
        return f"{type(future).__name__} in place of a concurrent.futures.Future"
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())  # concurrent.futures.wait does not see that one is cancelled
    if not happened(done, patience.left()):
        patience.lost()
        return NOTHING
    try:
        return repr(future.result())
    except (Exception, CancelledError) as error:
        return type(error).__name__


def ask(ctx: Any, code: Any, endpoint: str, rounds: Rounds) -> list[str]:
    patience = Patience()
    client = code(ctx, endpoint)
    futures: list[Any] = []
    ended: dict[int, str] = {}  # place in `futures` -> what was seen when its round was over
    for questions in rounds:
        began = monotonic()
        futures += [client.request(question, timeout) for question, timeout in questions]
        last = ending(futures[-1], patience)
        ended[len(futures) - 1] = punctual(last, monotonic() - began, questions[-1][1])
    endings = [ended.get(place) or ending(future, patience) for place, future in enumerate(futures)]
    client.close()
    return endings


def leave(ctx: Any, code: Any, endpoint: str, arrived: threading.Event, threads: Callable[[], int]) -> tuple[str, str]:
    client = code(ctx, endpoint)
    future = client.request(OPEN, LONG)
    happened(arrived)
    client.close()
    expect_alive(ctx, "client.close() while a request is open")
    left = leftovers(sockets=len(ctx.open_sockets()), threads=threads())
    ended = ending(future, Patience())
    has_result = future.done() and not future.cancelled() and future.exception() is None
    return (RESULT if has_result else "") + ended, left


def repeat(ctx: Any, code: Any, endpoint: str, go: SimpleQueue[Any], over: SimpleQueue[tuple[int, int]]) -> None:
    client = code(ctx, endpoint)
    while questions := got(go):
        futures = [client.request(question, timeout) for question, timeout in questions]
        patience = Patience()
        endings = [ending(future, patience) for future in futures]
        del futures
        lost = sum(each in (TIMEOUT, NOTHING) for each in endings)
        over.put((len(endings) - lost, endings.count(TIMEOUT)))
    client.close()


def happened(event: threading.Event, seconds: float = LONG) -> bool:
    """Wait for an event of another thread, in short waits: the lab can stop an actor between two of them."""
    deadline = monotonic() + seconds
    while not event.wait(SHORT_WAIT) and monotonic() < deadline:
        pass
    return event.is_set()


def got(things: SimpleQueue[Any]) -> Any:
    """The next one that another thread puts in there; in short waits too."""
    while True:
        with suppress(Empty):
            return things.get(timeout=SHORT_WAIT)


def hurry(ctx: Any, code: Any, endpoint: str) -> list[str]:
    client = code(ctx, endpoint)
    futures = [client.request(OPEN, LONG) for _ in range(5)]
    client.close()
    patience = Patience()
    return [ending(future, patience) for future in futures]


def crowd(ctx: Any, code: Any, endpoint: str, questions: Sequence[Sequence[bytes]]) -> list[str]:
    """One client for four threads."""
    client = code(ctx, endpoint)
    endings: dict[bytes, str] = {}
    together = threading.Barrier(len(questions))

    def work(own: Sequence[bytes]) -> None:
        together.wait()
        patience = Patience()
        futures = [client.request(question, LONG) for question in own]
        endings.update({question: ending(future, patience) for question, future in zip(own, futures, strict=True)})

    threads = [threading.Thread(target=work, args=(own,), name=f"caller {n}") for n, own in enumerate(questions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    return [endings.get(question, NOTHING) for own in questions for question in own]


def four_threads(play: Play) -> None:
    questions = [[b"%d of thread %d" % (n, thread) for n in range(5)] for thread in range(4)]
    server = play.socket(zmq.ROUTER)
    play.actor(crowd, play.code, play.endpoint, questions, call="client.request(…) in four threads at the same time")
    requests = take(play, server, 20)
    play.random.shuffle(requests)
    for request in requests:
        reply(server, request)
    for question, got in zip((each for own in questions for each in own), play.result(timeout=OVER), strict=True):
        play.expect(
            got == repr(answer(question)),
            called=said(question, LONG),
            got=got,
            wanted=repr(answer(question)),
            cause="Two threads got the same id, or one has overwritten what the other had just written.",
        )


def at_once(play: Play) -> None:
    play.socket(zmq.ROUTER)
    call = "client.close() right after five requests"
    play.actor(hurry, play.code, play.endpoint, call=call)
    endings = play.result(timeout=OVER)
    play.expect(
        NOTHING not in endings,
        called=call,
        got=f"{endings.count(NOTHING)} of them never ended",
        wanted="that each of them fails or is cancelled",
        cause="What request() has put into the queue, and the thread has not taken out yet, is open too.",
    )


DRIVERS = Drivers(ask, leave, repeat)

EXERCISE = Exercise(
    key="05-a",
    lesson="05-correlation-ids",
    title="a client that survives a hostile server, with threads",
    name="Client",
    call="Client(ctx, endpoint)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "each request gets its own reply, in any thread",
            (*scenarios(DRIVERS, PAIRING), Scenario("requests from four threads", four_threads)),
        ),
        Step("no reply can harm it, and every wait has an end", scenarios(DRIVERS, HOSTILE)),
        Step(
            "it lives beside others, keeps nothing, and can end",
            (
                *scenarios(DRIVERS, LASTING),
                Scenario("close() right after five requests", at_once),
                advice(DRIVERS),
            ),
        ),
    ),
    causes=CAUSES,
    stuck="It waits for something that does not come: close() for a thread that nobody has told to end, or request() "
    "for the reply.",
)
