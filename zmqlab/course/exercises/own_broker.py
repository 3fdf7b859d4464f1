"""Exercise 13-a, the learner's own broker: it leaves requests unread, finds dead workers, retries, answers once."""

from __future__ import annotations

from time import monotonic

import zmq

from ..exercise import Exercise
from ..scenes import crew_causes as causes
from ..scenes.crew import BEAT, MORE_PATIENCE, MORTAL, PATIENCE, TALKERS, Crew, Talkers
from ..scenes.learners_broker import ARRIVES, BUSY, STUCK, Broker, client, read
from ..scenes.play import ENOUGH, Play
from ..scenes.polls import kept_waiting
from ..scenes.scenario import Scenario, Step

CALL = "broker(ctx, frontend, backend, control, patience)"
FIRST_OUT = (
    "After each poll, look which worker has been silent for too long. The job of a dead worker comes first: only when "
    "there is none, read the next request."
)
FIRST = "Only the first answer to a request is passed on: remember which requests have none yet."
UNREAD = "Read a request only when a worker is free that lives, and give it to that worker at once."
WHOSE = "An id is the client's own: two clients may use the same one. Keep the routing id and the id under the token."
TWO_FRAMES = (
    "A job has two frames, a token and the payload. The client's routing id and its id stay with you: keep them, and "
    "give the worker a token of your own."
)
ADDRESS = (
    "The client's routing id is in the token, as an address. It comes again: after a restart another client has it. "
    "Give a token that begins at random, and keep the routing id with you."
)
BEGINS_ANEW = (
    "A counter begins anew with each start, so a token of an earlier broker comes again: begin at a random number."
)
TOO_SHORT = (
    "So few bytes are no place for a random beginning: sooner or later a token of an earlier broker comes again. Begin "
    "at a random number of 64 bits."
)
SHORTEST = 4  # bytes of a token
ONE_EACH = (
    "Each request has a token of its own, also when the same client asks the same once more before it has its answer: "
    "make a new one for each request that you read."
)
NOT_OURS = (
    "This broker has not given out that token: look it up in the dict of open requests, and throw the answer away."
)
LONG = 5.0  # seconds of patience where nobody is to die
MANY = 200
WHOLE = "An empty frame is a frame like any other, and an id may be used again when it has its answer."
AUTOMATIC = b"\x6b\x8b\x45\x67"  # automatic ones are like this, with a zero byte in front
ONCE = "A request that has its answer is not given out again: look before you give a job of a dead worker away."
STRANGE = b"a token of an earlier broker"
FREE_ONCE = (
    "An answer to a token that you have not given out makes nobody free who is free already, or who has another job: "
    "look whether the token is that of its job, and put nobody twice into the list of the free."
)
STILL_AT_WORK = (
    "An answer to another token does not end the job that a worker has: when it dies, that job goes to another one."
)
NOT_PASSED = "Nothing passes the answer on: DONE has the token and the answer, and the token says whose it is."

SKELETON = '''
import zmq


def broker(ctx, frontend, backend, control, patience):
    """Bind a ROUTER at `frontend`, for the clients, and a
    ROUTER at `backend`, for the workers. Connect a PULL to
    `control`, where a PUSH is bound.

    A client sends [id, payload], and gets [id, answer]. Two
    clients may use the same id.

    A worker says that it is free with [b"READY"], once. It
    gets a job as [token, payload], and answers [b"DONE",
    token, answer]. With that it is free again. It has one job
    at a time. While it lives it says [b"ALIVE"] again and
    again, also while it works.

    The token is yours: bytes by which you know to whom the
    answer goes. Each request has its own, that no other one
    ever has, not even in an earlier broker that was killed
    and started again: its workers are still there. An answer
    with a token that you have not given out is thrown away,
    and who gives it has still one job at a time, and is free
    once.

    A worker that has said nothing for `patience` seconds is
    dead: you notice it within 30 ms. It gets no job. The one
    that it had goes to another worker, before all requests
    that nobody has had yet. A worker that is heard again
    lives: it is free if it was free, and at work if it was at
    work.

    Be quick: twenty workers may say ALIVE a hundred times a
    second each. While you hear these 2,000 messages a second,
    jobs go out and deaths are noticed as if nobody else
    spoke.

    The next job goes to the worker that lives and has been
    free the longest. While there is none, receive nothing
    from the clients. The first answer to a request goes to
    its client, whoever gives it. A later one is thrown away.
    Keep nothing of a request that has its answer.

    Any message from `control` says: stop, at once, whatever
    its frames are and whatever else is there. Then close all
    three sockets, and return.
    """
    raise NotImplementedError("write your own broker")
'''

