"""What the exercises that ask for a broker share: it runs until it is told to stop, and then leaves nothing open."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import zmq

from ...sockets.router import ALONE
from ...trace.model import Message
from .play import ENOUGH, Play
from .polls import stops_seen, waits_seen
from .running import Running

CALL = "broker(ctx, frontend, backend, control)"
RETURNED = "The function has returned: it has to go on until a message comes from `control`."
ARRIVES = 0.05  # seconds from the system to the socket, on a busy machine too
DEAF_TO = 4  # rounds in which a poller says so: who has not looked then does not look in every round
ASKED_TOO_OFTEN = 20  # times that a poller says so: who has nothing else to do looks then at the latest
GETS_THERE = 0.2  # seconds from the PUSH at `control` to the socket of who is to stop, on a busy machine too
AT_ONCE = 0.2  # seconds that are none
SLOW_TO_HEAR = "Have the poller wait for `control` too, with all other sockets: it returns when a message comes."
DEAF = "A message came from `control`, and nobody receives it: the PULL is not in the poller, or nobody looks at it."
GOES_ON = "It has received the message from `control`, and goes on. Any message says stop, whatever its frames are."
STUCK = "A message came from `control`, and the loop goes on: the PULL is not in the poller, or nobody looks at it."
BUSY = "Look at `control` in every round, even while there is something at the other sockets: it says stop, at once."
NO_PULL = "There is no PULL, or it is not connected: make one, connect it, and poll it with the others."
NOT_A_PULL = "The PUSH at `control` speaks to PULL sockets alone, and refuses the {kind}. Make a PULL, and connect it."
CUT = "What stood in front of an empty frame is missing. An empty frame need not be there, nor be a delimiter."
EMPTY = "An empty frame is a frame like any other: it is passed on too."


def client(play: Play, name: str, kind: int = zmq.DEALER, routing_id: bytes = b"") -> zmq.Socket[bytes]:
    """Connected to the frontend, with its name as its routing id, or another one."""
    return play.socket(kind, bind=False, name=name, routing_id=routing_id or name.encode())


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
        end = socket.getsockopt_string(zmq.LAST_ENDPOINT)
        play.expect(
            False,
            called=called,
            got=play.silence(endpoint=end) if came is None else f"{who} received {came}",
            wanted=f"{who} receives {list(frames)}",
            cause=why(came) if came is not None else why_nothing(play, why(came)),
        )


def why_nothing(play: Play, otherwise: str) -> str:
    """The likely cause when nothing came: it has nothing at one of its sides, or `otherwise`."""
    if ALONE in play.silence():
        return EMPTY
    return play.why_silent(play.why_silent(otherwise, endpoint=play.more("backend"))) if play.running() else otherwise


def lost(came: Sequence[bytes], frames: Sequence[bytes]) -> str:
    """What an empty frame has to do with it when frames are missing; "" when nothing."""
    if len(came) >= len(frames):
        return ""
    if [*filter(None, came)] == [*filter(None, frames)]:
        return EMPTY
    behind = came and came[0] == b"" and [*came] == [*frames[-len(came) :]]
    return CUT if behind else ""


def read(play: Play, side: str) -> int:
    """How many messages the broker has read from its frontend or its backend."""
    return len(read_times(play, side))


def read_times(play: Play, side: str) -> list[int]:
    endpoint = play.endpoint if side == "frontend" else play.more(side)
    messages = play.lab.messages()  # first: it brings the trace up to date
    sockets = {id for id, socket in play.lab.trace.sockets.items() if endpoint in socket.binds}
    return [m.received for m in messages if m.receiver in sockets and m.received is not None]


class Stoppable(Running):
    """With the PUSH that can stop it: its endpoint, ``play.more("control")``, is one of `args`.

    One that is started again at the same endpoints hears the same PUSH: give it as `told`.
    """

    def __init__(self, play: Play, *args: Any, call: str, told: zmq.Socket[bytes] | None = None) -> None:
        self.told = told or play.socket(zmq.PUSH, endpoint=play.more("control"), name="control")
        super().__init__(play, *args, call=call)

    def tell_to_stop(self, *frames: bytes) -> None:
        """With a message of these frames, which mean nothing. A PUSH without a peer would wait for one."""
        self.wait_for_control()
        self._said = list(frames)
        self._say()

    def _say(self) -> None:
        self.told.send_multipart(self._said)
        self._said_at = monotonic()

    def _has_ended(self) -> bool:
        """Whether it has. What it was told is said again when it has got nowhere: a PUSH may give a message to a peer
        that has died a moment ago, and it is lost."""
        if self.play.running() and monotonic() - self._said_at > GETS_THERE:
            word = self._last_word()
            if word and word.arrived is None and self.told.poll(0, zmq.POLLOUT):
                self._say()
        return not self.play.running()

    def wait_for_control(self) -> None:
        """Until it is connected to the PUSH. Refused when it is not, or with something else than a PULL."""
        if not self.play.until(lambda: bool(self.told.poll(0, zmq.POLLOUT)), ENOUGH):
            others = self._at_control()
            self.play.expect(
                False,
                called=f"{self.call}, which is to be stopped",
                got=f"a {others[0]} at `control`, which hears nothing" if others else "nobody who hears `control`",
                wanted="a PULL that is connected to `control`, and told to stop",
                cause=NOT_A_PULL.format(kind=others[0]) if others else NO_PULL,
            )

    def _at_control(self) -> list[str]:
        """The types of the open sockets that are connected there and are no PULL."""
        self.play.lab.messages()  # it brings the trace up to date
        return [
            socket.type
            for socket in self.play.lab.trace.sockets.values()
            if self.play.more("control") in socket.connects and socket.closed is None and socket.type != "PULL"
        ]

    def expect_the_end(self, before: str, deaf: str = DEAF) -> None:
        """It was told to stop. `before` says what had happened until then, in words; `deaf` why it may not hear it."""
        called = f"{self.call}, and {before}; then {self._said} from control"
        if not self.play.until(self._has_ended, ENOUGH):
            word = self._last_word()
            cause = GOES_ON if word and word.received is not None else deaf
            got, wanted = self.play.silence(), "that it returns"
            self.play.expect(False, called=called, got=got, wanted=wanted, cause=cause, timed=True)
        left, _ = self.play.result(timeout=ENOUGH)
        self.expect_none_open(left, called)

    def _last_word(self) -> Message | None:
        """What it was told last; None where there is no trace."""
        messages = self.play.lab.messages()  # first: it brings the trace up to date
        said = [message for message in messages if self.play.lab.trace.actor_of(message.sender) == "control"]
        return said[-1] if said else None


class Broker(Stoppable):
    """The learner's broker: called with a context, the endpoints of the clients, of the workers and of the PUSH, and
    `args`."""

    def __init__(self, play: Play, *args: Any, call: str = CALL, told: zmq.Socket[bytes] | None = None) -> None:
        self._args = args
        super().__init__(play, play.endpoint, play.more("backend"), play.more("control"), *args, call=call, told=told)

    def again(self) -> Broker:
        """Started again at the same endpoints. When it has not ended yet, it dies now, as a process that is killed."""
        if self.play.running():
            self.play.kill()
        self.play.until(lambda: not self.told.poll(0, zmq.POLLOUT), ENOUGH)
        return Broker(self.play, *self._args, call=self.call, told=self.told)

    def expect_stop(
        self,
        *frames: bytes,
        after: str,
        deaf: str = DEAF,
        meanwhile: Callable[[], object] = lambda: None,
        crowded: bool = False,
    ) -> None:
        """Tell it to stop, with a message of these frames; it ends. `after` says what had happened before, in words;
        `deaf` why it may not hear it; and `crowded` that somebody else speaks all the time."""
        with stops_seen(crowded) as seen, waits_seen() as waits:
            if crowded:  # the wait that had begun before is not looked at, and might meet the PULL alone
                self.play.until(lambda: bool(waits), ENOUGH)
            self.tell_to_stop(*frames)
            meanwhile()
            since = monotonic()
            self.expect_the_end(after, deaf)
        seconds = monotonic() - max(since, self._said_at)
        called = f"{self.call}, and {after}; then {self._said} from control"
        self.play.expect_soon(
            seconds,
            AT_ONCE,
            called=called,
            what="it has returned",
            wanted="that it returns at once",
            cause=BUSY if deaf == BUSY else SLOW_TO_HEAR,
        )
        self.play.expect(
            self._rounds(seen) < DEAF_TO and len(seen) < ASKED_TOO_OFTEN,
            called=called,
            got=f"the poller said {len(seen)} times that `control` has something, before it returned",
            wanted="that it returns when the poller says so",
            cause=BUSY,
        )

    def _rounds(self, seen: Sequence[int]) -> int:
        """In how many rounds a poller has said at those times that there is something: the code has received something
        between two of them. Who asks again and again on its way out of its loops does nothing else any more."""
        messages, actor_of = self.play.lab.messages(), self.play.lab.trace.actor_of
        read = sorted(m.received for m in messages if m.received is not None and actor_of(m.receiver) == "you")
        return len({bisect_left(read, time) for time in seen})

    def expect_stop_with_requests(self, reply: Callable[[], object], ask: Callable[[], object]) -> None:
        """Tell it to stop while there is something at every socket. `reply` has a worker say something, and `ask`
        sends many requests."""
        self.wait_for_control()
        self.play.lab["you"].hang()  # so that all of it is there when it looks next
        reply()
        self._let_arrive()
        ask()

        def go_on() -> None:
            self._let_arrive()
            self.play.lab["you"].resume()

        self.expect_stop(b"", b"enough", after="requests wait at the frontend", deaf=BUSY, meanwhile=go_on)

    def _let_arrive(self) -> None:
        self.play.until(lambda: all(message.arrived for message in self.play.lab.messages()), ENOUGH)
        self.play.until(lambda: False, ARRIVES)
