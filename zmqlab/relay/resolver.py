"""Names to addresses, without making the traffic of all other connections wait for a slow name server."""

from __future__ import annotations

import queue
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

from .socks import Request

Address: TypeAlias = tuple[socket.AddressFamily, Any]
Found: TypeAlias = Callable[[list[Address], str], None]


class Resolver:
    """Answers by a call ``found(addresses, problem)`` in the thread of the selector."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._done: queue.SimpleQueue[tuple[Found, list[Address], str]] = queue.SimpleQueue()
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        selector.register(self._woken, selectors.EVENT_READ, self._deliver)

    def resolve(self, request: Request, found: Found) -> None:
        """Literal addresses and localhost need no name server, and are answered at once."""
        if request.family != socket.AF_UNSPEC or request.host == "localhost":
            found(*_look_up(request))
        else:
            threading.Thread(target=self._work, args=(request, found), daemon=True).start()

    def _work(self, request: Request, found: Found) -> None:
        self._done.put((found, *_look_up(request)))
        self._waker.send(b"\0")

    def _deliver(self, mask: int) -> None:
        self._woken.recv(4096)
        while not self._done.empty():
            found, addresses, problem = self._done.get()
            found(addresses, problem)


def _look_up(request: Request) -> tuple[list[Address], str]:
    """The addresses of a host, IPv4 first, as libzmq prefers them; or what went wrong."""
    try:
        infos = socket.getaddrinfo(request.host, request.port, request.family, socket.SOCK_STREAM)
    except OSError as error:
        return [], f"the name {request.host!r} was not found: {error.strerror}"
    except UnicodeError:
        return [], f"{request.host!r} is no name of a host"
    addresses: list[Address] = [(family, address) for family, _, _, _, address in infos]
    return sorted(addresses, key=lambda found: found[0] != socket.AF_INET), ""