HINTS = (
    "Begin with `shop/broker_tokens.py` of lesson 10. It knows who is free, who works on what, when each worker was "
    "last heard, and, for each token without an answer, whose request it is. Take out the limit and BUSY. "
    "What is new: a word in front of all that a worker says, a PULL in the poller, and that a request is read only "
    "while a free worker lives, as in lesson 07.",
    "Per round: poll the backend and the PULL, and the frontend only while a free worker lives, 10 ms at most. Then "
    "three steps, all of them in every round, however much comes: hear all that workers have said; take the jobs of "
    "dead workers back; give work to the free workers that live, first the jobs of dead workers, and after them what "
    "`frontend` has.",
    "Tokens: `tokens = itertools.count(secrets.randbits(64))` begins at another number in each broker, and "
    '`token = b"%d" % next(tokens)` is the next one. When you read a request, `requests[token] = [client, number]`. '
    "With DONE: if the token is in `requests`, send `[*requests.pop(token), answer]` to the frontend; if not, the "
    "answer is a second one, or an earlier broker's. Before you give out a dead worker's job, look whether its token "
    "is in `requests` still. `front.poll(0)` says whether there is a request to read.",
)

SOLUTION = """
import secrets
import time
from collections import deque
from itertools import count

import zmq


def broker(ctx, frontend, backend, control, patience):
    tokens = count(secrets.randbits(64))  # another broker begins elsewhere
    requests = {}  # token -> client and id, while there is no answer
    free = deque()  # workers, the one that has been free the longest in front
    working = {}  # worker -> its job: token, payload
    heard = {}  # worker -> when it last said something
    again = deque()  # the jobs of dead workers

    def lives(worker):
        return time.monotonic() - heard[worker] <= patience

    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.ROUTER) as back, ctx.socket(zmq.PULL) as told:
        front.bind(frontend)
        back.bind(backend)
        told.connect(control)
        no_clients, everybody = zmq.Poller(), zmq.Poller()
        for socket in (back, told):
            no_clients.register(socket, zmq.POLLIN)
        for socket in (front, back, told):
            everybody.register(socket, zmq.POLLIN)
        while True:
            poller = everybody if any(map(lives, free)) else no_clients
            ready = dict(poller.poll(10))
            if told in ready:
                return
            while back.poll(0):  # first hear all that has come: a worker may live, and we were busy
                worker, word, *rest = back.recv_multipart()
                heard[worker] = time.monotonic()
                if word == b"DONE":
                    token, answer = rest
                    if working.get(worker, [None])[0] == token:
                        del working[worker]
                    if token in requests:  # the first answer, to a request of ours
                        front.send_multipart([*requests.pop(token), answer])
                if word in (b"READY", b"DONE") and worker not in working and worker not in free:
                    free.append(worker)
            for worker in [each for each in working if not lives(each)]:
                again.append(working.pop(worker))
            for worker in [each for each in free if lives(each)]:
                while again and again[0][0] not in requests:
                    again.popleft()  # its first worker has answered after all
                if again:
                    job = again.popleft()
                elif front.poll(0):
                    client, number, payload = front.recv_multipart()
                    token = b"%d" % next(tokens)
                    requests[token] = [client, number]
                    job = [token, payload]
                else:
                    break
                free.remove(worker)
                working[worker] = job
                back.send_multipart([worker, *job])
"""

WHY = (
    "It is lessons 07, 09 and 10 in one loop. What it has read is with a worker, or in `again`, so there are never "
    "more requests in it than there are workers; all others wait unread, where a high-water mark slows the clients "
    "down. Each round hears all, then judges, then deals: a loop that looks at the clock only when nothing has come "
    "never looks while many workers speak. `requests` decides two things: whether an answer is passed on, and whether "
    "a dead worker's job is given out again. A request leaves it with its answer, so it does not grow. The worker gets "
    "a token and not the client's routing id, because an automatic routing id is no name: each new process counts from "
    "the same number, so a client of a broker that was started again has the id that another one had before, and a "
    "late answer of an old worker would go to that client. Tokens that begin at a random number come again in no "
    "broker. Two things still grow: `heard` and `free` keep workers that never come back. `zmqlab.majordomo` forgets a "
    "silent worker, and tells it so when it speaks again. And it has what is missing here: workers that register anew "
    "with a broker that was started again, a limit to the retries, an answer that says BUSY, and an end in which what "
    "was accepted is finished."
)

