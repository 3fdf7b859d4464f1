"""What a traced socket raises beyond pyzmq's own, and what it says: what happened, and what to write instead."""

from __future__ import annotations

import threading


class WrongThread(RuntimeError):
    """A socket was used outside the thread that made it; ZeroMQ was not touched, so nothing is broken yet."""


def wrong_thread(socket: str, actor: str, owner: str) -> WrongThread:
    """`socket` is what to call it ("DEALER socket 3.17"), `actor` and `owner` who made it, in which thread."""
    here = threading.current_thread().name
    return WrongThread(
        f"{socket} belongs to actor {actor!r}, which made it in thread {owner!r}; thread {here!r} has used it. "
        "A ZeroMQ socket works in one thread only (shared by several it crashes the whole process). "
        "Make the socket inside the function that uses it, and pass data between threads with a queue.Queue "
        "or with a pair of sockets."
    )


def address_in_use(addr: str, holder: str) -> str:
    """The text of an EADDRINUSE; `holder` is a sentence that says who holds the address and what to do."""
    return f"Address already in use (addr={addr!r}). {holder}"
