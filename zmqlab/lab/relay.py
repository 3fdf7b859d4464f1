"""The relay process: ``python -m zmqlab.lab.relay``, started and steered by `zmqlab.lab.links`.

A SOCKS5 server on loopback that every traced socket connects through. It reads the ZMTP that passes, reports it and
passes it on. One thread, one selector, the standard library and zmq alone.

It reads its configuration, one line of JSON, from standard input: ``control`` (the endpoint of the kernel's ROUTER),
``identity`` (its routing id there, a secret in hex, so that nobody else can pass for it), ``token`` (the SOCKS
password), ``listener`` (the listening socket, which the kernel made and keeps), ``first`` (the first connection id)
and ``labs``. It ends with its standard input, and so with the kernel, however that ends. What it writes to its standard
output and standard error, the kernel reads.
"""

from __future__ import annotations

import base64
import contextlib
import heapq
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
from collections.abc import Callable
from typing import Any

import zmq

from . import socks
from .connection import Connection
from .door import Door
from .newcomer import Newcomer
from .port import LabLinks, Port
from .reports import HIGH_WATER, Outbox, Reporter
from .resolver import Resolver

DRAIN = 2.0  # seconds without a byte passed on, after which nobody takes what is left


class Switchboard:
    """The relay's loop: newcomers, connections, and the commands of the kernel."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.selector = selectors.DefaultSelector()
        self.resolve = Resolver(self.selector).resolve
        self._token = config["token"].encode()
        self._numbers = itertools.count(config["first"])
        self._labs: dict[int, LabLinks] = {}
        self._listener = _inherited(config["listener"])
        self._listener.setblocking(False)
        self._timers: list[tuple[int, int, Callable[[], None]]] = []  # a heap: when, a running number, what
        self._alarms = itertools.count()
        self.selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._control = zmq.Context().socket(zmq.DEALER)
        self._control.setsockopt(zmq.ROUTING_ID, bytes.fromhex(config["identity"]))
        self._control.setsockopt(zmq.SNDHWM, HIGH_WATER)
        self._control.connect(config["control"])
        self._outbox = Outbox(self._control)
        self.selector.register(self._control.fileno(), selectors.EVENT_READ, self._obey)
        self._own = len(self.selector.get_map())  # files that are no connections
        for lab in config["labs"]:
            self._do_attach(lab)
        self._outbox.reply(b"", {"pid": os.getpid()})  # here we are

    def serve(self) -> None:
        """Work for ever."""
        select, outbox, timers = self.selector.select, self._outbox, self._timers
        while True:
            for key, mask in select(self._time_left()):
                self._do(key.data, mask)
            now = time.monotonic_ns()
            while timers and timers[0][0] <= now:
                self._do(heapq.heappop(timers)[2])
            if outbox.due is not None and now >= outbox.due:
                outbox.flush()
            if outbox.used:  # sending may have used up the edge that the socket's file descriptor signals
                outbox.used = False
                self._obey(0)

    def at(self, when: int, call: Callable[[], None]) -> None:
        """Call it at that time, in ns."""
        heapq.heappush(self._timers, (when, next(self._alarms), call))

    def _do(self, call: Callable[..., None], *arguments: int) -> None:
        try:
            call(*arguments)
        except Exception:
            self._fail(call)

    def _time_left(self) -> float | None:
        """Seconds until there is something to do unasked."""
        due = self._outbox.due
        if self._timers and (due is None or self._timers[0][0] < due):
            due = self._timers[0][0]
        return None if due is None else max(0.0, (due - time.monotonic_ns()) / 1e9)

    def allow(self, password: bytes) -> bool:
        """Is this a socket of ours?"""
        return hmac.compare_digest(password, self._token)

    def lab_of(self, user: str) -> LabLinks | None:
        """The lab of a socket id; None when it is not attached."""
        number = user.partition(".")[0]
        return self._labs.get(int(number)) if number.isdecimal() else None

    def flow(self) -> list[tuple[str, int]]:
        """The lanes of the connections that are open, and how many bytes have passed on each. From any thread."""
        while True:
            try:
                members = [member for links in list(self._labs.values()) for member in list(links.members)]
            except RuntimeError:  # the loop has just opened or closed one
                continue
            connections = [member for member in members if isinstance(member, Connection)]
            return [(lane.name, lane.passed) for connection in connections for lane in connection.lanes]

    def _accept(self, mask: int) -> None:
        try:
            sock, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:  # most likely out of file descriptors: until one is free, do not spin
            time.sleep(0.01)
            return
        Newcomer(self, sock)

    def _fail(self, ready: Any) -> None:
        """A defect of ours ends the one link that met it, and the kernel hears of it."""
        self._outbox.reply(b"", {"error": traceback.format_exc()})
        owner = getattr(ready, "__self__", None)
        if isinstance(owner, Port):
            owner = getattr(owner.handler, "__self__", None)
        if isinstance(owner, (Newcomer, Connection)):
            owner.close(f"a defect of the relay: {sys.exc_info()[1]!r}")

    # -- commands -----------------------------------------------------------------------------------------------

    def _obey(self, mask: int) -> None:
        while int(self._control.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            caller, text = self._control.recv_multipart(zmq.DONTWAIT)
            answer: dict[str, Any] = {}
            try:
                command = json.loads(text)
                do = command.pop("do")
                answer = getattr(self, f"_do_{do}")(**command) or {}
            except Exception:
                answer["error"] = traceback.format_exc()
            self._outbox.reply(caller, answer)

    def _do_attach(self, lab: int) -> None:
        if lab not in self._labs:
            self._labs[lab] = LabLinks(Reporter(self._outbox, lab), self._numbers, self.at)

    def _do_detach(self, lab: int) -> None:
        links = self._labs.pop(lab, None)
        for member in list(links.members) if links else ():
            member.close("the lab was closed")
        for door in links.doors if links else ():
            door.close()

    def _do_count(self, lab: int) -> dict[str, Any]:
        """How many connections are open, of all labs and of sockets that belong to none."""
        members = sum(len(links.members) for links in self._labs.values())
        return {"open": max(members, len(self.selector.get_map()) - self._own)}

    def _do_flush(self, lab: int) -> None:
        """The reply flushes, so there is nothing else to do."""

    def _do_sink(self, lab: int, sockets: list[str]) -> None:
        if lab in self._labs:
            self._labs[lab].sink(sockets)

    def _do_steer(self, lab: int, gates: list[Any], ports: list[Any], fallen: list[str]) -> None:
        """The gates of a lab, all of them anew: see `Gates.set`."""
        self._labs[lab].gates.set(gates, ports, fallen)
        self._labs[lab].steer()

    def _do_step(self, lab: int, between: list[str], lane: str, number: int) -> dict[str, Any]:
        """Let one message go on: the named one, or with "" the one that has waited longest, `between` those actors or,
        if there are none, anywhere. Answers with its lane and number, or with the reason why nothing went."""
        held = {}
        for connection in list(self._labs[lab].members):
            if isinstance(connection, Connection) and connection.steps(frozenset(between)):
                held.update({each.name: (*each.held, connection, each) for each in connection.lanes if each.held})
        if not lane:
            if not held:
                return {"refused": "nothing"}
            lane = min(held, key=lambda name: held[name][:2])
            number = held[lane][1]
        if lane not in held:
            return {"refused": "not held"}
        _, first, connection, head = held[lane]
        if first != number:
            return {"refused": "not first", "first": first}
        connection.step(head)
        return {"lane": lane, "number": number}

    def _do_door(self, lab: int, user: str, actor: str, endpoint: str, port: int) -> dict[str, Any]:
        """Open a port (0: any) that leads to `endpoint`, for a process whose socket is called `user`."""
        door = Door(self, socks.Request.of(user, actor, endpoint), port)
        self._labs[lab].doors.append(door)
        return {"port": door.port}

    def _do_guard(self, lab: int, pid: int, on: bool) -> None:
        """Kill this process when the kernel is gone; or, no longer."""
        (_guarded.add if on else _guarded.discard)(pid)


_guarded: set[int] = set()  # process ids


def _inherited(listener: dict[str, Any]) -> socket.socket:
    """The listening socket: a file descriptor, or what Windows shares sockets by."""
    if "share" in listener:
        data = base64.b64decode(listener["share"])
        return socket.fromshare(data)  # type: ignore[attr-defined, no-any-return, unused-ignore]
    return socket.socket(fileno=listener["fd"])


def _end_with(stdin: int, flow: Callable[[], list[tuple[str, int]]]) -> None:
    """Leave when our standard input ends, and take the processes of the labs along: whoever started us is gone.

    What it had sent before still goes out, as it would have gone out of the system's own buffers.
    """
    while os.read(stdin, 4096):
        pass
    for pid in list(_guarded):
        with contextlib.suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    seen, deadline = flow(), time.monotonic() + DRAIN
    while seen and time.monotonic() < deadline:
        time.sleep(0.01)
        now = flow()
        if now != seen:
            seen, deadline = now, time.monotonic() + DRAIN
    os._exit(0)


def _lift_limits() -> None:
    """What the program may use is said of the program. And each connection takes two file descriptors; the usual soft
    limit is 1024."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_CPU):
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (hard, hard))


def main() -> None:
    if sys.argv[1:] and os.fork():  # this is the helper of `apart`, which ends at once
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the stop button is for the kernel
    os.chdir(os.path.abspath(os.sep))  # the program's folder may be moved, or its disk taken out
    config = json.loads(sys.stdin.buffer.readline())
    _lift_limits()
    try:
        board = Switchboard(config)
        threading.Thread(target=_end_with, args=(sys.stdin.fileno(), board.flow), daemon=True).start()
        board.serve()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # a zmq context with something left to send would wait here


if __name__ == "__main__":
    main()
