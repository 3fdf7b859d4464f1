"""One run of the relay process: started, steered, read and waited for.

A thread of the kernel owns the ROUTER that the process connects to. A command comes to it over inproc, from a
short-lived DEALER in the thread that calls; it hands the command on to the process and the reply back. The context
is private, so that nothing a learner does to theirs can end it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any, Protocol

import zmq

from ..relay.reports import HIGH_WATER
from ..trace import forks, native
from . import apart

MODULE = "zmqlab.relay"
START = 10.0  # seconds that the process may take to start; it takes a tenth of one
STOP = 2.0  # seconds that it may take to end by itself
NOT_OURS = "ZMQLAB_RECORD"  # the variable by which processes are told to record themselves
TICK = 250  # ms after which its death is noticed, at the latest
RETIRE = b"retire"  # for whom the answer is when the thread itself has asked

_log = logging.getLogger("zmqlab.relay")


class RelayError(RuntimeError):
    """The relay process could not be started, or did not do what it was told."""


class Owner(Protocol):
    """Whose process it is. All is called by the thread that reads."""

    def file(self, batch: bytes) -> None:
        """A batch of reports has come."""
        ...

    def unused(self) -> bool:
        """Has nobody needed the process for a while?"""
        ...

    def retire(self) -> bool:
        """No connection is open. If still nobody needs it, the process ends, and `owner` starts another in its time."""
        ...

    def ended(self, reason: str) -> None:
        """The process is gone."""
        ...


class RelayProcess:
    """Starts the process, which serves `listener`; `alive` until it ended or was stopped.

    Raises RelayError when it does not start.
    """

    def __init__(
        self,
        owner: Owner,
        token: str,
        listener: socket.socket,
        first: int,
        labs: list[int],
    ) -> None:
        self.errors = ""  # the tracebacks of its defects, at the end also what it wrote
        self._owner = owner
        self._identity = secrets.token_bytes(16)  # nobody else can pass for the process, or command it
        self._callers = b"call-" + secrets.token_bytes(16)
        self._call_numbers = itertools.count()
        self._started = native.Flag()
        self._over = native.Flag()  # the thread is at its end
        self._stopping = False
        self._context_lock = native.lock()  # pyzmq must not make a socket while the context ends
        self._closed = False
        forks.tell(self)
        self._context = zmq.Context()
        self._process: apart.Started | None = None
        begins, begun = native.original("_thread", "start_new_thread"), False
        try:
            router = self._router()
            self._process, place = apart.start(_command(), _environment(), listener)
            config = {"identity": self._identity.hex(), "token": token, "first": first, "labs": labs, "listener": place}
            self._process.tell(json.dumps({**config, "control": self._control}).encode() + b"\n")
            begun = True  # and no step of Python between this and the next, which the stop button could hit
            begins(self._run, (router, self._process))
        except BaseException as error:
            if begun and not isinstance(error, RuntimeError):
                self.stop()
            else:
                self._give_up()
            if isinstance(error, (OSError, zmq.ZMQError, RuntimeError)):  # no room for a process, a socket, a thread
                raise RelayError(f"the relay process could not be started: {error}") from error
            raise
        try:
            if not self._started.wait(START) or not self.alive:
                self.stop()  # which has its words
                raise RelayError(f"the relay process did not start. {self.errors}")
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        return not self._closed and self._process is not None and self._process.alive

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def call(self, command: str, lab: int, timeout: float = 5.0, **more: Any) -> dict[str, Any]:
        """Have the process do `command` for `lab`; `more` are its other arguments. Returns what it answers.

        Raises RelayError when the process is dead or takes too long.
        """
        try:
            with self._send(json.dumps({"do": command, "lab": lab, **more}).encode()) as caller:
                answer = caller.recv_json() if caller.poll(int(timeout * 1000)) else None
        except zmq.ZMQError as error:
            raise RelayError(f"the relay process has ended ({command} of lab {lab})") from error
        if not isinstance(answer, dict):
            raise RelayError(f"the relay process did not answer within {timeout} s ({command} of lab {lab})")
        if "error" in answer:
            raise RelayError(f"{command} of lab {lab} failed: {answer['error']}")
        return answer

    def stop(self) -> None:
        """End the process and wait for it and the thread. Idempotent."""
        self._stopping = True
        with contextlib.suppress(zmq.ZMQError):  # the thread is ending already
            self._send(b"stop").close()
        self._over.wait(START)

    def in_child(self) -> None:
        """The process and the thread are the parent's."""
        self._closed = True
        self._context_lock = native.lock()
        self._over.set()

    def _give_up(self) -> None:
        """It did not come to a thread that could end what has begun."""
        self._closed = True
        self._over.set()
        if self._process is not None:
            self._process.end(STOP)
        self._context.destroy(linger=0)

    def _router(self) -> zmq.Socket[bytes]:
        router = self._context.socket(zmq.ROUTER)
        router.linger = 0
        router.rcvtimeo = TICK
        router.rcvhwm = HIGH_WATER
        router.bind("inproc://calls")
        self._control = f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}"
        return router

    def _send(self, command: bytes) -> zmq.Socket[bytes]:
        """Hand the thread a command; the answer comes to the socket returned."""
        with self._context_lock:
            if self._closed:
                raise zmq.ContextTerminated()
            caller = self._context.socket(zmq.DEALER)
            caller.routing_id = self._callers + str(next(self._call_numbers)).encode()
            caller.connect("inproc://calls")
            caller.send(command)
        return caller

    # -- in the thread ------------------------------------------------------------------------------------------

    def _run(self, router: zmq.Socket[bytes], process: apart.Started) -> None:
        try:
            while self._serve(router):
                pass
        finally:
            process.end(STOP)
            self.errors += process.words
            reason = "the relay was stopped"
            if not self._stopping:
                reason = "the relay process has ended"
                _log.error("%s\n%s", reason, self.errors)
            self._owner.ended(reason)
            self._started.set()
            with self._context_lock:
                self._closed = True
            router.close()
            self._context.term()
            self._over.set()

    def _serve(self, router: zmq.Socket[bytes]) -> bool:
        """Handle one message; False when there is nothing more to do."""
        try:
            sender, first, *rest = router.recv_multipart()
        except zmq.Again:
            if self._owner.unused():
                router.send_multipart([self._identity, RETIRE, json.dumps({"do": "count", "lab": 0}).encode()])
            return self.alive
        if sender == self._identity:
            return self._heard(router, first, rest)
        if sender.startswith(self._callers):
            if first == b"stop":
                return False
            router.send_multipart([self._identity, sender, first])
        return True

    def _heard(self, router: zmq.Socket[bytes], first: bytes, rest: list[bytes]) -> bool:
        """The process has said something: a batch, or for whom an answer is and the answer."""
        if not rest:
            try:
                self._owner.file(first)
            except Exception:
                _log.exception("a batch of the relay's reports was lost")
        elif first == RETIRE:
            if not json.loads(rest[0])["open"] and self._owner.retire():
                self._stopping = True
                return False
        elif first:
            router.send_multipart([first, *rest])
        else:
            self._note(json.loads(rest[0]))
        return True

    def _note(self, said: dict[str, Any]) -> None:
        if "pid" in said and self._process is not None:
            self._process.pid = said["pid"]
            self._started.set()
        if "error" in said:
            self.errors += said["error"]
            _log.error("a defect of the relay process:\n%s", said["error"])


def _command() -> list[str]:
    """-P: a learner's file in the current directory may be called `queue.py`."""
    return [sys.executable, "-P", "-m", MODULE]


def _environment() -> dict[str, str]:
    """It finds zmqlab and zmq where this process found them, and is not recorded."""
    roots = [str(Path(__file__).parents[2]), str(Path(zmq.__file__).parents[1])]
    path = [*dict.fromkeys(roots), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    environment.pop(NOT_OURS, None)
    return environment
