"""A worker at the clients' endpoint, and a client at the workers': each is told so, as far as it understands.

Each function returns what is to be answered: nothing, where the peer would not understand it; None where what has come
is from nobody who is at the wrong endpoint.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import wire
from .errors import Status
from .wire import Disconnect, Header, Malformed, Part, Ready

CLIENTS_SIDE, WORKERS_SIDE = "the clients' endpoint", "the workers' endpoint"


def told_a_worker(frames: Sequence[Part]) -> list[bytes] | None:
    """The DISCONNECT for what a worker has sent to the clients' side: with the reason, where it reads reasons.

    A DISCONNECT is not answered.
    """
    try:
        command = wire.read_command(frames)
    except Malformed:
        return None
    if isinstance(command, Disconnect):
        return []
    reads_reasons = isinstance(command, Ready) and command.wishes is not None
    return wire.build_disconnect(wire.name_in(frames[0]), f"this is {CLIENTS_SIDE}".encode() if reads_reasons else b"")


def told_a_client(frames: Sequence[Part]) -> list[bytes] | None:
    """The error for a request at the workers' side. A plain client knows no errors."""
    try:
        request = wire.read_request(frames)
    except Malformed:
        return None
    if request.header is None:
        return []
    header = Header(request.header.id, 0, Status.NO_SERVICE)
    error = wire.build_error(f"this is {WORKERS_SIDE}")
    return wire.build_answer(request.client, request.service, header, error)
