"""Exercise 08-a, a queue that says BUSY: so many requests wait, and the next one is told at once."""

from __future__ import annotations

import zmq

from ..exercise import Exercise
from ..scenes.learners_broker import STUCK
from ..scenes.office import QUIET, Office, busy, done, request
from ..scenes.play import ENOUGH, Play
from ..scenes.scenario import Scenario, Step

LONG = 0.7  # seconds that a worker takes: nobody is to ask it again meanwhile
NOT_AGAIN = (
    "The worker has one request, and takes as long as it takes: it gets no other one, and not the same one again, "
    "before its reply."
)
CAROL = b"\xff\x00"  # a routing id is no text

SKELETON = '''
import zmq


def broker(ctx, frontend, worker, control, limit):
    """Bind a ROUTER at `frontend`, for the clients. Connect a
    DEALER to `worker`, where one worker is bound, and a PULL
    to `control`, where a PUSH is bound that can stop you.

    A request is an envelope and, as its last frame, the
    payload. It goes to the worker whole and unchanged, first
    come, first served. The worker has one request at a time:
    the next one goes when it has sent its reply. The reply
    has the same envelope. Pass it on to the client whole.

    Meanwhile at most `limit` requests (1 or more) wait in
    your queue. One that comes when so many wait is not
    queued: the client gets b"BUSY" at once, in place of the
    payload, with the envelope of the request.

    Any message from `control` says: stop, at once, whatever
    its frames are and whatever else is there. Then close all
    three sockets, and return.
    """
    raise NotImplementedError("write the broker")
'''

HINTS = (
    "A broker that does not read a request cannot answer it. So read each at once, and keep two things: a queue of "
    "your own, and whether the worker has something to do.",
    "Poll all three sockets, as in 06-a, and keep a `collections.deque`. A request from the ROUTER is appended to it, "
    "or refused when it is full. A reply from the DEALER says that the worker is free. After either of them: is the "
    "worker free, and does a request wait?",
    "A request: `if len(waiting) < limit: waiting.append(request)`, `else: "
    'front.send_multipart([*request[:-1], b"BUSY"])`. A reply: pass it on, `free = True`. At the end of every round: '
    "`if free and waiting: back.send_multipart(waiting.popleft())`, `free = False`.",
)

SOLUTION = """
from collections import deque

import zmq


def broker(ctx, frontend, worker, control, limit):
    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.DEALER) as back, ctx.socket(zmq.PULL) as told:
        front.bind(frontend)
        back.linger = 0
        back.connect(worker)
        told.connect(control)
        poller = zmq.Poller()
        for socket in (front, back, told):
            poller.register(socket, zmq.POLLIN)
        waiting, free = deque(), True
        while True:
            ready = dict(poller.poll())
            if told in ready:
                return
            if back in ready:
                front.send_multipart(back.recv_multipart())
                free = True
            if front in ready:
                request = front.recv_multipart()
                if len(waiting) < limit:
                    waiting.append(request)
                else:
                    front.send_multipart([*request[:-1], b"BUSY"])
            if free and waiting:
                back.send_multipart(waiting.popleft())
                free = False
"""

WHY = (
    "The broker reads everything at once, so nothing waits in a place that it cannot count, and the only queue with a"
    " limit that holds is its own. At the limit there are three things to do with one more request: let it wait "
    "(unread, where nobody knows of it), drop it (as a ROUTER does), or say so. Only the last one leaves the decision"
    " to somebody who can make it: the client may wait and ask again, ask somebody else, or give up. The envelope of "
    "the request leads BUSY to the right client, and to the right request of that client. What this broker does not "
    "have: an answer for those that wait when it stops, and any doubt that its worker lives. The linger of 0 is for a "
    "worker that is not there: its request must not keep the end of the context waiting."
)

WRONG_WAYS = {
    "no limit": (
        "The queue grows as long as more comes than the worker can do, and so does the time that each client waits. "
        "Nobody is told."
    ),
    "stops reading": (
        "What is not read waits where the broker cannot count it, and its client hears neither yes nor no."
    ),
    "drops in silence": (
        "The client waits for a reply that will never come. BUSY lets it decide: wait and ask again, ask somebody "
        "else, or give up."
    ),
    "refuses the oldest": (
        "That request has waited the longest, and its turn would have been next. The one that comes now can be told "
        "at once."
    ),
    "counts the one at the worker": (
        "What the worker has does not wait any more. With a limit of 1 nobody could wait at all."
    ),
    "loses the envelope": (
        "The client gets BUSY and does not know for which of its requests. A REQ takes no reply without its delimiter."
    ),
}


