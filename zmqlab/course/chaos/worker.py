"""A worker process of the chaos run: ``python -m zmqlab.course.chaos.worker speech endpoint folder patience``"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import zmq

from ...majordomo import Worker
from .work import Work

SERVICE = "work"
STALE = 2  # messages that wait for a broker that is away: a new one is not to hear of a time that has passed


def plain(endpoint: str, work: Work, patience: float) -> None:
    """As exercise 11-a has it: READY, ALIVE, and DONE. One thread: it says nothing while it hangs."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.sndhwm = STALE
        socket.connect(endpoint)
        socket.send(b"READY")

        def alive() -> None:
            with suppress(zmq.Again):  # nobody takes it: who comes later is not to hear how it was
                socket.send(b"ALIVE", zmq.DONTWAIT)

        while True:
            if socket.poll(int(patience * 1000 / 4)):
                *token, payload = socket.recv_multipart()  # lesson 07's broker has two frames in its place
                socket.send_multipart([b"DONE", *token, work.do(payload, alive)])
            else:
                alive()


def majordomo(endpoint: str, work: Work, patience: float) -> None:
    Worker(endpoint, SERVICE, lambda payload: work.do(payload, lambda: None), heartbeat=patience / 3).run()


SPEECHES = {"plain": plain, "majordomo": majordomo}


def main(speech: str, endpoint: str, folder: str, patience: str) -> None:
    SPEECHES[speech](endpoint, Work(Path(folder), float(patience)), float(patience))


if __name__ == "__main__":
    main(*sys.argv[1:])
