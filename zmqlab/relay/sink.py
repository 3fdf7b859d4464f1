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
    """Reads and discards what comes from these transports; when one of them closes, so do the others."""

    def __init__(self, lab: LabConnections, transports: tuple[Transport, ...]) -> None:
        self._lab = lab
        self._transports = transports
        lab.members.add(self)
        for transport in transports:
            transport.wait(READ, lambda mask, transport=transport: self._read(transport))  # type: ignore[misc]

    def close(self, reason: str) -> None:
        self._lab.members.discard(self)
        for transport in self._transports:
            transport.close()

    def sink(self, sockets: set[str]) -> None:
        """Nothing to do: it swallows everything already."""

    def steer(self) -> None:
        """Nothing to do: nothing of it is passed on."""

    def take(self, data: bytes, transport: Transport) -> None:
        """Swallow what has come."""

    def _read(self, transport: Transport) -> None:
        try:
            data = transport.sock.recv(CHUNK)
            if data:
                self.take(data, transport)
                return
        except BlockingIOError:
            return
        except (OSError, ZmtpError):
            pass
        self.close("")


class SinkPeer(Sink):
    """Stands in for a peer that is not there: a ZMTP NULL handshake with a fitting socket type, then silence."""

    def __init__(self, lab: LabConnections, transport: Transport) -> None:
        self._decoder = Decoder(b"")
        super().__init__(lab, (transport,))
        with contextlib.suppress(OSError):  # it has just gone; the next read tells
            transport.sock.send(encode_greeting())

    def take(self, data: bytes, transport: Transport) -> None:
        if self._decoder.ready:
            return
        messages: list[Message] = []
        self._decoder.feed(data, messages)
        if self._decoder.ready:
            theirs = self._decoder.properties.get("socket-type", b"")
            ours = PEERS.get(theirs, b"")
            transport.sock.send(encode_command(b"READY", [(b"Socket-Type", ours)]))
            if ours == b"SUB":
                transport.sock.send(SUBSCRIBE_ALL)
