"""A broker's surroundings: one scripted worker and as many clients as a scenario wants, for exercise 08-a."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import zmq

from .learners_broker import AT_ONCE, RETURNED, Broker, client, expect_next, read_times
from .play import Play

NEW_ONE = "At the limit the request that comes last gets BUSY: those that wait already keep their places."
LATE_BUSY = "Say BUSY when you read the request, not later: its client can do something else meanwhile."
QUIET = 0.15  # seconds in which nothing may come
ONE_AT_A_TIME = (
    "One request at a time: you can no longer count those that lie in the queues of the sockets. And a request that "
    "got BUSY is not done as well."
)


def request(number: int) -> list[bytes]:
    """What a DEALER sends: a delimiter, and a frame that tells one request from another."""
    return [b"", b"no %d" % number, b"job"]


def busy(number: int) -> list[bytes]:
    return [*request(number)[:-1], b"BUSY"]


def done(number: int) -> list[bytes]:
    return [*request(number)[:-1], b"done"]


class Office:
    """The learner's broker, and who speaks with it. A step that goes wrong raises `Refused`, with its likely cause."""

    def __init__(self, play: Play, limit: int) -> None:
        self.play = play
        self.limit = limit
        self.call = f"broker(ctx, frontend, worker, control, limit={limit})"
        self.worker = play.socket(zmq.DEALER, endpoint=play.more("backend"), name="worker")
        self.broker = Broker(play, limit, call=self.call)
        self.clients: list[zmq.Socket[bytes]] = []

    def client(self, name: str, kind: int = zmq.DEALER, routing_id: bytes = b"") -> zmq.Socket[bytes]:
        self.clients.append(client(self.play, name, kind, routing_id))
        return self.clients[-1]

    def takes(self, frames: list[bytes], what: str) -> None:
        """This, and no other request, is the worker's next."""
        self._expect_next("the worker", self.worker, frames, what, self._why_not_taken)

    def _why_not_taken(self, came: list[bytes] | None, frames: list[bytes]) -> str:
        if not self.play.running():
            return RETURNED
        if came is None and any(client.poll(0) and client.recv_multipart()[-1] == b"BUSY" for client in self.clients):
            return self._why_too_early()
        if came is None:
            return "The worker is free and a request waits, so it goes out now. What was queued must not be lost."
        if len(came) == len(frames) and came[-1] == frames[-1]:
            return "First come, first served: what was queued first goes out first, and nothing is left out."
        return "A request goes to the worker whole and unchanged, and nothing else goes there."

    def takes_no_more(self, what: str, seconds: float = QUIET, cause: str = ONE_AT_A_TIME) -> None:
        """The worker has not answered its request, or there is none left."""
        came = self.play.receive(self.worker, seconds)
        self.play.expect(
            came is None,
            called=f"{self.call}, and {what}",
            got=f"the worker received {came} as well",
            wanted="no more requests at the worker",
            cause=cause,
        )

    def answers(self, frames: list[bytes]) -> None:
        """The worker sends its reply, with the envelope of the request."""
        self.worker.send_multipart([*frames[:-1], b"done"])

    def hears(self, client: zmq.Socket[bytes], frames: list[bytes], what: str) -> None:
        """This is the next that the client receives, and BUSY comes at once."""
        since = monotonic()
        self._expect_next("the client", client, frames, what, self._why_not_heard)
        if frames[-1] == b"BUSY":
            called, wanted = f"{self.call}, and {what}", "BUSY at once"
            self.play.expect_soon(
                monotonic() - since, AT_ONCE, called=called, what="BUSY came", wanted=wanted, cause=LATE_BUSY
            )

    def _expect_next(
        self,
        who: str,
        socket: zmq.Socket[bytes],
        frames: list[bytes],
        what: str,
        why: Callable[[list[bytes] | None, list[bytes]], str],
    ) -> None:
        expect_next(
            self.play,
            socket,
            frames,
            called=f"{self.call}, and {what}",
            who=who,
            why=lambda came: why(came, frames),
        )

    def _why_not_heard(self, came: list[bytes] | None, frames: list[bytes]) -> str:
        if not self.play.running():
            return RETURNED
        if came is None:
            return self._why_no_busy() if frames[-1] == b"BUSY" else "A reply goes to its client at once, and whole."
        if frames[-1] == b"BUSY" and came == [*frames[:-1], came[-1]] and came[-1].strip().upper() == b"BUSY":
            return 'It is told that the queue is full, in other bytes than these: b"BUSY".'
        if b"BUSY" not in (came[-1], frames[-1]) or len(came) != len(frames):
            return (
                "A reply is the whole envelope of its request, and then one frame. Each request gets one, and no more."
            )
        if came[-1] == frames[-1] and came > frames:
            if self.play.has_come(self.worker):
                return ONE_AT_A_TIME
            return f"More than {self.limit} wait: count those in the queue before you put one more in."
        return NEW_ONE if self._had_read_on(came) else self._why_too_early()

    def _had_read_on(self, reply: list[bytes]) -> bool:
        """Whether the queue was full, with one more request that had come, when this was sent: it is BUSY, and to
        somebody who was in the queue."""
        times = read_times(self.play, "frontend")
        replies = [m for m in self.play.lab.messages() if m.frames and list(m.frames[1:]) == reply and m.sent]
        return any(sum(time < (m.sent or 0) for time in times) > self.limit + 1 for m in replies)

    def _why_too_early(self) -> str:
        return (
            f"BUSY came too early: there was room, as fewer than {self.limit} waited. What the worker has does not "
            "wait any more, and each reply makes room for one."
        )

    def _why_no_busy(self) -> str:
        """What has become of a request that should have been refused."""
        messages = self.play.lab.messages()  # first: it brings the trace up to date
        requests = [m for m in messages if self.play.lab.trace.actor_of(m.sender) not in ("", "you", "worker")]
        if any(message.received is None for message in requests):
            return "Requests lie unread in the ROUTER. A broker that does not read a request cannot say BUSY."
        if self.play.has_come(self.worker):
            return ONE_AT_A_TIME
        clients = [self.play.lab.trace.actor_of(message.sender) for message in requests]
        if len(set(clients)) > 1 and clients.count(clients[-1]) <= self.limit:
            return "The limit is for all requests that wait, whoever has sent them, and not for each client alone."
        return "It was read, and then queued beyond the limit or thrown away. Its client was not told."
