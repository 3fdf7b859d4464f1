"""Actors that the tests of steering and faults share."""

from __future__ import annotations

from typing import Any

import zmq

from tests.relay.support import DEADLINE, until
from zmqlab.lab.lab import Lab
from zmqlab.trace.model import Message

__all__ = ["DEADLINE", "echo", "on_the_wire", "received", "sender", "sink", "text", "until"]


def echo(lab: Lab, name: str = "server", door: str = "door") -> None:
    """A ROUTER that sends everything back."""

    def server(ctx: zmq.Context[Any]) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(lab.endpoint(door))
        while True:
            socket.send_multipart(socket.recv_multipart())

    lab.actor(server, name=name)


def sink(lab: Lab, name: str = "server", door: str = "door") -> None:
    """A ROUTER that prints what comes, and answers nothing."""

    def server(ctx: zmq.Context[Any]) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(lab.endpoint(door))
        while True:
            print(socket.recv_multipart()[-1].decode())

    lab.actor(server, name=name)


def sender(lab: Lab, name: str, count: int, door: str = "door", answers: int = 0) -> None:
    """A DEALER that sends `count` messages, ``name-0`` and on, and prints what comes back."""

    def client(ctx: zmq.Context[Any]) -> None:
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint(door))
        for n in range(count):
            socket.send(f"{name}-{n}".encode())
        for _ in range(answers):
            print(socket.recv().decode())

    lab.actor(client, name=name)


def text(message: Message) -> str:
    """Its last frame."""
    frames = message.sent_frames or message.wire_frames or message.received_frames
    assert frames
    return frames[-1].decode()


def on_the_wire(lab: Lab) -> list[str]:
    """What has left its sender and not arrived, in order."""
    return [text(m) for m in lab.messages() if m.left is not None and m.arrived is None and not m.end]


def received(lab: Lab, by: str = "server") -> list[str]:
    return lab.output(by).split()
