"""A connection that breaks, and brokers that are killed, restarted, absent or unfriendly: what a client makes of it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
import zmq

from tests.majordomo.processes import ROOT, cleanup, end, start_broker, start_worker
from tests.majordomo.support import DEADLINE, serving, status_of, until, working
from tests.majordomo.test_client import greet
from tests.majordomo.test_processes import ECHO, Load
from tests.ports import free_endpoint
from zmqlab.majordomo import Busy, Client, Curve, Timeout

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
INF = float("inf")


# -- brokers that are killed and started again -----------------------------------------------------------------------


@posix
@pytest.mark.timeout(120)
def test_25_brokers_killed_under_load():
    """With ZMQ_IMMEDIATE the first one took the client's process along: libzmq: Assertion failed: !_more (fq.cpp)."""
    command = [sys.executable, "-m", "tests.majordomo.under_fire", "25"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    overloaded = "dropped: refusal for a client that does not read"  # what a broker may log on a busy machine
    assert [line for line in done.stderr.splitlines() if not line.startswith(overloaded)] == []
    counted = json.loads(done.stdout)
    assert counted["wrong"] == 0
    assert counted["answers"] >= 25 * 500
    assert counted["retries"] > 0


@posix
@pytest.mark.timeout(120)
def test_a_broker_is_restarted_with_sigterm_under_load():
    """What it refuses while it drains is for the next one: no request fails."""
    with cleanup() as processes:
        broker, endpoint = start_broker()
        processes += [broker, start_worker(endpoint, "echo", ECHO, "--capacity=8")]
        load = Load(endpoint)
        load.goes_on(50)
        for _ in range(3):
            assert end(broker) == 0
            broker, _ = start_broker(endpoint=endpoint)
            processes.append(broker)
            load.goes_on()
        load.finish()


def test_a_broker_that_drains_for_long_is_asked_again_until_the_timeout():
    go_on = threading.Event()
    with (
        serving() as broker,
        working(broker, "slow", lambda frame: go_on.wait(DEADLINE) and frame),
        Client(broker.endpoint) as client,
    ):
        first = client.submit("slow", b"first")
        until(lambda: status_of(client)["services"]["slow"]["busy"], "it has the first")
        broker.drain()
        until(lambda: status_of(client)["state"] == "draining", "it drains")
        with pytest.raises(Timeout, match="slow: no answer in time: the broker is shutting down"):
            client.call("slow", b"second", timeout=0.6)
        go_on.set()
        assert first.result(DEADLINE) == [b"first"]


def test_who_is_never_asked_again_is_refused():
    with serving() as broker, Client(broker.endpoint, retry_every=INF) as client:
        client.call("mmi.service", b"x")
        blocked = client.submit("nobody", b"x")
        broker.drain()
        until(lambda: status_of(client)["state"] == "draining", "it drains")
        with pytest.raises(Busy, match="nobody: the broker is shutting down"):
            client.call("nobody", b"x")
        assert blocked.exception(DEADLINE)


# -- what the next broker gets ---------------------------------------------------------------------------------------


class Door:
    """A ROUTER that can be closed and opened at the same endpoint. It knows the first answer that a client wants."""

    def __init__(self) -> None:
        self._context = zmq.Context()
        self.endpoint = "tcp://127.0.0.1:*"
        self.open()

    def open(self) -> None:
        self.router = self._context.socket(zmq.ROUTER)
        self.router.rcvtimeo, self.router.linger = int(DEADLINE * 1000), 0
        until(self._bind, "the port is free again")
        self.endpoint = self.router.getsockopt_string(zmq.LAST_ENDPOINT)

    def _bind(self) -> bool:
        try:
            self.router.bind(self.endpoint)
        except zmq.ZMQError:  # libzmq closes in the background
            return False
        return True

    def close(self) -> None:
        self.router.close()

    def welcome(self) -> None:
        greet(self.router)

    def next(self) -> bytes:
        """The body of the next request, which gets no answer."""
        return self.router.recv_multipart()[-1]

    def end(self) -> None:
        self._context.destroy()


@pytest.fixture
def door():
    door = Door()
    yield door
    door.end()


def test_nobody_gets_what_has_timed_out_or_was_cancelled(door):
    """Asked while nobody is there, or on a connection that then broke: the next broker hears only of what still waits,
    once and in the old order."""
    with Client(door.endpoint, timeout=DEADLINE) as client:
        door.welcome()
        lost = [client.submit("s", b"lost %d" % number, timeout=0.3) for number in range(300)]  # more than libzmq holds
        cancelled = client.submit("s", b"cancelled")
        waits = [client.submit("s", b"waits %d" % number) for number in range(20)]
        assert door.next() == b"lost 0"
        door.close()
        late = client.submit("s", b"asked while nobody was there", timeout=0.3)
        cancelled.cancel()
        for future in [*lost, late]:
            assert isinstance(future.exception(DEADLINE), Timeout)
        door.open()
        door.welcome()
        assert [door.next() for _ in waits] == [b"waits %d" % number for number in range(20)]
        assert not door.router.poll(100)


def test_a_request_that_is_never_asked_again(door):
    """`retry_every=inf`: not after a while, and not on the next connection. What was not sent yet still goes out."""
    with Client(door.endpoint, timeout=DEADLINE, retry_every=INF) as client:
        door.welcome()
        client.submit("s", b"once")
        assert door.next() == b"once"
        door.close()
        with pytest.raises(Timeout):
            client.call("s", b"too late", timeout=0.2)
        client.submit("s", b"not sent yet")
        door.open()
        door.welcome()
        assert door.next() == b"not sent yet"
        assert not door.router.poll(100)


def test_an_answer_that_came_before_the_connection_broke_counts(door):
    """The request is not asked again."""
    with Client(door.endpoint, timeout=DEADLINE) as client:
        door.welcome()
        futures = [client.submit("s", b"%d" % number) for number in range(50)]
        for message in [door.router.recv_multipart() for _ in futures]:
            door.router.send_multipart(message)
        door.router.close(DEADLINE * 1000)
        door.open()
        assert [future.result(DEADLINE) for future in futures] == [[b"%d" % number] for number in range(50)]
        door.welcome()
        assert not door.router.poll(100)


def test_what_is_under_way_is_asked_again_as_soon_as_the_connection_is_back(door):
    with Client(door.endpoint, timeout=DEADLINE, retry_every=DEADLINE) as client:
        door.welcome()
        future = client.submit("s", b"x")
        assert door.next() == b"x"
        door.close()
        door.open()
        door.welcome()
        door.router.send_multipart(door.router.recv_multipart())
        assert future.result(DEADLINE) == [b"x"]


def test_a_client_waits_for_a_broker_that_comes_late():
    endpoint = free_endpoint()
    with Client(endpoint) as client:
        future = client.submit("mmi.service", b"x")
        time.sleep(0.5)  # some attempts fail
        with serving(endpoint=endpoint):
            assert future.result(DEADLINE) == [b"404"]


def test_inproc():
    context = zmq.Context()
    with (
        serving(endpoint="inproc://broker", context=context) as broker,
        working(broker, "echo", lambda frame: frame, context=context),
        Client(broker.endpoint, context=context) as client,
    ):
        assert client.call("echo", b"x") == [b"x"]
    context.term()


# -- why there is no answer ------------------------------------------------------------------------------------------


def says(endpoint: str, reason: str, **options: Any) -> None:
    """What a Timeout says behind "no answer in time", as soon as the client can know it."""
    with Client(endpoint, **options) as client:
        until(lambda: why(client) == f"s: no answer in time: {reason}", f"it says: {reason}")


def why(client: Client) -> str:
    with pytest.raises(Timeout) as told:
        client.call("s", b"x", timeout=0.1)
    return str(told.value)


def test_nobody_is_there():
    for at in ("tcp://127.0.0.1:9", "ipc://@zmqlab/no-such"):
        says(at, f"nobody has accepted a connection at {at}")


def test_an_unknown_host():
    at = "tcp://no-such-host.invalid:5555"
    says(at, f"the name of the host in {at} could not be resolved")


KEYS, OTHERS, BROKERS = (zmq.curve_keypair() for _ in range(3))


def test_keys():
    public, secret = BROKERS
    right = Curve(*KEYS, trusted=(public,))
    with serving(curve=Curve(public, secret, trusted=(KEYS[0],))) as broker:
        at = broker.endpoint
        with Client(at, curve=right) as client:
            assert client.call("mmi.service", b"x") == [b"404"]
        refused = f"the broker at {at} refused our key (CURVE): it must be among those that the broker trusts"
        says(at, refused, curve=Curve(*OTHERS, trusted=(public,)))
        other = "the broker has another key than we trust (CURVE), or uses none, or it is no broker"
        says(at, f"the handshake with {at} failed: {other}", curve=Curve(*KEYS, trusted=(OTHERS[0],)))
        says(at, f"the handshake with {at} failed: the broker wants keys (CURVE), or it is no broker")
    with serving() as broker:
        says(broker.endpoint, f"the handshake with {broker.endpoint} failed: {other}", curve=right)


def test_a_refused_key_that_is_accepted_later():
    """libzmq itself never comes again after a refusal."""
    public, secret = BROKERS
    with serving(curve=Curve(public, secret, trusted=())) as broker:
        client = Client(broker.endpoint, curve=Curve(*KEYS, trusted=(public,)))
        until(lambda: "refused our key" in why(client), "the key is refused")
    with client, serving(endpoint=broker.endpoint, curve=Curve(public, secret, trusted=(KEYS[0],))):
        assert client.call("mmi.service", b"x") == [b"404"]


def test_somebody_who_does_not_speak_zeromq():
    with socket.create_server(("127.0.0.1", 0)) as server:
        at = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        says(at, f"somebody at {at} accepted the connection and does not answer as ZeroMQ does")


def test_a_peer_of_the_wrong_kind():
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        at = f"tcp://127.0.0.1:{publisher.bind_to_random_port('tcp://127.0.0.1')}"
        says(at, f"the handshake with {at} failed: the broker wants keys (CURVE), or it is no broker")


def test_a_broker_that_says_nothing(door):
    at = door.endpoint
    says(at, f"connected to {at}, where nobody has said a word: is it a broker, and is it alive?")


def test_a_connection_that_broke(door):
    with Client(door.endpoint) as client:
        door.welcome()
        futures = [client.submit("s", b"x", timeout=0.5) for _ in range(2)]
        door.next()
        door.close()
        for future in futures:
            assert str(future.exception(DEADLINE)) == (
                "s: no answer in time: the connection broke once meanwhile, "
                f"and since then nobody has accepted a connection at {door.endpoint}"
            )


def test_an_answer_that_is_only_slow_has_no_reason():
    with (
        serving() as broker,
        working(broker, "slow", lambda frame: time.sleep(0.3) or frame),
        Client(broker.endpoint) as client,
    ):
        assert client.call("mmi.service", b"slow")
        with pytest.raises(Timeout, match=r"^slow: no answer in time$"):
            client.call("slow", b"x", timeout=0.1)
