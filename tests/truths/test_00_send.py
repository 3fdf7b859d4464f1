"""Lesson 00, with plain pyzmq: what `send` says, and what it does not."""

from __future__ import annotations

import socket

import pytest
import zmq

from tests.truths.binding import bind

LIMIT = 5_000  # ms for what must happen


def test_send_returns_though_nobody_ever_gets_the_message():
    with socket.socket() as reserved:  # bound, so that nobody else takes the port; it does not listen
        reserved.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{reserved.getsockname()[1]}"
        with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as lost:
            lost.linger = 0
            lost.sndtimeo = LIMIT
            lost.connect(endpoint)
            assert lost.send(b"lost") is None
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.DEALER) as dealer:
        router.linger = dealer.linger = 0
        router.rcvtimeo = LIMIT
        router.bind(endpoint)
        dealer.connect(endpoint)
        dealer.send(b"delivered")
        assert router.recv_multipart()[1] == b"delivered"  # the first that comes


@pytest.mark.parametrize("transport", ["tcp", "inproc"])
def test_connect_returns_where_nobody_is_and_what_was_sent_waits_for_who_comes(ctx, transport):
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.rcvtimeo = LIMIT
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        endpoint = f"tcp://127.0.0.1:{port}" if transport == "tcp" else "inproc://nobody"
        dealer.connect(endpoint)
        assert dealer.send(b"Task-0") is None
    bind(router, endpoint)
    assert router.recv_multipart()[1] == b"Task-0"


def test_a_message_arrives_at_a_program_that_reads_nothing(ctx):
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.bind("tcp://127.0.0.1:*")
    monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    dealer.connect(router.last_endpoint)
    assert monitor.poll(LIMIT)  # libzmq's own threads have shaken hands: no call of the ROUTER's has been needed
    dealer.send(b"Task-0")
    assert router.poll(LIMIT) == zmq.POLLIN
    dealer.disable_monitor()
