"""The learner's function while it runs, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq

from .play import Driver, Play
from .refused import Refused

CLOSES = "Whoever makes a socket closes it: `with ctx.socket(…) as socket:` does so on every way out."


@contextmanager
def held(ctx: Any) -> Iterator[None]:
    """Hold on to all sockets that are made of `ctx` meanwhile: Python closes else what nobody refers to any more, and
    who has forgotten to close it would not be seen."""
    kept: list[zmq.Socket[bytes]] = []
    make = ctx.socket

    def socket(*args: Any, **options: Any) -> Any:
        kept.append(make(*args, **options))
        return kept[-1]

    ctx.socket = socket
    try:
        yield
    finally:
        ctx.socket = make
        kept.clear()


def expect_alive(ctx: Any, called: str) -> None:
    """In the actor, when the learner's code has returned: the context is the caller's, and lives."""
    if ctx.closed:
        raise Refused(
            called=called,
            got="it has returned, and has ended the context that it was given",
            wanted="that it closes its sockets, and leaves the context as it is",
            cause="The context is the caller's, who goes on using it: no term(), no destroy(), no `with ctx`.",
        )


class Running:
    """It runs as an actor, called with a context and `args`. `call` says so in the learner's words.

    One that is made after another one has returned, or was killed, is the same program started again.
    """

    def __init__(self, play: Play, *args: Any, call: str) -> None:
        self.play = play
        self.call = call
        play.drive(self._run, *args, call=call)

    async def _run(self, ctx: Any, code: Driver, *args: Any) -> tuple[int, Any]:
        """In the actor: how many sockets are open at the end, and what was returned."""
        with held(ctx):
            value = await code(ctx, *args)
            expect_alive(ctx, self.call)
            return len(ctx.open_sockets()), value

    def expect_none_open(self, left: int, called: str) -> None:
        """So many sockets were open when it returned."""
        self.play.expect(
            left == 0,
            called=called,
            got=f"it has returned; sockets that are still open: {left}",
            wanted="no open socket",
            cause=CLOSES,
        )
