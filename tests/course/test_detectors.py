"""`watch` says how a worker's trouble is noticed."""

from __future__ import annotations

import threading

import zmq

from tests.truths.sockets import address
from zmqlab.course.detectors import Noticed, watch

LIMIT = 0.4


def test_an_end_a_silence_and_a_worker_that_is_well_after_all():
    with zmq.Context() as ctx:
        ctx.linger = 0
        routers = {}
        workers = {}
        for name in ("crash", "hang", "slow"):
            router = routers[name] = ctx.socket(zmq.ROUTER)
            router.bind("tcp://127.0.0.1:*")
            worker = workers[name] = ctx.socket(zmq.DEALER)
            worker.connect(address(router))
            worker.send(b"READY")
            assert router.poll(5000)

        def trouble() -> None:
            workers["crash"].close()
            workers["slow"].send(b"done")

        assert watch(routers, trouble, limit=LIMIT, seconds=2 * LIMIT) == {
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
            found = watch({"ann": router}, talker.start, limit=LIMIT, seconds=2 * LIMIT)
        finally:
            stop.set()
            talker.join()
        assert found == {"ann": Noticed("-", "-", False)}
