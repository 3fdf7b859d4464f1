"""Sockets of a shadow of an actor's context: they are the actor's, as all others."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import zmq
import zmq.asyncio

from tests.lab.crew import DEADLINE, echo, received, until
from zmqlab.lab.lab import Lab
from zmqlab.sockets.errors import WrongThread

SHADOWS = {
    "zmq.asyncio.Context.shadow(ctx)": lambda ctx: zmq.asyncio.Context.shadow(ctx),
    "zmq.asyncio.Context(shadow=ctx)": lambda ctx: zmq.asyncio.Context(shadow=ctx),
    "zmq.asyncio.Context(ctx)": lambda ctx: zmq.asyncio.Context(ctx),
    "a shadow of a shadow": lambda ctx: zmq.asyncio.Context(zmq.Context(ctx)),
}


async def ask(context: Any, endpoint: str, times: int = 1) -> None:
    socket = context.socket(zmq.DEALER)
    socket.connect(endpoint)
    for _ in range(times):
        await socket.send(b"hello")
        print((await socket.recv()).decode())


@pytest.mark.parametrize("shadow", SHADOWS.values(), ids=SHADOWS)
@pytest.mark.parametrize("links", [True, False])
def test_an_event_loop_of_its_own_is_seen(shadow, links):
    with Lab("shadows", links=links) as lab:
        echo(lab)
        lab.actor(lambda ctx: asyncio.run(ask(shadow(ctx), lab.endpoint("door"))), name="alice")
        lab.wait("alice", timeout=DEADLINE)
        ways = [(lab.trace.actor_of(m.sender), lab.trace.actor_of(m.receiver)) for m in lab.messages()]
        assert ways == [("alice", "server"), ("server", "alice")]
        assert all(m.received is not None and m.certain for m in lab.messages())


def test_a_plain_shadow_is_seen_too():
    with Lab("shadows") as lab:
        echo(lab)

        def alice(ctx: zmq.Context) -> None:
            with zmq.Context(ctx).socket(zmq.DEALER) as socket:
                socket.connect(lab.endpoint("door"))
                socket.send(b"hello")
                print(socket.recv().decode())

        lab.actor(alice)
        lab.wait("alice", timeout=DEADLINE)
        assert received(lab, "alice") == ["hello"]
        assert len(lab.messages()) == 2


def test_what_a_shadow_leaves_open_ends_with_the_actor():
    with Lab("shadows") as lab:
        echo(lab)
        lab.actor(lambda ctx: asyncio.run(ask(zmq.asyncio.Context(ctx), lab.endpoint("door"), 1000)), name="alice")
        until(lambda: received(lab, "alice"))
        lab["alice"].crash()
        assert lab["alice"].state == "crashed"
        lab.messages()
        assert [s.closed is not None for s in lab.trace.sockets.values() if s.actor == "alice"] == [True]


def test_other_contexts_are_nobodys_business_and_pyzmq_is_as_it_was_after_the_last_lab():
    before = zmq.Context.__dict__["_socket_class"], zmq.asyncio.Context.__dict__["_socket_class"]
    with Lab("one") as one, Lab("other"):
        with zmq.Context() as context, context.socket(zmq.PAIR) as socket:
            assert type(socket) is zmq.Socket
        one.close()
        one.close()
        assert zmq.Context.__dict__["_socket_class"] is not before[0]
    assert (zmq.Context.__dict__["_socket_class"], zmq.asyncio.Context.__dict__["_socket_class"]) == before


def test_a_socket_of_a_shadow_belongs_to_the_thread_that_made_it():
    with Lab("shadows") as lab:
        errors: list[BaseException] = []

        def alice(ctx: zmq.Context) -> None:
            with zmq.Context(ctx).socket(zmq.DEALER) as socket:

                def use() -> None:
                    try:
                        socket.send(b"x")
                    except BaseException as error:
                        errors.append(error)

                thread = threading.Thread(target=use)
                thread.start()
                thread.join()

        lab.actor(alice)
        lab.wait("alice", timeout=DEADLINE)
        assert [type(error) for error in errors] == [WrongThread]
