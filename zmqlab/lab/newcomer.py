"""A client that asks the relay for a connection: SOCKS5, the look-up of the name, the connect upstream.

It is answered once the upstream connection stands or has failed, so that libzmq retries as it does without a relay.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from typing import TYPE_CHECKING

from . import socks
from .connection import READ, WRITE, Connection, LabLinks, Port, report_refusal
from .resolver import Address
from .sink import SinkPeer

if TYPE_CHECKING:
    from .relay import Switchboard

SOCKS_CODES = {
    errno.ECONNREFUSED: socks.REFUSED,
    errno.ENETUNREACH: socks.NET_UNREACHABLE,
    errno.EHOSTUNREACH: socks.HOST_UNREACHABLE,
    errno.ETIMEDOUT: socks.HOST_UNREACHABLE,
}
IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}


class Newcomer:
    """Serves one client until it has a `Connection` or a refusal."""

    def __init__(self, board: Switchboard, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._board = board
        self._client = Port(board.selector, sock)
        self._server: Port | None = None
        self._handshake = socks.Handshake(board.allow)
        self._lab: LabLinks | None = None
        self._addresses: list[Address] = []
        self._closed = False
        self._client.wait(READ, self._on_client)

    def close(self, reason: str) -> None:
        self._closed = True
        self._leave()
        self._client.close()
        if self._server is not None:
            self._server.close()

    def _leave(self) -> None:
        if self._lab is not None:
            self._lab.members.discard(self)

    def _on_client(self, mask: int) -> None:
        try:
            data = self._client.sock.recv(1024)
            if not data or self._lab is not None:  # gone, or talking before it was answered
                self.close("")
                return
            answer = self._handshake.feed(data)
            if answer:
                self._client.sock.send(answer)
        except BlockingIOError:
            return
        except socks.SocksError as error:
            self._refuse(error.reply)
            return
        except OSError:
            self.close("")
            return
        request = self._handshake.request
        if request is not None:
            self._begin(request)

    def _refuse(self, reply: bytes) -> None:
        with contextlib.suppress(OSError):
            self._client.sock.send(reply)
        self.close("")

    def _begin(self, request: socks.Request) -> None:
        lab = self._board.lab_of(request.user)
        if lab is None:  # it went between password and request
            self._refuse(socks.reply(socks.FAILED))
            return
        self._lab = lab
        lab.members.add(self)
        if lab.sunk:
            self._leave()
            self._client.sock.send(socks.reply(socks.SUCCEEDED))
            SinkPeer(lab, self._client)
        else:
            self._board.resolve(request, self._found)

    def _found(self, addresses: list[Address], problem: str) -> None:
        """The name was looked up."""
        if not self._closed:
            self._addresses = addresses
            self._dial(socks.HOST_UNREACHABLE, problem)

    def _dial(self, code: int, problem: str) -> None:
        """Try the next address; with none left, refuse with the last problem."""
        while self._addresses:
            family, address = self._addresses.pop(0)
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:  # out of file descriptors, or no IPv6 here
                code, problem = socks.FAILED, error.strerror or str(error)
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._server = Port(self._board.selector, sock)
            status = sock.connect_ex(address)
            if not status or status in IN_PROGRESS:
                self._server.wait(WRITE, self._on_server)
                return
            self._server.close()
            code, problem = SOCKS_CODES.get(status, socks.FAILED), os.strerror(status)
        request = self._handshake.request
        if request is not None and self._lab is not None:
            report_refusal(self._lab, request.user, request.endpoint, problem)
        self._refuse(socks.reply(code))

    def _on_server(self, mask: int) -> None:
        assert self._server is not None
        assert self._lab is not None
        sock = self._server.sock
        status = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not status and _met_itself(sock):
            status = errno.ECONNREFUSED
        if status:
            self._server.close()
            self._dial(SOCKS_CODES.get(status, socks.FAILED), os.strerror(status))
            return
        request = self._handshake.request
        assert request is not None
        self._leave()
        self._client.sock.send(socks.reply(socks.SUCCEEDED))
        Connection(self._lab, request.user, request.endpoint, self._client, self._server)


def _met_itself(sock: socket.socket) -> bool:
    """Without a listener, TCP on one machine can pick the port it connects to as its own, and connect to itself."""
    try:
        return bool(sock.getsockname() == sock.getpeername())
    except OSError:
        return True
