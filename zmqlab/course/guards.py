"""pyzmq's list of welcome keys, which may be opened again on the same context."""

from __future__ import annotations

import time
from os import PathLike
from typing import Any

import zmq
from zmq.auth.thread import ThreadAuthenticator

PATIENCE = 10.0  # seconds


def start_guard(ctx: zmq.Context[Any], clients: str | PathLike[str]) -> ThreadAuthenticator:
    """Start an authenticator that lets in those whose public keys are in that folder.

    One before it may have been stopped just now, but libzmq frees the name of a closed socket
    (``inproc://zeromq.zap.01``) a moment after `close` has returned, so this tries again until it is free. Raises
    zmq.ZMQError when it never is.
    """
    late = time.monotonic() + PATIENCE
    while True:
        guard = ThreadAuthenticator(ctx)
        try:
            guard.start()
            break
        except zmq.ZMQError as error:
            guard.stop()
            if error.errno != zmq.EADDRINUSE or time.monotonic() > late:
                raise
            time.sleep(0.01)
    guard.configure_curve(location=clients)
    return guard
