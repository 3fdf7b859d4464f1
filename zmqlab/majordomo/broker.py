"""The broker: one thread, one or two ROUTER sockets, one poll loop around the `Core`."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from . import checks
from .core import Core, State
from .endpoints import prepare, refuse_taken
from .limits import Limits
from .security import Curve, Guard, Role
from .sockets import Line, passing, sender
from .wire import Part

BATCH = 32  # messages read from one socket before the other one has its turn: who floods one keeps the other so long
BATCH_BYTES = 1 << 20  # as many; what is read counts in no budget before it is handled
CURVE_OVERHEAD = 33  # bytes that CURVE adds to a frame (RFC 26: name, nonce, box, flags)
LONGEST_READING = 0.5  # seconds
FAREWELL = 200  # milliseconds that answers have to leave, when all connections end
LONGEST_LEAVING = 10.0  # seconds in which an endpoint must be free again

Open = Callable[[str, Role], zmq.Socket[bytes]]
"""Makes the socket that is bound to an endpoint, for those who come there."""


class Side(NamedTuple):
    """A socket that is read, and who gets what comes."""

    socket: zmq.Socket[bytes]
    line: Line[Part]
    handle: Callable[[list[Part], float], None]


class Broker:
    """A Majordomo broker (ZeroMQ RFC 7, MDP 0.1) on one endpoint for all, or on two: for clients and for workers.

    `run` serves in the calling thread until `drain`, which any thread and any signal handler may call, has finished
    what was accepted. Endpoints may end in ``:0`` for a free port; `endpoint` and `backend` tell which one it became.
    """

    def __init__(
        self,
        endpoint: str,
        backend: str | None = None,
        *,
        limits: Limits | None = None,
        curve: Curve | None = None,
        context: zmq.Context[Any] | None = None,
    ) -> None:
        checks.endpoint("endpoint", endpoint)
        if backend is not None:
            checks.endpoint("backend", backend)
        checks.instance("limits", limits, Limits)
        checks.instance("curve", curve, Curve)
        self.limits = limits or Limits()
        self._own_context = context is None  # of its own, because ZAP knows one set of keys in a context
        self._context: zmq.Context[Any] = zmq.Context() if context is None else checks.context(context)
        self._made_in = os.getpid()
        self._has_two = backend is not None
        self._check_roles(curve)
        self._guard = Guard(self._context, curve) if curve else None
        self._curve = curve
        self._other_keys: Curve | None = None
        self._draining = self._killed = False
        self._poller = zmq.Poller()
        self._sockets: list[zmq.Socket[bytes]] = []
        try:
            self._frontend, self._backend = self._open_both(endpoint, backend or endpoint, self._open)
        except BaseException:
            self.close()
            raise
        self.endpoint, self.backend = bound_to(self._frontend), bound_to(self._backend)
        self._front = passing(self._frontend)
        self._back = passing(self._backend) if self._has_two else self._front
        self._core = Core(self.limits, sender(self._front), sender(self._back), time.monotonic())
        self._sides = self._both_sides()
        self._next_tick = time.monotonic()
        self._patience = min(self.limits.heartbeat / 4, LONGEST_READING)

    def run(self) -> None:
        """Serve until drained. Closes the sockets."""
        checks.same_process("Broker", self._made_in)
        self._core.journal.changed("serving", endpoint=self.endpoint, backend=self.backend)
        self._tell_keys()
        try:
            while self._core.state is not State.DRAINED and not self._killed:
                ready = self._wait()
                for side in self._sides:
                    if side.socket in ready:
                        self._read(side)
                self._tick()
        finally:
            self.close()
        self._core.journal.changed("drained", **self._core.counts.totals())

    def drain(self) -> None:
        """Refuse new requests, finish the accepted ones, then end `run`. Noticed within one tick."""
        self._draining = True

    def kill(self) -> None:
        """End `run` within one tick and leave all as it is, as a crash would."""
        self._killed = True

    def change_keys(self, curve: Curve) -> None:
        """Let in those that this one trusts, and nobody else, from the next tick on. Any thread may call it.

        libzmq cannot end the connections of one peer. So where a key is not trusted any more, or our own is another
        one, all connections end: our clients and workers come back by themselves, with all that they have, and others
        as they would after a broken connection. Raises ValueError for a broker without keys.
        """
        checks.instance("curve", curve, Curve)
        if self._guard is None:
            raise ValueError("this broker has no keys: give it some when it is made")
        self._check_roles(curve)
        self._other_keys = curve

    def close(self) -> None:
        """Close the sockets; what was sent lingers for a moment. `run` does this at its end."""
        for socket in self._sockets:
            socket.close()
        if self._guard:
            self._guard.stop()
        if self._own_context:
            self._context.term()

    # -- the steps of the loop ---------------------------------------------------------------------------------------

    def _wait(self) -> dict[Any, int]:
        """Sleep until a message or the next tick comes."""
        left = self._next_tick - time.monotonic()
        return dict(self._poller.poll(max(0, int(left * 1000) + 1)))

    def _read(self, side: Side) -> bool:
        """Many messages for one poll: asking costs more than reading. Returns whether there may be more.

        First they are read, then answered, so that libzmq's I/O thread meets many messages at a time, too.
        """
        messages = side.line.receive_many(BATCH, BATCH_BYTES)
        now = time.monotonic()
        for frames in messages:
            side.handle(frames, now)
        return not side.line.is_dry

    def _tick(self) -> None:
        """Look after all that depends on time, now and then; but first hear what everybody has to say."""
        if time.monotonic() < self._next_tick:
            return
        self._read_until_dry()
        now = time.monotonic()
        for role, key in self._guard.refused() if self._guard else ():
            self._core.journal.refused_key(role.value, key)
        if self._other_keys:
            self._use_keys(self._other_keys)
        if self._draining:
            self._core.drain(now)
        self._core.tick(now)
        self._next_tick = now + self.limits.tick

    def _read_until_dry(self) -> None:
        """A reply may be here that a deadline waits for. Who never stops to speak does not stop the clock for ever."""
        enough = time.monotonic() + self._patience
        while time.monotonic() < enough and not self._killed:
            if not sum(self._read(side) for side in self._sides):
                return

    # -- sockets -----------------------------------------------------------------------------------------------------

    def _both_sides(self) -> list[Side]:
        if self._has_two:  # workers are read first: replies set credit free
            return [
                Side(self._backend, self._back, self._core.from_worker),
                Side(self._frontend, self._front, self._core.from_client),
            ]
        return [Side(self._frontend, self._front, self._core.from_anyone)]

    def _check_roles(self, curve: Curve | None) -> None:
        if curve and not self._has_two and (curve.clients or curve.workers):
            raise ValueError("keys of clients alone or workers alone need two endpoints: who comes to one may be both")

    def _use_keys(self, curve: Curve) -> None:
        assert self._guard
        assert self._curve
        self._other_keys = None
        is_other = (curve.public, curve.secret) != (self._curve.public, self._curve.secret)
        removed = self._guard.change(curve)
        self._curve = curve
        self._tell_keys()
        self._core.journal.changed("other keys", clients=len(curve.of(Role.CLIENT)), workers=len(curve.of(Role.WORKER)))
        if removed or is_other:
            self._open_anew()

    def _tell_keys(self) -> None:
        """A folder without certificates keeps everybody out."""
        for role in (Role.CLIENT, Role.WORKER) if self._has_two else (Role.ANY,):
            if self._curve and (lack := self._curve.lacks(role)):
                self._core.journal.warned(lack)

    def _open_anew(self) -> None:
        """New sockets at the old endpoints: all connections end."""
        for socket in self._sockets:
            self._poller.unregister(socket)
            socket.close(linger=FAREWELL)
        self._sockets.clear()
        self._frontend, self._backend = self._open_both(self.endpoint, self.backend, self._open_again)
        self._front.use(self._frontend)
        self._back.use(self._backend)
        self._sides = self._both_sides()

    def _open_both(self, endpoint: str, backend: str, opens: Open) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        """The sockets for clients and for workers: one for both, where there is one endpoint."""
        if self._has_two:
            return opens(endpoint, Role.CLIENT), opens(backend, Role.WORKER)
        socket = opens(endpoint, Role.ANY)
        return socket, socket

    def _open_again(self, endpoint: str, role: Role) -> zmq.Socket[bytes]:
        """The old socket needs a moment to leave its endpoint."""
        late = time.monotonic() + LONGEST_LEAVING
        while True:
            try:
                return self._open(endpoint, role)
            except zmq.ZMQError as error:
                self._sockets.pop().close(0)
                if error.errno != zmq.EADDRINUSE or time.monotonic() > late:
                    raise
                time.sleep(0.01)

    def _open(self, endpoint: str, role: Role) -> zmq.Socket[bytes]:
        socket: zmq.Socket[bytes] = self._context.socket(zmq.ROUTER)
        self._sockets.append(socket)
        socket.router_mandatory = True  # a message that cannot go raises, and is not dropped in silence
        socket.linger = 1000
        socket.maxmsgsize = largest_frame(self.limits, self._curve)
        # So that a host that is gone without a word is noticed, if late. Heartbeats of ZMTP would tell sooner, but some
        # implementations hang up on them; workers have those of MDP.
        socket.tcp_keepalive = 1
        socket.tcp_keepalive_idle = 60
        if self._curve:
            self._curve.serve(socket, role)
        prepare(socket, endpoint, self._curve)
        refuse_taken(endpoint)
        socket.bind(endpoint)
        self._poller.register(socket, zmq.POLLIN)
        return socket


def largest_frame(limits: Limits, curve: Curve | None) -> int:
    """MAXMSGSIZE for that limit: libzmq looks at the frame as it is on the wire, encrypted or not."""
    if limits.max_frame_bytes == math.inf:
        return -1
    return int(limits.max_frame_bytes) + (CURVE_OVERHEAD if curve else 0)


def bound_to(socket: zmq.Socket[Any]) -> str:
    """The endpoint of a bound socket, with the port that it got."""
    endpoint = socket.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(endpoint, bytes)
    return endpoint.decode().rstrip("\0")
