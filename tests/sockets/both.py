"""Run the same code on plain and on traced contexts, and compare all it returns and raises."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import zmq

from zmqlab.lab.relay import Relay
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.log import Log

LAB = 990  # a number that no lab of these tests gets


def until(condition: Callable[[], Any], what: str, seconds: float = 5.0) -> Any:
    """Wait for a true value of `condition` and return it."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.001)
    return value


def raised(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[str, Any, str]:
    """What a call raises: class, errno, text."""
    try:
        result = function(*args, **kwargs)
    except Exception as error:
        # pyzmq puts the class name into some of its texts.
        return type(error).__name__, getattr(error, "errno", None), str(error).replace("Traced", "")
    raise AssertionError(f"nothing raised, but returned {result!r}")


def plain_value(value: Any) -> Any:
    """Values of two runs in a form that can be compared."""
    if isinstance(value, zmq.Frame):
        return "Frame", value.bytes, value.more, value.tracker is None
    if isinstance(value, zmq.MessageTracker):
        return "tracker", value.done
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    return value


def pair(ctx: Any, server_type: int, client_type: int, transport: str = "tcp", **options: Any) -> tuple[Any, Any]:
    """A bound and a connected socket."""
    server, client = ctx.socket(server_type), ctx.socket(client_type)
    for name, value in options.items():
        setattr(server, name, value)
        setattr(client, name, value)
    if transport == "tcp":
        port = server.bind_to_random_port("tcp://127.0.0.1")
        client.connect(f"tcp://127.0.0.1:{port}")
    else:
        server.bind(f"{transport}://pair")
        client.connect(f"{transport}://pair")
    return server, client


def prepared(ctx: Any) -> Any:
    ctx.linger = 0
    ctx.rcvtimeo = ctx.sndtimeo = 5000
    return ctx


def run_plain(scenario: Callable[[Any], Any], make: Callable[[], Any] = zmq.Context) -> Any:
    with prepared(make()) as ctx:
        return plain_value(scenario(ctx))


def run_traced(scenario: Callable[[Any], Any], make: Any = TracedContext, links: bool = False) -> tuple[Any, list[Any]]:
    """What the scenario returns, and all events."""
    log = Log()
    if links:
        Relay.shared().attach(LAB, log)
    try:
        with prepared(make(Tap(log, "actor", LAB, Relay.shared if links else None))) as ctx:
            result = plain_value(scenario(ctx))
    finally:
        if links:
            Relay.shared().detach(LAB)
    return result, log.since(0)[0]


def story(events: list[Any]) -> list[tuple[Any, ...]]:
    """The events of messages in short: ("send", *frames), ("recv", *frames), ("unsent" or "drop", reason)."""
    told: list[tuple[Any, ...]] = []
    for event in events:
        if event.kind in ("send", "recv"):
            told.append((event.kind, *event.data.frames))
        elif event.kind in ("unsent", "drop"):
            told.append((event.kind, event.data.reason))
    return told
