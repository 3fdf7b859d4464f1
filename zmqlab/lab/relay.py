"""The relay process: ``python -m zmqlab.lab.relay``, started and steered by `zmqlab.lab.links`.

A SOCKS5 server on loopback that every traced socket connects through. It reads the ZMTP that passes, reports it and
passes it on. One thread, one selector, the standard library and zmq alone.

It reads its configuration, one line of JSON, from standard input: ``control`` (the endpoint of the kernel's ROUTER),
``identity`` (its routing id there, a secret in hex, so that nobody else can pass for it), ``token`` (the SOCKS
password), ``port`` (wished for; 0 for any), ``first`` (the first connection id) and ``labs``. It ends with its
standard input, and so with the kernel, however that ends.
"""

from __future__ import annotations

import contextlib
import hmac
import itertools
import json
import os
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from typing import Any

import zmq

from .connection import Connection, LabLinks
from .newcomer import Newcomer
from .reports import Outbox, Reporter
from .resolver import Resolver
from .sink import Sink

BACKLOG = 1024


class Switchboard:
    """The relay's loop: newcomers, connections, and the commands of the kernel."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.selector = selectors.DefaultSelector()
        self.resolve = Resolver(self.selector).resolve
        self._token = config["token"].encode()
        self._numbers = itertools.count(config["first"])
        self._labs: dict[int, LabLinks] = {}
        self._listener = _listen(config["port"])
        self._listener.setblocking(False)
        self.selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._control = zmq.Context().socket(zmq.DEALER)
        self._control.setsockopt(zmq.ROUTING_ID, bytes.fromhex(config["identity"]))
        self._control.setsockopt(zmq.SNDHWM, 64)
        self._control.connect(config["control"])
        self._outbox = Outbox(self._control)
        self.selector.register(self._control.fileno(), selectors.EVENT_READ, self._obey)
        for lab in config["labs"]:
            self._do_attach(lab)
        self._outbox.reply(b"", json.dumps({"port": self._listener.getsockname()[1]}).encode())

    def serve(self) -> None:
        """Work for ever."""
        select, outbox = self.selector.select, self._outbox
        while True:
            due = outbox.due
            for key, mask in select(None if due is None else max(0.0, (due - time.monotonic_ns()) / 1e9)):
                try:
                    key.data(mask)
                except Exception:
                    self._fail(key.data)
            if outbox.due is not None and time.monotonic_ns() >= outbox.due:
                outbox.flush()
            if outbox.used:  # sending may have used up the edge that the socket's file descriptor signals
                outbox.used = False
                self._obey(0)

    def allow(self, user: str, password: bytes) -> bool:
        """May this socket connect through the relay?"""
        return hmac.compare_digest(password, self._token) and self.lab_of(user) is not None

    def lab_of(self, user: str) -> LabLinks | None:
        """The lab of a socket id; None when it is not attached."""
        number = user.partition(".")[0]
        return self._labs.get(int(number)) if number.isdecimal() else None

    def _accept(self, mask: int) -> None:
        try:
            sock, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:  # most likely out of file descriptors: until one is free, do not spin
            time.sleep(0.01)
            return
        Newcomer(self, sock)

    def _fail(self, handler: Any) -> None:
        """A defect of ours ends the one connection that met it; the kernel finds the traceback in our stderr."""
        traceback.print_exc()
        owner = getattr(handler, "__self__", None)
        if isinstance(owner, (Newcomer, Connection)):
            owner.close(f"a defect of the relay: {sys.exc_info()[1]!r}")

    # -- commands -----------------------------------------------------------------------------------------------

    def _obey(self, mask: int) -> None:
        while int(self._control.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            caller, text = self._control.recv_multipart(zmq.DONTWAIT)
            command = json.loads(text)
            getattr(self, f"_do_{command['do']}")(command["lab"])
            self._outbox.reply(caller, b"{}")

    def _do_attach(self, lab: int) -> None:
        if lab not in self._labs:
            self._labs[lab] = LabLinks(Reporter(self._outbox, lab), self._numbers)

    def _do_detach(self, lab: int) -> None:
        links = self._labs.pop(lab, None)
        for member in list(links.members) if links else ():
            member.close("the lab was closed")

    def _do_flush(self, lab: int) -> None:
        """The reply flushes, so there is nothing else to do."""

    def _do_sink(self, lab: int) -> None:
        links = self._labs.get(lab)
        if links is None:
            return
        links.sunk = True
        for member in list(links.members):
            if isinstance(member, Connection) and member.state == "opened":
                Sink(links, member.release("the lab closes: what its sockets still send is swallowed"))
            elif not isinstance(member, Sink):
                member.close("the lab closes")  # libzmq tries again, and meets a SinkPeer


def _listen(port: int) -> socket.socket:
    """Listen on the port wished for, or on any when it is taken."""
    if port:
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    return socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)


def _end_with(stdin: int) -> None:
    """Leave when our standard input ends: whoever started us is gone."""
    while os.read(stdin, 4096):
        pass
    os._exit(0)


def _raise_file_limit() -> None:
    """Each connection takes two file descriptors; the usual soft limit is 1024."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the stop button is for the kernel
    config = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    _raise_file_limit()
    try:
        Switchboard(config).serve()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # a zmq context with something left to send would wait here


if __name__ == "__main__":
    main()
