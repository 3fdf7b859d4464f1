"""One who asks for a connection is connected once, however its link is steered meanwhile."""

from __future__ import annotations

import itertools
import selectors
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from zmqlab.relay import socks
from zmqlab.relay.newcomer import Visitor
from zmqlab.relay.resolver import Found
from zmqlab.relay.transport import LabConnections


class Board:
    """A switchboard whose look-ups and timers end when the test says so."""

    def __init__(self) -> None:
        self.selector: selectors.BaseSelector = selectors.DefaultSelector()
        self.resolve: Callable[[socks.Request, Found], None] = self._resolve
        self.lookups: list[Found] = []
        self.timers: list[Callable[[], None]] = []
        self.lab = LabConnections(_Reports(), itertools.count(1), self.at)  # type: ignore[arg-type]

    def _resolve(self, request: socks.Request, found: Found) -> None:
        self.lookups.append(found)

    def allow(self, password: bytes) -> bool:
        return True

    def at(self, when: int, call: Callable[[], None]) -> None:
        self.timers.append(call)

    def lab_of(self, user: str) -> LabConnections:
        return self.lab


class _Reports:
    def add(self, events: list[Any], size: int = 0) -> None:
        """Nobody reads them."""


def asking() -> tuple[socket.socket, socket.socket]:
    """The two ends of a TCP connection: who asks, and what the relay has of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        return client, server.accept()[0]


@pytest.fixture
def board() -> Iterator[Board]:
    made = Board()
    yield made
    made.selector.close()


def test_a_link_that_was_cut_and_healed_while_it_was_to_be_tried_again_is_dialled_once(board: Board) -> None:
    client, mine = asking()
    with client, mine:
        newcomer = Visitor(board, mine, socks.Request.of("3.1", "alice", "tcp://127.0.0.1:9"))
        board.lookups.pop()([], "nobody is there")
        for cut in (True, False):
            board.lab.gates.set([["", "", False, 0.0, cut]], [], [])
            newcomer.steer()
        assert len(board.lookups) == 1
        board.timers.pop()()  # of the attempt before
        assert len(board.lookups) == 1


def test_an_answer_to_an_earlier_look_up_comes_to_nothing(board: Board) -> None:
    client, mine = asking()
    with client, mine:
        newcomer = Visitor(board, mine, socks.Request.of("3.1", "alice", "tcp://127.0.0.1:9"))
        for cut in (True, False):
            board.lab.gates.set([["", "", False, 0.0, cut]], [], [])
            newcomer.steer()
        first, second = board.lookups
        first([], "nobody is there")
        assert not board.timers
        second([], "nobody is there")
        assert len(board.timers) == 1
