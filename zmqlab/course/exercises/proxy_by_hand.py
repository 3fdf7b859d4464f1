"""Exercise 06-a, the proxy by hand: whole messages both ways, in no order that it knows, until it is told to stop."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from ..exercise import Exercise
from ..scenes.learners_broker import CALL, RETURNED, STUCK, Broker, client, expect_next, lost, read
from ..scenes.play import ENOUGH, Play
from ..scenes.scenario import Scenario, Step

READS = 0.5  # seconds for a broker to read what it cannot pass on yet; a careful one leaves it unread
MANY = 20
ALICE = b"\xffad\x00"  # a routing id is no text
THROWN_AWAY = (
    "Requests were read, and are gone. With zmq.NOBLOCK, send_multipart() raises Again while it has no peer, and the "
    "message is still yours: keep it until it can be sent, or leave the request unread."
)
RESTS = 0.15  # seconds in which nothing happens
PAYLOADS = (
    [b"", b"hello"],
    [b"hello"],
    [b""],
    [b"", b"one", b"", b"three"],
    [b"", b""],
    [b"caf\xe9", ALICE, b""],
    [b"STOP"],
    [b" hello\r\n"],
)

SKELETON = '''
import zmq


def broker(ctx, frontend, backend, control):
    """Bind a ROUTER at `frontend`, for the clients, and a
    DEALER at `backend`, for the workers. Connect a PULL to
    `control`, where a PUSH is bound.

    Pass each message on whole and unchanged: from the
    frontend to the backend, and from the backend to the
    frontend. Nobody knows which side is the next to have one,
    or how many.

    Any message from `control` says: stop, at once, whatever
    its frames are and whatever else is there. Then close all
    three sockets, and return. (While no worker is there, the
    broker may wait for one, and does not have to hear that.)
    """
    raise NotImplementedError("write the broker")
'''

HINTS = (
    "Three sockets may have something next, and a recv_multipart() waits for one of them alone. What waits for all "
    "three?",
    "Register all three at a `zmq.Poller()` with `zmq.POLLIN`. `dict(poller.poll())` has the sockets from which "
    "something can be received now.",
    "In an endless loop: `ready = dict(poller.poll())`. If the PULL is in it, leave the loop. If the ROUTER is in it, "
    "`back.send_multipart(front.recv_multipart())`. If the DEALER is in it, the other way round. "
    "`with ctx.socket(zmq.ROUTER) as front, …:` around it all closes the sockets.",
)

SOLUTION = """
import zmq


