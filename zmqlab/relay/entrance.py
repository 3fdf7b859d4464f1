"""A port of the relay that leads to one endpoint: how a process that knows nothing of the lab is seen."""

from __future__ import annotations

import contextlib
import socket

from .newcomer import Board, Visitor
from .socks import Request
from .transport import READ, Transport


class Entrance:
    """Listens on loopback until it is closed; `port` is where."""

    def __init__(self, board: Board, request: Request, port: int) -> None:
        """Raises OSError when `port` is taken; 0 is any."""
        sock = socket.create_server(("127.0.0.1", port))
        self.port: int = sock.getsockname()[1]
        self._board = board
        self._request = request
        self._listener = Transport(board.selector, sock)
        self._listener.wait(READ, self._accept)

    def close(self) -> None:
        self._listener.close()

    def _accept(self, mask: int) -> None:
        with contextlib.suppress(OSError):  # it is gone again, or there are no file descriptors left
            client, _ = self._listener.sock.accept()
            Visitor(self._board, client, self._request)
