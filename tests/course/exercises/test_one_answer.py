"""09-a: the solution passes, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

import time

import pytest

from tests.course.exercises.crew_mistakes import CREW_WRONG, HEARD, hears_one_a_round
from tests.course.exercises.exercise_tests import ExerciseTests
from tests.course.exercises.learner import assert_refused, changed
from zmqlab.course.scenes.crew import Crew

KEY = "09-a"
ANSWERED = """                while waiting and waiting[0] in answers:
                    waiting.popleft()  # its first worker has answered after all
"""
WITH = "    with ctx.socket(zmq.ROUTER) as socket:\n"

WRONG = {
    **CREW_WRONG,
    "hears one message a round, and takes 4 ms for it": hears_one_a_round("while socket.poll(0):"),
    "never looks at the clock": (
        [("return time.monotonic() - heard[worker] <= patience", "return True")],
        "expected: ben",
        "a worker crashes with its job",
    ),
    "the job goes to the end of the queue": (
        [("waiting.appendleft(", "waiting.append(")],
        "`appendleft` puts it back in front",
        "a worker crashes with its job",
    ),
    "a job is given out twice at most": (
        [
            ("    answers = {}", "    tried = set()\n    answers = {}"),
            (
                "waiting.appendleft(working.pop(worker))",
                "job = working.pop(worker); job in tried or waiting.appendleft(job); tried.add(job)",
            ),
        ],
        "A job may lose more than one worker",
        "a worker crashes with its job",
    ),
    "a job that was lost twice waits behind the others": (
        [
            ("    answers = {}", "    tried = set()\n    answers = {}"),
            (
                "waiting.appendleft(working.pop(worker))",
                "job = working.pop(worker); (waiting.append if job in tried else waiting.appendleft)(job); "
                "tried.add(job)",
            ),
        ],
        "A job may lose more than one worker",
        "a worker crashes with its job",
    ),
    "the last answer counts": (
        [("answers.setdefault(job, answer)", "answers[job] = answer")],
        "The first answer to a job",
        "a worker hangs, and answers too late",
    ),
    "an answer is for him who has the job": (
        [("answers.setdefault(job, answer)", "if working.get(worker) == job: answers.setdefault(job, answer)")],
        "The first answer to a job counts",
        "a worker hangs, and answers first after all",
    ),
    "who was dead stays at work": (
        [
            ("working.pop(worker, None)", "was_at_work = working.pop(worker, None)"),
            ('if word in (b"READY", b"DONE"):', 'if word == b"READY" or word == b"DONE" and was_at_work is not None:'),
        ],
        "With DONE a worker is free, also one that was taken for dead",
        "a worker hangs, and answers first after all",
    ),
    "takes the job from him who has none": (
        [("working.pop(worker, None)", "working.pop(worker)")],
        "its job was taken from it, or had its answer",
        "a worker hangs, and answers too late",
    ),
    "gives out what has its answer": (
        [(ANSWERED, "")],
        "A job that has its answer is not given out again",
        "a worker hangs, and answers before its job is given out again",
    ),
    "gives all jobs to one worker": (
        [("                    free.remove(worker)\n", "")],
        "A worker has one job at a time",
        "one worker, one job at a time",
    ),
    "counts the messages": (
        [
            ("    answers = {}\n", "    answers, done = {}, 0\n"),
            ("while len(answers) < len(jobs):", "while done < len(jobs):"),
            (
                "                    job, answer = rest\n",
                "                    job, answer = rest\n                    done += 1\n",
            ),
        ],
        "it returned",
        "a worker hangs, and answers too late",
    ),
    "looks at the clock when it is quiet": (
        [
            (
                "            socket.poll(10)\n            while socket.poll(0):",
                "            if socket.poll(10):",
            ),
            (
                "                    free.append(worker)\n",
                "                    free.append(worker)\n                continue\n",
            ),
        ],
        "A loop that looks only when nothing has come never looks while many speak",
        "many workers that speak all the time",
    ),
    "puts a job back, and keeps it": (
        [("waiting.appendleft(working.pop(worker))", "waiting.appendleft(working[worker])")],
        "A job is put back once",
        "a worker hangs, and answers too late",
    ),
    "hands a job out, and keeps it": (
        [("working[worker] = waiting.popleft()", "working[worker] = waiting[0]")],
        "out of the queue when it goes out",
        "a worker is slow, and lives",
    ),
    "an empty answer is none": (
        [
            ("while len(answers) < len(jobs):", "while sum(map(bool, answers.values())) < len(jobs):"),
            ("answers.setdefault(job, answer)", "answers.get(job) or answers.update({job: answer})"),
        ],
        "An empty answer is an answer",
        "a worker hangs, and answers first after all",
    ),
    "waits for answers that are true": (
        [("while len(answers) < len(jobs):", "while not all(map(answers.get, jobs)):")],
        "An empty answer is an answer",
        "a worker hangs, and answers before its job is given out again",
    ),
    "an empty job is none": (
        [("                if waiting:\n", "                if waiting and waiting[0]:\n")],
        "b'' is a job like any other",
        "one worker, one job at a time",
    ),
    "takes a routing id for text": (
        [(HEARD, f"worker.decode(); {HEARD}")],
        "do not decode it",
        "one worker, one job at a time",
    ),
    "remembers the answers": (
        [
            ("def share(ctx, endpoint, jobs, patience):", "def share(ctx, endpoint, jobs, patience, answers={}):"),
            ("    answers = {}\n", ""),
        ],
        "State left from an earlier call",
        "",
    ),
    "binds nothing": (
        [("        socket.bind(endpoint)\n", "")],
        "Nobody is bound at this endpoint",
        "one worker, one job at a time",
    ),
    "leaves its socket open": (
        [(WITH, "    socket = ctx.socket(zmq.ROUTER)\n    if True:\n")],
        "Whoever makes a socket closes",
        "one worker, one job at a time",
    ),
    "strips an answer": (
        [("job, answer = rest", "job, answer = map(bytes.strip, rest)")],
        "it returned {b'A': b'done A', b'C",
        "one worker, one job at a time",
    ),
    "buries a worker once": (
        [
            (
                "for worker in [each for each in working if not lives(each)]:\n",
                "for worker in [each for each in working if not lives(each) and each not in buried]:\n"
                "                buried.add(worker)\n",
            ),
            ("    free = deque()\n", "    free, buried = deque(), set()\n"),
        ],
        "A worker may die more than once",
        "a worker hangs, and answers before its job is given out again",
    ),
    "waits until nobody is at work": (
        [("while len(answers) < len(jobs):", "while len(answers) < len(jobs) or working:")],
        "for a second one to the same job",
        "a worker hangs, and answers before its job is given out again",
    ),
}


class TestOneAnswer(ExerciseTests):
    key = KEY
    wrong = WRONG
    after_step_1 = "never looks at the clock"


@pytest.mark.parametrize("late", [0.06, 0.09])
def test_done_is_a_sign_of_life_also_on_a_machine_that_is_a_little_late(
    late: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By too little for the check to play it anew."""
    expect_quiet = Crew.expect_quiet

    def then_late(crew: Crew, seconds: float, **words: str) -> None:
        expect_quiet(crew, seconds, **words)
        time.sleep(late)

    monkeypatch.setattr(Crew, "expect_quiet", then_late)
    changes, words, scenario = CREW_WRONG["DONE is no sign of life"]
    assert_refused(KEY, changed(KEY, *changes), words, scenario=scenario)
