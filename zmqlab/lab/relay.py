"""The kernel's side of the relay: the one of this kernel, and where its reports go."""

from __future__ import annotations

import atexit
import marshal
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ..trace import forks, native
from ..trace.events import ConnectionData, Raw
from .ports import apart
from .spawn import RelayError, RelayProcess

BACKLOG = 1024  # connections that wait to be accepted
GRACE = 2.0  # seconds that the process stays when nobody needs it: the next lab is often there at once
GAP = 1000  # connection ids left out at a restart: the dead process may have used some that it did not report


class EventLog(Protocol):
    """What the relay's events go into: `zmqlab.trace.Log`."""

    def append(self, raw: Raw, /) -> None: ...

    def append_chunk(self, count: int, blob: bytes, /) -> None: ...


class Relay:
    """The relay process of this kernel: see `shared`. Its methods may be called from any thread.

    The process ends when no lab has needed it for `GRACE` seconds, and the next one to `attach` starts it again.
    `token` is for SOCKS_PASSWORD; the SOCKS user name is the socket id.
    """

    _shared: Relay | None = None
    _shared_lock = threading.Lock()

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        # It outlives the process, so that sockets which connect in between wait for the next: see `newcomer`.
        self._listener: socket.socket | None = None
        self._exiting = False
        self._lock = native.lock()  # held while starting and stopping
        self._resting = False  # the process ends, or has ended, because nobody needs it
        self._needed = 0.0  # when it was needed last
        self._logs: dict[int, EventLog] = {}
        self._needs: dict[int, Callable[[], bool]] = {}  # lab -> does it need the process?
        self._missed: dict[int, int] = {}
        self._steering: dict[int, dict[str, Any]] = {}  # lab -> the last `steer`
        self._keeping: dict[int, dict[str, Any]] = {}  # lab -> where it writes
        self._entrances: dict[int, list[dict[str, Any]]] = {}  # lab -> its entrances
        self._guarded: dict[int, int] = {}  # process id -> lab
        self._open: dict[str, tuple[int, list[Any]]] = {}  # connection id -> lab, ConnectionData as it was opened
        self._last = secrets.randbelow(1 << 32)  # the highest connection id reported; not 0: see `wiring`
        forks.tell(self)
        with self._lock:  # or it may go to rest while it starts
            self._process = self._start()

    @classmethod
    def shared(cls) -> Relay:
        """The one relay of this kernel, started at the first call and again when it was found dead."""
        with cls._shared_lock:
            if cls._shared is None:
                cls._shared = cls()
            elif not cls._shared.alive:
                cls._shared.restart()
            return cls._shared

    @property
    def address(self) -> str:
        """``"127.0.0.1:4711"``, for SOCKS_PROXY."""
        return self._address

    @property
    def alive(self) -> bool:
        return not self._resting and self._process.alive

    @property
    def pid(self) -> int:
        """Of the process. It is not a child of this one: see `apart`."""
        return self._process.pid

    @property
    def errors(self) -> str:
        """The tracebacks of the relay's defects; they were also logged, as "zmqlab.relay"."""
        return self._process.errors

    def attach(self, lab: int, log: EventLog, needs: Callable[[], bool] = lambda: True) -> bool:
        """From now on the relay serves that lab's sockets and reports into `log`. False when it has done so before.

        The process stays while ``needs()``, and while the lab's connections are open; see `detach`.
        """
        with self._lock:
            if self._resting:
                self._again()
            if lab in self._logs:
                return False
            self._logs[lab], self._needs[lab] = log, needs
            self._needed = time.monotonic()
        try:
            self._process.call("attach", lab)
        except BaseException:
            self._forget(lab)
            raise
        return True

    def detach(self, lab: int) -> None:
        """Close that lab's connections; all that was left to report is in its log on return."""
        try:
            self._call("detach", lab)
        finally:
            self._needed = time.monotonic()
            self._forget(lab)
        if self._exiting and not self._logs:
            self.stop()

    def keep(self, lab: int, folder: str, seconds: float | None, size: int | None) -> None:
        """From now on the process writes what it reports of that lab into a folder, as a spool of its own with such a
        bound, and we are told of connections alone."""
        self._keeping[lab] = {"folder": folder, "seconds": seconds, "size": size}
        self._call("keep", lab, **self._keeping[lab])

    def serves(self, lab: int) -> bool:
        """Is that lab attached? It is no more when the process has ended because nobody needed it."""
        return lab in self._logs

    def _forget(self, *labs: int) -> None:
        for kept in (self._logs, self._needs, self._missed, self._steering, self._keeping, self._entrances):
            for lab in labs:
                kept.pop(lab, None)
        for pid, lab in list(self._guarded.items()):
            if lab in labs:
                self._guarded.pop(pid, None)

    def flush(self, lab: int, timeout: float = 2.0) -> None:
        """A barrier: what the relay had seen of that lab is in its log on return.

        Raises RelayError when that takes longer than `timeout` seconds.
        """
        self._call("flush", lab, timeout)

    def sink(self, lab: int, sockets: Iterable[str]) -> None:
        """Swallow what these closed sockets still linger for, so that their Context.term() can end.

        Their open connections are read and discarded. A new one is answered by the relay itself, as a peer of a
        fitting type with the NULL mechanism; a socket with CURVE or PLAIN that waits for a dead peer waits on.
        """
        if not self.alive:
            self.restart()
        self._call("sink", lab, sockets=list(sockets))

    def steer(self, lab: int, settings: list[Any], ports: list[Any], fallen: list[str]) -> None:
        """Treat that lab's connections as these settings say, from the moment of the return: see `gate.Gates.set`."""
        self._steering[lab] = {"settings": settings, "ports": ports, "fallen": fallen}
        self._call("steer", lab, **self._steering[lab])

    def once(self, lab: int, action: str, between: list[str]) -> None:
        """Do that to the connections between those two actors which are open now."""
        self._call(action, lab, between=between)

    def step(self, lab: int, between: list[str], lane: str = "", number: int = 0) -> dict[str, Any]:
        """Let one held message go on: that one, or the one that has waited longest between those actors ([]: any).

        Returns its ``lane`` and ``number``; or ``refused``: "nothing" is held, that one is "not held", or "not first"
        on its lane, with the number of the ``first``.
        """
        return self._call("step", lab, between=between, lane=lane, number=number) or {"refused": "nothing"}

    def entrance(self, lab: int, user: str, actor: str, endpoint: str) -> int:
        """Open a port that leads to `endpoint`, for a process called `actor` whose socket is called `user`."""
        entrance: dict[str, Any] = {"user": user, "actor": actor, "endpoint": endpoint, "port": 0}
        answer = self._process.call("entrance", lab, **entrance)
        entrance["port"] = answer["port"]
        self._entrances.setdefault(lab, []).append(entrance)
        return int(answer["port"])

    def guard(self, lab: int, pid: int, on: bool = True) -> None:
        """When this kernel is gone, however that came, the relay kills the process `pid`; or, no longer."""
        if on:
            self._guarded[pid] = lab
        else:
            self._guarded.pop(pid, None)
        self._call("guard", lab, pid=pid, on=on)

    def missed(self, lab: int) -> int:
        """Events given up because this process did not read them in time; wire numbers show which."""
        return self._missed.get(lab, 0)

    def restart(self) -> None:
        """A new process in place of the dead or stopped one. The labs stay attached.

        Address and token stay the same unless it was stopped, so sockets reconnect through it by themselves.
        """
        with self._lock:
            if not self.alive:
                self._again()

    def stop(self) -> None:
        """End the process and all that belongs to it. Idempotent; `shared` starts it again.

        Close the sockets that connect through it before: libzmq 4.3.5 can abort when one is closed after its proxy
        went away.
        """
        with self._lock:
            self._process.stop()
            self._leave()

    def in_child(self) -> None:
        """All of it is the parent's."""
        self._lock = native.lock()
        self._forget(*self._logs)
        self._leave()

    def _leave(self) -> None:
        atexit.unregister(self._at_exit)
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _again(self) -> None:
        self._process.stop()
        self._process = self._start()

    def _start(self) -> RelayProcess:
        if self._listener is None:
            try:
                self._listener = apart(lambda port: socket.create_server(("127.0.0.1", port), backlog=BACKLOG))
            except OSError as error:
                raise RelayError(f"there is no port for the relay: {error}") from error
            self._address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        process = RelayProcess(self, self.token, self._listener, self._last + 1, list(self._logs))
        self._resting, self._needed = False, time.monotonic()
        atexit.register(self._at_exit)
        for lab, keeping in list(self._keeping.items()):
            process.call("keep", lab, **keeping)
        for lab, steering in list(self._steering.items()):
            process.call("steer", lab, **steering)
        for lab, entrances in list(self._entrances.items()):
            for entrance in entrances:
                process.call("entrance", lab, **entrance)
        for pid, lab in list(self._guarded.items()):
            process.call("guard", lab, pid=pid, on=True)
        return process

    def _at_exit(self) -> None:
        """Stop, or leave that to the last lab that detaches: its sockets have to be closed first, see `stop`."""
        self._exiting = True
        if not self._logs:
            self.stop()

    def _call(self, command: str, lab: int, timeout: float = 5.0, **more: Any) -> dict[str, Any]:
        """Command the process. One that is dead has closed and reported all that it ever will."""
        try:
            return self._process.call(command, lab, timeout, **more)
        except RelayError:
            if self.alive:
                raise
            return {}

    # -- in the thread that reads the reports -------------------------------------------------------------------

    def file(self, batch: bytes) -> None:
        """File a batch of `zmqlab.relay.reports`. It holds the GIL, so it leaves the events marshalled."""
        lab, count, missed, connections, blob = marshal.loads(batch)
        for _, _, connection, *data in connections:
            self._last = max(self._last, int(connection))
            if data[0] == "opened":
                self._open[connection] = lab, data
            else:
                self._open.pop(connection, None)
        if missed:
            self._missed[lab] = missed
        log = self._logs.get(lab)
        if log is not None and count:
            log.append_chunk(count, blob)

    def unused(self) -> bool:
        """Has nobody needed the process for `GRACE` seconds?"""
        now = time.monotonic()
        if any(needs() for needs in list(self._needs.values())):
            self._needed = now
        return now - self._needed > GRACE

    def retire(self) -> bool:
        """May the process end, as no connection is open? If so it is not to be told anything any more."""
        if not self._lock.acquire(blocking=False):  # it is being stopped, or needed again
            return False
        try:
            self._resting = self.unused()
            if self._resting:
                self._forget(*self._logs)
                self._leave()
            return self._resting
        finally:
            self._lock.release()

    def ended(self, reason: str) -> None:
        """The process is gone, and its connections with it."""
        now = time.monotonic_ns()
        for connection, (lab, data) in self._open.items():
            closed = ConnectionData(*data)._replace(state="closed", reason=reason)
            log = self._logs.get(lab)
            if log is not None:
                log.append((now, "connection", connection, *closed))
        self._open.clear()
        self._last += GAP


def _anew() -> None:
    Relay._shared = None
    Relay._shared_lock = threading.Lock()


forks.call(_anew)
