"""Why a socket does not take what comes to it, where nobody tells: "" where it does."""

from __future__ import annotations

from .events import WireData
from .ids import shown
from .state import Lane, SocketState


def refusal(lane: Lane) -> str:
    """Why its receiver does not hear it, from the first message on."""
    receiver = lane.receiver
    others = [other for other in receiver.incoming.values() if other.closed is None and not other.refusal]
    if receiver.type == "PAIR" and others:
        return "PAIR: it has another peer already"
    one_more = bool(lane.identity) and any(other.identity == lane.identity for other in others)
    if receiver.type == "ROUTER" and one_more and not receiver.handover:
        return f"ROUTER: another peer has the routing id {shown(lane.identity)}"
    return ""


def over_the_limit(receiver: SocketState, data: WireData) -> str:
    """Has it a frame that is longer than the limit of its receiver? Then that one closes the connection."""
    limit = receiver.maxmsgsize
    longest = max(data.sizes or map(len, data.frames), default=0)
    return f"over MAXMSGSIZE: {longest:,} bytes, and {receiver.type} takes {limit:,}" if longest > limit else ""
