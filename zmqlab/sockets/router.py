"""ROUTER drops in silence what it cannot deliver. Here it is made to say so, and drops it all the same."""

from __future__ import annotations

import os
from typing import Any

import zmq
from zmq.backend import Socket as _Backend

from ..trace.ids import shown
from .reporter import Reporter

ALONE = "ROUTER: a routing id without a message after it goes nowhere"

_MANDATORY = int(zmq.ROUTER_MANDATORY)
_MORE = int(zmq.SNDMORE)
_PROBE = int(zmq.SNDMORE | zmq.DONTWAIT)
_NOBODY = os.urandom(24)  # a routing id that no peer has

_set = _Backend.set
_send = _Backend.send


def send_routing_id(
    socket: zmq.Socket[Any], reporter: Reporter, data: Any, flags: int = 0, copy: bool = True, track: bool = False
) -> Any:
    """Send the first frame of a message, as `zmq.Socket.send` with SNDMORE would without ROUTER_MANDATORY.

    With ROUTER_MANDATORY on for a moment libzmq tells why it would drop the message; it goes to `reporter.reason`.
    The frame is then replaced by a routing id that nobody has, so that libzmq swallows the rest of the message.
    """
    _set(socket, _MANDATORY, 1)
    try:
        return _send(socket, data, flags | _PROBE, copy, track)
    except zmq.ZMQError as error:
        peer = shown(bytes(memoryview(data)))
        if error.errno == zmq.EHOSTUNREACH:
            reason = f"ROUTER: no peer with routing id {peer}"
        elif error.errno == zmq.EAGAIN:
            reason = f"ROUTER: peer {peer} is at its high-water mark"
        else:
            raise
    finally:
        _set(socket, _MANDATORY, 0)
    _send(socket, _NOBODY, _MORE)
    reporter.reason = reason
    return _result(socket, data, copy, track)


def _result(socket: zmq.Socket[Any], data: Any, copy: bool, track: bool) -> Any:
    """What send returns for a frame that libzmq accepts and drops."""
    if isinstance(data, zmq.Frame):
        return data.tracker
    if copy:
        return None
    if memoryview(data).nbytes < (socket.copy_threshold or 0):
        return zmq.MessageTracker()  # copied all the same, so it is done
    return zmq.Frame(data, track=track, copy_threshold=socket.copy_threshold).tracker