WRONG_WAYS = {
    "the job waits behind the new requests": (
        "A request that has lost its worker has waited the longest. Behind all others it may wait for ever, as long "
        "as new ones come."
    ),
    "passes every answer on": (
        "A request that was given out twice may be answered twice, and its client gets one answer too many."
    ),
    "knows a request by its id": (
        "An id is the client's own, and two clients may use the same one: one of them would get the other one's answer."
    ),
    "gives the client's routing id as an address": (
        "An automatic routing id comes again. When the broker was started anew, the late answer of an old worker goes"
        " to whoever has that id now: Bob gets Alice's balance."
    ),
    "a counter that begins with one": (
        "A broker that was started again counts from one as well, so an old worker's late answer has the token of a "
        "new request."
    ),
    "reads all requests into a list": (
        "The list has no limit, and nobody hears of it. Unread requests wait where a high-water mark slows down a "
        "client that sends too much."
    ),
}


class CrewOffice:
    """The learner's broker, scripted workers, and scripted clients."""

    def __init__(self, play: Play, patience: float = PATIENCE) -> None:
        self.play = play
        self.broker = Broker(play, patience, call=CALL)
        self.crew = Crew(self.broker, play.more("backend"))
        self.clients: dict[str, zmq.Socket[bytes]] = {}
        self.tokens: dict[str, bytes] = {}  # worker -> that of the job that it got last
        self.requests: dict[bytes, bytes] = {}  # token -> payload

    def ask(self, name: str, number: bytes, payload: bytes | None = None, routing_id: bytes = b"") -> None:
        if name not in self.clients:
            self.clients[name] = client(self.play, name, routing_id=routing_id)
        self.clients[name].send_multipart([number, do(name, number) if payload is None else payload])

    def arrive(self) -> None:
        """What was asked lies at the broker's frontend, read or unread."""
        self.play.until(lambda: all(message.arrived for message in self.play.lab.messages()), ENOUGH)

    def leave(self, name: str) -> None:
        """The client goes, and the broker's system has heard that it has."""
        self.clients.pop(name).close()
        trace = self.play.lab.trace

        def gone() -> bool:
            self.play.lab.messages()  # it brings the trace up to date
            connections = trace.connections.values()
            return all(each.closed is not None for each in connections if trace.actor_of(each.client) == name)

        self.play.until(gone, ENOUGH)
        self.play.until(lambda: False, ARRIVES)

    def expect_job(
        self, worker: str, name: str, number: bytes, *, called: str, cause: str, payload: bytes | None = None
    ) -> None:
        """The next message to any worker is this request for that one, with a token that no other request had."""
        payload = do(name, number) if payload is None else payload
        came = self.crew.received(ENOUGH)
        frames = came.get(worker, [])
        self.crew.expect(
            set(came) == {worker} and len(frames) == 2 and frames[1] == payload,
            called=called,
            got=self.crew.words(came),
            wanted=f"{worker} gets [token, {payload!r}]",
            cause=TWO_FRAMES if [f for f in came.values() if len(f) != 2] else self.crew.why(came, cause),
        )
        token = self.tokens[worker] = frames[0]
        self.crew.expect(
            self.requests.setdefault(token, payload) == payload,
            called=called,
            got=f"the token {token!r}, which the request {self.requests[token]!r} had",
            wanted="a token that no other request ever has",
            cause=self._why_again(token),
        )

    def _why_again(self, token: bytes) -> str:
        return ADDRESS if any(name.encode() in token for name in self.clients) else BEGINS_ANEW

    def why_late(self) -> str:
        """Why an answer to a request of an earlier broker has reached a client."""
        old, new = self.tokens["ann"], self.tokens["ben"]
        return ADDRESS if AUTOMATIC in old else BEGINS_ANEW if old == new else NOT_OURS

    def expect_long_tokens(self, *, called: str) -> None:
        """There is room in them for what no other broker has."""
        token = min(self.tokens.values(), key=len)
        self.crew.expect(
            len(token) >= SHORTEST,
            called=called,
            got=f"tokens of {len(token)} bytes, as {token!r}",
            wanted="tokens that no other request ever has",
            cause=TOO_SHORT,
        )

    def done(self, worker: str, answer: bytes) -> None:
        """It answers the job that it got last."""
        self.crew.say(worker, b"DONE", self.tokens[worker], answer)

    def expect_answer(self, name: str, number: bytes, answer: bytes, *, called: str, cause: str = NOT_PASSED) -> None:
        """The client's next message."""
        socket = self.clients[name]
        self.crew.until(lambda: bool(socket.poll(0)), ENOUGH, socket)
        came = socket.recv_multipart() if socket.poll(0) else None
        self.crew.expect(
            came == [number, answer],
            called=called,
            got=self.play.silence() if came is None else f"{name} received {came}",
            wanted=f"{name} receives {[number, answer]}",
            cause=cause,
        )

    def expect_no_answer(self, name: str, *, called: str, cause: str) -> None:
        socket = self.clients[name]
        self.crew.until(lambda: bool(socket.poll(0)), BEAT, socket)
        came = socket.recv_multipart() if socket.poll(0) else None
        wanted = f"{name} receives nothing"
        self.crew.expect(came is None, called=called, got=f"{name} received {came}", wanted=wanted, cause=cause)

    def expect_read(self, count: int, *, called: str) -> None:
        """So many requests have been read, and no more."""
        there = read(self.play, "frontend")
        self.crew.expect(
            there <= count,
            called=called,
            got=f"it has received {there} requests from the frontend",
            wanted=f"it has received {count}, and leaves the others unread",
            cause=UNREAD,
        )


