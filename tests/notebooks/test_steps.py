"""The programs of lesson 11, each with one rule more: run as processes, among peers that the tests play."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import zmq

from tests.notebooks.shop import LIMIT, Program
from zmqlab.course import steps

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminal")

Start = Callable[..., Program]
Come = Callable[..., zmq.Socket[bytes]]

SHOP, WORK = "ipc://clients", "ipc://workers"
QUIET = 300
"""Milliseconds after which nothing more comes."""

SOON = int(LIMIT * 1000)

RULES = {
    "broker_services.py": ("3", "60"),
    "broker_credit.py": ("3", "60"),
    "broker_deadline.py": ("3", "60", "0.5"),
    "broker_retry.py": ("3", "60", "0.5", "2"),
    "broker_full.py": ("3", "60", "0.5", "2"),
}
"""Each broker, in its order, and what it is told after its endpoints: a limit, patience, a deadline, tries."""

ALL = list(RULES)
WORKER = (WORK, "ann", "weld", "1", "0")


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a program of the shop, and ends it with the test. A broker gets its endpoints and its rules."""
    monkeypatch.chdir(tmp_path)
    steps.put(*RULES, steps.WORKER)
    with ExitStack() as running:

        def run(name: str, *words: str) -> Program:
            if name in RULES:
                words = (SHOP, WORK, *(words or RULES[name]))
            return running.enter_context(Program(tmp_path / "shop" / name, *words))

        yield run


@pytest.fixture
def come() -> Iterator[Come]:
    """Somebody whom the test plays: who connects there and, as a worker, says these words."""
    with zmq.Context() as ctx:
        ctx.linger = 0

        def connect(endpoint: str, *words: bytes) -> zmq.Socket[bytes]:
            socket = ctx.socket(zmq.DEALER)
            socket.rcvtimeo = SOON
            socket.connect(endpoint)
            if words:
                socket.send_multipart(words)
            return socket

        yield connect


def patient(name: str, patience: str = "60") -> tuple[str, ...]:
    """The rules of that broker, with a deadline that nobody reaches."""
    return ("3", patience, "60", "2")[: len(RULES[name])]


def ask(client: zmq.Socket[bytes], number: int, service: bytes = b"weld") -> None:
    client.send_multipart([b"%d" % number, service, b"Task-%d" % number])


def done(worker: zmq.Socket[bytes], job: list[bytes]) -> None:
    token, task = job
    worker.send_multipart([token, b"done: " + task])


def settled(client: zmq.Socket[bytes], limit: int = 3) -> None:
    """The broker has read all that was sent before: one more than may wait is refused."""
    for number in range(100, 101 + limit):
        ask(client, number, b"nobody's")
    assert client.recv_multipart()[-1] == b"BUSY"


@pytest.mark.parametrize("name", [*ALL, steps.WORKER])
@pytest.mark.parametrize("many", [False, True], ids=["too few arguments", "too many arguments"])
def test_it_says_how_it_is_used(name: str, many: bool, start: Start, tmp_path: Path) -> None:
    words = WORKER if name == steps.WORKER else (SHOP, WORK, *RULES[name])
    with Program(tmp_path / "shop" / name, *((*words, "more") if many else words[1:])) as program:
        status, [line] = program.ended()
    assert (status, line.split()[:2], len(line.split())) == (1, ["use:", "python"], 3 + len(words))


@pytest.mark.parametrize("name", ALL)
def test_a_broker_ends_on_ctrl_c(name: str, start: Start, come: Come) -> None:
    broker = start(name)
    client, worker = come(SHOP), come(WORK, b"READY", b"weld", b"1")
    ask(client, 0)
    done(worker, worker.recv_multipart())
    assert client.recv_multipart() == [b"0", b"done: Task-0"]
    assert broker.interrupt()[-1] == "The broker is closed."


@pytest.mark.parametrize("name", ALL)
def test_a_worker_gets_what_it_offers_and_a_request_waits_for_who_can_do_it(
    name: str, start: Start, come: Come
) -> None:
    start(name)
    ann, ben, alice = come(WORK, b"READY", b"weld", b"1"), come(WORK, b"READY", b"paint", b"1"), come(SHOP)
    ask(alice, 0, b"cook")
    ask(alice, 1, b"paint")
    ask(alice, 2, b"weld")
    assert (ben.recv_multipart()[-1], ann.recv_multipart()[-1]) == (b"Task-1", b"Task-2")
    cem = come(WORK, b"READY", b"cook", b"1")
    done(cem, cem.recv_multipart())
    assert alice.recv_multipart() == [b"0", b"done: Task-0"]


@pytest.mark.parametrize("name", ALL)
def test_a_stranger_is_asked_what_it_offers_whatever_it_says(name: str, start: Start, come: Come) -> None:
    start(name)
    for words in ([b"ALIVE"], [b"a token of another broker", b"done: Task-9"]):
        ann = come(WORK, *words)
        assert ann.recv_multipart() == [b"READY?"]
        ann.send_multipart([b"READY", words[-1], b"1"])  # a service of its own
        alice = come(SHOP)
        ask(alice, 0, words[-1])
        done(ann, ann.recv_multipart())
        assert alice.recv_multipart() == [b"0", b"done: Task-0"]


