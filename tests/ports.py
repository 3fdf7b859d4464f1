"""Ports for what binds them a moment later: who asks for any port is given none of them meanwhile."""

from __future__ import annotations

from zmqlab.lab.endpoints import Reservation


def free_ports(count: int) -> list[int]:
    """TCP ports of the loopback that nobody has."""
    held = [Reservation() for _ in range(count)]
    for each in held:
        each.release()
    return [each.port for each in held]


def free_port() -> int:
    return free_ports(1)[0]


def free_endpoint() -> str:
    return f"tcp://127.0.0.1:{free_port()}"
