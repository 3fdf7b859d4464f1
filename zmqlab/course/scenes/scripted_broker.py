"""A broker that says what a scenario wants, for exercise 11-a: the other side of the learner's worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import zmq

from .learners_broker import RETURNED, Stoppable
from .play import ENOUGH, Play

WORDS = {bytes([n]): name for n, name in enumerate(("READY", "REQUEST", "REPLY", "HEARTBEAT", "DISCONNECT"), 1)}
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = WORDS
LEAVES = [HEARTBEAT, b"0"]
PROTOCOL = b"MDPW01"
SERVICE, CREDIT = b"Upper", 12
LAST_WORDS = 0.3  # seconds until what was sent has come
NEVER = 60.0  # seconds between two heartbeats, in a scenario that is not about them
LEAVE = "Say HEARTBEAT with the credit 0 first, and go on working until the broker has said the same."
AS_THEY_CAME = "REPLY has the address, the empty frame and the header as they came, and then all frames of the result."
NO_REPLY = "No REPLY came. Answer every REQUEST."
NO_REPLY_LATER = f"{NO_REPLY} A worker that was told to stop goes on as before, until the broker's 0 comes."
HEAD = "The first two frames of every message are b'' and b'MDPW01', and the third is the command."


Work = Callable[[list[bytes]], list[bytes]]


def upper(payload: list[bytes]) -> list[bytes]:
    """The work."""
    return [frame.upper() for frame in payload]


def start(play: Play, heartbeat: float = NEVER, work: Work = upper) -> Stoppable:
    """The learner's worker."""
    call = f"worker(ctx, endpoint, control, {SERVICE!r}, {CREDIT}, work, {heartbeat:g})"
    return Stoppable(play, play.endpoint, play.more("control"), SERVICE, CREDIT, work, heartbeat, call=call)


