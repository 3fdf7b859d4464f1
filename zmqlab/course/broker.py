"""What the exercises that ask for a broker share: it runs until it is told to stop, and then leaves nothing open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import zmq

from .play import ENOUGH, Play
from .running import Running

CALL = "broker(ctx, frontend, backend, control)"
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
) -> None:
    """These frames are the next that `who` receives. `why` gives the likely cause of what came in their place, None
    when nothing came."""
    came = play.receive(socket, ENOUGH)
    if came != list(frames):
        play.expect(
            False,
            called=called,
            got=play.silence() if came is None else f"{who} received {came}",
            wanted=f"{who} receives {list(frames)}",
            cause=why(came),
        )


def read(play: Play, side: str) -> int:
    """How many messages the broker has read from its frontend or its backend."""
    return len(read_times(play, side))


def read_times(play: Play, side: str) -> list[int]:
    endpoint = play.endpoint if side == "frontend" else play.more(side)
    messages = play.lab.messages()  # first: it brings the trace up to date
    sockets = {id for id, socket in play.lab.trace.sockets.items() if endpoint in socket.binds}
    return [m.received for m in messages if m.receiver in sockets and m.received is not None]


class Stoppable(Running):
    """With the PAIR that can stop it: its endpoint, ``play.more("control")``, is one of `args`."""

    def __init__(self, play: Play, *args: Any, call: str) -> None:
        self.told = play.socket(zmq.PAIR, endpoint=play.more("control"), name="control")
        super().__init__(play, *args, call=call)

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
        left, _ = self.play.result(timeout=ENOUGH)
        self.expect_none_open(left, f"{self.call}, and {before}; then b'STOP' from control")


class Broker(Stoppable):
    """The learner's broker: called with a context, the endpoints of the clients, of the workers and of the PAIR, and
    `args`."""

    def __init__(self, play: Play, *args: Any, call: str = CALL) -> None:
        super().__init__(play, play.endpoint, play.more("backend"), play.more("control"), *args, call=call)