@pytest.mark.parametrize("name", ALL[1:])
def test_as_many_tasks_are_with_a_worker_as_it_gives_credit(name: str, start: Start, come: Come) -> None:
    start(name, *patient(name))
    ann, alice = come(WORK, b"READY", b"weld", b"2"), come(SHOP)
    for number in range(3):
        ask(alice, number)
    jobs = [ann.recv_multipart() for _ in range(2)]
    assert not ann.poll(QUIET)
    done(ann, jobs[1])
    assert alice.recv_multipart() == [b"1", b"done: Task-1"]
    assert ann.recv_multipart()[-1] == b"Task-2"
    assert not ann.poll(QUIET)


@pytest.mark.parametrize("name", ALL[1:])
def test_who_has_the_most_places_left_is_asked(name: str, start: Start, come: Come) -> None:
    start(name, *patient(name))
    alice, workers = come(SHOP), [come(WORK, b"ALIVE"), come(WORK, b"ALIVE")]
    for worker in workers:
        assert worker.recv_multipart() == [b"READY?"]
        worker.send_multipart([b"READY", b"weld", b"3"])
    cem = come(WORK, b"READY", b"paint", b"1")
    ask(alice, 0, b"paint")
    done(cem, cem.recv_multipart())
    alice.recv_multipart()  # so the other two are in line as well
    ask(alice, 1)
    ask(alice, 2)
    assert {worker.recv_multipart()[-1] for worker in workers} == {b"Task-1", b"Task-2"}


@pytest.mark.parametrize("name", ALL[1:])
def test_what_a_dead_worker_had_goes_to_the_next_one_in_its_order(name: str, start: Start, come: Come) -> None:
    start(name, *patient(name, "0.5"))
    ann, alice = come(WORK, b"READY", b"weld", b"3"), come(SHOP)
    for number in range(3):
        ask(alice, number)
    assert [ann.recv_multipart()[-1] for _ in range(3)] == [b"Task-0", b"Task-1", b"Task-2"]
    assert not ann.poll(1000)  # she says nothing for longer than the broker's patience
    ben = come(WORK, b"READY", b"weld", b"3")
    assert [ben.recv_multipart()[-1] for _ in range(3)] == [b"Task-0", b"Task-1", b"Task-2"]


@pytest.mark.parametrize("name", ALL[1:])
def test_a_worker_that_leaves_hears_bye_when_it_has_nothing_more(name: str, start: Start, come: Come) -> None:
    start(name, *patient(name))
    ann, alice = come(WORK, b"READY", b"weld", b"3"), come(SHOP)
    for number in range(2):
        ask(alice, number)
    jobs = [ann.recv_multipart() for _ in range(2)]
    ann.send(b"BYE")
    done(ann, jobs[0])
    assert not ann.poll(QUIET)
    done(ann, jobs[1])
    assert ann.recv_multipart() == [b"BYE"]
    ask(alice, 2)
    assert not ann.poll(QUIET)


@pytest.mark.parametrize("name", ALL[2:])
def test_a_task_that_takes_too_long_goes_to_the_next_one_and_the_first_answer_counts(
    name: str, start: Start, come: Come
) -> None:
    start(name)
    ann, alice = come(WORK, b"READY", b"weld", b"1"), come(SHOP)
    ask(alice, 0)
    late = ann.recv_multipart()
    ben = come(WORK, b"READY", b"weld", b"1")
    again = ben.recv_multipart()
    assert again == late  # the same token
    done(ann, late)
    assert alice.recv_multipart() == [b"0", b"done: Task-0"]
    done(ben, again)
    assert not alice.poll(QUIET)
    ask(alice, 1)
    ask(alice, 2)
    assert {ann.recv_multipart()[-1], ben.recv_multipart()[-1]} == {b"Task-1", b"Task-2"}


@pytest.mark.parametrize("name", ALL[2:])
def test_a_worker_that_hangs_gets_nothing_more_before_it_has_answered(name: str, start: Start, come: Come) -> None:
    start(name)
    ann, alice = come(WORK, b"READY", b"weld", b"1"), come(SHOP)
    ask(alice, 0)
    job = ann.recv_multipart()
    assert not ann.poll(1000)  # twice the deadline: it waits, and she is not asked again
    done(ann, job)
    assert alice.recv_multipart() == [b"0", b"done: Task-0"]
    ask(alice, 1)
    assert ann.recv_multipart()[-1] == b"Task-1"