def do(name: str, number: bytes) -> bytes:
    """The payload of a request."""
    return b"do %s of %s" % (number, name.encode())


def put_to_work(office: CrewOffice) -> None:
    """Ann has alice's request b"1"."""
    office.crew.join("ann")
    office.ask("alice", b"1")
    office.expect_job("ann", "alice", b"1", called="ann has said READY, and alice asks b'1'", cause=causes.ONE)


def asked(play: Play) -> CrewOffice:
    """Ann has alice's request b"1", and alice's b"2" waits unread."""
    office = CrewOffice(play)
    put_to_work(office)
    office.ask("alice", b"2")
    return office


def gave_up(office: CrewOffice) -> None:
    """Ann stands still with her job. Nobody else is there."""
    office.crew.silent("ann")
    called = "ann has alice's request b'1' and has been silent since; nobody else is there"
    office.crew.expect_quiet(1.3 * PATIENCE, called=called, cause=causes.NO_JOB)
    office.expect_read(1, called=called)


def hung(office: CrewOffice) -> None:
    """Ann stands still with her job; Ben has it now."""
    gave_up(office)
    office.crew.join("ben")
    called = "ann has been silent with alice's request b'1'; then ben said READY, and b'2' waits unread"
    cause = FIRST_OUT if read(office.play, "frontend") > 1 else causes.NOT_NOTICED
    office.expect_job("ben", "alice", b"1", called=called, cause=cause)


def in_turn(play: Play) -> None:
    """Two clients use the same id, two workers answer in the other order, and are free in that order."""
    office = CrewOffice(play)
    crew = office.crew
    put_to_work(office)
    crew.join("ben")
    office.ask("bob", b"1")
    called = "ann has alice's request b'1', ben has said READY, and bob asks b'1' too"
    office.expect_job("ben", "bob", b"1", called=called, cause=causes.ONE)
    office.done("ben", b"for bob")
    office.expect_answer("bob", b"1", b"for bob", called=called + "; then ben answers", cause=NOT_PASSED)
    office.done("ann", b"for alice")
    office.expect_answer("alice", b"1", b"for alice", called="ben has answered bob, and then ann alice", cause=WHOSE)
    office.ask("alice", b"2")
    called = "ben was free, then ann, and alice asks b'2'"
    office.expect_job("ben", "alice", b"2", called=called, cause="The worker that has been free the longest is next.")


def unread(play: Play) -> None:
    """Requests wait unread: first there is no worker, then one that is busy."""
    office = CrewOffice(play)
    office.ask("alice", b"1")
    office.ask("alice", b"2")
    office.arrive()
    called = "alice asks twice, and no worker is there"
    office.crew.expect_quiet(BEAT, called=called, cause=UNREAD)
    office.expect_read(0, called=called)
    office.crew.join("ann")
    called = "alice has asked twice, and ann says READY"
    office.expect_job("ann", "alice", b"1", called=called, cause="The requests of a client keep their order.")
    office.crew.expect_quiet(BEAT, called=called, cause=causes.ONE)
    office.expect_read(1, called=called)


