"""Exercise 07-a, a broker that knows who is free: it picks the worker, and reads no request before it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import zmq

from ..exercise import Exercise
from ..scenes.learners_broker import (
    CALL,
    RETURNED,
    STUCK,
    Broker,
    client,
    expect_next,
    lost,
    read,
    read_times,
    why_nothing,
)
from ..scenes.play import ENOUGH, Play
from ..scenes.scenario import Scenario, Step

READS = 0.3  # seconds for a broker to read what it should leave unread; one that leaves it there makes us wait so long
MANY = 5
NEXT = (
    "The worker that has been free the longest is next: put workers in at one end of the deque, and take them out at "
    "the other."
)
ALICE = b"\xffad\x00"  # a routing id is no text
PAYLOADS = (
    [b"", b"hello"],
    [b"hello"],
    [b""],
    [b"", b"one", b"", b"three"],
    [b"caf\xe9", ALICE, b""],
    [b"READY"],
    [b"READY", b""],
    [b" hello\r\n"],
)
ALWAYS = "The backend belongs in the poller all the time: workers may speak at any time."
KEEPS_PLACE = "A worker that is free already and says READY again keeps its place: it has been free for longer."
TWICE = "A worker that is free already and says READY again is in the deque twice, and gets a second task too early."
ONE = "A worker gets one task for each READY or reply. Take it out of the deque when you give it one."

SKELETON = '''
import zmq


def broker(ctx, frontend, backend, control):
    """Bind a ROUTER at `frontend`, for the clients, and a
    ROUTER at `backend`, for the workers. Connect a PULL to
    `control`, where a PUSH is bound.

    A worker says that it is free with one frame, READY. Then
    it gets a task: a client's routing id and all frames of
    the request. All other messages from workers are replies:
    the client's routing id, and the frames that this client
    shall receive. With a reply, the worker is free again. A
    free worker that says READY again is free only once.

    The next task goes to the worker that has been free the
    longest. While no worker is free, receive nothing from the
    clients: let their requests wait, unread.

    Any message from `control` says: stop, at once, whatever
    its frames are and whatever else is there. Then close all
    three sockets, and return.
    """
    raise NotImplementedError("write the broker")
'''

HINTS = (
    "The broker of the lesson is nearly this one. But it writes down twice a worker that says READY twice, and it has "
    "no third socket. When should it not even look at the clients, and when should it look at `control`?",
    "Register the backend and the PULL at the poller once, and in each round the frontend: "
    "`poller.register(front, zmq.POLLIN if free else 0)`. After `poll`, look at `control` before all else.",
    "In an endless loop, after `ready = dict(poller.poll())`: return if the PULL is in it. On a message from the "
    'backend, `worker, *rest = back.recv_multipart()`: pass `rest` to the frontend unless it is `[b"READY"]`, and '
    "append the worker if it is not in the deque. On a message from the frontend, "
    "`back.send_multipart([free.popleft(), *front.recv_multipart()])`.",
)

SOLUTION = """
from collections import deque

import zmq


def broker(ctx, frontend, backend, control):
    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.ROUTER) as back, ctx.socket(zmq.PULL) as told:
        front.bind(frontend)
        back.bind(backend)
        told.connect(control)
        poller = zmq.Poller()
        for socket in (back, told):
            poller.register(socket, zmq.POLLIN)
        free = deque()
        while True:
            poller.register(front, zmq.POLLIN if free else 0)
            ready = dict(poller.poll())
            if told in ready:
                return
            if back in ready:
                worker, *rest = back.recv_multipart()
                if rest != [b"READY"]:
                    front.send_multipart(rest)
                if worker not in free:
                    free.append(worker)
            if front in ready:
                back.send_multipart([free.popleft(), *front.recv_multipart()])
