"""TCP proxies between a peer and its broker, whose connections can break, fall silent, and be slow."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

THERE, BACK = "there", "back"  # from the peer to the broker, and from the broker to the peer
NEITHER: frozenset[str] = frozenset()
BOTH = frozenset({THERE, BACK})

Pair = tuple[socket.socket, socket.socket]


class Cut:
    """Forwards to `endpoint`, and tells neither side when the other one has ended its connection.

    A connection that carries something in a direction of `silent` forwards nothing in it any more, also later: both
    sides see an open, dead connection. `delay` (seconds) is added to all that passes.
    """

    def __init__(self, endpoint: str) -> None:
        self._port = int(endpoint.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self.silent = NEITHER
        self.delay = 0.0
        self.asked = 0  # bytes that came from those who have connected
        self._pairs: list[Pair] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Break all connections; new ones are welcome."""
        while self._pairs:
            _end(self._pairs.pop())

    def hang_up(self) -> None:
        """End the side of each who has connected; `endpoint` hears nothing of it."""
        for near, _ in self._pairs:
            near.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._port))
                except OSError:  # the broker is away
                    near.close()
                    continue
                pair = near, far
                self._pairs.append(pair)
                for way, source, target in ((THERE, near, far), (BACK, far, near)):
                    threading.Thread(target=self._forward, args=(way, source, target, pair), daemon=True).start()

    def _forward(self, way: str, source: socket.socket, target: socket.socket, pair: Pair) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if self.delay:
                    time.sleep(self.delay)
                if way in self.silent:
                    return  # what was read is lost, and nothing follows: neither side is told
                target.sendall(data)
                if way == THERE:
                    self.asked += len(data)
        self._ended(pair)

    def _ended(self, pair: Pair) -> None:
        """One side has ended it, or it is broken."""


class Link(Cut):
    """Tells each side when the other one has ended its connection, as a network does."""

    def _ended(self, pair: Pair) -> None:
        _end(pair)
        with suppress(ValueError):
            self._pairs.remove(pair)


def _end(pair: Pair) -> None:
    for one in pair:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
