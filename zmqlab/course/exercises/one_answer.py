"""Exercise 09-a, liveness and retry: no job is lost with its worker, and none has two answers."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from ..exercise import Exercise
from ..scenes import crew_causes as causes
from ..scenes.crew import BEAT, HEIRS, MORE_PATIENCE, MORTAL, PATIENCE, TALKERS, Crew, Talkers
from ..scenes.play import ENOUGH, Play
from ..scenes.running import Running
from ..scenes.scenario import Scenario, Step

CALL = "share(ctx, endpoint, jobs, patience)"

SKELETON = '''
import zmq


def share(ctx, endpoint, jobs, patience):
    """Have every job done by a worker, and return the
    answers: a dict from job to answer.

    Bind a ROUTER at `endpoint`. `jobs` is a list of bytes, no
    two of them equal. It is given out in this order.

    A worker says that it is free with [b"READY"], once. It
    gets a job as one frame, and answers [b"DONE", job,
    answer]. With that it is free again. It has one job at a
    time. While it lives it says [b"ALIVE"] again and again,
    also while it works.

    A worker that has said nothing for `patience` seconds is
    dead: you notice it within 30 ms. It gets no job. The one
    that it had goes to another worker, before all jobs that
    nobody has had yet. A worker that is heard again lives: it
    is free if it was free, and at work if it was at work. A
    worker that is started anew has another routing id.

    Be quick: twenty workers may say ALIVE a hundred times a
    second each. While you hear these 2,000 messages a second,
    jobs go out and deaths are noticed as if nobody else
    spoke.

    The first answer to a job counts, whoever gives it. A
    later one is thrown away. When every job has its answer,
    close the socket and return.
    """
    raise NotImplementedError("share out the jobs")
'''

HINTS = (
    "What does the function have to know? The jobs that nobody has, as a deque; the workers that are free, as a deque; "
    "for each worker the time when it was last heard; and for each worker at work its job. Every message of a worker "
    "changes the time, whatever it says.",
    "Give `socket.poll(…)` a limit, because silence is no message: nothing wakes you when a worker dies. A round has "
    "three steps: hear all that has come; look for workers at work that have been silent for too long; give out jobs. "
    "All three in every round: where many workers say ALIVE there is always something to hear. Put the job of a dead "
    "worker back with `appendleft`, and look at the time again before you give a free worker a job.",
    "Per round: `socket.poll(10)`; then `while socket.poll(0)`: receive one message, note the time, and for DONE: "
    "`answers.setdefault(job, answer)`, and the worker is free. Then `for worker in list(working)`: if it is silent, "
    "`jobs.appendleft(working.pop(worker))`. Then, while there is a job: if it is in `answers`, forget it; else take "
    "the first free worker that lives.",
)

SOLUTION = """
import time
from collections import deque

import zmq


def share(ctx, endpoint, jobs, patience):
    waiting = deque(jobs)
    free = deque()
    working = {}  # worker -> its job
    heard = {}  # worker -> when it last said something
    answers = {}

    def lives(worker):
        return time.monotonic() - heard[worker] <= patience

    with ctx.socket(zmq.ROUTER) as socket:
        socket.bind(endpoint)
        while len(answers) < len(jobs):
            socket.poll(10)
            while socket.poll(0):  # first hear all that has come: a worker may live, and we were busy
                worker, word, *rest = socket.recv_multipart()
                heard[worker] = time.monotonic()
                if word == b"DONE":
                    job, answer = rest
                    answers.setdefault(job, answer)  # the first one counts
                    working.pop(worker, None)
                if word in (b"READY", b"DONE"):
                    free.append(worker)
            for worker in [each for each in working if not lives(each)]:
                waiting.appendleft(working.pop(worker))
            for worker in [each for each in free if lives(each)]:
                while waiting and waiting[0] in answers:
                    waiting.popleft()  # its first worker has answered after all
                if waiting:
                    free.remove(worker)
                    working[worker] = waiting.popleft()
                    socket.send_multipart([worker, working[worker]])
        return answers
