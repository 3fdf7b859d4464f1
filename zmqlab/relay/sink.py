"""Swallowing what closed sockets still send, so that their Context.term() can end."""

from __future__ import annotations

import contextlib

from .transport import CHUNK, READ, LabConnections, Transport
from .zmtp import COMMAND, Decoder, Message, ZmtpError, encode_command, encode_frame, encode_greeting

PEERS = {
    b"REQ": b"ROUTER",
    b"REP": b"DEALER",
    b"DEALER": b"ROUTER",
    b"ROUTER": b"DEALER",
    b"PUB": b"SUB",
    b"SUB": b"PUB",
    b"XPUB": b"SUB",
    b"XSUB": b"PUB",
    b"PUSH": b"PULL",
    b"PULL": b"PUSH",
    b"PAIR": b"PAIR",
}
SUBSCRIBE_ALL = encode_frame(b"\x09SUBSCRIBE", COMMAND)


class Sink:
    """Reads and discards what comes from these ports; when one of them closes, so do the others."""

    def __init__(self, lab: LabConnections, ports: tuple[Transport, ...]) -> None:
        self._lab = lab
        self._ports = ports
        lab.members.add(self)
        for port in ports:
            port.wait(READ, lambda mask, port=port: self._read(port))  # type: ignore[misc]

    def close(self, reason: str) -> None:
        self._lab.members.discard(self)
        for port in self._ports:
            port.close()

    def sink(self, sockets: set[str]) -> None:
        """It is one."""

    def steer(self) -> None:
        """Nothing of it goes anywhere."""

    def take(self, data: bytes, port: Transport) -> None:
        """Swallow it."""

    def _read(self, port: Transport) -> None:
        try:
            data = port.sock.recv(CHUNK)
            if data:
                self.take(data, port)
                return
        except BlockingIOError:
            return
        except (OSError, ZmtpError):
            pass
        self.close("")


class SinkPeer(Sink):
    """Stands in for a peer that is not there: a ZMTP NULL handshake with a fitting socket type, then silence."""

    def __init__(self, lab: LabConnections, port: Transport) -> None:
        self._decoder = Decoder(b"")
        super().__init__(lab, (port,))
        with contextlib.suppress(OSError):  # it has just gone; the next read tells
            port.sock.send(encode_greeting())

    def take(self, data: bytes, port: Transport) -> None:
        if self._decoder.ready:
            return
        messages: list[Message] = []
        self._decoder.feed(data, messages)
        if self._decoder.ready:
            theirs = self._decoder.properties.get("socket-type", b"")
            ours = PEERS.get(theirs, b"")
            port.sock.send(encode_command(b"READY", [(b"Socket-Type", ours)]))
            if ours == b"SUB":
                port.sock.send(SUBSCRIBE_ALL)