def one_by_one(play: Play) -> None:
    """The worker is free whenever a request comes."""
    office = Office(play, limit=1)
    alice = office.client("alice")
    for n in range(3):
        what = f"alice sent request no {n} when all before it were answered"
        alice.send_multipart(request(n))
        office.takes([b"alice", *request(n)], what)
        office.answers([b"alice", *request(n)])
        office.hears(alice, done(n), what)


def odd(play: Play) -> None:
    """Empty frames, bytes that are no text, and a client behind a hop: requests and replies go through whole."""
    office = Office(play, limit=1)
    carol = office.client("carol", routing_id=CAROL)
    for frames in ([b""], [b"", b""], [b"", b"\xff", b"", b"\xfe"], [b"hop", b"", b"job"], [b"BUSY"], [b" job\r\n"]):
        carol.send_multipart(frames)
        office.takes([CAROL, *frames], f"carol sent {frames}")
        office.worker.send_multipart([CAROL, *frames])
        office.hears(carol, frames, f"the worker answered {[CAROL, *frames]}")


def full(play: Play) -> None:
    """One at the worker, three wait, and five more come."""
    office = Office(play, limit=3)
    alice = office.client("alice")
    for n in range(9):
        alice.send_multipart(request(n))
    what = "alice sent requests no 0 to no 8; the worker has no 0"
    office.takes([b"alice", *request(0)], what)
    for n in range(4, 9):
        office.hears(alice, busy(n), what)
    office.takes_no_more(what)
    work_off(office, alice, [0, 1, 2, 3])


def work_off(office: Office, client: zmq.Socket[bytes], line: list[int]) -> None:
    """The worker answers all of them in this order, and that is all. It has the first one already."""
    for place, (n, following) in enumerate(zip(line, [*line[1:], None], strict=True), 1):
        what = f"the worker answered no {n}; those that wait: {line[place:]}"
        office.answers([b"alice", *request(n)])
        office.hears(client, done(n), what)
        if following is not None:
            office.takes([b"alice", *request(following)], what)
    office.takes_no_more("every request was answered, some with BUSY")


def room_again(play: Play) -> None:
    """Full, one is refused, one is answered, so there is room for one: three times."""
    office = Office(play, limit=2)
    alice = office.client("alice")
    line = [0, 1, 2]  # the first one is at the worker
    for n in line:
        alice.send_multipart(request(n))
    office.takes([b"alice", *request(0)], "alice sent requests no 0 to no 2")
    for n in (3, 5, 7):
        what = f"no {line[0]} is at the worker, no {line[1]} and no {line[2]} wait, and alice sent no {n}"
        alice.send_multipart(request(n))
        office.hears(alice, busy(n), what)
        what = f"the worker answered no {line[0]}"
        office.answers([b"alice", *request(line[0])])
        office.hears(alice, done(line.pop(0)), what)
        office.takes([b"alice", *request(line[0])], what)
        alice.send_multipart(request(n + 1))
        line.append(n + 1)
    work_off(office, alice, line)


def slow(play: Play) -> None:
    """The worker takes its time. It has the request, and nobody gives it another one, or the same one again. Two of
    the requests that wait are equal."""
    line = [0, 1, 2, 3, 4, 5, 5]
    office = Office(play, limit=len(line) - 1)
    alice = office.client("alice")
    for n in line:
        alice.send_multipart(request(n))
    what = "alice sent requests no 0 to no 5, and once more no 5; the worker takes its time for no 0"
    office.takes([b"alice", *request(0)], what)
    office.takes_no_more(what, LONG, NOT_AGAIN)
    work_off(office, alice, line)


def any_envelope(play: Play) -> None:
    """BUSY for a REQ, a DEALER without a delimiter, a client behind two hops, and in place of an empty frame."""
    office = Office(play, limit=1)
    alice, carol = office.client("alice"), office.client("carol", zmq.REQ)
    odd = office.client("odd", routing_id=b"\xff\x00")
    for n in range(3):
        alice.send_multipart(request(n))
    what = "alice sent requests no 0 to no 2"
    office.takes([b"alice", *request(0)], what)
    office.hears(alice, busy(2), what)
    carol.send(b"job")
    office.hears(carol, [b"BUSY"], "one request waits; then a REQ sent [b'job']")
    for envelope in ([], [b"bob", b"hop", b""]):
        alice.send_multipart([*envelope, b"job"])
        office.hears(alice, [*envelope, b"BUSY"], f"one request waits; then a DEALER sent {[*envelope, b'job']}")
    for envelope in ([], [b""], [b"\xfe\x00", b""]):
        odd.send_multipart([*envelope, b""])
        office.hears(odd, [*envelope, b"BUSY"], f"one request waits; then a DEALER sent {[*envelope, b'']}")
    work_off(office, alice, [0, 1])