class ScriptedBroker:
    """Bound where the learner's worker connects. It says HEARTBEAT only when it is told to."""

    def __init__(self, play: Play, heartbeat: float = NEVER, work: Work = upper) -> None:
        self.play = play
        self.socket = play.socket(zmq.ROUTER, name="broker")
        self.worker = start(play, heartbeat, work)
        self.routing_id = b""
        self.told = False
        self._leaving = False  # it has said so
        self._reply: list[bytes] = []
        self.registered("it was started")

    def registered(self, what: str) -> None:
        """READY is its next word, on a connection that we do not know yet."""
        known = self.routing_id
        self.hears([READY, SERVICE, b"%d" % CREDIT], what, "It registers with READY, its service and its credit.")
        self.play.expect(
            self.routing_id != known,
            called=f"{self.worker.call}, and {what}",
            got="READY on the old connection",
            wanted="READY on a new connection",
            cause="For the broker the old connection is no worker any more. Close the DEALER, and connect a new one.",
        )
        self.play.expect(
            self.play.until(lambda: self._open() <= 1, ENOUGH),
            called=f"{self.worker.call}, and {what}",
            got=f"{self._open()} sockets that are connected to the broker",
            wanted="one: the old one is closed",
            cause="Each time that you begin anew, close the old DEALER: else one more stays open for ever.",
        )
        self.says(HEARTBEAT, b"%d" % CREDIT)

    def _open(self) -> int:
        """How many sockets are connected to us."""
        self.play.lab.messages()  # it brings the trace up to date
        sockets = self.play.lab.trace.sockets.values()
        return sum(self.play.endpoint in socket.connects and socket.closed is None for socket in sockets)

    def tells_to_stop(self, *frames: bytes) -> None:
        """The first step of its leave has to follow."""
        self.told = True
        self.worker.tell_to_stop(*frames)
        self.hears(LEAVES, "it was told to stop", LEAVE)

    def says(self, command: bytes, *frames: bytes) -> None:
        self.socket.send_multipart([self.routing_id, b"", PROTOCOL, command, *frames])

    def asks(self, number: int, *payload: bytes) -> None:
        self.says(REQUEST, address(number), b"", header(number), *payload)

    def answered(self, number: int, reply: Sequence[bytes], what: str, cause: str = AS_THEY_CAME) -> None:
        """The reply to that request is its next word."""
        self.hears([REPLY, address(number), b"", header(number), *reply], what, cause)

    def hears(self, frames: Sequence[bytes], what: str, cause: str) -> None:
        """This command is its next; a HEARTBEAT without a credit may come at any time."""
        came = self._next()
        self.play.expect(
            came == list(frames),
            called=f"{self.worker.call}, and {what}",
            got=self.play.silence() if came is None else f"{word(came)} {came[1:]}",
            wanted=f"{word(frames)} {list(frames)[1:]}",
            cause=self._likely(came, cause),
        )

    def _likely(self, came: list[bytes] | None, cause: str) -> str:
        no_reply = NO_REPLY_LATER if self.told else NO_REPLY
        if came is None and not self.told and not self.play.running():
            return RETURNED
        if came is None and self.play.running():
            return self.play.why_silent(no_reply if cause == AS_THEY_CAME else cause)
        return LEAVE if came == [DISCONNECT] and self.told else cause

    def _next(self) -> list[bytes] | None:
        deadline = monotonic() + ENOUGH
        while message := self._receive(deadline - monotonic()):
            self.play.expect(
                message[1:3] == [b"", PROTOCOL] and message[3:] and message[3] in WORDS,
                called=self.worker.call,
                got=f"the broker received {message[1:]}",
                wanted=f"frames that begin with {[b'', PROTOCOL]} and a command",
                cause=HEAD,
            )
            if message[3:] == [HEARTBEAT] or (self._leaving and message[3:] == LEAVES):
                continue  # the second may be said for each frame of what told it to stop
            self.routing_id = message[0]
            self._leaving = self._leaving or message[3:] == LEAVES
            return message[3:]
        return None

    def said_at(self) -> list[float]:
        """When the words that have come were said, in seconds. How long they were on their way does not count."""
        return [time / 1e9 for time, _ in self._said()]

    def longest_silence(self) -> float:
        """For how many seconds it had heard nothing of us, at the most, when it said HEARTBEAT. A READY counts as well:
        who begins anew waits from then on."""
        said = self._said()
        words = [m.received for m in self.play.lab.messages() if self.play.lab.trace.actor_of(m.sender) == "broker"]
        since = [time for time in words if time is not None] + [time for time, command in said if command == READY]
        silences = [time - max(s for s in since if s <= time) for time, command in said if command == HEARTBEAT]
        return max(silences, default=0) / 1e9

    def _said(self) -> list[tuple[int, bytes]]:
        """When each word that has come was said, in ns, and its command."""
        messages = self.play.lab.messages()  # first: it brings the trace up to date
        came = [message for message in messages if self.play.lab.trace.actor_of(message.receiver) == "broker"]
        return sorted(
            (message.sent or message.received or 0, b"".join((message.frames or ())[2:3])) for message in came
        )

    def replied(self) -> list[bytes]:
        """The REPLY that has come, if any is the next that is there."""
        if not self._reply and self.socket.poll(0):
            frames = self.socket.recv_multipart()[3:]
            self._reply = frames if frames[:1] == [REPLY] else []
        return self._reply

    def _receive(self, wait: float) -> list[bytes] | None:
        """The next message. Once the worker has returned, its last words need a moment, and no others come."""
        self.play.until(lambda: bool(self.socket.poll(0)) or not self.play.running(), wait, self.socket)
        return self.play.receive(self.socket, min(wait, LAST_WORDS))

    def until_heartbeat(self, wait: float, meanwhile: Callable[[], None]) -> bool:
        """Whether its next word is a HEARTBEAT, in time. `meanwhile` is called again and again."""
        came: list[list[bytes]] = []

        def look() -> bool:
            meanwhile()
            if not came and self.socket.poll(0):
                came.append(self.socket.recv_multipart()[1:])
            return bool(came)

        self.play.until(look, wait)
        self.play.expect(
            came in ([], [[b"", PROTOCOL, HEARTBEAT]]),
            called=f"{self.worker.call}, and it had no work",
            got=f"the broker received {came[0] if came else came}",
            wanted=f"a HEARTBEAT, {[b'', PROTOCOL, HEARTBEAT]}",
            cause="The broker lives: it says so all the time. There is no reason to say anything but HEARTBEAT.",
        )
        return bool(came)


def word(frames: Sequence[bytes]) -> str:
    return WORDS[frames[0]]


def address(number: int) -> bytes:
    """No text, and another one in every request, as those of the real broker are."""
    return b"\xfe" + b"%d" % number + b"\x00"


def header(number: int) -> bytes:
    """No text, and another one in every request; that of no 2 is empty."""
    return b"" if number == 2 else b"MDX1\x00" + bytes(4) + b"\xffheader %08d" % number