"""

WHY = (
    "Silence is the only sign of death that holds for a crash, a hang and a cut link alike, and it is no message: so "
    "`poll` has a limit, and after it the function looks at the clock. It cannot tell dead from slow, so a job may be "
    "done twice. That is at-least-once, and no program can do better from outside: what it can do is to give out one "
    "answer. The dict of answers does that: `setdefault` keeps the first, and a job that has its answer is not given "
    "out again. A dead worker stays in the list of those who are free, and is passed over until it is heard again. "
    "Each round hears all that has come before it judges: a loop that looks at the clock after every message takes for "
    "dead a worker whose ALIVE lies unread. And each round judges and gives out jobs, whether something has come or "
    "not: with twenty workers that say ALIVE all the time, a moment in which nothing comes may never be."
)

WRONG_WAYS = {
    "never looks at the clock": (
        "A crash sends no message. A loop that only waits for messages waits for ever for a dead worker's answer."
    ),
    "takes a long job for death": (
        "ALIVE says that a worker lives, also while it works. Note the time of every message, and not of answers alone."
    ),
    "forgets the dead who were free": (
        "A worker that was silent for a moment says ALIVE again, and never READY. Keep it in the list, and pass over "
        "it while it is dead."
    ),
    "gives out what has its answer": (
        "Its first worker was slow, and has answered by now. To give the job out again is work for nothing."
    ),
    "the last answer counts": (
        "A job that was given out twice may be answered twice. The answer that somebody has seen must not change: "
        "`setdefault` keeps the first."
    ),
    "looks at the clock when it is quiet": (
        "With twenty workers that speak all the time, a moment in which nothing comes may never be. Judge in every "
        "round."
    ),
}


GAVE_UP = "ann got b'A' and has been silent since"
STUCK = (
    "It waits for more than is to come: for the answer of somebody who is dead, or for a second one to the same job."
)
EMPTY_IS_ONE = "An empty answer is an answer: ask whether the job is in the dict, not whether its answer is true."
FIRST = "The first answer to a job counts: `answers.setdefault(job, answer)` keeps it."


def crew_for(play: Play, *jobs: bytes, patience: float = PATIENCE) -> Crew:
    return Crew(Running(play, play.endpoint, list(jobs), patience, call=CALL), play.endpoint)


def expect_answers(crew: Crew, answers: Mapping[bytes, bytes], *, called: str, cause: str) -> None:
    crew.until(lambda: not crew.play.running(), ENOUGH)
    crew.expect(
        not crew.play.running(),
        called=called,
        got=crew.play.silence(),
        wanted=f"that it returns {dict(answers)}",
        cause=STUCK if all(answers.values()) else f"{EMPTY_IS_ONE} {STUCK}",
    )
    left, got = crew.play.result(timeout=0.1)
    crew.expect(got == answers, called=called, got=f"it returned {got!r}", wanted=f"{dict(answers)}", cause=cause)
    crew.running.expect_none_open(left, f"{CALL}: {called}")


def one_at_a_time(play: Play) -> None:
    """Three jobs for one worker, in their order. A job may be an empty frame, or no text."""
    jobs = [b"A", b" C\xff\n", b""]
    crew = crew_for(play, *jobs)
    crew.join("ann")
    for job in jobs:
        called = f"one worker has said READY, and has done all jobs before {job!r}"
        crew.expect_job("ann", job, called=called, cause=causes.ONE if job else "b'' is a job like any other.")
        if job == b"A":
            crew.expect_quiet(BEAT, called="ann is at work on b'A'", cause=causes.ONE)
        crew.say("ann", b"DONE", job, b"done " + job)
    answers = {job: b"done " + job for job in jobs}
    expect_answers(crew, answers, called="one worker has done all jobs", cause="Return the dict from job to answer.")


def crashed(play: Play) -> None:
    """Nobody else is there when the worker dies, and when the next one does. The job that they had comes before those
    that nobody has had."""
    crew = crew_for(play, b"A", b"B")
    crew.join("ann")
    crew.expect_job("ann", b"A", called="ann has said READY", cause=causes.ONE)
    crew.crash("ann")
    crew.expect_quiet(1.3 * PATIENCE, called="ann has crashed, and nobody else is there", cause=causes.NO_JOB)
    crew.join("ben")
    called = "ann has crashed with b'A'; then ben said READY"
    crew.expect_job(
        "ben", b"A", called=called, cause="The job of a dead worker comes first: `appendleft` puts it back in front."
    )
    crew.crash("ben")
    called = "ann has crashed with b'A', and then ben has with the same job"
    crew.expect_quiet(1.3 * PATIENCE, called=called, cause=causes.NO_JOB)
    crew.join("cem")
    crew.expect_job("cem", b"A", called=f"{called}; then cem said READY", cause=causes.EACH_DEATH)
    crew.say("cem", b"DONE", b"A", b"1")
    crew.expect_job("cem", b"B", called="cem has done b'A'", cause=causes.ONE)
    crew.say("cem", b"DONE", b"B", b"2")
    expect_answers(crew, {b"A": b"1", b"B": b"2"}, called="cem has done both jobs", cause="Count the answers.")


def slow(play: Play) -> None:
    """She works for a long time, and says that she lives. Nobody else gets her job: Ben comes later, so he lives
    longer than she does for who does not note the time of ALIVE."""
    crew = crew_for(play, b"A", b"B")
    crew.join("ann")
    crew.expect_job("ann", b"A", called="ann has said READY", cause=causes.ONE)
    crew.expect_quiet(0.2 * PATIENCE, called="ann is at work on b'A'", cause=causes.ONE)
    crew.join("ben")
    crew.expect_job("ben", b"B", called="ann is at work on b'A', and ben has said READY", cause=causes.TAKEN_ONCE)
    crew.say("ben", b"DONE", b"B", b"2")
    called = "ann works on b'A' for a long time and says ALIVE, ben is free"
    crew.expect_quiet(0.8 * PATIENCE, called=called, cause=causes.NOT_DEAD)
    crew.say("ann", b"DONE", b"A", b"1")
    expect_answers(crew, {b"A": b"1", b"B": b"2"}, called=called + "; then she answers", cause=causes.NOT_DEAD)


def gave_up(play: Play) -> Crew:
    """Ann stands still with b"A". Nobody else is there."""
    crew = crew_for(play, b"A", b"B")
    crew.join("ann")
    crew.expect_job("ann", b"A", called="ann has said READY", cause=causes.ONE)
    crew.silent("ann")
    crew.expect_quiet(1.3 * PATIENCE, called=GAVE_UP, cause=causes.NO_JOB)
    return crew


def hung(play: Play) -> Crew:
    """Ann stands still with b"A"; Ben has it now."""
    crew = gave_up(play)
    crew.join("ben")
    crew.expect_job("ben", b"A", called=GAVE_UP + "; then ben said READY", cause=causes.NOT_NOTICED)
    return crew


def second_answer(play: Play) -> None:
    """Both answer. Ben was first. The job that was taken from Ann is given out once."""
    crew = hung(play)
    crew.join("cem")
    called = "ben has b'A', which was taken from ann"
    crew.expect_job("cem", b"B", called=f"{called}; cem says READY", cause=causes.TAKEN_ONCE)
    crew.say("ben", b"DONE", b"A", b"ben's")
    crew.heard("ben")
    crew.say("ann", b"DONE", b"A", b"ann's")
    crew.heard("ann")
    cause = "It has its answer, and every other job is in somebody's hands."
    crew.expect_quiet(BEAT, called=f"{called}; he answers, and then ann does, too late", cause=cause)
    crew.say("cem", b"DONE", b"B", b"2")
    expect_answers(crew, {b"A": b"ben's", b"B": b"2"}, called="ben and then ann answered b'A'", cause=FIRST)


def first_answer(play: Play) -> None:
    """Both answer. Ann, who was taken for dead, was first after all, and is free. Until then she is at work."""
    crew = hung(play)
    crew.revive("ann")
    what = "ann was taken for dead, and says ALIVE; ben has her job now"
    crew.expect_quiet(BEAT, called=what, cause=causes.AT_WORK)
    crew.say("ann", b"DONE", b"A", b"")
    what += "; she answers b'A' with b'', before him"
    crew.expect_job("ann", b"B", called=what, cause=causes.FREE_AGAIN)
    crew.say("ben", b"DONE", b"A", b"ben's")
    crew.heard("ben")
    crew.expect_quiet(BEAT, called=what + "; then ben answers too", cause="No job is left to give.")
    crew.say("ann", b"DONE", b"B", b"2")
    expect_answers(crew, {b"A": b"", b"B": b"2"}, called=what, cause=f"{FIRST} {EMPTY_IS_ONE}")


def answered_after_all(play: Play) -> None:
    """Nobody has got her job yet when she answers it, with an empty frame. Then she dies once more, with the next one;
    Ben has it when she answers it after all, and nobody waits for him."""
    crew = gave_up(play)
    crew.alive.add("ann")
    crew.say("ann", b"DONE", b"A", b"")
    called = "ann was taken for dead, and answers b'A' with b'' before anybody else has got her job"
    crew.expect_job(
        "ann", b"B", called=called, cause=f"A job that has its answer is not given out again. {EMPTY_IS_ONE}"
    )
    crew.silent("ann")
    called += "; she falls silent once more, with b'B'"
    crew.expect_quiet(1.3 * PATIENCE, called=called, cause=causes.NO_JOB)
    crew.join("ben")
    crew.expect_job("ben", b"B", called=f"{called}; then ben said READY", cause=causes.DIES_AGAIN)
    crew.say("ann", b"DONE", b"B", b"")
    called += "; ben has it now, but she answers it first, with b'' too"
    expect_answers(crew, {b"A": b"", b"B": b""}, called=called, cause="Count the answers, not the messages.")


def died_while_free(play: Play) -> None:
    """Ben is free and dies; then Ann dies with her job. Ben is passed over until he is heard again."""
    crew = crew_for(play, b"A")
    crew.join("ann")
    crew.expect_job("ann", b"A", called="ann has said READY", cause=causes.ONE)
    crew.join("ben")
    crew.heard("ben")
    crew.silent("ben")
    crew.expect_quiet(1.5 * BEAT, called="ann is at work on the only job, and ben falls silent", cause=causes.NOT_DEAD)
    crew.silent("ann")
    called = "ben falls silent while he is free, and then ann, who has the only job"
    crew.expect_quiet(1.3 * PATIENCE, called=called, cause=causes.NO_JOB)
    crew.revive("ben")
    called += "; then ben says ALIVE again"
    crew.expect_job("ben", b"A", called=called, cause=causes.STILL_FREE)
    crew.say("ben", b"DONE", b"A", b"1")
    expect_answers(crew, {b"A": b"1"}, called=called, cause="Return the dict from job to answer.")


def punctual(play: Play) -> None:
    """Nearly silent for too long, then DONE, then silent: the time counts from there, and it is `patience`."""
    crew = crew_for(play, b"A", b"B", patience=MORE_PATIENCE)
    crew.join("ann")
    crew.expect_job("ann", b"A", called="ann has said READY", cause=causes.ONE)
    crew.silent("ann")
    called = f"ann says nothing for {0.7 * MORE_PATIENCE:.2f} s, and then DONE"
    before = crew.spoke["ann"]
    crew.expect_quiet(before + 0.7 * MORE_PATIENCE - monotonic(), called=called, cause=causes.TOO_EARLY)
    since = monotonic()
    crew.say("ann", b"DONE", b"A", b"1")
    crew.expect_job("ann", b"B", called=called, cause=causes.DONE_IS_BOTH)
    crew.join("ben")
    called += ", gets b'B', and says nothing more; ben is free"
    crew.expect_punctual("ben", MORE_PATIENCE, before, since, called=called)


def slept(play: Play) -> None:
    """Workers die, one after another, while nobody speaks: each time the next one gets the job."""
    crew = crew_for(play, b"A", patience=MORE_PATIENCE)
    crew.join("ann")
    crew.expect_job("ann", b"A", called="ann has said READY", cause=causes.ONE)

    def expect_job(heir: str, called: str) -> None:
        crew.expect_job(heir, b"A", called=called, cause=causes.NOT_NOTICED)

    last = crew.expect_awake("ann", MORE_PATIENCE, "b'A'", expect_job)
    crew.say(last, b"DONE", b"A", b"1")
    expect_answers(crew, {b"A": b"1"}, called="the last one answers", cause=FIRST)


def talkative(play: Play) -> None:
    """Many workers are at work and say so, all the time. Jobs are given out, and deaths are noticed."""
    jobs = [b"job %d" % number for number in range(TALKERS + len(MORTAL))]
    crew = crew_for(play, *jobs, patience=MORE_PATIENCE)
    called = f"{TALKERS} workers are at work and say ALIVE all the time"
    with Talkers(crew, play.endpoint) as talkers:
        talkers.expect_jobs()
        for name, job in zip(MORTAL, jobs[TALKERS:], strict=True):
            crew.join(name)
            crew.expect_job(name, job, called=f"{called}; {name} says READY", cause=causes.STARVED)
        talkers.expect_deaths_noticed(called=called)
        talkers.expect_heard(called=called)
        for name in HEIRS:
            crew.say(name, b"DONE", *crew.sockets[name].recv_multipart(), b"done")
    expect_answers(crew, dict.fromkeys(jobs, b"done"), called=f"{called}; then all answer", cause=FIRST)


EXERCISE = Exercise(
    key="09-a",
    lesson="09-when-workers-die",
    title="no job lost, none answered twice",
    name="share",
    call=CALL,
    skeleton=SKELETON,
    hints=HINTS,
    solution=SOLUTION,
    why=WHY,
    wrong_ways=WRONG_WAYS,
    steps=(
        Step(
            "each worker gets one job at a time",
            (
                Scenario("one worker, one job at a time", one_at_a_time),
                Scenario("a worker is slow, and lives", slow),
            ),
        ),
        Step(
            "the job of a dead worker goes to another one",
            (
                Scenario("a worker crashes with its job", crashed),
                Scenario("a worker that is nearly silent for too long", punctual),
                Scenario("workers die while nobody speaks", slept),
                Scenario("a worker dies while it is free", died_while_free),
            ),
        ),
        Step(
            "each job is answered once, whatever comes",
            (
                Scenario("a worker hangs, and answers too late", second_answer),
                Scenario("a worker hangs, and answers first after all", first_answer),
                Scenario("a worker hangs, and answers before its job is given out again", answered_after_all),
                Scenario("many workers that speak all the time", talkative),
            ),
        ),
    ),
    causes=causes.RAISED,
    stuck=STUCK,
)
