"""The relay's loop: newcomers, connections, and what the kernel commands. One thread, one selector."""

from __future__ import annotations

import heapq
import hmac
import itertools
import json
import os
import selectors
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq

from . import socks
from .connection import Connection
from .entrance import Entrance
from .newcomer import Newcomer
from .reports import HIGH_WATER, LabReports, Outbox
from .resolver import Found, Resolver
from .transport import LabConnections, Transport


class Switchboard:
    """`config`: see `zmqlab.relay.__main__`."""

    def __init__(self, config: dict[str, Any], listener: socket.socket) -> None:
        self.selector: selectors.BaseSelector = selectors.DefaultSelector()
        self.resolve: Callable[[socks.Request, Found], None] = Resolver(self.selector).resolve
        self.guarded: set[int] = set()  # process ids that are killed when the kernel is gone
        self._token = config["token"].encode()
        self._numbers = itertools.count(config["first"])
        self._labs: dict[int, LabConnections] = {}
        self._listener = listener
        listener.setblocking(False)
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

    @property
    def telling(self) -> bool:
        """Is there anything to report? From any thread."""
        return self._outbox.due is not None

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

    def lab_of(self, user: str) -> LabConnections | None:
        """The lab of a socket id; None when it is not attached."""
        number = user.partition(".")[0]
        return self._labs.get(int(number)) if number.isdecimal() else None

    def flow(self) -> list[tuple[str, int]]:
        """The lanes of the connections that are open, and how many bytes have passed on each. From any thread."""
        while True:
            try:
                members = [member for served in list(self._labs.values()) for member in list(served.members)]
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
        """A defect of ours ends the one connection that met it, and the kernel hears of it."""
        self._outbox.reply(b"", {"error": traceback.format_exc()})
        owner = getattr(ready, "__self__", None)
        if isinstance(owner, Transport):
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
            self._labs[lab] = LabConnections(LabReports(self._outbox, lab), self._numbers, self.at)

    def _do_keep(self, lab: int, folder: str, seconds: float | None, size: int | None) -> None:
        """Write what is reported of that lab into a folder, and no more of it than asked for."""
        from ..trace.log import Chunk  # most relays are not asked for it
        from ..trace.source import Source
        from ..trace.spool import SUFFIX, Bound, Spool

        path = Path(folder) / f"{time.time_ns()}-{os.getpid()}{SUFFIX}"
        spool = Spool(path, Source.here("", {}), Bound(seconds, size))
        self._labs[lab].reports.keep(lambda events: spool.write([Chunk.of(events)]))

    def _do_detach(self, lab: int) -> None:
        served = self._labs.pop(lab, None)
        for member in list(served.members) if served else ():
            member.close("the lab was closed")
        for entrance in served.entrances if served else ():
            entrance.close()

    def _do_count(self, lab: int) -> dict[str, Any]:
        """How many connections are open, of all labs and of sockets that belong to none."""
        members = sum(len(served.members) for served in self._labs.values())
        return {"open": max(members, len(self.selector.get_map()) - self._own)}

    def _do_flush(self, lab: int) -> None:
        """The reply flushes, so there is nothing else to do."""

    def _do_sink(self, lab: int, sockets: list[str]) -> None:
        if lab in self._labs:
            self._labs[lab].sink(sockets)

    def _do_steer(self, lab: int, settings: list[Any], ports: list[Any], fallen: list[str]) -> None:
        """The gates of a lab, all of them anew: see `Gates.set`."""
        self._labs[lab].gates.set(settings, ports, fallen)
        self._labs[lab].steer()

    def _do_reset(self, lab: int, between: list[str]) -> None:
        """Break the connections between those two actors, in the middle of whatever passes."""
        for connection in self._connections(lab, between):
            connection.close("it was reset")

    def _do_step(self, lab: int, between: list[str], lane: str, number: int) -> dict[str, Any]:
        """Let one message go on: the named one, or with "" the one that has waited longest, `between` those actors or,
        if there are none, anywhere. Answers with its lane and number, or with the reason why nothing went."""
        held = {}
        for connection in self._connections(lab, between):
            if connection.steps:
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

    def _do_entrance(self, lab: int, user: str, actor: str, endpoint: str, port: int) -> dict[str, Any]:
        """Open a port (0: any) that leads to `endpoint`, for a process whose socket is called `user`."""
        entrance = Entrance(self, socks.Request.of(user, actor, endpoint), port)
        self._labs[lab].entrances.append(entrance)
        return {"port": entrance.port}

    def _connections(self, lab: int, between: list[str]) -> list[Connection]:
        """Those of a lab that are open: `between` two actors or, if there are none, all."""
        members = [member for member in self._labs[lab].members if isinstance(member, Connection)]
        return [member for member in members if not between or member.ends == frozenset(between)]

    def _do_guard(self, lab: int, pid: int, on: bool) -> None:
        """Kill this process when the kernel is gone; or, no longer."""
        (self.guarded.add if on else self.guarded.discard)(pid)
