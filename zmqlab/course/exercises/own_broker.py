"""Exercise 11-a, the learner's own broker: it leaves requests unread, finds dead workers, retries, answers once."""

from __future__ import annotations

import zmq

from ..broker import STUCK, Broker, client, read
from ..crew import BEAT, CAUSES, FREE_AGAIN, NO_JOB, NOT_DEAD, NOT_NOTICED, ONE, PATIENCE, STILL_FREE, Crew
from ..exercise import Exercise, Scenario
from ..play import ENOUGH, Play

CALL = "broker(ctx, frontend, backend, control, patience)"
FIRST_OUT = (
    "After each poll, look who has been silent for too long. The job of a dead worker comes first: only when there is "
    "none, read the next request."
)
FIRST = "Only the first answer to a request is passed on: remember which requests have none yet."
UNREAD = "Read a request only when a worker is free that lives, and give it to that worker at once."
WHOSE = "An id is the client's own: two clients may use the same one. Look at the routing id and the id together."
ONCE = "A request that has its answer is not given out again: look before you give a job of a dead worker away."
NOT_PASSED = "Nothing passes the answer on: DONE has the client's routing id, the id, and the answer."

SKELETON = '''
import zmq


def broker(ctx, frontend, backend, control, patience):
    """Bind a ROUTER at `frontend`, for the clients, and a ROUTER at `backend`, for the workers.
    Connect a PULL to `control`, where a PUSH is bound.

    A client sends [id, payload], and gets [id, answer]. Two clients may use the same id.

    A worker says that it is free with [b"READY"], once. It gets a job as [client, id, payload],
    where `client` is a client's routing id, and answers [b"DONE", client, id, answer]. With that
    it is free again. It has one job at a time. While it lives it says [b"ALIVE"] again and again,
    also while it works.

    A worker that has said nothing for `patience` seconds is dead. It gets no job. The one that
    it had goes to another worker, before all requests that nobody has had yet. A worker that is
    heard again lives: it is free if it was free, and at work if it was at work.

    The next job goes to the worker that lives and has been free the longest. While there is none,
    receive nothing from the clients. The first answer to a request goes to its client, whoever
    gives it. A later one is thrown away.

    Any message from `control` says: stop, at once, whatever its frames are and whatever else is there.
    Then close all three sockets, and return.
    """
    raise NotImplementedError("write your own broker")
'''

HINTS = (
    "You have both halves: the broker of lesson 07 reads the frontend only when a worker is free, and the boss of "
    "lesson 09 knows who is free, who works on what, and when each worker was last heard. What is new: a dead worker's "
    "job waits in a deque of its own, and a set has every request that is without an answer.",
    "Per round: poll the backend and the PULL, and the frontend only while a free worker lives, 10 ms at most. If a "
    "worker has said something, note the time, deal with it, and begin the next round: you may have been busy while "
    "others spoke. Else take the jobs of dead workers back. Then give work to the free workers that live: the jobs of "
    "dead workers first, and after them what `frontend` has.",
    "A request is known by `(client, id)`. Put that into a set, `unanswered`, when you read it. With DONE: if it is in "
    "the set, take it out and send `[client, id, answer]` to the frontend; if not, it is a second answer. Before you "
    "give out a dead worker's job, look whether it is in the set still. `front.poll(0)` says whether there is a "
    "request to read.",
)

SOLUTION = """
import time
from collections import deque

import zmq


def broker(ctx, frontend, backend, control, patience):
    free = deque()  # workers, the one that has been free the longest in front
    working = {}  # worker -> its job: client, id, payload
    heard = {}  # worker -> when it last said something
    again = deque()  # the jobs of dead workers
    unanswered = set()  # (client, id)

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
            if back in ready:
                worker, word, *rest = back.recv_multipart()
                heard[worker] = time.monotonic()
                if word == b"DONE":
                    client, number, answer = rest
                    working.pop(worker, None)
                    if (client, number) in unanswered:  # the first answer
                        unanswered.remove((client, number))
                        front.send_multipart([client, number, answer])
                if word in (b"READY", b"DONE"):
                    free.append(worker)
                continue  # first hear all that has come: a worker may live, and we were busy
            for worker in [each for each in working if not lives(each)]:
                again.append(working.pop(worker))
            for worker in [each for each in free if lives(each)]:
                while again and tuple(again[0][:2]) not in unanswered:
                    again.popleft()  # its first worker has answered after all
                if again:
                    job = again.popleft()
                elif front.poll(0):
                    job = front.recv_multipart()
                    unanswered.add(tuple(job[:2]))
                else:
                    break
                free.remove(worker)
                working[worker] = job
                back.send_multipart([worker, *job])
"""