"""

WHY = (
    "The broker holds no request: what it reads, it can give away at once. The others wait unread, in the queues that "
    "ZeroMQ has anyway, one for each client. They have a high-water mark, so a client that sends too much is slowed "
    "down; and they are served in turn, so a client with a thousand requests does not keep the others waiting. A list "
    "of the broker's own has neither. Polling the frontend and not reading it would do the same, but a poller that "
    "finds an unread message returns at once, so the loop would run without a pause. `popleft` and `append` make the "
    "deque a queue of workers, with the one that has been free the longest in front."
)

WRONG_WAYS = {
    "keeps what nobody can do": (
        "The broker's own list has no limit, and no client notices it. Unread requests wait in queues that have a "
        "high-water mark, which slows a client down that sends too much."
    ),
    "does not look whether anybody is free": (
        "It reads a request, and has nobody to give it to. Leave the frontend out of the poller as long as no worker "
        "is free."
    ),
    "round-robin": (
        "It deals as a DEALER does, and gives a task to a worker that is still busy while another one is free."
    ),
    "free only by READY": (
        "A worker says READY once, and its reply says that it is free again. A broker that waits for another READY "
        "gives each worker one task in its life."
    ),
    "READY twice is free twice": (
        "With two places in the deque a worker gets two tasks at once, and the second one waits for the first, "
        "although somebody else may be free."
    ),
    "leaves the worker's routing id in the reply": (
        "A ROUTER sends to the peer that the first frame names. The frontend has no client of that name, and drops "
        "the reply."
    ),
}


def worker(play: Play, name: str, routing_id: bytes) -> zmq.Socket[bytes]:
    return play.socket(zmq.DEALER, bind=False, endpoint=play.more("backend"), name=name, routing_id=routing_id)


def ready(play: Play, *names: str) -> dict[str, zmq.Socket[bytes]]:
    """Workers who say READY in that order, each when the broker has heard the one before."""
    crew = {}
    for name in names:
        crew[name] = worker(play, name, name.encode())
        say_ready(play, name, crew[name])
    return crew


def say_ready(play: Play, name: str, socket: zmq.Socket[bytes]) -> None:
    before = read(play, "backend")
    socket.send(b"READY")
    play.expect(
        play.until(lambda: read(play, "backend") > before, ENOUGH),
        called=f"{CALL}, and {name} says READY",
        got=play.silence(endpoint=play.more("backend")),
        wanted="the broker receives it",
        cause=why_nothing(play, ALWAYS) if play.running() else RETURNED,
    )


def hoards(play: Play) -> bool:
    """Whether it has ever read a request while no worker was free, where each message of a worker made one free."""
    steps = [(time, 1) for time in read_times(play, "backend")] + [(time, -1) for time in read_times(play, "frontend")]
    free = 0
    for _, change in sorted(steps):
        free += change
        if free < 0:
            return True
    return False


def expect_unread(play: Play, what: str, wait: float = READS) -> None:
    play.expect(
        not play.until(lambda: hoards(play), wait),
        called=f"{CALL}, and {what}",
        got="it received a request from the frontend while no worker was free",
        wanted="it receives no request before a worker is free for it",
        cause="Leave the frontend out of the poller, and do not receive from it, as long as no worker is free.",
    )


def expect_task(
    play: Play, crew: Mapping[str, zmq.Socket[bytes]], name: str, task: Sequence[bytes], what: str, cause: str = NEXT
) -> None:
    """The next message that any worker receives. `what` says what has happened, in words; `cause` is why another
    worker may have it."""
    play.until(lambda: any(socket.poll(0) for socket in crew.values()), ENOUGH, *crew.values())
    came = {who: socket.recv_multipart() for who, socket in crew.items() if socket.poll(0)}
    play.expect(
        came == {name: list(task)},
        called=f"{CALL}, and {what}",
        got=" and ".join(f"{who} received {frames}" for who, frames in came.items()) or play.silence(),
        wanted=f"{name} receives {list(task)}",
        cause=cause if came and name not in came else _why(play, came.get(name), task),
    )


def _why(play: Play, came: Sequence[bytes] | None, task: Sequence[bytes]) -> str:
    cause = likely(play, came, task, "worker")
    return cause if came is not None else why_nothing(play, cause)


def expect_reply(play: Play, name: str, socket: zmq.Socket[bytes], reply: Sequence[bytes], what: str) -> None:
    """The client's next message."""
    expect_next(
        play,
        socket,
        reply,
        called=f"{CALL}, and {what}",
        who=name,
        why=lambda came: likely(play, came, reply, "client"),
    )


