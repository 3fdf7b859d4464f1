"""The floor of the language: a pump in Python that carries the frames of our broker, and has none of its logic.

It reads and writes as our broker does, and deals the requests to its workers in turn. What our broker takes beyond it
is what its promises cost; what the pump takes beyond ``zmq.proxy`` is Python.
"""

from __future__ import annotations

from typing import Any

import zmq

from ...majordomo import wire
from ...majordomo.broker import BATCH, BATCH_BYTES
from ...majordomo.sockets import passing


def pump(frontend: zmq.Socket[Any], backend: zmq.Socket[Any]) -> None:
    """Between two ROUTERs, for ever."""
    front, back = passing(frontend), passing(backend)
    workers: list[bytes] = []
    clients: dict[bytes, bytes] = {}  # token -> routing id
    turn = 0
    poller = zmq.Poller()
    poller.register(backend, zmq.POLLIN)
    while True:
        ready = dict(poller.poll())
        if backend in ready:
            for frames in back.receive_many(BATCH, BATCH_BYTES):
                worker, command = wire.name_in(frames[0]), frames[3]
                if command == wire.REPLY:
                    front.send([clients[wire.name_in(frames[4])], wire.EMPTY, wire.CLIENT, b"work", *frames[6:]])
                elif command == wire.READY:
                    workers.append(worker)
                    poller.register(frontend, zmq.POLLIN)
                else:
                    back.send(wire.build_heartbeat(worker))
        if frontend in ready:
            for frames in front.receive_many(BATCH, BATCH_BYTES):
                turn += 1
                client = wire.name_in(frames[0])
                token = client.ljust(16, b"\0")  # as long as our broker's
                clients[token] = client
                worker = workers[turn % len(workers)]
                back.send([worker, wire.EMPTY, wire.WORKER, wire.REQUEST, token, wire.EMPTY, *frames[4:]])