WHY = (
    "It is lesson 07 and lesson 09 in one loop. What it has read is with a worker, or in `again`, so there are never "
    "more requests in it than there are workers; all others wait unread, where a high-water mark slows the clients "
    "down. `unanswered` decides two things: whether an answer is passed on, and whether a dead worker's job is given "
    "out again. A request leaves it with its answer, so it does not grow. Two names grow still: `heard` and `free` "
    "keep workers that never come back. `zmqlab.majordomo` forgets a silent worker, and tells it so when it speaks "
    "again. And it has what is missing here: a limit to the retries, an answer that says BUSY, and an end in which "
    "what was accepted is finished."
)


class Office:
    """The learner's broker, scripted workers, and scripted clients."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.broker = Broker(play, PATIENCE, call=CALL)
        self.crew = Crew(self.broker, play.more("backend"))
        self.clients: dict[str, zmq.Socket[bytes]] = {}

    def ask(self, name: str, number: bytes) -> None:
        if name not in self.clients:
            self.clients[name] = client(self.play, name)
        self.clients[name].send_multipart([number, b"do " + number])

    def expect_job(self, worker: str, name: str, number: bytes, *, called: str, cause: str) -> None:
        self.crew.expect_job(worker, name.encode(), number, b"do " + number, called=called, cause=cause)

    def done(self, worker: str, name: str, number: bytes, answer: bytes) -> None:
        self.crew.say(worker, b"DONE", name.encode(), number, answer)

    def expect_answer(self, name: str, number: bytes, answer: bytes, *, called: str, cause: str = NOT_PASSED) -> None:
        """The client's next message."""
        socket = self.clients[name]
        self.crew.until(lambda: bool(socket.poll(0)), ENOUGH)
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
        self.crew.until(lambda: bool(socket.poll(0)), 2 * BEAT)
        came = socket.recv_multipart() if socket.poll(0) else None
        wanted = f"{name} receives nothing more"
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


def asked(play: Play) -> Office:
    """Ann has ada's request b"1", and ada's b"2" waits unread."""
    office = Office(play)
    office.crew.join("ann")
    office.ask("ada", b"1")
    office.expect_job("ann", "ada", b"1", called="ann has said READY, and ada asks b'1'", cause=ONE)
    office.ask("ada", b"2")
    return office


def gave_up(office: Office) -> None:
    """Ann stands still with her job. Nobody else is there."""
    office.crew.silent("ann")
    called = "ann has ada's request b'1' and has been silent since; nobody else is there"
    office.crew.expect_quiet(1.3 * PATIENCE, called=called, cause=NO_JOB)
    office.expect_read(1, called=called)


def hung(office: Office) -> None:
    """Ann stands still with her job; Ben has it now."""
    gave_up(office)
    office.crew.join("ben")
    called = "ann has been silent with ada's request b'1'; then ben said READY, and b'2' waits unread"
    cause = FIRST_OUT if read(office.play, "frontend") > 1 else NOT_NOTICED
    office.expect_job("ben", "ada", b"1", called=called, cause=cause)


def in_turn(play: Play) -> None:
    """Two clients use the same id, two workers answer in the other order, and are free in that order."""
    office = Office(play)
    crew = office.crew
    crew.join("ann")
    office.ask("ada", b"1")
    office.expect_job("ann", "ada", b"1", called="ann has said READY, and ada asks b'1'", cause=ONE)
    crew.join("ben")
    office.ask("carl", b"1")
    called = "ann has ada's request b'1', ben has said READY, and carl asks b'1' too"
    office.expect_job("ben", "carl", b"1", called=called, cause=ONE)
    office.done("ben", "carl", b"1", b"for carl")
    office.expect_answer("carl", b"1", b"for carl", called=called + "; then ben answers", cause=NOT_PASSED)
    office.done("ann", "ada", b"1", b"for ada")
    office.expect_answer("ada", b"1", b"for ada", called="ben has answered carl's b'1', then ann ada's", cause=WHOSE)
    office.ask("ada", b"2")
    called = "ben was free, then ann, and ada asks b'2'"
    office.expect_job("ben", "ada", b"2", called=called, cause="The worker that has been free the longest is next.")


def unread(play: Play) -> None:
    """Requests wait unread: first there is no worker, then one that is busy."""
    office = Office(play)
    office.ask("ada", b"1")
    office.ask("ada", b"2")
    play.until(lambda: all(message.arrived for message in play.lab.messages()), ENOUGH)
    called = "ada asks twice, and no worker is there"
    office.crew.expect_quiet(2 * BEAT, called=called, cause=UNREAD)
    office.expect_read(0, called=called)
    office.crew.join("ann")
    called = "ada has asked twice, and ann says READY"
    office.expect_job("ann", "ada", b"1", called=called, cause="The requests of a client keep their order.")
    office.crew.expect_quiet(2 * BEAT, called=called, cause=ONE)
    office.expect_read(1, called=called)