def likely(play: Play, came: Sequence[bytes] | None, wanted: Sequence[bytes], who: str) -> str:
    if not play.running():
        return RETURNED
    if came is None and "dropped" in play.silence():
        return (
            f"A ROUTER sends to the peer that the first frame names, and drops what it cannot send. Which {who} is it?"
        )
    if came is None and who == "worker":
        return "A worker is free and a request is there: the broker has forgotten one of them, or waits for something."
    if came is None:
        return "Nothing passes the reply from the backend to the frontend, or only after something else has come."
    if cause := lost(came, wanted):
        return cause
    if len(came) < len(wanted):
        return (
            "Frames are missing. Only the worker's routing id is added on the way there, and taken off on the way back."
        )
    if len(came) > len(wanted):
        return "There are too many frames. The ROUTER takes one routing id off when it sends; all others arrive."
    return "This is another message than the next one: one was lost or changed on the way."


def nobody_free(play: Play) -> None:
    """Requests wait unread: first there is no worker, then one that is busy."""
    Broker(play)
    alice = client(play, "alice")
    questions = [b"Q%d" % n for n in range(3)]
    for question in questions:
        alice.send(question)
    play.until(lambda: all(message.arrived for message in play.lab.messages()), ENOUGH)
    what = "alice sent 3 requests before a worker was there"
    expect_unread(play, what)
    crew = ready(play, "ann")
    what += "; then ann said READY"
    for question in questions:
        expect_task(play, crew, "ann", [b"alice", question], what)
        expect_unread(play, what, READS if question == questions[0] else 0)
        crew["ann"].send_multipart([b"alice", b"re " + question])
        expect_reply(play, "alice", alice, [b"re " + question], what + f" and answered {question!r}")
        what = f"ann has answered {question!r} of alice's 3 requests"


def longest_free(play: Play) -> None:
    """Three workers are taken in the order in which they became free: first by READY, then by their replies."""
    Broker(play)
    alice, crew = client(play, "alice"), ready(play, "ann", "ben", "cem")
    order, what = ["ann", "ben", "cem"], "ann, ben and cem said READY, in this order"
    for turn in (["cem", "ann", "ben"], ["ann", "cem", "ben"]):
        for name in order:
            task = b"for " + name.encode()
            alice.send(task)
            expect_task(play, crew, name, [b"alice", task], what)
        for name in turn:
            crew[name].send_multipart([b"alice", b"from " + name.encode()])
            expect_reply(play, "alice", alice, [b"from " + name.encode()], f"{name} answered")
        order, what = turn, f"all workers were busy, and became free in the order {', '.join(turn)}"