def crashed(play: Play) -> None:
    """Her job goes to the next worker, before the request that waits; and when he crashes too, to one more."""
    office = asked(play)
    office.crew.crash("ann")
    office.crew.join("ben")
    called = "ann has crashed with alice's request b'1'; ben is free, and b'2' waits unread"
    office.expect_job("ben", "alice", b"2", called=called, cause="Ben is free: b'2' is the next request.")
    office.ask("alice", b"3")
    office.crew.expect_quiet(1.3 * PATIENCE, called=called + "; he works on b'2', and b'3' waits", cause=causes.ONE)
    office.done("ben", b"second")
    office.expect_answer("alice", b"2", b"second", called="ben answers b'2'")
    called = "ann has crashed with b'1', and has been silent for longer than `patience`; b'3' waits unread"
    office.expect_job("ben", "alice", b"1", called=called, cause=FIRST_OUT)
    office.crew.crash("ben")
    called = "ann has crashed with b'1', and then ben with the same one; b'3' waits unread"
    office.crew.expect_quiet(1.3 * PATIENCE, called=called, cause=causes.NO_JOB)
    office.crew.join("cem")
    called += "; cem says READY"
    office.expect_job("cem", "alice", b"1", called=called, cause=causes.EACH_DEATH)
    office.done("cem", b"first")
    office.expect_answer("alice", b"1", b"first", called="cem answers b'1', which ann and ben had before him")
    office.expect_job("cem", "alice", b"3", called="cem has answered b'1'", cause=causes.ONE)


def slow(play: Play) -> None:
    """She works for a long time, and says that she lives. Ben is free, and does not get her job: he comes later, so he
    lives longer than she does for who does not note the time of ALIVE."""
    office = asked(play)
    office.crew.expect_quiet(0.2 * PATIENCE, called="ann is at work on b'1'", cause=causes.ONE)
    office.crew.join("ben")
    office.expect_job("ben", "alice", b"2", called="ann is at work, and ben has said READY", cause=causes.ONE)
    office.done("ben", b"second")
    office.expect_answer("alice", b"2", b"second", called="ben answers b'2'")
    called = "ann works on b'1' for a long time and says ALIVE, ben is free"
    office.crew.expect_quiet(0.8 * PATIENCE, called=called, cause=causes.NOT_DEAD)
    office.done("ann", b"first")
    office.expect_answer("alice", b"1", b"first", called=called + "; then she answers", cause=causes.NOT_DEAD)


def second_answer(play: Play) -> None:
    """Both answer. Ben was first. The job that was taken from Ann is given out once."""
    office = asked(play)
    hung(office)
    office.crew.join("cem")
    called = "ben has b'1', which was taken from ann"
    office.expect_job("cem", "alice", b"2", called=f"{called}; cem says READY", cause=causes.TAKEN_ONCE)
    office.done("ben", b"ben's")
    office.expect_answer("alice", b"1", b"ben's", called="ben answers b'1', which ann had before him")
    office.done("ann", b"ann's")
    office.crew.heard("ann")
    office.expect_no_answer("alice", called="ben, then ann answered b'1'", cause=FIRST)


def first_answer(play: Play) -> None:
    """Both answer. Ann, who was taken for dead, was first after all, and is free. Until then she is at work."""
    office = asked(play)
    hung(office)
    office.crew.revive("ann")
    called = "ann was taken for dead, and says ALIVE; ben has her job now"
    office.crew.expect_quiet(BEAT, called=called, cause=causes.AT_WORK)
    office.done("ann", b"ann's")
    called += "; she answers before him"
    office.expect_answer("alice", b"1", b"ann's", called=called, cause="The first answer counts, whoever gives it.")
    office.expect_job("ann", "alice", b"2", called=called, cause=causes.FREE_AGAIN)
    office.done("ben", b"ben's")
    office.crew.heard("ben")
    office.expect_no_answer("alice", called=called + "; then ben answers too", cause=FIRST)


def answered_after_all(play: Play) -> None:
    """Nobody has got her job yet when she answers it, with an empty frame. Then she dies with the next one."""
    office = asked(play)
    gave_up(office)
    office.crew.alive.add("ann")
    office.done("ann", b"")
    called = "ann was taken for dead, and answers b'' before anybody else has got her job"
    office.expect_answer("alice", b"1", b"", called=called, cause=f"The first answer counts, whoever gives it. {WHOLE}")
    office.expect_job("ann", "alice", b"2", called=called, cause=ONCE)
    office.crew.silent("ann")
    called += "; she falls silent once more, with b'2'"
    office.crew.expect_quiet(1.3 * PATIENCE, called=called, cause=causes.NO_JOB)
    office.crew.join("ben")
    office.expect_job("ben", "alice", b"2", called=f"{called}; then ben says READY", cause=causes.DIES_AGAIN)


