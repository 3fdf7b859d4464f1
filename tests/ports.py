"""Ports for what binds them a moment later: who asks for any port is given none of them meanwhile."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from zmqlab.lab.ports import apart


def free_ports(count: int) -> list[int]:
    """TCP ports of the loopback that nobody has."""
    with ExitStack() as stack:
        return [stack.enter_context(apart(_listening)).getsockname()[1] for _ in range(count)]


def free_port() -> int:
    return free_ports(1)[0]


def free_endpoint() -> str:
    return f"tcp://127.0.0.1:{free_port()}"


def _listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))
