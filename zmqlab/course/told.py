"""What the exercises that ask for a broker share: it runs until it is told to stop, and then leaves nothing open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from .play import Play

CALL = "broker(ctx, frontend, backend, control)"
ENOUGH = 3.0  # seconds for a message that must come, and for the end: a busy machine is slow


class Running(NamedTuple):
    """The learner's broker."""

    told: zmq.Socket[bytes]  # the PAIR that can stop it
    keep: Callable[[], None]  # hold on to its sockets, which Python closes else as soon as it has returned


def start(play: Play) -> Running:
    told = play.socket(zmq.PAIR, endpoint=play.more("control"), name="control")
    contexts: list[Any] = []
    kept: list[zmq.Socket[bytes]] = []

    def run(ctx: Any, *endpoints: str) -> int:
        contexts.append(ctx)
        try:
            play.code(ctx, *endpoints)
            return len(ctx.open_sockets())
        finally:
            kept.clear()

    play.actor(run, play.endpoint, play.more("backend"), play.more("control"))
    return Running(told, lambda: kept.extend(contexts[0].open_sockets()))


def expect_the_end(play: Play, before: str) -> None:
    """It was told to stop. `before` says what had happened until then, in words."""
    left = play.result(timeout=ENOUGH)
    play.expect(
        left == 0,
        called=f"{CALL}, and {before}; then b'STOP' from control",
        got=f"it has returned; sockets that are still open: {left}",
        wanted="no open socket",
        cause="Whoever makes a socket closes it: `with ctx.socket(…) as socket:` does so on every way out.",
    )