def died_while_free(play: Play) -> None:
    """A dead worker gets nothing, and nothing is read for it, until it is heard again. It has kept its place. And one
    that goes while it is free gets a job, which is lost as all others are."""
    office = CrewOffice(play)
    crew = office.crew
    for name in ("ben", "ann"):
        crew.join(name)
        crew.heard(name)
    for name in ("ben", "ann"):
        crew.silent(name)
    crew.expect_quiet(1.3 * PATIENCE, called="ben and then ann have said READY, and fall silent", cause=causes.NO_JOB)
    office.ask("alice", b"1")
    office.arrive()
    called = "ben and ann fell silent while they were free, and then alice asks"
    crew.expect_quiet(BEAT, called=called, cause=causes.NO_JOB)
    office.expect_read(0, called=called)
    crew.revive("ann")
    office.expect_job("ann", "alice", b"1", called=called + "; ann says ALIVE again", cause=causes.STILL_FREE)
    office.done("ann", b"first")
    called += "; ann says ALIVE again, and answers"
    office.expect_answer("alice", b"1", b"first", called=called)
    crew.revive("ben")
    office.ask("alice", b"2")
    called += "; then ben says ALIVE again too, and alice asks b'2'"
    office.expect_job("ben", "alice", b"2", called=called, cause=f"{causes.STILL_FREE} {causes.KEEPS_PLACE}")
    crew.crash("ann")
    play.until(lambda: False, ARRIVES)
    office.ask("alice", b"3")
    office.done("ben", b"second")
    called = "ann was free and has crashed, and alice asks b'3'; ben answers b'2'"
    office.expect_answer("alice", b"2", b"second", called=called)
    office.expect_job("ben", "alice", b"3", called=called, cause=causes.NOT_NOTICED)


def punctual(play: Play) -> None:
    """Nearly silent for too long, then DONE, then silent: the time counts from there, and it is `patience`."""
    office = CrewOffice(play, MORE_PATIENCE)
    crew = office.crew
    crew.join("ann")
    for number in (b"1", b"2"):
        office.ask("alice", number)
    office.expect_job("ann", "alice", b"1", called="ann has said READY, and alice asks twice", cause=causes.ONE)
    crew.silent("ann")
    called = f"ann says nothing for {0.7 * MORE_PATIENCE:.2f} s, and then DONE"
    before = crew.spoke["ann"]
    crew.expect_quiet(before + 0.7 * MORE_PATIENCE - monotonic(), called=called, cause=causes.TOO_EARLY)
    since = monotonic()
    office.done("ann", b"first")
    office.expect_job("ann", "alice", b"2", called=called, cause=causes.DONE_IS_BOTH)
    crew.join("ben")
    called += ", gets b'2', and says nothing more; ben is free"
    crew.expect_punctual("ben", MORE_PATIENCE, before, since, called=called)


def slept(play: Play) -> None:
    """Workers die, one after another, while nobody speaks: each time the next one gets the job."""
    office = CrewOffice(play, MORE_PATIENCE)
    put_to_work(office)

    def expect_job(heir: str, called: str) -> None:
        office.expect_job(heir, "alice", b"1", called=called, cause=causes.NOT_NOTICED)

    office.crew.expect_awake("ann", MORE_PATIENCE, "alice's request b'1'", expect_job)


def at_once(play: Play) -> None:
    """The time of a worker is over, and a new request comes, while the broker waits in its poller."""
    office = CrewOffice(play)
    put_to_work(office)
    office.crew.join("ben")
    office.crew.heard("ben")
    with kept_waiting():
        office.crew.silent("ann")
        office.crew.until(lambda: False, 1.3 * PATIENCE)
        office.ask("alice", b"2")
        office.crew.say("ben", b"ALIVE")
        office.arrive()
        play.until(lambda: False, ARRIVES)
    called = "ann has been silent with b'1' for too long, ben is free, and alice asks b'2': all of it is there at once"
    office.expect_job("ben", "alice", b"1", called=called, cause=FIRST_OUT)


