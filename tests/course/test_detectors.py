"""`watch` says how a worker's trouble is noticed."""

from __future__ import annotations

import sys
import threading

import pytest
import zmq

from tests.truths.sockets import address
from zmqlab import Lab
from zmqlab.course.detectors import WORK, Desk, Noticed, hire, watch
from zmqlab.course.first_sign import wait_for
from zmqlab.lab.process import ProcessFailed

LIMIT = 0.4


def test_an_end_a_silence_and_a_worker_that_is_well_after_all():
    with zmq.Context() as ctx:
        ctx.linger = 0
        desks = {}
        workers = {}
        for name in ("crash", "hang", "slow"):
            router = ctx.socket(zmq.ROUTER)
            router.bind("tcp://127.0.0.1:*")
            worker = workers[name] = ctx.socket(zmq.DEALER)
            worker.connect(address(router))
            worker.send(b"READY")
            desks[name] = Desk(router, router.recv_multipart()[0])

        def trouble() -> None:
            workers["crash"].close()
            workers["slow"].send(b"done")

        assert watch(desks, trouble, limit=LIMIT, seconds=2 * LIMIT) == {
            "crash": Noticed("at once", "at its limit", False),
            "hang": Noticed("-", "at its limit", False),
            "slow": Noticed("-", "at its limit", True),
        }


def test_who_is_heard_again_and_again_is_not_silent():
    with zmq.Context() as ctx:
        router = ctx.socket(zmq.ROUTER)
        router.bind("inproc://broker")
        stop = threading.Event()

        def talk() -> None:
            with ctx.socket(zmq.DEALER) as worker:
                worker.connect("inproc://broker")
                while not stop.wait(LIMIT / 8):
                    worker.send(b"ALIVE")

        talker = threading.Thread(target=talk)
        try:
            found = watch({"ann": Desk(router, b"ann")}, talker.start, limit=LIMIT, seconds=2 * LIMIT)
        finally:
            stop.set()
            talker.join()
        assert found == {"ann": Noticed("-", "-", False)}


SAYS = """
import sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(sys.argv[1])
socket.send(b"READY")
socket.send_multipart([sys.argv[2].encode(), *socket.recv_multipart()])
socket.recv()
"""


def test_a_worker_that_is_hired_has_a_desk_of_its_own():
    with Lab("test") as lab:
        crew = [[name, "-c", SAYS, WORK, name] for name in ("ann", "ben")]
        desks = hire(lab, *crew, heartbeat_ivl=100)
        for name, desk in desks.items():
            assert desk.router.heartbeat_ivl == 100
            desk.give(b"Task-0")
            assert desk.router.recv_multipart() == [desk.worker, name.encode(), b"Task-0"]


@pytest.mark.parametrize(
    ("program", "error", "said"),
    [
        ("print(1/0)", ProcessFailed, "ZeroDivisionError"),
        ("pass", TimeoutError, "'ann' has ended, and said nothing before"),
    ],
)
def test_who_hires_a_worker_with_a_mistake_does_not_wait_for_it(program, error, said):
    with Lab("test") as lab, pytest.raises(error, match=said):
        hire(lab, ["ann", "-c", program])


def test_who_hires_a_worker_that_says_nothing_is_told_where_it_is():
    with Lab("test") as lab:
        lab.process("ann", [sys.executable, "-c", "import time; time.sleep(1000)"])
        with pytest.raises(TimeoutError, match="ann: process"):
            wait_for(lab, "ann", lambda: False, patience=0.1)
