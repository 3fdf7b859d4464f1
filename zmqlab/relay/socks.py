"""The server's half of SOCKS5: RFC 1928 with the user name and password of RFC 1929; no sockets here."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import NamedTuple

SUCCEEDED, NO_CONNECT, NO_ADDRESS_TYPE = 0, 7, 8  # reply codes
VERSION, PASSWORD_METHOD, NO_METHOD = 5, 2, 255


class Request(NamedTuple):
    """CONNECT, asked for by the socket `user` of `actor`. `family` is that of a literal address, AF_UNSPEC for a
    name. The SOCKS user name is the socket id and the actor's name, with a space between them."""

    user: str
    actor: str
    family: int
    host: str
    port: int

    @classmethod
    def of(cls, user: str, actor: str, endpoint: str) -> Request:
        """For ``tcp://host:port``, as ZeroMQ writes it. Raises ValueError where there is no port."""
        host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        family = socket.AF_UNSPEC
        if host.startswith("["):
            host, family = host.strip("[]"), socket.AF_INET6
        elif host.replace(".", "").isdecimal():
            family = socket.AF_INET
        return cls(user, actor, family, host, int(port))

    @property
    def endpoint(self) -> str:
        """As ZeroMQ writes it: ``tcp://localhost:5555``, ``tcp://[::1]:5555``."""
        host = f"[{self.host}]" if self.family == socket.AF_INET6 else self.host
        return f"tcp://{host}:{self.port}"


class SocksError(ValueError):
    """The client is turned away: send it `reply`, then close."""

    def __init__(self, reason: str, reply: bytes = b"") -> None:
        super().__init__(reason)
        self.reply = reply


def reply(code: int) -> bytes:
    """The answer to a request. The bound address is left 0.0.0.0:0: ZeroMQ has no use for it."""
    return bytes((VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0))


class Negotiation:
    """Feed it what the client sends, send back what it returns, until `request` is there."""

    def __init__(self, allow: Callable[[str, bytes], bool]) -> None:
        self.request: Request | None = None
        self._allow = allow  # user name, password -> may it pass?
        self._user = ""
        self._held = b""
        self._step: Callable[[bytes], tuple[int, bytes]] = self._choose_method

    def feed(self, data: bytes) -> bytes:
        """Raises SocksError when the client is to be turned away."""
        self._held += data
        answer = b""
        while self._held and self.request is None:
            used, more = self._step(self._held)
            if not used:
                return answer
            self._held = self._held[used:]
            answer += more
        if self._held:
            raise SocksError("the client sent data before it was answered")
        return answer

    def _choose_method(self, held: bytes) -> tuple[int, bytes]:
        if held[0] != VERSION:
            raise SocksError("this is no SOCKS5")
        if len(held) < 2 or len(held) < 2 + held[1]:
            return 0, b""
        end = 2 + held[1]
        if PASSWORD_METHOD not in held[2:end]:
            raise SocksError("no user name and password offered", bytes((VERSION, NO_METHOD)))
        self._step = self._authenticate
        return end, bytes((VERSION, PASSWORD_METHOD))

    def _authenticate(self, held: bytes) -> tuple[int, bytes]:
        if held[0] != 1:
            raise SocksError("this is no RFC 1929")
        if len(held) < 2 or len(held) < 3 + held[1]:
            return 0, b""
        split = 2 + held[1]
        end = split + 1 + held[split]
        if len(held) < end:
            return 0, b""
        self._user = held[2:split].decode("utf-8", "replace")
        if not self._allow(self._user, held[split + 1 : end]):
            raise SocksError(f"{self._user!r} may not pass", b"\x01\x01")
        self._step = self._read_request
        return end, b"\x01\x00"

    def _read_request(self, held: bytes) -> tuple[int, bytes]:
        if held[0] != VERSION:
            raise SocksError("this is no SOCKS5 request")
        if len(held) < 5:
            return 0, b""
        command, kind = held[1], held[3]
        if command != 1:
            raise SocksError("only CONNECT is served", reply(NO_CONNECT))
        start = 5 if kind == 3 else 4
        length = {1: 4, 3: held[4], 4: 16}.get(kind)
        if length is None:
            raise SocksError(f"unknown address type {kind}", reply(NO_ADDRESS_TYPE))
        end = start + length + 2
        if len(held) < end:
            return 0, b""
        address = held[start : end - 2]
        family = {1: socket.AF_INET, 3: socket.AF_UNSPEC, 4: socket.AF_INET6}[kind]
        host = address.decode("latin-1") if kind == 3 else socket.inet_ntop(family, address)
        user, _, actor = self._user.partition(" ")
        self.request = Request(user, actor, family, host, int.from_bytes(held[end - 2 : end], "big"))
        return end, b""
