"""The run tells brokers apart, whatever they do, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq

from tests.course.exercises.learner import changed, written
from zmqlab.course import exercises
from zmqlab.course.chaos import run, worker
from zmqlab.course.chaos.run import chaos
from zmqlab.course.chaos.work import Request, payload_of
from zmqlab.majordomo import Broker, Limits

KEY = "13-a"
CRASH = Request("alice", 20)


def of(source: str) -> Callable[..., Any]:
    function: Callable[..., Any] = written(source, "broker")
    return function


def textbook(ctx: Any, frontend: str, backend: str, control: str, patience: float) -> None:
    """The loop of lesson 07: it hands out work, and looks at no clock."""
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
    front.bind(frontend)
    back.bind(backend)
    free: deque[bytes] = deque()
    while True:
        if back.poll(10):
            worker, word, *rest = back.recv_multipart()
            if word == b"DONE":
                front.send_multipart(rest)
            if word != b"ALIVE":
                free.append(worker)
        while free and front.poll(0):
            back.send_multipart([free.popleft(), *front.recv_multipart()])


def majordomo(ctx: Any, frontend: str, backend: str, control: str, patience: float) -> None:
    limits = Limits(heartbeat=patience / 3, busy_timeout=3 * patience)
    Broker(frontend, backend, limits=limits, context=ctx).run()


def workers() -> list[psutil.Process]:
    return [process for process in psutil.Process().children() if worker.__name__ in _command(process)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def test_the_solution_keeps_its_promise_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = chaos(of(exercises.load(KEY).solution))
    assert report.passed, report
    assert report.answered == 60
    assert report.done > 60  # the one that hung did its job too
    assert workers() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_the_stop_button_ends_it_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    away, deadline = threading.Event(), time.monotonic() + 30

    def press() -> None:
        while not workers() and not away.is_set() and time.monotonic() < deadline:
            away.wait(0.01)
        if not away.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            chaos(textbook)
    finally:
        away.set()
        finger.join()
    assert workers() == []
    assert list(tmp_path.iterdir()) == []


def test_majordomo_keeps_its_promise() -> None:
    report = chaos(majordomo, speech="majordomo")
    assert report.passed, report


def test_a_broker_that_does_not_notice_the_dead_loses_their_jobs() -> None:
    report = chaos(textbook)
    assert str(report) == "textbook: asked 60, lost 2, answered twice 0, to the wrong client 0"
    faults, *lost = report.history(worst=2).splitlines()
    for fault in ("broker killed", "broker started again", "link bob ↔ broker reset", "link cem ↔ broker silent"):
        assert fault in faults
    for number, line in zip((20, 24), lost, strict=True):
        assert re.fullmatch(
            rf"alice {number}: asked [\d.]+ s, given to (\w+) [\d.]+, \1 killed [\d.]+, never answered", line
        ), line


def test_the_history_knows_who_had_what_and_why_it_was_done_again() -> None:
    report = chaos(of(exercises.load(KEY).solution))
    lines = {line.request: line for line in report.events.lines}
    slow = lines[Request("alice", 4)]
    assert len(slow.times("asked")) == 2  # the broker was killed while a worker had it
    assert [mark.text for mark in slow.marks][:2] == ["broker killed", "broker started again"]
    reset = lines[Request("bob", 9)]
    assert "link bob ↔ broker reset" in [mark.text for mark in reset.marks]
    killed, *_, last = lines[CRASH].tries
    assert (killed.done, last.died) == (None, None)
    assert killed.worker != last.worker
    assert len(lines[Request("alice", 18)].tries) > 1  # the one that hung


def test_the_history_counts_the_seconds_as_the_view_does() -> None:
    report = chaos(textbook)
    wanted = payload_of(CRASH)
    sent = next(m for m in report.lab.messages() if m.sent_frames is not None and m.sent_frames[-1] == wanted)
    line = next(line for line in report.events.lines if line.request == CRASH)
    assert sent.sent is not None
    assert report.lab.trace.start is not None
    assert line.asked == pytest.approx((sent.sent - report.lab.trace.start) / 1e9, abs=0.1)


def test_a_broker_that_answers_twice_is_told_so() -> None:
    answer = "front.send_multipart([*requests.pop(token), answer])"
    twice = f"{answer.replace('.pop(token)', '[token]')}; {answer}"
    report = chaos(of(changed(KEY, (answer, twice))), name="every answer")
    assert not report.passed
    assert report.lost == 0
    assert report.twice > 0


def test_a_broker_that_takes_an_id_for_a_client_answers_the_wrong_one() -> None:
    """Both clients count from the same number; the last one who used an id gets all answers to it."""

    def broker(ctx: Any, frontend: str, backend: str, control: str, patience: float) -> None:
        front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
        front.bind(frontend)
        back.bind(backend)
        free: deque[bytes] = deque()
        clients: dict[bytes, bytes] = {}
        while True:
            if back.poll(5):
                worker, word, *rest = back.recv_multipart()
                if word == b"DONE" and rest[0] in clients:
                    front.send_multipart([clients[rest[0]], *rest])
                if word != b"ALIVE":
                    free.append(worker)
            while free and front.poll(0):
                client, number, payload = front.recv_multipart()
                clients[number] = client
                back.send_multipart([free.popleft(), number, payload])

    report = chaos(broker)
    assert not report.passed
    assert report.strangers >= 1  # alice's 18 hangs, and bob asks his meanwhile
    assert "alice 18: " in (lines := report.history(report.asked))
    assert "answered to bob, who had not asked it," in lines


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (exercises.load(KEY).skeleton, "It is still the skeleton."),
        ("def broker(ctx, *ends):\n    return 1", "It has returned before it was told to."),
        ("def broker(ctx, *ends):\n    ctx.socket()[0]", "It has failed: TypeError:"),
    ],
)
def test_a_broker_that_ends_is_told_so_at_once(source: str, problem: str) -> None:
    report = chaos(of(source))
    assert (report.lost, report.passed) == (60, False)
    assert report.problem.startswith(problem)


def test_workers_that_nobody_hears_are_no_loss_of_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "START", 0.5)
    with pytest.raises(RuntimeError, match=r"only 0 of 5 workers .*`backend`"):
        chaos(of("def broker(ctx, *ends):\n    ctx.socket(zmq.ROUTER).poll(60_000)"))
    assert workers() == []


def test_the_broker_connects_to_somebody_who_could_tell_it_to_stop() -> None:
    def broker(ctx: Any, frontend: str, backend: str, control: str, patience: float) -> None:
        back, stop = ctx.socket(zmq.ROUTER), ctx.socket(zmq.PULL)
        back.bind(backend)
        assert back.poll(60_000)  # a worker has come: the run has begun
        monitor = stop.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        stop.connect(control)
        assert monitor.poll(10_000)
        stop.disable_monitor()

    assert chaos(broker).problem == "It has returned before it was told to."


def test_nobody_speaks_another_speech() -> None:
    with pytest.raises(ValueError, match="plain, majordomo"):
        chaos(textbook, speech="morse")
