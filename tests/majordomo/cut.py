"""A TCP proxy whose connections can fall silent."""

from __future__ import annotations

import contextlib
import socket
import threading


class Cut:
    """Forwards to `endpoint`.

    A connection that carries something while `silent` is set forwards nothing any more: both sides see an open, dead
    connection.
    """

    def __init__(self, endpoint: str) -> None:
        self._port = int(endpoint.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self.silent = threading.Event()
        self.asked = 0  # bytes that came from those who have connected
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Break all connections; new ones are welcome."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def hang_up(self) -> None:
        """End the side of each who has connected; `endpoint` hears nothing of it."""
        for near in self._sockets[::2]:
            near.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.reset()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=(source, target), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if self.silent.is_set():
                    return  # what was read is lost, and nothing follows: neither side is told
                target.sendall(data)
                if target.getpeername()[1] == self._port:
                    self.asked += len(data)