def three_clients(play: Play) -> None:
    """Nine requests in an order of their own: three find room, six do not, and each is answered once."""
    office = Office(play, limit=2)
    clients = {name: office.client(name) for name in ("alice", "bob", "carol")}
    heard: list[tuple[str, list[bytes]]] = []
    for n in range(3):
        for name in play.random.sample(list(clients), len(clients)):
            clients[name].send_multipart(request(n))

    def listen(number: int) -> bool:
        heard.extend((name, socket.recv_multipart()) for name, socket in clients.items() if socket.poll(0))
        return len(heard) >= number

    play.until(lambda: listen(6), ENOUGH)
    for n in range(3):
        frames = play.receive(office.worker, ENOUGH)
        if frames is not None:
            office.answers(frames)
        play.until(lambda number=7 + n: listen(number), ENOUGH)  # type: ignore[misc]
    play.until(lambda: listen(10), QUIET)
    refused = sum(frames[-1] == b"BUSY" for _, frames in heard)
    answered = sorted((name, frames[:-1]) for name, frames in heard)
    play.expect(
        (len(heard), refused) == (9, 6)
        and answered == sorted((name, request(n)[:-1]) for name in clients for n in range(3)),
        called=f"{office.call}, and alice, bob and carol sent three requests each; the worker answered all that it got",
        got=f"{refused} times BUSY and {len(heard) - refused} other replies",
        wanted="6 times BUSY and 3 other replies: for each client one to each of its requests",
        cause="Every request gets one reply, with its own envelope: that of the worker, or BUSY.",
    )


def stop_idle(play: Play) -> None:
    """Told before anybody else has said anything."""
    office = Office(play, limit=1)
    office.broker.expect_stop(b"", after="nothing else")


def stop_full(play: Play) -> None:
    """Told while a request is at the worker and the queue is full."""
    office = Office(play, limit=1)
    alice = office.client("alice")
    for n in range(3):
        alice.send_multipart(request(n))
    what = "alice sent requests no 0 to no 2"
    office.takes([b"alice", *request(0)], what)
    office.hears(alice, busy(2), what)
    office.broker.expect_stop(b"\xffgo home", b"", b"\xfe", after="three requests, of which none is done")


def stop_busy(play: Play) -> None:
    """Told while many requests wait to be read."""
    office = Office(play, limit=2)
    alice = office.client("alice")
    alice.send_multipart(request(0))
    office.takes([b"alice", *request(0)], "alice sent request no 0")

    def ask() -> None:
        for n in range(1, 20):
            alice.send_multipart(request(n))

    office.broker.expect_stop_with_requests(lambda: office.answers([b"alice", *request(0)]), ask)


EXERCISE = Exercise(
    key="08-a",
    lesson="08-back-pressure",
    title="a queue that says BUSY",
    name="broker",
    call="broker(ctx, frontend, worker, control, limit)",
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "the worker gets one request after another",
            (
                Scenario("one request after another", one_by_one),
                Scenario("requests and replies with odd frames", odd),
                Scenario("a worker that takes its time", slow),
            ),
        ),
        Step(
            "a client that finds the queue full hears BUSY at once",
            (
                Scenario("more requests than the queue may hold", full),
                Scenario("room again after each reply", room_again),
                Scenario("BUSY for a REQ, a bare DEALER, and a client behind two hops", any_envelope),
                Scenario("three clients at the same time", three_clients),
            ),
        ),
        Step(
            "it stops at once when it is told to",
            (
                Scenario("told to stop before anybody has sent anything", stop_idle),
                Scenario("told to stop while the queue is full", stop_full),
                Scenario("told to stop while requests wait to be read", stop_busy),
            ),
        ),
    ),
    causes=(
        (UnicodeDecodeError, "A routing id is bytes, and need not be text: do not decode it, nor any other frame."),
        (zmq.Again, "A socket had nothing: ask the poller first."),
        (ValueError, "A message had another number of frames than the code takes for granted: an envelope has any."),
        (IndexError, "There was nothing in the queue: ask whether a request waits before you take one out."),
    ),
    stuck=STUCK,
)
