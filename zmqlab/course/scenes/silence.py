"""Why somebody says nothing, as far as the trace knows."""

from __future__ import annotations

from collections.abc import Iterable

from ...trace.model import Message
from ...trace.trace import Trace

NO_SOCKET = "It has made no socket with `ctx`, the context that it was given."
NOT_BOUND = "Nobody is bound at this endpoint, so nobody can connect: bind a socket to it, before all else."
NOT_CONNECTED = "No socket of yours is connected to this endpoint, where somebody is bound: connect one."
CONNECTS = "Your socket connects to this endpoint, and so does the other side. Here you bind, and others connect."


def dropped(messages: Iterable[Message], trace: Trace, actor: str) -> str:
    """Why the last of what this actor sent was dropped; "" when nothing was."""
    reasons = [m.reason for m in messages if m.end == "dropped" and trace.actor_of(m.sender) == actor]
    return reasons[-1] if reasons else ""


def nowhere(trace: Trace, actor: str, endpoint: str, binds: bool) -> tuple[str, str]:
    """In words, that the actor has nothing at the endpoint, and what it should do; two empty texts when it has.

    `binds` says whether the actor is the one who binds it.
    """
    sockets = [socket for socket in trace.sockets.values() if socket.actor == actor]
    if not sockets:
        return "it has made no socket", NO_SOCKET
    bound = any(endpoint in socket.binds for socket in sockets)
    connected = any(endpoint in socket.connects for socket in sockets)
    if binds and not bound:
        return f"nobody is bound at {endpoint}", CONNECTS if connected else NOT_BOUND
    if not binds and not connected:
        return f"nobody is connected to {endpoint}", NOT_CONNECTED
    return "", ""
