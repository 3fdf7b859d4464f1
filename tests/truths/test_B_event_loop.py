"""Appendix B, with plain pyzmq: what a readable descriptor means, and who gets a reply among the tasks of one loop."""

from __future__ import annotations

import asyncio
import select
import time
from typing import Any

import pytest
import zmq
import zmq.asyncio

from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen
QUIET = 0.2  # seconds in which nothing may happen
TRANSPORTS = ("inproc://door", "tcp://127.0.0.1:*")


def met(ctx: zmq.Context, endpoint: str) -> tuple[Any, Any, bytes]:
    """A ROUTER, a DEALER that it has heard, and how it calls it."""
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.rcvtimeo = LIMIT
    router.bind(endpoint)
    dealer.connect(address(router))
    dealer.send(b"hello")
    routing_id, _ = router.recv_multipart()
    return router, dealer, routing_id


def test_a_descriptor_tells_of_a_change_and_not_of_the_messages_that_wait(ctx):
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.bind("inproc://door")  # what is sent there has arrived at once
    dealer.connect("inproc://door")
    dealer.send(b"hello")
    routing_id, _ = router.recv_multipart()
    assert not dealer.events & zmq.POLLIN  # asking takes note of all that has changed so far
    assert not select.select([dealer], [], [], 0)[0]
    for n in range(2):
        router.send_multipart([routing_id, b"%d" % n])
    assert select.select([dealer], [], [], LIMIT / 1000)[0]
    assert dealer.recv() == b"0"
    assert not select.select([dealer], [], [], 0)[0]
    assert dealer.events & zmq.POLLIN
    assert dealer.recv(zmq.DONTWAIT) == b"1"


@pytest.mark.parametrize("endpoint", TRANSPORTS)
def test_a_readable_descriptor_need_not_mean_a_message(ctx, endpoint):
    """A client that connects is news for the socket that has bound."""
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.bind(endpoint)
    assert not router.poll(0)
    assert not select.select([router], [], [], 0)[0]
    dealer.connect(address(router))
    assert select.select([router], [], [], LIMIT / 1000)[0]
    with pytest.raises(zmq.Again):
        router.recv(zmq.DONTWAIT)


@pytest.mark.parametrize("endpoint", TRANSPORTS)
def test_a_send_uses_up_the_edge(ctx, endpoint):
    """So `events` has to be asked after each send, and not only after each wake-up."""
    router, dealer, routing_id = met(ctx, endpoint)
    assert not dealer.events & zmq.POLLIN
    router.send_multipart([routing_id, b"reply"])
    assert select.select([dealer], [], [], LIMIT / 1000)[0]
    deadline = time.monotonic() + LIMIT / 1000
    while select.select([dealer], [], [], 0)[0]:  # a send that follows at once does not look yet
        assert time.monotonic() < deadline
        dealer.send(b"one more")
    assert not select.select([dealer], [], [], QUIET)[0]
    assert dealer.events & zmq.POLLIN
    assert dealer.recv(zmq.DONTWAIT) == b"reply"


@pytest.mark.parametrize(("endpoint", "rings"), [("inproc://door", True), ("tcp://127.0.0.1:*", False)])
def test_who_has_never_looked_hears_nothing_over_tcp(ctx, endpoint, rings):
    """A reply is news only for a socket that has found its queue empty. Through inproc it comes all the same."""
    router, dealer, routing_id = met(ctx, endpoint)
    dealer.send(b"hello")
    router.recv_multipart()
    router.send_multipart([routing_id, b"reply"])
    assert bool(select.select([dealer], [], [], QUIET)[0]) == rings
    assert dealer.poll(LIMIT)


@pytest.mark.parametrize("endpoint", TRANSPORTS)
def test_of_two_tasks_the_one_that_waits_first_gets_what_comes_first(endpoint):
    async def swapped() -> tuple[bytes, bytes]:
        with zmq.asyncio.Context() as ctx, ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.DEALER) as dealer:
            router.bind(endpoint)
            dealer.connect(address(router))

            async def ask(task: bytes) -> bytes:
                await dealer.send(task)
                return await dealer.recv()

            asked = asyncio.gather(ask(b"first"), ask(b"second"))
            requests = [await router.recv_multipart() for _ in range(2)]
            for request in reversed(requests):
                await router.send_multipart(request)
            first, second = await asyncio.wait_for(asked, LIMIT / 1000)
            return first, second

    assert asyncio.run(swapped()) == (b"second", b"first")
