"""Lesson 12, with plain pyzmq: a socket is reached at the addresses to which it is bound."""

from __future__ import annotations

import sys

import pytest
import zmq

from tests.truths.sockets import LIMIT, QUIET, address, dealer, router

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is an address of this host on Linux alone")


@pytest.mark.parametrize(
    ("bound", "called", "is_heard"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.2", "127.0.0.2", True),
        ("127.0.0.2", "127.0.0.1", False),
        ("*", "127.0.0.1", True),
        ("*", "127.0.0.2", True),
        ("*", "127.0.0.3", True),
    ],
)
def test_a_server_is_reached_at_the_addresses_to_which_it_is_bound(ctx, bound, called, is_heard):
    server = router(ctx, f"tcp://{bound}:*")
    client = dealer(ctx, f"tcp://{called}:{address(server).rpartition(':')[2]}")
    client.send(b"x")
    assert bool(server.poll(LIMIT if is_heard else QUIET)) == is_heard


def test_an_address_that_is_not_the_hosts_own_cannot_be_bound(ctx):
    """203.0.113.0/24 is kept for examples, RFC 5737."""
    with pytest.raises(zmq.ZMQError) as raised:
        router(ctx, "tcp://203.0.113.1:*")
    assert raised.value.errno == zmq.EADDRNOTAVAIL
