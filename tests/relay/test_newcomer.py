"""Who comes to the relay and is connected: at any time to one server, whatever was begun before."""

import selectors
import socket
from types import SimpleNamespace

import pytest

from zmqlab.relay.newcomer import Visitor


class Board:
    """Keeps what it is asked to call later."""

    def __init__(self, lab):
        self.selector = selectors.DefaultSelector()
        self.later = []
        self.lab_of = lambda user: lab

    def resolve(self, request, found):
        self.later.append(found)

    def at(self, when, call):
        self.later.append(call)


@pytest.fixture
def link():
    return SimpleNamespace(cut=False)


@pytest.fixture
def board(link):
    gates = SimpleNamespace(fallen=set(), server=lambda port: "broker", between=lambda actor, port: link)
    return Board(SimpleNamespace(members=set(), sunk=set(), gates=gates, refused=lambda *_: None))


@pytest.fixture
def visitor(board):
    request = SimpleNamespace(user="1.1", actor="ann", port=1, endpoint="tcp://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as sock:
        yield Visitor(board, sock, request)


def again(visitor, link):
    """The link is cut and healed, or its server crashed and was started again."""
    link.cut = True
    visitor.steer()
    link.cut = False
    visitor.steer()


def test_a_name_that_was_looked_up_before_a_cut_is_not_dialled_after_it(board, visitor, link):
    again(visitor, link)
    first, second = board.later
    with socket.create_server(("127.0.0.1", 0)) as server:
        for found in (second, first):
            found([(socket.AF_INET, server.getsockname())], "")
        assert len(board.selector.get_map()) == 1


def test_a_second_try_that_was_planned_before_a_cut_is_not_made_after_it(board, visitor, link):
    board.later.pop()([], "refused")
    [retry] = board.later
    again(visitor, link)
    retry()
    assert len(board.later) == 2  # the old alarm, and one name to look up
