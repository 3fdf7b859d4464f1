"""A worker process of the graded run: ``python -m zmqlab.course.chaos.worker speech name endpoint folder patience``"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import zmq

from ...majordomo import Worker
from .connected import connections
from .work import Work

SERVICE = "work"


def plain(endpoint: str, work: Work, patience: float) -> None:
    """As exercise 13-a has it: READY, ALIVE, and DONE. One thread: it says nothing while it hangs."""
    with zmq.Context() as context:
        first = [b"READY"]  # what a broker hears first, also one that was started again
        for broker in connections(context, endpoint):
            alive = partial(broker.send, [b"ALIVE"])
            broker.send(first)
            first = [b"READY"]
            while broker.lives():
                if not broker.poll(patience / 4):
                    alive()
                    continue
                *token, payload = broker.receive()  # lesson 07's broker has two frames in its place
                done = [b"DONE", *token, work.do(payload, alive)]
                if broker.lives():
                    broker.send(done)
                else:
                    first = done  # the next broker hears it, and that this worker is free


def majordomo(endpoint: str, work: Work, patience: float) -> None:
    Worker(endpoint, SERVICE, lambda payload: work.do(payload, lambda: None), heartbeat=patience / 3).run()


SPEECHES = {"plain": plain, "majordomo": majordomo}


def main(speech: str, name: str, endpoint: str, folder: str, patience: str) -> None:
    SPEECHES[speech](endpoint, Work(name, Path(folder), float(patience)), float(patience))


if __name__ == "__main__":
    main(*sys.argv[1:])