def broker(ctx, frontend, backend, control):
    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.DEALER) as back, ctx.socket(zmq.PULL) as told:
        front.bind(frontend)
        back.bind(backend)
        told.connect(control)
        poller = zmq.Poller()
        for socket in (front, back, told):
            poller.register(socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if told in ready:
                return
            if front in ready:
                back.send_multipart(front.recv_multipart())
            if back in ready:
                front.send_multipart(back.recv_multipart())
"""

WHY = (
    "The poller waits for all three sockets, so it does not matter who speaks next, or how often. Frames in, frames "
    "out: the ROUTER has put the client's routing id in front of the request, the worker gave it back, and the ROUTER "
    "takes it off. So the broker has nothing to remember. One thing is better in `zmq.proxy`, and in "
    "`zmq.proxy_steerable`, which can be told to stop: they wait until a worker can take the request. This broker "
    "waits inside `back.send_multipart` while no worker is there, and does not hear the stop message. To mend that, "
    "leave the ROUTER out of the poller as long as the DEALER cannot send, and poll the DEALER for POLLOUT instead."
)

WRONG_WAYS = {
    "receives one frame": (
        "`recv()` gives the first frame, which is the client's routing id; the rest comes with the next calls. "
        "`recv_multipart()` takes the message as a whole."
    ),
    "remembers the last client": (
        "Other clients may ask before the reply comes. The worker gives the envelope back, and that says who is meant."
    ),
    "one after the other": (
        "Requests and replies come in no fixed turn. A broker that waits for a reply after each request leaves all "
        "other requests unread."
    ),
    "throws away what it cannot send at once": (
        "With zmq.NOBLOCK a request that was read, and that no worker can take now, is gone. Without it "
        "`send_multipart` waits, and the other requests stay unread."
    ),
    "loses the empty frames": (
        "An empty frame is a frame too. It may be the delimiter, and without the delimiter a REQ takes no reply."
    ),
    "stops when it has time": (
        "Under load there is always a request too, so a broker that looks at `control` only when it has nothing else "
        "to do may never look. Look at `control` in every round, before all else."
    ),
}


def worker(play: Play, kind: int = zmq.DEALER) -> zmq.Socket[bytes]:
    return play.socket(kind, bind=False, endpoint=play.more("backend"), name="worker")


def expect_request(play: Play, socket: zmq.Socket[bytes], request: Sequence[bytes], what: str) -> None:
    """The worker's next message. `what` says what was sent, in words."""
    expect(play, socket, request, what, "worker", "The broker waits for something other than the next request.")


def expect_reply(play: Play, socket: zmq.Socket[bytes], reply: Sequence[bytes], what: str) -> None:
    """The client's next message."""
    cause = "Nothing passes a reply from the backend to the frontend, or only after something else has come."
    expect(play, socket, reply, what, "client", cause)


def expect(play: Play, socket: zmq.Socket[bytes], frames: Sequence[bytes], what: str, who: str, nothing: str) -> None:
    expect_next(
        play,
        socket,
        frames,
        called=f"{CALL}, and {what}",
        who=f"the {who}",
        why=lambda came: likely(play, came, frames, nothing),
    )


def likely(play: Play, came: list[bytes] | None, frames: Sequence[bytes], nothing: str) -> str:
    if not play.running():
        return RETURNED
    if came is None:
        return THROWN_AWAY if has_lost(play) else nothing
    if cause := lost(came, frames):
        return cause
    if len(came) < len(frames):
        return "Frames are missing. recv() gives one frame only; recv_multipart() gives all of a message."
    if len(came) > len(frames):
        return "There are more frames than were sent: the broker must add nothing."
    return "This is another message than the next one: one was lost or changed on the way."


def has_lost(play: Play) -> bool:
    """Whether it has read requests that it has never passed on, apart from one that it may wait with."""
    trace, there = play.lab.trace, read(play, "frontend")
    ours = [m for m in play.lab.messages() if trace.actor_of(m.sender) == "you" and m.end != "unsent"]
    return there > len(ours) + 1


def before_the_worker(play: Play) -> None:
    """The requests are there before the broker, and the worker comes last."""
    alice = client(play, "alice")
    questions = [b"Q%d" % n for n in range(MANY)]
    for question in questions:
        alice.send(question)
    Broker(play)
    play.until(lambda: any(message.received_frames for message in play.lab.messages()), READS)
    ann = worker(play)
    for question in questions:
        expect_request(play, ann, [b"alice", question], f"alice sent {MANY} requests before a worker was there")


def whole(play: Play) -> None:
    """Empty frames, a frame and a routing id that are no text, and frames that could be taken for something else."""
    Broker(play)
    alice, ann = client(play, "alice", routing_id=ALICE), worker(play)
    for payload in PAYLOADS:
        alice.send_multipart(payload)
        expect_request(play, ann, [ALICE, *payload], f"alice sent {payload}")
        ann.send_multipart([ALICE, *payload])
        expect_reply(play, alice, payload, f"the worker answered {[ALICE, *payload]}")


def requests_alone(play: Play) -> None:
    """The worker answers nothing before it has all of them. Each thing is asked twice, and answered twice."""
    Broker(play)
    alice, ann = client(play, "alice"), worker(play)
    questions = [b"Q%d" % (n // 2) for n in range(MANY)]
    for question in questions:
        alice.send(question)
    what = f"alice sent {MANY} requests, and the worker answers when it has all"
    for question in questions:
        expect_request(play, ann, [b"alice", question], what)
    for question in questions:
        ann.send_multipart([b"alice", b"answer to " + question])
    for question in questions:
        expect_reply(play, alice, [b"answer to " + question], f"the worker answered {MANY} requests at once")


def replies_alone(play: Play) -> None:
    """One request, and many replies to it; then one more of each."""
    Broker(play)
    alice, ann = client(play, "alice"), worker(play)
    for question in (b"count", b"count again"):
        alice.send(question)
        expect_request(play, ann, [b"alice", question], f"alice sent {[question]}")
        for n in range(MANY):
            ann.send_multipart([b"alice", b"%d" % n])
        for n in range(MANY):
            expect_reply(play, alice, [b"%d" % n], f"the worker sent {MANY} replies to one request")


def right_one(play: Play) -> None:
    """Each client has two questions; they are answered in an order of their own."""
    Broker(play)
    ann = worker(play)
    clients = {name: client(play, name) for name in ("alice", "bob", "carol")}
    for number in (b"1", b"2"):
        for name in play.random.sample(list(clients), len(clients)):
            clients[name].send_multipart([b"", number])
    requests = [play.receive(ann, ENOUGH) for _ in range(2 * len(clients))]
    wanted: list[list[bytes]] = sorted([name.encode(), b"", number] for name in clients for number in (b"1", b"2"))
    play.expect(
        sorted(request or [] for request in requests) == wanted,
        called=f"{CALL}, and alice, bob and carol sent two requests each",
        got=f"the worker received {sorted(request or [] for request in requests)}",
        wanted=f"{wanted}, in any order",
        cause="Requests were lost or changed on the way. The client's routing id stays in front.",
    )
    for routing_id, _, number in play.random.sample(wanted, len(wanted)):
        ann.send_multipart([routing_id, b"", b"to " + routing_id, number])
    for name, socket in clients.items():
        replies = sorted(play.receive(socket, ENOUGH) or [] for _ in range(2))
        play.expect(
            replies == [[b"", b"to " + name.encode(), number] for number in (b"1", b"2")],
            called=f"{CALL}, and the worker answered alice, bob and carol twice each",
            got=f"{name} received {replies}",
            wanted=f"{name} receives the answers to {name}",
            cause="The first frame that the worker sends says to whom the answer goes. Pass it on as it is.",
        )


def strangers(play: Play) -> None:
    """What a broker gets to see that is no request and no reply of anybody who is there."""
    Broker(play)
    alice, ann = client(play, "alice", zmq.REQ), worker(play)
    ann.send(b"good morning")
    ann.send_multipart([b"somebody who has left", b"", b"your answer"])
    alice.send(b"hello")
    what = "a worker sent a message of one frame, and an answer to a client that is gone; then alice sent [b'hello']"
    expect_request(play, ann, [b"alice", b"", b"hello"], what)
    ann.send_multipart([b"alice", b"", b"HELLO"])
    expect_reply(play, alice, [b"HELLO"], "the worker answered [b'alice', b'', b'HELLO']")


def stop_idle(play: Play) -> None:
    """Told before anybody else has said anything, with an empty frame; and the same once more."""
    broker = Broker(play)
    play.rest(RESTS)
    broker.expect_stop(b"", after="nothing else")
    again = broker.again()
    again.expect_stop(b"", b"no more", after="it was started again at the same endpoints")


def stop_later(play: Play) -> None:
    broker = Broker(play)
    alice, ann = client(play, "alice", zmq.REQ), worker(play, zmq.REP)
    for question in (b"Q1", b"Q2"):
        alice.send(question)
        expect_request(play, ann, [question], f"a REQ sent {[question]} to a REP")
        ann.send(b"answer to " + question)
        expect_reply(play, alice, [b"answer to " + question], f"a REP answered {question!r}")
    broker.expect_stop(b"\xffgo home", b"", b"\xfe", after="two requests and two replies")


def stop_busy(play: Play) -> None:
    """Told while many requests wait, and a worker takes them."""
    broker = Broker(play)
    alice, ann = client(play, "alice"), worker(play)

    def ask() -> None:
        for number in range(MANY):
            alice.send(b"Q%d" % number)

    broker.expect_stop_with_requests(lambda: ann.send_multipart([b"alice", b"hello"]), ask)


EXERCISE = Exercise(
    key="06-a",
    lesson="06-who-gets-the-next-message",
    title="the proxy by hand",
    name="broker",
    call=CALL,
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "each message is passed on, whole and both ways",
            (
                Scenario("requests that were there before the worker", before_the_worker),
                Scenario("requests and replies of several frames", whole),
                Scenario("many requests before the first reply", requests_alone),
                Scenario("many replies to one request", replies_alone),
                Scenario("three clients, answered in another order", right_one),
                Scenario("messages that are no request and no reply", strangers),
            ),
        ),
        Step(
            "it stops at once when it is told to",
            (
                Scenario("told to stop before anybody has sent anything", stop_idle),
                Scenario("a REQ, a REP, and then told to stop", stop_later),
                Scenario("told to stop while requests wait", stop_busy),
            ),
        ),
    ),
    causes=(
        (UnicodeDecodeError, "A routing id is bytes, and need not be text: do not decode it, nor any other frame."),
        (zmq.Again, "A socket had nothing, or no peer: ask the poller first, and let send_multipart() wait."),
        (ValueError, "A message had another number of frames than the code takes for granted: pass on what comes."),
    ),
    stuck=STUCK,
)
