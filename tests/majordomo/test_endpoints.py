"""Endpoints of all kinds: IPv6, a path that is taken, and what keys do not protect."""

from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path

import pytest
import zmq

from tests.majordomo.support import serving, working
from zmqlab.majordomo import Broker, Client, Curve
from zmqlab.majordomo.security import make_certificate

unix = pytest.mark.skipif(sys.platform == "win32", reason="needs ipc://")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture
def path():
    """Shorter than the 107 bytes that a path may have."""
    with tempfile.TemporaryDirectory(prefix="zl") as folder:
        yield f"ipc://{folder}/broker"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_address_of_ipv6():
    with (
        serving(endpoint="tcp://[::1]:0") as broker,
        working(broker, "echo", lambda frame: frame),
        Client(broker.endpoint) as client,
    ):
        assert broker.endpoint.startswith("tcp://[::1]:")
        assert client.call("echo", b"x") == [b"x"]


@unix
def test_a_path_that_is_taken_is_refused_and_who_has_it_serves_on(path):
    with serving(endpoint=path) as broker, working(broker, "echo", lambda frame: frame), Client(path) as client:
        for _ in range(2):
            with pytest.raises(zmq.ZMQError, match="Address already in use"):
                Broker(path)
        assert client.call("echo", b"x") == [b"x"]


@unix
def test_what_a_broker_left_that_was_killed_is_no_hindrance(path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path.removeprefix("ipc://"))
    with serving(endpoint=path) as broker, working(broker, "echo", lambda frame: frame), Client(path) as client:
        assert client.call("echo", b"x") == [b"x"]


@unix
def test_a_path_where_somebody_accepts_nobody_any_more_is_taken(path):
    """As a broker that is stopped, and has been called by many. Who asks must not wait for it."""
    place = path.removeprefix("ipc://")
    with socket.socket(socket.AF_UNIX) as stopped, socket.socket(socket.AF_UNIX) as caller:
        stopped.bind(place)
        stopped.listen(0)
        caller.connect(place)
        with pytest.raises(zmq.ZMQError, match="Address already in use"):
            Broker(path)


@unix
def test_a_path_of_another_kind_of_socket_is_taken(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(path.removeprefix("ipc://"))
        with pytest.raises(zmq.ZMQError, match="Address already in use"):
            Broker(path)


@unix
def test_a_file_that_is_no_socket_is_left_alone(path):
    file = Path(path.removeprefix("ipc://"))
    file.write_text("mine")
    with pytest.raises(zmq.ZMQError, match="there is a file that is no socket"):
        Broker(path)
    assert file.read_text() == "mine"


@pytest.mark.skipif(not zmq.has("curve"), reason="this libzmq has no CURVE")
def test_keys_that_protect_nothing_are_told(tmp_path, caplog):
    make_certificate(tmp_path, "broker")
    keys = Curve.load(tmp_path / "broker.key_secret", tmp_path / "broker.key")
    with zmq.Context() as context, serving(endpoint="inproc://broker", curve=keys, context=context):
        told = "CURVE protects nothing within a process: inproc://broker is open to all who have its context"
        assert caplog.messages == [told]
