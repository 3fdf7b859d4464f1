"""The relay process: ``python -m zmqlab.relay``, started and steered by `zmqlab.lab.relay`.

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
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from typing import Any

from .switchboard import Switchboard

LAST = 0.04  # seconds for what there is to report of the end; it is written down where the lab is kept
DRAIN = 2.0  # seconds without a byte passed on, after which nobody takes what is left


def _inherited(listener: dict[str, Any]) -> socket.socket:
    """The listening socket: a file descriptor, or what Windows shares sockets by."""
    if "share" in listener:
        data = base64.b64decode(listener["share"])
        return socket.fromshare(data)  # type: ignore[attr-defined, no-any-return, unused-ignore]
    return socket.socket(fileno=listener["fd"])


def _end_with(stdin: int, board: Switchboard) -> None:
    """Leave when our standard input ends, and take the processes of the labs along: whoever started us is gone.

    What it had sent before still goes out, as it would have gone out of the system's own buffers.
    """
    while os.read(stdin, 4096):
        pass
    for pid in list(board.guarded):
        with contextlib.suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    seen, deadline = board.flow(), time.monotonic() + DRAIN
    while seen and time.monotonic() < deadline:
        time.sleep(0.01)
        now = board.flow()
        if now != seen:
            seen, deadline = now, time.monotonic() + DRAIN
    deadline = time.monotonic() + LAST
    while time.monotonic() < deadline - LAST / 2 or (board.telling and time.monotonic() < deadline):
        time.sleep(0.005)
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
        board = Switchboard(config, _inherited(config["listener"]))
        threading.Thread(target=_end_with, args=(sys.stdin.fileno(), board), daemon=True).start()
        board.serve()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # a zmq context with something left to send would wait here


if __name__ == "__main__":
    main()