def strange(play: Play) -> None:
    """A worker answers a token that nobody has given out, while it is free, and while it is at work."""
    office = CrewOffice(play)
    crew = office.crew
    crew.join("ann")
    crew.say("ann", b"DONE", STRANGE, b"of an earlier broker")
    crew.heard("ann")
    office.ask("alice", b"1")
    office.ask("alice", b"2")
    called = "ann says READY, and then DONE with a token of an earlier broker; alice asks twice"
    office.expect_job("ann", "alice", b"1", called=called, cause=causes.ONE)
    crew.expect_quiet(BEAT, called=called, cause=FREE_ONCE)
    crew.say("ann", b"DONE", STRANGE, b"of an earlier broker")
    crew.heard("ann")
    called = "ann has b'1', and says DONE with a token of an earlier broker; b'2' waits"
    crew.expect_quiet(BEAT, called=called, cause=FREE_ONCE)
    crew.crash("ann")
    crew.join("ben")
    called += "; then she crashes, and ben says READY"
    office.expect_job("ben", "alice", b"2", called=called, cause="Ben is free: b'2' is the next request.")
    office.done("ben", b"second")
    office.expect_answer("alice", b"2", b"second", called="ben answers b'2'")
    office.expect_job("ben", "alice", b"1", called=f"{called}, and answers b'2'", cause=STILL_AT_WORK)


def odd(play: Play) -> None:
    """Routing ids that are no text; an id, a payload and an answer that are empty; and an id that is used again."""
    office = CrewOffice(play)
    office.crew.join("ann")
    for number, payload, answer in (
        (b"", b"", b""),
        (b"\xff", b"READY", b"DONE"),
        (b"", b"again", b"\xfe"),
        (b" 1\n", b" again\n", b" done\n"),
        (b"", b"", b"2"),
    ):
        office.requests.clear()  # the payload of two requests is the same here
        office.ask("dave", number, payload, routing_id=b"\xffe\x00")
        called = f"dave sent {[number, payload]}"
        office.expect_job("ann", "dave", number, called=called, cause=WHOLE, payload=payload)
        office.done("ann", answer)
        called += f", and ann answers {answer!r}"
        office.expect_answer("dave", number, answer, called=called, cause=f"{NOT_PASSED} {WHOLE}")


def gone(play: Play) -> None:
    """The client does not wait for its answer. That is no harm to anybody else."""
    office = CrewOffice(play)
    put_to_work(office)
    office.leave("alice")
    office.done("ann", b"for nobody")
    office.ask("bob", b"1")
    called = "alice has gone before ann answered her; then bob asks b'1'"
    office.expect_job("ann", "bob", b"1", called=called, cause=causes.FREE_AGAIN)
    office.done("ann", b"for bob")
    office.expect_answer("bob", b"1", b"for bob", called=called + ", and ann answers")


def killed(play: Play) -> None:
    """The broker is killed and started again. An old worker answers, and a new client has the routing id that an old
    one had: each new process counts its automatic ids from the same number."""
    office = CrewOffice(play)
    office.crew.join("ann")
    office.ask("alice", b"1", routing_id=AUTOMATIC)
    office.expect_job("ann", "alice", b"1", called="ann has said READY, and alice asks b'1'", cause=causes.ONE)
    office.clients.pop("alice").close()  # first: she must not be known to the new broker, who lets in no id twice
    office.broker = office.crew.running = office.broker.again()
    office.requests.clear()  # whether a token comes again, its answer will show
    called = (
        "ann has alice's request; alice goes, the broker is killed and started again, and bob, a new client, has got "
        "the routing id that alice had"
    )
    office.ask("bob", b"1", routing_id=AUTOMATIC)
    office.crew.revive("ann")
    office.crew.expect_quiet(BEAT, called=f"{called}; he asks b'1', and ann says ALIVE", cause=causes.NOT_YET)
    office.crew.join("ben")
    office.expect_job("ben", "bob", b"1", called=f"{called}; he asks b'1', ben says READY", cause=causes.ONE)
    office.done("ann", b"alice's balance")
    office.crew.heard("ann")
    socket = office.clients["bob"]
    late = socket.recv_multipart() if play.comes(socket, BEAT) else None
    wanted = "bob receives nothing: it is no answer to him"
    called += "; then ann answers"
    office.crew.expect(late is None, called=called, got=f"bob received {late}", wanted=wanted, cause=office.why_late())
    office.ask("bob", b"2")
    office.expect_job("ann", "bob", b"2", called=f"{called}, and bob asks b'2'", cause=causes.FREE_AGAIN)
    office.done("ben", b"bob's")
    office.expect_answer("bob", b"1", b"bob's", called=f"{called}, and ben answers bob")
    office.expect_long_tokens(called=called)
    office.broker.expect_stop(b"", b"no more", after="it was started again at the same endpoints")


