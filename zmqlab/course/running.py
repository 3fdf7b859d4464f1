"""The learner's function while it runs, and what it leaves open."""

from __future__ import annotations

from typing import Any

import zmq

from .play import Play

YOU = "you"  # the actor in which the learner's function runs


class Running:
    """It runs as the actor `name`, called with a context and `args`. `call` says so in the learner's words."""

    def __init__(self, play: Play, *args: Any, call: str, name: str = YOU) -> None:
        self.play = play
        self.call = call
        self.name = name
        self._contexts: list[Any] = []
        self._kept: list[zmq.Socket[bytes]] = []
        play.actor(self._run, *args, name=name, call=call)

    def _run(self, ctx: Any, *args: Any) -> tuple[int, Any]:
        """In the actor's thread: how many sockets are open at the end, and what was returned."""
        self._contexts.append(ctx)
        try:
            value = self.play.code(ctx, *args)
            return len(ctx.open_sockets()), value
        finally:
            self._kept.clear()

    def keep(self) -> None:
        """Hold on to its sockets, which Python closes else as soon as it has returned."""
        self._kept[:] = self._contexts[0].open_sockets()

    def expect_none_open(self, left: int, called: str) -> None:
        """So many sockets were open when it returned."""
        self.play.expect(
            left == 0,
            called=called,
            got=f"it has returned; sockets that are still open: {left}",
            wanted="no open socket",
            cause="Whoever makes a socket closes it: `with ctx.socket(…) as socket:` does so on every way out.",
        )