def crashed(play: Play) -> None:
    """Her job goes to the next worker, before the request that waits."""
    office = asked(play)
    office.crew.crash("ann")
    office.crew.join("ben")
    called = "ann has crashed with ada's request b'1'; ben is free, and b'2' waits unread"
    office.expect_job("ben", "ada", b"2", called=called, cause="Ben is free: b'2' is the next request.")
    office.ask("ada", b"3")
    office.crew.expect_quiet(1.3 * PATIENCE, called=called + "; he works on b'2', and b'3' waits", cause=ONE)
    office.done("ben", "ada", b"2", b"second")
    office.expect_answer("ada", b"2", b"second", called="ben answers b'2'")
    called = "ann has crashed with b'1', and has been silent for longer than `patience`; b'3' waits unread"
    office.expect_job("ben", "ada", b"1", called=called, cause=FIRST_OUT)
    office.done("ben", "ada", b"1", b"first")
    office.expect_answer("ada", b"1", b"first", called="ben answers b'1', which ann had before him")
    office.expect_job("ben", "ada", b"3", called="ben has answered b'1' and b'2'", cause=ONE)


def slow(play: Play) -> None:
    """She works for a long time, and says that she lives. Ben is free, and does not get her job."""
    office = asked(play)
    office.crew.join("ben")
    office.expect_job("ben", "ada", b"2", called="ann is at work, and ben has said READY", cause=ONE)
    office.done("ben", "ada", b"2", b"second")
    office.expect_answer("ada", b"2", b"second", called="ben answers b'2'")
    called = "ann works on b'1' for a long time and says ALIVE, ben is free"
    office.crew.expect_quiet(1.6 * PATIENCE, called=called, cause=NOT_DEAD)
    office.done("ann", "ada", b"1", b"first")
    office.expect_answer("ada", b"1", b"first", called=called + "; then she answers", cause=NOT_DEAD)


def second_answer(play: Play) -> None:
    """Both answer. Ben was first."""
    office = asked(play)
    hung(office)
    office.done("ben", "ada", b"1", b"ben's")
    office.expect_answer("ada", b"1", b"ben's", called="ben answers b'1', which ann had before him")
    office.expect_job("ben", "ada", b"2", called="ben has answered b'1'", cause=ONE)
    office.done("ann", "ada", b"1", b"ann's")
    office.expect_no_answer("ada", called="ben, then ann answered b'1'", cause=FIRST)


def first_answer(play: Play) -> None:
    """Both answer. Ann, who was taken for dead, was first after all, and is free."""
    office = asked(play)
    hung(office)
    office.done("ann", "ada", b"1", b"ann's")
    office.crew.alive.add("ann")
    called = "ann was taken for dead, and answers before ben, who has her job now"
    office.expect_answer("ada", b"1", b"ann's", called=called, cause="The first answer counts, whoever gives it.")
    office.expect_job("ann", "ada", b"2", called=called, cause=FREE_AGAIN)
    office.done("ben", "ada", b"1", b"ben's")
    office.expect_no_answer("ada", called=called + "; then ben answers too", cause=FIRST)


def answered_after_all(play: Play) -> None:
    """Nobody has got her job yet when she answers it."""
    office = asked(play)
    gave_up(office)
    office.crew.alive.add("ann")
    office.done("ann", "ada", b"1", b"ann's")
    called = "ann was taken for dead, and answers before anybody else has got her job"
    office.expect_answer("ada", b"1", b"ann's", called=called, cause="The first answer counts, whoever gives it.")
    office.expect_job("ann", "ada", b"2", called=called, cause=ONCE)


def died_while_free(play: Play) -> None:
    """A dead worker gets nothing, and nothing is read for it, until it is heard again."""
    office = Office(play)
    office.crew.join("ben")
    office.crew.until(lambda: read(play, "backend") > 0, ENOUGH)
    office.crew.silent("ben")
    office.crew.expect_quiet(1.3 * PATIENCE, called="ben has said READY, and falls silent", cause=NO_JOB)
    office.ask("ada", b"1")
    called = "ben fell silent while he was free, and then ada asks"
    office.crew.expect_quiet(3 * BEAT, called=called, cause=NO_JOB)
    office.expect_read(0, called=called)
    office.crew.alive.add("ben")
    office.expect_job("ben", "ada", b"1", called=called + "; ben says ALIVE again", cause=STILL_FREE)


def stop(play: Play) -> None:
    """Told while a worker is at work, and a request waits."""
    office = asked(play)
    office.broker.tell_to_stop()
    office.broker.expect_the_end("a worker at work, and a request that waits")


EXERCISE = Exercise(
    key="11-a",
    lesson="11-your-own-broker",
    title="your own broker",
    name="broker",
    call=CALL,
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    scenarios=(
        Scenario("two clients with the same id", in_turn),
        Scenario("requests while nobody is free", unread),
        Scenario("a worker crashes with its job", crashed),
        Scenario("a worker is slow, and lives", slow),
        Scenario("a worker hangs, and answers too late", second_answer),
        Scenario("a worker hangs, and answers first after all", first_answer),
        Scenario("a worker hangs, and answers before its job is given out again", answered_after_all),
        Scenario("a worker dies while it is free", died_while_free),
        Scenario("told to stop while a worker is at work", stop),
    ),
    causes=CAUSES,
    stuck=STUCK,
)
