"""What the exercises that ask for a broker share: it runs until it is told to stop, and then leaves nothing open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import zmq

from .play import Play

CALL = "broker(ctx, frontend, backend, control)"
ENOUGH = 3.0  # seconds for a message that must come, and for the end: a busy machine is slow
RETURNED = "The function has returned: it has to go on until a message comes from `control`."
STUCK = "A message came from `control`, and the loop goes on: the PAIR is not in the poller, or nobody looks at it."


def client(play: Play, name: str, kind: int = zmq.DEALER) -> zmq.Socket[bytes]:
    """Connected to the frontend, with its name as its routing id."""
    return play.socket(kind, bind=False, name=name, routing_id=name.encode())


def expect_next(
    play: Play,
    socket: zmq.Socket[bytes],
    frames: Sequence[bytes],
    *,
    called: str,
    who: str,
    why: Callable[[list[bytes] | None], str],
    wait: float = ENOUGH,
) -> None:
    """These frames are the next that `who` receives. `why` gives the likely cause of what came in their place, None
    when nothing came within `wait` seconds."""
    came = play.receive(socket, wait)
    if came != list(frames):
        play.expect(
            False,
            called=called,
            got=play.silence() if came is None else f"{who} received {came}",
            wanted=f"{who} receives {list(frames)}",
            cause=why(came),
        )


class Stoppable:
    """A function of the learner's, which runs as an actor, and the PAIR that can stop it.

    It is called with a context and `args`; the PAIR's endpoint, ``play.more("control")``, is one of them.
    """

    def __init__(self, play: Play, *args: Any, call: str) -> None:
        self.play = play
        self.call = call
        self.told = play.socket(zmq.PAIR, endpoint=play.more("control"), name="control")
        self._contexts: list[Any] = []
        self._kept: list[zmq.Socket[bytes]] = []
        play.actor(self._run, *args, call=call)

    def _run(self, ctx: Any, *args: Any) -> int:
        self._contexts.append(ctx)
        try:
            self.play.code(ctx, *args)
            return len(ctx.open_sockets())
        finally:
            self._kept.clear()

    def keep(self) -> None:
        """Hold on to its sockets, which Python closes else as soon as it has returned."""
        self._kept.extend(self._contexts[0].open_sockets())

    def tell_to_stop(self) -> None:
        """A PAIR without a peer would wait for one."""
        self.play.expect(
            self.play.until(lambda: bool(self.told.poll(0, zmq.POLLOUT)), ENOUGH),
            called=f"{self.call}, which is to be stopped",
            got="nobody who has connected to `control`",
            wanted="a PAIR that is connected to `control`, and told to stop",
            cause="There is no PAIR, or it is not connected: make one, connect it, and poll it with the others.",
        )
        self.told.send(b"STOP")

    def expect_the_end(self, before: str) -> None:
        """It was told to stop. `before` says what had happened until then, in words."""
        left = self.play.result(timeout=ENOUGH)
        self.play.expect(
            left == 0,
            called=f"{self.call}, and {before}; then b'STOP' from control",
            got=f"it has returned; sockets that are still open: {left}",
            wanted="no open socket",
            cause="Whoever makes a socket closes it: `with ctx.socket(…) as socket:` does so on every way out.",
        )


class Broker(Stoppable):
    """The learner's broker: called with a context, the endpoints of the clients, of the workers and of the PAIR, and
    `args`."""

    def __init__(self, play: Play, *args: Any, call: str = CALL) -> None:
        super().__init__(play, play.endpoint, play.more("backend"), play.more("control"), *args, call=call)
