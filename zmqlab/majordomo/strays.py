"""A worker at the clients' endpoint, and a client at the workers': each is told so, as far as it understands."""

from __future__ import annotations

from collections.abc import Sequence

from . import wire
from .errors import Status
from .wire import Disconnect, Header, Malformed, Part, Ready

CLIENTS_SIDE, WORKERS_SIDE = "the clients' endpoint", "the workers' endpoint"


def told_a_worker(frames: Sequence[Part]) -> list[bytes] | None:
    """The DISCONNECT for what a worker has sent to the clients' side; None if no worker has sent it.

    Only a worker that reads reasons gets one. A DISCONNECT is not answered.
    """
    try:
        command = wire.read_command(frames)
    except Malformed:
        return None
    if isinstance(command, Disconnect):
        return None
    reads_reasons = isinstance(command, Ready) and command.wishes is not None
    return wire.build_disconnect(wire.name_in(frames[0]), f"this is {CLIENTS_SIDE}".encode() if reads_reasons else b"")


def told_a_client(frames: Sequence[Part]) -> list[bytes] | None:
    """The error for a request at the workers' side; None if it is none, or one of a plain client, which knows no
    errors."""
    try:
        request = wire.read_request(frames)
    except Malformed:
        return None
    if request.header is None:
        return None
    header = Header(request.header.id, 0, Status.NO_SERVICE)
    error = wire.build_error(f"this is {WORKERS_SIDE}")
    return wire.build_answer(request.client, request.service, header, error)
