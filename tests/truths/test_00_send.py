"""Lesson 00, with plain pyzmq: what `send` says, and what it does not."""

from __future__ import annotations

import socket

import zmq

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
