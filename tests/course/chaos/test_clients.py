"""What a client asks, and how it takes what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import zmq

from tests.ports import free_ports
from zmqlab.course.chaos.clients import Plain, verdict
from zmqlab.course.chaos.work import Request, answer_to, payload_of

SEVEN = Request("alice", 7)
RIGHT = answer_to(payload_of(SEVEN))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (RIGHT, ("answered", SEVEN)),
        (answer_to(payload_of(Request("bob", 7))), ("stranger", Request("bob", 7))),
        (answer_to(payload_of(Request("alice", 8))), ("wrong", SEVEN)),
        (b"QUICK BOB X", ("wrong", SEVEN)),
        (b"\xff", ("wrong", SEVEN)),
        (b"", ("wrong", SEVEN)),
    ],
)
def test_an_answer_tells_whose_it_is(text: bytes, found: tuple[str, Request]) -> None:
    assert verdict(SEVEN, text) == found


class Side:
    """The broker's side of one client."""

    def __init__(self, ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        self.ctx = ctx
        self.endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
        self.open()
        self.alice = Plain("alice", ctx, self.endpoint)

    def open(self) -> None:
        self.socket = self.ctx.socket(zmq.ROUTER)
        self.socket.linger = 0
        _until(self._binds)

    def _binds(self) -> bool:
        try:
            self.socket.bind(self.endpoint)
        except zmq.ZMQError:  # the one before is still being closed
            return False
        return True

    def hears(self, *frames: bytes) -> bytes:
        assert self.socket.poll(10_000)
        who, *came = self.socket.recv_multipart()
        assert came == list(frames)
        return who

    def tells(self, *frames: bytes) -> None:
        self.socket.send_multipart(frames)

    def what(self, count: int) -> list[tuple[str, int]]:
        """As soon as alice has noted so many."""
        deadline = time.monotonic() + 10
        while len(self.alice.heard) < count and time.monotonic() < deadline:
            time.sleep(0.001)
        return [(each.what, each.attempt) for each in self.alice.heard]


@pytest.fixture
def side() -> Iterator[Side]:
    with zmq.Context() as ctx:
        made = Side(ctx)
        with closing(made.alice):
            yield made
        made.socket.close()


def test_one_more_answer_to_an_attempt_is_one_too_many(side: Side) -> None:
    side.alice.ask(SEVEN)
    who = side.hears(b"7/1", payload_of(SEVEN))
    side.tells(who, b"7/1", b"nonsense")
    side.tells(who, b"7/1", RIGHT)
    side.tells(who, b"7/1", RIGHT)
    assert side.what(4) == [("asked", 1), ("wrong", 1), ("answered", 1), ("answered again", 1)]
    side.tells(who, b"8/1", RIGHT)
    _until(lambda: side.alice.unclaimed == 1)


def test_it_asks_again_by_a_new_attempt_when_its_connection_is_made_anew(side: Side) -> None:
    side.alice.ask(SEVEN)
    side.hears(b"7/1", payload_of(SEVEN))
    side.socket.close()
    side.open()
    who = side.hears(b"7/2", payload_of(SEVEN))
    side.tells(who, b"7/2", RIGHT)
    side.tells(who, b"7/1", RIGHT)
    assert side.what(4) == [("asked", 1), ("asked", 2), ("answered", 2), ("late", 1)]
    side.alice.ask(eight := Request("alice", 8))
    side.hears(b"8/1", payload_of(eight))


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)
