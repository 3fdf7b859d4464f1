"""A client that asks the relay for a connection: SOCKS5, the look-up of the name, the connect upstream.

A process that knows nothing of the lab (`Visitor`) comes in by an entrance of its own, which stands for one endpoint.

A client is answered once the upstream connection stands. Until then it is kept waiting while the relay tries again,
and it is never refused: libzmq 4.3.5 aborts the whole process when a socket is closed after its SOCKS proxy refused
or broke off (`socks_connecter_t::error` leaves a dangling poll handle, which `process_term` removes once more). Only
who has not the token is turned away: that is no socket of ours.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
from collections.abc import Callable
from functools import partial
from time import monotonic_ns
from typing import Protocol

from . import socks
from .connection import Connection
from .resolver import Address, Found
from .sink import SinkPeer
from .transport import READ, WRITE, LabConnections, Transport

RETRY = 50_000_000  # ns between two attempts to connect upstream; libzmq's own default is 100 to 200 ms
IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}


class Board(Protocol):
    """What newcomers and entrances need of the switchboard."""

    selector: selectors.BaseSelector
    resolve: Callable[[socks.Request, Found], None]

    def allow(self, password: bytes) -> bool:
        """Is this a socket of ours?"""
        ...

    def at(self, when: int, call: Callable[[], None]) -> None:
        """Have something called at that time, in ns."""
        ...

    def lab_of(self, user: str) -> LabConnections | None:
        """The lab of a socket id; None when it is not attached."""
        ...


class Newcomer:
    """Serves one client until it has a `Connection`."""

    def __init__(self, board: Board, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._board = board
        self._client = Transport(board.selector, sock)
        self._server: Transport | None = None
        self._negotiation = socks.Negotiation(lambda user, password: board.allow(password))
        self._request: socks.Request | None = None
        self._lab: LabConnections | None = None  # set while it is served
        self._dialing = False  # it has been looked up, and is being connected or will be tried again
        self._dials = 0  # how often that was begun: what belongs to an earlier time comes to nothing
        self._addresses: list[Address] = []  # those still to be tried
        self._listen()

    def close(self, reason: str) -> None:
        """Serve it no more, but leave it waiting, until it goes away by itself."""
        if self._lab is not None:
            self._lab.members.discard(self)
            self._lab = None
        self._hang_up()

    def sink(self, sockets: set[str]) -> None:
        """If its socket is one of those, the relay itself is the peer."""
        lab, request = self._lab, self._request
        if lab is None or request is None or request.user not in sockets:
            return
        self.close("")
        if self._answer():
            SinkPeer(lab, self._client)

    def steer(self) -> None:
        """Connect it, unless it is cut off or one end has crashed: then it meets silence."""
        lab, request = self._lab, self._request
        if lab is None or request is None:
            return
        gates = lab.gates
        fallen = gates.fallen & {request.actor, gates.server(request.port)}
        if fallen or gates.between(request.actor, request.port).cut:
            self._hang_up()
        elif not self._dialing:
            self._dialing = True
            self._dials += 1
            self._look_up(request)

    def _listen(self) -> None:
        self._client.wait(READ, self._on_client)

    def _on_client(self, mask: int) -> None:
        try:
            data = self._client.sock.recv(1024)
            if not data or self._request is not None:  # gone, or talking before it was answered
                self._drop()
                return
            answer = self._negotiation.feed(data)
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
        if self._negotiation.request is not None:
            self._begin(self._negotiation.request)

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

    def _hang_up(self) -> None:
        self._dialing = False
        if self._server is not None:
            self._server.close()
            self._server = None

    def _begin(self, request: socks.Request) -> None:
        self._request = request
        lab = self._lab = self._board.lab_of(request.user)
        if lab is None:  # its lab was closed: this is the socket of an actor that could not be stopped
            return
        lab.members.add(self)
        self.sink(lab.sunk)
        self.steer()

    def _look_up(self, request: socks.Request) -> None:
        self._board.resolve(request, partial(self._found, self._dials))

    def _found(self, dial: int, addresses: list[Address], problem: str) -> None:
        """The name was looked up."""
        if dial == self._dials:
            self._addresses = addresses
            self._dial(problem)

    def _dial(self, problem: str) -> None:
        """Try the next address; with none left, report the last problem and begin anew later."""
        if self._lab is None or self._request is None or not self._dialing:
            return
        while self._addresses:
            family, address = self._addresses.pop(0)
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:  # out of file descriptors, or no IPv6 here
                problem = error.strerror or str(error)
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._server = Transport(self._board.selector, sock)
            status = sock.connect_ex(address)
            if not status or status in IN_PROGRESS:
                self._server.wait(WRITE, self._on_server)
                return
            self._server.close()
            problem = os.strerror(status)
        self._lab.refused(self._request.user, self._request.endpoint, problem)
        self._board.at(monotonic_ns() + RETRY, partial(self._retry, self._dials))

    def _retry(self, dial: int) -> None:
        if self._lab is not None and self._dialing and self._request is not None and dial == self._dials:
            self._look_up(self._request)

    def _on_server(self, mask: int) -> None:
        server, lab, request = self._server, self._lab, self._request
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
        Connection(lab, request, self._client, server)


class Visitor(Newcomer):
    """A client that has come in by the entrance to an endpoint. It is told nothing: to it the entrance is the peer."""

    def __init__(self, board: Board, sock: socket.socket, request: socks.Request) -> None:
        super().__init__(board, sock)
        self._begin(request)

    def _listen(self) -> None:
        """What it sends is for its peer."""

    def _answer(self) -> bool:
        return True


def _met_itself(sock: socket.socket) -> bool:
    """Without a listener, TCP on one machine can pick the port it connects to as its own, and connect to itself."""
    try:
        return bool(sock.getsockname() == sock.getpeername())
    except OSError:
        return True
