"""One run of the relay process: started, steered, read and waited for.

A thread of the kernel owns the ROUTER that the process connects to. A command comes to it over inproc, from a
short-lived DEALER in the thread that calls; it hands the command on to the process and the reply back. The context
is private, so that nothing a learner does to theirs can end it.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import zmq

from .reports import HIGH_WATER

MODULE = "zmqlab.lab.relay"
START = 10.0  # seconds that the process may take to start; it takes a tenth of one
STOP = 2.0  # seconds that it may take to end by itself
TICK = 250  # ms after which its death is noticed, at the latest

_log = logging.getLogger("zmqlab.relay")


class RelayError(RuntimeError):
    """The relay process could not be started, or did not do what it was told."""


class RelayProcess:
    """Starts the process, which serves `listener`; `alive` until it ended or was stopped.

    In the thread that reads: ``file(batch)`` for each batch of reports, at last ``ended(reason)``.
    """

    def __init__(
        self,
        file: Callable[[bytes], None],
        ended: Callable[[str], None],
        token: str,
        listener: socket.socket,
        first: int,
        labs: list[int],
    ) -> None:
        self.errors = ""  # the tracebacks of its defects, at the end also its standard error
        self._file = file
        self._ended = ended
        self._identity = secrets.token_bytes(16)  # nobody else can pass for the process, or command it
        self._callers = b"call-" + secrets.token_bytes(16)
        self._call_numbers = itertools.count()
        self._started = threading.Event()
        self._stopping = False
        self._context = zmq.Context()
        self._gate = threading.Lock()  # pyzmq must not make a socket while the context ends
        self._closed = False
        router = self._context.socket(zmq.ROUTER)
        router.linger = 0
        router.rcvtimeo = TICK
        router.rcvhwm = HIGH_WATER
        router.bind("inproc://calls")
        control_port = router.bind_to_random_port("tcp://127.0.0.1")
        self._config: dict[str, Any] = {
            "control": f"tcp://127.0.0.1:{control_port}",
            "identity": self._identity.hex(),
            "token": token,
            "first": first,
            "labs": labs,
        }
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the thread
        try:
            self._process = _spawn(self._config, listener, self._stderr)
        except BaseException:
            self._stderr.close()
            self._context.destroy(linger=0)
            raise
        self._thread = threading.Thread(target=self._run, args=(router,), name="zmqlab-relay", daemon=True)
        self._thread.start()
        try:
            if not self._started.wait(START) or not self.alive:
                raise RelayError(f"the relay process did not start. {self.errors}")
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

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
        self._thread.join(START)

    def _send(self, command: bytes) -> zmq.Socket[bytes]:
        """Hand the thread a command; the answer comes to the socket returned."""
        with self._gate:
            if self._closed:
                raise zmq.ContextTerminated()
            caller = self._context.socket(zmq.DEALER)
            caller.routing_id = self._callers + str(next(self._call_numbers)).encode()
            caller.connect("inproc://calls")
            caller.send(command)
        return caller

    # -- in the thread ------------------------------------------------------------------------------------------

    def _run(self, router: zmq.Socket[bytes]) -> None:
        try:
            while self._serve(router):
                pass
        finally:
            code = self._wait()
            reason = "the relay was stopped"
            if not self._stopping:
                reason = f"the relay process ended with code {code}"
                _log.error("%s\n%s", reason, self.errors)
            self._ended(reason)
            self._started.set()
            with self._gate:
                self._closed = True
            router.close()
            self._context.term()

    def _serve(self, router: zmq.Socket[bytes]) -> bool:
        """Handle one message; False when there is nothing more to do."""
        try:
            sender, first, *rest = router.recv_multipart()
        except zmq.Again:
            return self.alive
        if sender == self._identity:
            if not rest:
                try:
                    self._file(first)
                except Exception:
                    _log.exception("a batch of the relay's reports was lost")
            elif first:
                router.send_multipart([first, *rest])
            else:
                self._note(json.loads(rest[0]).get("error", ""))
                self._started.set()
        elif sender.startswith(self._callers):
            if first == b"stop":
                return False
            router.send_multipart([self._identity, sender, first])
        return True

    def _note(self, error: str) -> None:
        if error:
            self.errors += error
            _log.error("a defect of the relay process:\n%s", error)

    def _wait(self) -> int:
        """End the process and keep what it wrote to its standard error."""
        process = self._process
        assert process.stdin is not None
        process.stdin.close()
        try:
            code = process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._stderr.seek(0)
        self.errors += self._stderr.read(100_000).decode("utf-8", "replace")
        self._stderr.close()
        return code


def _spawn(config: dict[str, Any], listener: socket.socket, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, out of the reach of the Ctrl-C that is meant for the kernel.

    It finds zmqlab and zmq where this process found them, and nothing in the current directory (-P), where a
    learner's file may be called `queue.py`.
    """
    roots = [str(Path(__file__).parents[2]), str(Path(zmq.__file__).parents[1])]
    path = [*dict.fromkeys(roots), *filter(None, [os.environ.get("PYTHONPATH")])]
    windows = sys.platform == "win32"
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        pass_fds=() if windows else (listener.fileno(),),
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    config["listener"] = {"fd": listener.fileno()}
    if windows:
        shared: bytes = listener.share(process.pid)  # type: ignore[attr-defined, unused-ignore]
        config["listener"] = {"share": base64.b64encode(shared).decode()}
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it ended at once; the thread will say why
        process.stdin.write(json.dumps(config).encode() + b"\n")
        process.stdin.flush()
    return process