def talkative(play: Play) -> None:
    """Many workers are at work and say so, all the time. Jobs are given out, and deaths are noticed."""
    office = CrewOffice(play, MORE_PATIENCE)
    for number in range(TALKERS):
        office.ask("crowd", b"%d" % number)
    called = f"{TALKERS} workers are at work and say ALIVE all the time"
    with Talkers(office.crew, play.more("backend")) as talkers:
        talkers.expect_jobs()
        for name in MORTAL:
            office.ask("alice", name.encode())
            office.crew.join(name)
            what = f"{called}; alice asks, and {name} says READY"
            office.expect_job(name, "alice", name.encode(), called=what, cause=causes.STARVED)
        talkers.expect_deaths_noticed(called=called)
        talkers.expect_heard(called=called)
        office.broker.expect_stop(b"", after=called, deaf=BUSY, crowded=True)


def expect_new(play: Play, token: bytes, tokens: set[bytes]) -> None:
    """It is none of those, and one of them from now on."""
    play.expect(
        token not in tokens,
        called=f"{CALL}: alice asks many times, and each thing twice",
        got=f"the token {token!r} for two requests",
        wanted="a token that no other request ever has",
        cause=ONE_EACH if len(token) >= SHORTEST else TOO_SHORT,
    )
    tokens.add(token)


def many(play: Play) -> None:
    """So many requests that what is kept of them shows."""
    broker = Broker(play, LONG, call=CALL)
    alice, backend = client(play, "alice"), play.more("backend")
    workers = [play.socket(zmq.DEALER, bind=False, endpoint=backend, name=f"worker {n}") for n in range(TALKERS)]
    for worker in workers:
        worker.send(b"READY")

    def ask_them_all() -> None:
        """Each thing is asked twice, and there is no hurry, as long as the next answer comes."""
        for number in range(MANY):
            alice.send_multipart([b"%d" % (number // 2), b"do it"])
        tokens: set[bytes] = set()
        answers = 0

        def work() -> bool:
            for worker in workers:
                if worker.poll(0):
                    token = worker.recv_multipart()[0]
                    expect_new(play, token, tokens)
                    worker.send_multipart([b"DONE", token, b"done"])
            return bool(alice.poll(0))

        while answers < MANY:
            play.expect(
                play.until(work, ENOUGH, alice, *workers),
                called=f"{CALL}: alice asks {MANY} times, and {TALKERS} workers answer",
                got=f"alice received {answers} answers, and then {play.silence()}",
                wanted=f"alice receives {MANY}",
                cause=NOT_PASSED,
            )
            while alice.poll(0):
                alice.recv_multipart()
                answers += 1

    play.expect_no_growth(
        MANY,
        ask_them_all,
        called=f"{CALL}: alice asks {MANY} times, and workers answer, again and again",
        cause="A dict, a set or a list grows with each request. Take a request out when it has its answer.",
    )
    broker.expect_stop(b"", after="many requests, which were answered")


def stop(play: Play) -> None:
    """Told while a worker is at work, and a request waits."""
    office = asked(play)
    office.broker.expect_stop(b"\xffgo home", b"", b"\xfe", after="a worker at work, and a request that waits")


EXERCISE = Exercise(
    key="13-a",
    lesson="13-your-own-broker",
    title="your own broker",
    name="broker",
    call=CALL,
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "each request gets a worker, and its answer",
            (
                Scenario("two clients with the same id", in_turn),
                Scenario("requests while nobody is free", unread),
                Scenario("empty frames, bytes that are no text, and an id that is used again", odd),
                Scenario("a client that has gone", gone),
            ),
        ),
        Step(
            "no request is lost, and none is answered twice",
            (
                Scenario("a worker crashes with its job", crashed),
                Scenario("a worker that is nearly silent for too long", punctual),
                Scenario("workers die while nobody speaks", slept),
                Scenario("a worker dies, and a request comes, at once", at_once),
                Scenario("a worker is slow, and lives", slow),
                Scenario("a worker hangs, and answers too late", second_answer),
                Scenario("a worker hangs, and answers first after all", first_answer),
                Scenario("a worker hangs, and answers before its job is given out again", answered_after_all),
                Scenario("a worker dies while it is free", died_while_free),
                Scenario("a worker answers what nobody has asked", strange),
            ),
        ),
        Step(
            "it works under load, and can be stopped and killed",
            (
                Scenario("many workers that speak all the time", talkative),
                Scenario("told to stop while a worker is at work", stop),
                Scenario("the broker is killed and started again", killed),
                Scenario("many requests", many, bulk=True),
            ),
        ),
    ),
    causes=(
        *causes.RAISED,
        (
            zmq.ZMQError,
            "ZeroMQ refused the call, and its text says why. A client that has gone must not end the broker, nor must "
            "a worker.",
        ),
    ),
    stuck=STUCK,
)
