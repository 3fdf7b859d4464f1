"""Who holds an address, whatever way it is written."""

from __future__ import annotations

import socket

import psutil
import pytest

from tests.ports import free_port
from zmqlab.sockets.addresses import Holder, claim, release, who_holds

SERVER = Holder("1.1", "ROUTER", "server", "demo")


@pytest.fixture
def port():
    return free_port()


@pytest.mark.parametrize(
    ("bound", "wanted"),
    [
        ("tcp://127.0.0.1", "tcp://127.0.0.1"),
        ("tcp://127.0.0.1", "tcp://localhost"),
        ("tcp://127.0.0.1", "tcp://*"),
        ("tcp://0.0.0.0", "tcp://127.0.0.1"),
        ("tcp://0.0.0.0", "tcp://*"),
        ("tcp://[::]", "tcp://127.0.0.1"),
        ("tcp://[::1]", "tcp://[::1]"),
    ],
)
def test_the_holder_is_found(bound, wanted, port):
    claim(f"{bound}:{port}", 0, SERVER)
    try:
        said = who_holds(f"{wanted}:{port}", 0, "1.2")
        assert said.startswith("It is held by the ROUTER socket 1.1 of actor 'server' of lab 'demo'. Close that socket")
        assert who_holds(f"{wanted}:{port}", 0, "1.1").startswith("This very socket is bound to it already")
    finally:
        release(f"{bound}:{port}", 0, "1.1")
    assert "1.1" not in who_holds(f"{wanted}:{port}", 0, "1.2")


def test_only_the_holder_can_release(port):
    claim(f"tcp://127.0.0.1:{port}", 0, SERVER)
    release(f"tcp://127.0.0.1:{port}", 0, "1.2")
    assert "socket 1.1" in who_holds(f"tcp://127.0.0.1:{port}", 0, "1.2")
    release(f"tcp://127.0.0.1:{port}", 0, "1.1")


@pytest.mark.parametrize("wanted", ["tcp://127.0.0.2:{port}", "tcp://127.0.0.1:1", "ipc://{port}"])
def test_another_address_has_another_holder(wanted, port):
    claim(f"tcp://127.0.0.1:{port}", 0, SERVER)
    assert "1.1" not in who_holds(wanted.format(port=port), 0, "1.2")
    release(f"tcp://127.0.0.1:{port}", 0, "1.1")


def test_inproc_names_belong_to_their_context():
    claim("inproc://a", 77, SERVER)
    assert "socket 1.1" in who_holds("inproc://a", 77, "1.2")
    assert who_holds("inproc://a", 78, "1.2").startswith("Close the socket that is bound to it")
    release("inproc://a", 77, "1.1")


def test_a_socket_of_this_process_that_is_not_ours():
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = who_holds(f"tcp://127.0.0.1:{other.getsockname()[1]}", 0, "1.2")
    assert said.startswith("It is held by this process, but by no open socket of a lab")


def test_a_system_that_does_not_tell(monkeypatch, port):
    def refuse(kind):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    assert who_holds(f"tcp://127.0.0.1:{port}", 0, "1.2").startswith("It is held by another process, which this")