def one_at_a_time(play: Play) -> None:
    """Ann works all the time, so Ben does the rest, of which two requests in turn are equal."""
    Broker(play)
    alice, crew = client(play, "alice"), ready(play, "ann", "ben")
    alice.send(b"long")
    expect_task(play, crew, "ann", [b"alice", b"long"], "ann and ben said READY, and alice sent one request")
    for n in range(MANY):
        alice.send(b"%d" % (n // 2))
        what = "ann has a long task, and ben answers all others"
        expect_task(play, crew, "ben", [b"alice", b"%d" % (n // 2)], what, ONE)
        crew["ben"].send_multipart([b"alice", b"done %d" % n])
        expect_reply(play, "alice", alice, [b"done %d" % n], what)


def twice_ready(play: Play) -> None:
    """Ann says READY again while she is free, before and after Ben says it: she is free once, and before him."""
    Broker(play)
    alice, crew = client(play, "alice"), ready(play, "ann")
    say_ready(play, "ann", crew["ann"])
    crew |= ready(play, "ben")
    say_ready(play, "ann", crew["ann"])
    what = "ann said READY, and again, then ben, then ann once more; alice sends one request after another"
    for name, cause in (("ann", KEEPS_PLACE), ("ben", TWICE)):
        alice.send(b"for " + name.encode())
        expect_task(play, crew, name, [b"alice", b"for " + name.encode()], what, cause)
    crew["ben"].send_multipart([b"alice", b"done"])
    expect_reply(play, "alice", alice, [b"done"], "ben answered, while ann has her first task")
    alice.send(b"for ben again")
    expect_task(play, crew, "ben", [b"alice", b"for ben again"], what, TWICE)


def whole(play: Play) -> None:
    """Empty frames, frames that are no text, and some that a busy reader could take for something else; a worker and a
    client whose routing ids are no text either."""
    Broker(play)
    alice, crew = client(play, "alice", routing_id=ALICE), {"ann": worker(play, "ann", b"b\xf6b")}
    say_ready(play, "ann", crew["ann"])
    for payload in PAYLOADS:
        alice.send_multipart(payload)
        expect_task(play, crew, "ann", [ALICE, *payload], f"alice sent {payload}")
        crew["ann"].send_multipart([ALICE, *payload])
        expect_reply(play, "alice", alice, payload, f"ann answered {[ALICE, *payload]}")


def right_one(play: Play) -> None:
    """Three clients, one of them a REQ and one with an odd name, and three workers who reply in another order."""
    Broker(play)
    clients = {"alice": client(play, "alice"), "READY": client(play, "READY"), "bob": client(play, "bob", zmq.REQ)}
    crew = ready(play, "ann", "ben", "cem")
    tasks = []
    for (name, socket), at in zip(clients.items(), crew, strict=True):
        socket.send(b"question")
        envelope = [name.encode(), b""] if name == "bob" else [name.encode()]
        expect_task(play, crew, at, [*envelope, b"question"], f"{name} sent a request")
        tasks.append((at, name, envelope))
    for at, name, envelope in play.random.sample(tasks, len(tasks)):
        answer = b"to " + name.encode()
        crew[at].send_multipart([*envelope, answer])
        what = "workers answer alice, bob and a client whose routing id is READY, in any order"
        expect_reply(play, name, clients[name], [answer], what)


def gone(play: Play) -> None:
    """The client does not wait for its reply. The worker is free again all the same."""
    Broker(play)
    alice, crew = client(play, "alice"), ready(play, "ann")
    alice.send(b"hello")
    expect_task(play, crew, "ann", [b"alice", b"hello"], "alice sent a request")
    crew["ann"].send_multipart([b"somebody who has left", b"your answer"])
    alice.send(b"hello again")
    what = "ann answered a client that is gone; then alice sent [b'hello again']"
    expect_task(play, crew, "ann", [b"alice", b"hello again"], what)
    crew["ann"].send_multipart([b"alice", b"HELLO"])
    expect_reply(play, "alice", alice, [b"HELLO"], "ann answered [b'alice', b'HELLO']")


def stop_idle(play: Play) -> None:
    """Told while a worker is free and no client has sent anything."""
    broker = Broker(play)
    ready(play, "ann")
    broker.expect_stop(b"", after="one worker said READY")


def stop_waiting(play: Play) -> None:
    """Told while the only worker is busy and a request waits."""
    broker = Broker(play)
    alice, crew = client(play, "alice"), ready(play, "ann")
    for question in (b"Q1", b"Q2"):
        alice.send(question)
    expect_task(play, crew, "ann", [b"alice", b"Q1"], "alice sent 2 requests to one worker")
    broker.expect_stop(b"\xffgo home", b"", b"\xfe", after="a worker that is busy, and a request that waits")


def stop_busy(play: Play) -> None:
    """Told while workers are free and requests wait."""
    broker = Broker(play)
    alice, crew = client(play, "alice"), ready(play, *"abcdefgh")

    def ask() -> None:
        for number in range(len(crew)):
            alice.send(b"%d" % number)

    broker.expect_stop_with_requests(lambda: crew["a"].send(b"READY"), ask)


EXERCISE = Exercise(
    key="07-a",
    lesson="07-a-broker-that-knows-who-is-free",
    title="a broker that can be stopped",
    name="broker",
    call=CALL,
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "a task goes to whoever has been free the longest",
            (
                Scenario("requests while no worker is free", nobody_free),
                Scenario("three workers, and who is next", longest_free),
                Scenario("a worker that is busy all the time", one_at_a_time),
                Scenario("a worker that says READY three times", twice_ready),
                Scenario("requests and replies of several frames", whole),
                Scenario("three clients, answered in another order", right_one),
                Scenario("a client that has left", gone),
            ),
        ),
        Step(
            "it stops at once when it is told to",
            (
                Scenario("told to stop while a worker is free", stop_idle),
                Scenario("told to stop while nobody is free", stop_waiting),
                Scenario("told to stop while workers are free and requests wait", stop_busy),
            ),
        ),
    ),
    causes=(
        (UnicodeDecodeError, "A routing id is bytes, and need not be text: do not decode it, nor any other frame."),
        (zmq.Again, "A socket had nothing, or no peer: ask the poller first which ones have something."),
        (ValueError, "A message had another number of frames than the code takes for granted: pass on what comes."),
        (IndexError, "A worker was taken out of an empty deque: read a request only while somebody is in it."),
    ),
    stuck=STUCK,
)
