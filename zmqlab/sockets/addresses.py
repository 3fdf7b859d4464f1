"""Who holds an address: the sentence that "Address already in use" leaves out."""

from __future__ import annotations

import os
import threading
from typing import NamedTuple

from ..trace import forks

_WILDCARDS = ("*", "0.0.0.0", "::")
_FREE = ", or bind another address: lab.endpoint('a name') gives one that is free."


class Holder(NamedTuple):
    """A bound socket, as error messages name it."""

    socket: str  # "3.17"
    type: str  # "ROUTER"
    actor: str
    lab: str


class _Bound(NamedTuple):
    transport: str
    host: str  # for inproc the context's address and the name
    port: str


_lock = threading.Lock()
_held: dict[_Bound, Holder] = {}


def _anew() -> None:
    """The sockets are the parent's, another process."""
    global _lock
    _lock = threading.Lock()
    _held.clear()


forks.call(_anew)


def claim(endpoint: str, context: int, holder: Holder) -> None:
    """`holder` has bound `endpoint` (its LAST_ENDPOINT); `context` is the context's address, for inproc names."""
    with _lock:
        _held[_normal(endpoint, context)] = holder


def release(endpoint: str, context: int, socket: str) -> None:
    """Socket `socket` no longer holds `endpoint`."""
    bound = _normal(endpoint, context)
    with _lock:
        if bound in _held and _held[bound].socket == socket:
            del _held[bound]


def who_holds(endpoint: str, context: int, asking: str) -> str:
    """Who keeps socket `asking` from binding `endpoint`, and what to do about it, in one or two sentences."""
    wanted = _normal(endpoint, context)
    with _lock:
        holders = [holder for bound, holder in _held.items() if _collide(bound, wanted)]
    if holders:
        return _held_here(holders[0], asking)
    if wanted.transport != "tcp":
        return f"Close the socket that is bound to it{_FREE}"
    return _held_outside(wanted)


def _held_here(holder: Holder, asking: str) -> str:
    if holder.socket == asking:
        return "This very socket is bound to it already: one bind is enough."
    lab = f" of lab {holder.lab!r}" if holder.lab else ""
    return (
        f"It is held by the {holder.type} socket {holder.socket} of actor {holder.actor!r}{lab}. "
        f"Close that socket first{_FREE}"
    )


def _held_outside(wanted: _Bound) -> str:
    pid, name = _listening_process(wanted)
    if pid == os.getpid():
        return (
            "It is held by this process, but by no open socket of a lab: by one made outside the lab, or one that "
            f"was closed just now. Run the cell again, restart the kernel{_FREE}"
        )
    if pid is not None:
        return f"It is held by another process: {name}, pid {pid}. Stop that process{_FREE}"
    return f"It is held by another process, which this system does not let us name. Stop it{_FREE}"


def _listening_process(wanted: _Bound) -> tuple[int | None, str]:
    """The process that listens there, as far as this system tells: (pid or None, name)."""
    import psutil  # here, because it is needed in an error alone

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status != psutil.CONN_LISTEN or connection.pid is None or not connection.laddr:
                continue
            listening = _Bound("tcp", _host(connection.laddr.ip), str(connection.laddr.port))
            if _collide(listening, wanted):
                return connection.pid, psutil.Process(connection.pid).name()
    except (psutil.Error, OSError):
        pass  # macOS and hardened systems: for root only
    return None, ""


def _collide(one: _Bound, other: _Bound) -> bool:
    if (one.transport, one.port) != (other.transport, other.port):
        return False
    return one.host == other.host or (one.transport == "tcp" and "*" in (one.host, other.host))


def _normal(endpoint: str, context: int) -> _Bound:
    transport, _, address = endpoint.partition("://")
    if transport != "tcp":
        return _Bound(transport, f"{context if transport == 'inproc' else ''}{address}", "")
    host, _, port = address.rpartition(":")
    return _Bound("tcp", _host(host.strip("[]")), port)


def _host(host: str) -> str:
    if host in _WILDCARDS:
        return "*"
    return "127.0.0.1" if host in ("localhost", "lo") else host