@pytest.mark.parametrize("name", ALL)
def test_an_answer_to_a_token_that_was_not_given_out_makes_nobody_free(name: str, start: Start, come: Come) -> None:
    """It is an earlier broker's, and its worker is free already, or has another task."""
    start(name, *patient(name, "0.5"))
    ann, alice = come(WORK, b"READY", b"weld", b"1"), come(SHOP)
    ann.send_multipart([b"a token of an earlier broker", b"done"])
    for number in range(2):
        ask(alice, number)
    job = ann.recv_multipart()
    ann.send_multipart([b"a token of an earlier broker", b"done"])
    assert not ann.poll(QUIET)  # one task at a time
    done(ann, job)
    assert alice.recv_multipart() == [b"0", b"done: Task-0"]
    assert ann.recv_multipart()[-1] == b"Task-1"
    ann.send_multipart([job[0], b"once more"])  # and then she says nothing
    ben = come(WORK, b"READY", b"weld", b"1")
    while not ben.poll(QUIET):
        ben.send(b"ALIVE")
    assert ben.recv_multipart()[-1] == b"Task-1"


@pytest.mark.parametrize("name", ALL[2:])
def test_a_task_that_its_worker_gets_a_second_time_takes_two_places(name: str, start: Start, come: Come) -> None:
    """She has answered neither after the deadline: each of her answers gives one place back."""
    start(name, *("9", "60", "0.5", "9")[: len(RULES[name])])
    ann, alice = come(WORK, b"READY", b"weld", b"2"), come(SHOP)
    ask(alice, 0)
    late = ann.recv_multipart()
    again = ann.recv_multipart()
    assert again == late
    for job in (late, again):
        done(ann, job)
    assert alice.recv_multipart() == [b"0", b"done: Task-0"]
    for number in (1, 2, 3):
        ask(alice, number)
    assert {ann.recv_multipart()[-1] for _ in range(2)} == {b"Task-1", b"Task-2"}
    assert not ann.poll(QUIET)


@pytest.mark.parametrize("name", ALL[3:])
def test_after_some_tries_a_task_ends_as_failed_once(name: str, start: Start, come: Come) -> None:
    start(name)
    alice = come(SHOP)
    workers = [come(WORK, b"READY", b"weld", b"1") for _ in range(3)]
    ask(alice, 0)
    assert alice.recv_multipart() == [b"0", b"FAILED"]
    jobs = [worker.recv_multipart() for worker in workers if worker.poll(QUIET)]
    assert len(jobs) == 2
    for worker in workers:
        done(worker, jobs[0])  # too late
    assert not alice.poll(QUIET)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_broker_that_is_told_to_end_finishes_what_it_has_accepted(
    how: signal.Signals, start: Start, come: Come
) -> None:
    broker = start("broker_full.py", "3", "60", "60", "2")
    ann, alice = come(WORK, b"READY", b"weld", b"1"), come(SHOP)
    for number in range(3):
        ask(alice, number)
    job = ann.recv_multipart()
    settled(alice, 1)  # two wait
    broker.tell(how)
    assert broker.line() == "No new tasks."
    done(ann, job)
    assert alice.recv_multipart()[0] == b"0"
    ask(alice, 9)  # there is room for it
    assert alice.recv_multipart() == [b"9", b"BUSY"]
    ben = come(WORK, b"READY", b"nobody's", b"1")
    done(ben, ben.recv_multipart())
    for _ in range(2):
        done(ann, ann.recv_multipart())
    assert {alice.recv_multipart()[0] for _ in range(3)} == {b"1", b"2", b"100"}
    assert broker.rest() == ["The broker is closed."]


def test_the_second_ctrl_c_does_not_wait(start: Start, come: Come) -> None:
    broker = start("broker_full.py")
    alice = come(SHOP)
    settled(alice)
    broker.tell(signal.SIGINT)
    assert broker.line() == "No new tasks."
    assert broker.interrupt()[-1] == "The broker is closed, and has not waited."


def test_each_task_is_answered_once_though_a_worker_is_killed_with_some(start: Start, come: Come) -> None:
    """Her process is killed by the kernel while tasks are with her, and the two others do them."""
    start("broker_full.py", "999", "1", "20", "9")
    ann, *_ = (start("worker_full.py", WORK, name, "weld", "8", "0.002") for name in ("ann", "ben", "cem"))
    alice = come(SHOP)
    for number in range(500):
        ask(alice, number)
    for _ in range(20):
        assert " is here." in (line := ann.line()) or " does " in line
    ann.tell(signal.SIGKILL)
    answers = [alice.recv_multipart() for _ in range(500)]
    assert sorted(answers) == sorted([b"%d" % n, b"weld done: Task-%d" % n] for n in range(500))
    assert not alice.poll(QUIET)


def test_a_worker_dies_of_poison_and_of_nothing_else(start: Start, come: Come) -> None:
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as broker:
        broker.linger = 0
        broker.rcvtimeo = SOON
        broker.bind(WORK)
        worker = start("worker_full.py", *WORKER)
        ann, *hello = broker.recv_multipart()
        assert hello == [b"READY", b"weld", b"1"]
        broker.send_multipart([ann, b"READY?"])
        broker.send_multipart([ann, b"token", b"Task-0"])
        said: list[list[bytes]] = []
        while [b"token", b"weld done: Task-0"] not in said:
            said.append(broker.recv_multipart()[1:])
        assert [b"READY", b"weld", b"1"] in said
        broker.send_multipart([ann, b"token", b"poison"])
        status, lines = worker.ended()
    assert (status, lines[-1]) == (1, "ann does poison")
