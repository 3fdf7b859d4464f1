"""A client that asks the relay for a connection: SOCKS5, the look-up of the name, the connect upstream.

It is answered once the upstream connection stands. Until then it is kept waiting while the relay tries again, and it
is never refused: libzmq 4.3.5 aborts the whole process when a socket is closed after its SOCKS proxy refused or
broke off (`socks_connecter_t::error` leaves a dangling poll handle, which `process_term` removes once more). Only
who has not the token is turned away: that is no socket of ours.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from typing import TYPE_CHECKING

from . import socks
from .connection import Connection
from .port import READ, WRITE, LabLinks, Port
from .resolver import Address
from .sink import SinkPeer

if TYPE_CHECKING:
    from .relay import Switchboard

IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}


class Newcomer:
    """Serves one client until it has a `Connection`."""

    def __init__(self, board: Switchboard, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._board = board
        self._client = Port(board.selector, sock)
        self._server: Port | None = None
        self._handshake = socks.Handshake(lambda user, password: board.allow(password))
        self._lab: LabLinks | None = None  # set while it is served
        self._addresses: list[Address] = []  # those still to be tried
        self._client.wait(READ, self._on_client)

    def close(self, reason: str) -> None:
        """Serve it no more, but leave it waiting, until it goes away by itself."""
        if self._lab is not None:
            self._lab.members.discard(self)
            self._lab = None
        if self._server is not None:
            self._server.close()

    def sink(self, sockets: set[str]) -> None:
        """If its socket is one of those, the relay itself is the peer."""
        lab, request = self._lab, self._handshake.request
        if lab is None or request is None or request.user not in sockets:
            return
        self.close("")
        if self._answer():
            SinkPeer(lab, self._client)

    def _on_client(self, mask: int) -> None:
        try:
            data = self._client.sock.recv(1024)
            if not data or self._handshake.request is not None:  # gone, or talking before it was answered
                self._drop()
                return
            answer = self._handshake.feed(data)
            if answer:
                self._client.sock.send(answer)
        except BlockingIOError:
            return
        except socks.SocksError as error:
            with contextlib.suppress(OSError):
                self._client.sock.send(error.reply)
            self._drop()
            return
        except OSError:
            self._drop()
            return
        if self._handshake.request is not None:
            self._begin(self._handshake.request)

    def _answer(self) -> bool:
        """Tell the client that it is connected. False when it has just gone."""
        try:
            self._client.sock.send(socks.reply(socks.SUCCEEDED))
        except OSError:
            self._drop()
            return False
        return True

    def _drop(self) -> None:
        self.close("")
        self._client.close()

    def _begin(self, request: socks.Request) -> None:
        lab = self._lab = self._board.lab_of(request.user)
        if lab is None:  # its lab was closed: this is the socket of an actor that could not be stopped
            return
        lab.members.add(self)
        self.sink(lab.sunk)
        if self._lab is not None:
            self._board.resolve(request, self._found)

    def _found(self, addresses: list[Address], problem: str) -> None:
        """The name was looked up."""
        self._addresses = addresses
        self._dial(problem)

    def _dial(self, problem: str) -> None:
        """Try the next address; with none left, report the last problem and begin anew later."""
        if self._lab is None:
            return
        while self._addresses:
            family, address = self._addresses.pop(0)
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:  # out of file descriptors, or no IPv6 here
                problem = error.strerror or str(error)
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._server = Port(self._board.selector, sock)
            status = sock.connect_ex(address)
            if not status or status in IN_PROGRESS:
                self._server.wait(WRITE, self._on_server)
                return
            self._server.close()
            problem = os.strerror(status)
        request = self._handshake.request
        assert request is not None
        self._lab.refused(request.user, request.endpoint, problem)
        self._board.later(self._retry)

    def _retry(self) -> None:
        request = self._handshake.request
        if self._lab is not None and request is not None:
            self._board.resolve(request, self._found)

    def _on_server(self, mask: int) -> None:
        server, lab, request = self._server, self._lab, self._handshake.request
        assert server is not None
        assert lab is not None
        assert request is not None
        status = server.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not status and _met_itself(server.sock):
            status = errno.ECONNREFUSED
        if status:
            server.close()
            self._dial(os.strerror(status))
            return
        if not self._answer():
            return
        lab.members.discard(self)
        Connection(lab, request.user, request.endpoint, self._client, server)


def _met_itself(sock: socket.socket) -> bool:
    """Without a listener, TCP on one machine can pick the port it connects to as its own, and connect to itself."""
    try:
        return bool(sock.getsockname() == sock.getpeername())
    except OSError:
        return True
