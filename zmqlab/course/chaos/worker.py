"""A worker process of the chaos run: ``python -m zmqlab.course.chaos.worker speech endpoint folder patience``"""

from __future__ import annotations

import sys
from pathlib import Path

import zmq

from ...majordomo import Worker
from .work import Work

SERVICE = "work"


def plain(endpoint: str, work: Work, patience: float) -> None:
    """As exercise 11-a has it: READY, ALIVE, and DONE. One thread: it says nothing while it hangs."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        socket.send(b"READY")
        while True:
            if socket.poll(int(patience * 1000 / 4)):
                client, number, payload = socket.recv_multipart()
                answer = work.do(payload, lambda: socket.send(b"ALIVE"))
                socket.send_multipart([b"DONE", client, number, answer])
            else:
                socket.send(b"ALIVE")


def majordomo(endpoint: str, work: Work, patience: float) -> None:
    Worker(endpoint, SERVICE, lambda payload: work.do(payload, lambda: None), heartbeat=patience / 3).run()


SPEECHES = {"plain": plain, "majordomo": majordomo}


def main(speech: str, endpoint: str, folder: str, patience: str) -> None:
    SPEECHES[speech](endpoint, Work(Path(folder), float(patience)), float(patience))


if __name__ == "__main__":
    main(*sys.argv[1:])
