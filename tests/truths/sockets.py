"""Where a socket is bound; and a boss's ROUTER and workers' DEALERs, as lessons 07 and 09 have them."""

from __future__ import annotations

import zmq

LIMIT = 5_000  # ms for what must happen
QUIET = 300  # ms in which nothing may happen


def router(ctx: zmq.Context, endpoint: str = "tcp://127.0.0.1:*", **options: object) -> zmq.Socket:
    return opened(ctx, zmq.ROUTER, options, lambda socket: socket.bind(endpoint))


def dealer(ctx: zmq.Context, endpoint: str, name: str = "", **options: object) -> zmq.Socket:
    named = {"routing_id": name.encode(), **options} if name else options
    return opened(ctx, zmq.DEALER, named, lambda socket: socket.connect(endpoint))


def opened(ctx, kind, options, meet) -> zmq.Socket:
    socket = ctx.socket(kind)
    socket.linger = 0
    socket.rcvtimeo = socket.sndtimeo = LIMIT
    for name, value in options.items():
        setattr(socket, name, value)
    meet(socket)
    return socket


def address(socket: zmq.Socket) -> str:
    endpoint = socket.last_endpoint
    assert isinstance(endpoint, bytes)
    return endpoint.decode()


def unread(socket: zmq.Socket) -> int:
    """How many messages come, until it is quiet; it reads them."""
    count = 0
    while socket.poll(QUIET):
        socket.recv_multipart()
        count += 1
    return count


def worker(ctx: zmq.Context, back: zmq.Socket, name: str) -> zmq.Socket:
    """It has said READY, and the broker's backend has heard it."""
    socket = dealer(ctx, address(back), name)
    socket.send(b"READY")
    assert back.recv_multipart() == [name.encode(), b"READY"]
    return socket
