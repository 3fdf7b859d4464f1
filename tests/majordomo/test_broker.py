"""The broker on real sockets, with plain MDP peers written from RFC 7 alone."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest
import zmq

from tests.majordomo.support import DEADLINE, QUICK, Plain, PlainWorker, serving, until, working
from zmqlab.majordomo import Broker, Client
from zmqlab.majordomo.core import Core


@pytest.fixture
def broker(broker_of_each_kind):
    return broker_of_each_kind


def test_a_plain_req_client_and_a_plain_worker(broker, context):
    worker = PlainWorker(context, broker.backend, b"echo")
    client = Plain(context, zmq.REQ, broker.endpoint)
    for number in range(3):
        client.send(b"MDPC01", b"echo", b"hello", b"%d" % number)
        address, body = worker.request()
        assert body == [b"hello", b"%d" % number]
        worker.reply(address, b"you said", *body)
        assert client.receive() == [b"MDPC01", b"echo", b"you said", b"hello", b"%d" % number]


def test_a_plain_dealer_client_with_many_requests_under_way(broker, context):
    client = Plain(context, zmq.DEALER, broker.endpoint)
    for number in range(50):
        client.send(b"", b"MDPC01", b"echo", b"%d" % number)
    with working(broker, "echo", lambda frame: frame, capacity=4):
        answers = [client.receive() for _ in range(50)]
    assert {tuple(answer[:3]) for answer in answers} == {(b"", b"MDPC01", b"echo")}
    assert sorted(int(answer[3]) for answer in answers) == list(range(50))


def test_our_client_and_a_plain_worker(broker, context):
    worker = PlainWorker(context, broker.backend, b"echo")
    with Client(broker.endpoint) as client:
        future = client.submit("echo", b"one", b"two")
        address, body = worker.request()
        assert body == [b"one", b"two"]
        worker.reply(address, b"three")
        assert future.result(DEADLINE) == [b"three"]


def test_a_plain_worker_is_told_to_disconnect_and_comes_again(broker, context):
    stranger = PlainWorker(context, broker.backend, b"echo")
    stranger.send(b"", b"MDPW01", b"\x01", b"echo")  # a second READY is a fault
    assert stranger.command() == [b"", b"MDPW01", b"\x05"]
    again = PlainWorker(context, broker.backend, b"echo")
    client = Plain(context, zmq.REQ, broker.endpoint)
    client.send(b"MDPC01", b"echo", b"x")
    again.reply(again.request()[0], b"y")
    assert client.receive()[2:] == [b"y"]


def test_the_broker_sends_heartbeats(broker, context):
    worker = PlainWorker(context, broker.backend, b"echo")
    assert worker.receive() == [b"", b"MDPW01", b"\x04"]


def test_a_worker_that_vanishes_loses_its_request_to_another(broker, context):
    first, client = PlainWorker(context, broker.backend, b"echo"), Plain(context, zmq.REQ, broker.endpoint)
    client.send(b"MDPC01", b"echo", b"x")
    first.request()
    first.close()
    second = PlainWorker(context, broker.backend, b"echo")
    second.reply(second.request()[0], b"y")
    assert client.receive()[2:] == [b"y"]


def test_management(broker, context):
    client = Plain(context, zmq.REQ, broker.endpoint)
    client.send(b"MDPC01", b"mmi.service", b"echo")
    assert client.receive() == [b"MDPC01", b"mmi.service", b"404"]
    worker = PlainWorker(context, broker.backend, b"echo")

    def found():
        worker.heartbeat()
        client.send(b"MDPC01", b"mmi.service", b"echo")
        return client.receive()[-1] == b"200"

    until(found, "the service is found")
    client.send(b"MDPC01", b"mmi.nothing", b"echo")
    assert client.receive() == [b"MDPC01", b"mmi.nothing", b"501"]


def test_each_port_takes_its_own_side(context):
    with serving(ports=2) as broker:
        client = Plain(context, zmq.REQ, broker.backend)
        client.socket.rcvtimeo = 300
        client.send(b"MDPC01", b"mmi.service", b"echo")
        with pytest.raises(zmq.Again):
            client.receive()
        other = Plain(context, zmq.REQ, broker.endpoint)
        other.send(b"MDPC01", b"mmi.status", b"")
        assert b"a client at the workers' endpoint\": 1" in other.receive()[-1]


def test_a_client_that_does_not_read_stalls_nobody(context):
    limits = replace(QUICK, max_per_client=100_000, max_queued=100_000)
    with serving(limits) as broker, working(broker, "big", lambda frame: bytes(50_000), capacity=4):
        deaf = Plain(context, zmq.DEALER, broker.endpoint)
        deaf.socket.rcvhwm = 1
        for number in range(3000):
            deaf.send(b"", b"MDPC01", b"big", b"%d" % number)
        with Client(broker.endpoint) as client:
            for _ in range(20):
                assert len(client.call("big", b"")[0]) == 50_000


def test_who_floods_one_side_does_not_keep_the_other_waiting_for_long(context, monkeypatch):
    """A worker that speaks while a thousand messages of a client lie there is heard after few of them."""
    flood, few = 1000, 50
    heard: list[str] = []

    def from_client(core, frames, now):
        if not heard:
            worker.send(b"", b"MDPW01", b"\x04")
        heard.append("client")
        if len(heard) > flood:
            broker.kill()

    monkeypatch.setattr(Core, "from_client", from_client)
    monkeypatch.setattr(Core, "from_worker", lambda core, frames, now: heard.append("worker"))
    broker = Broker("inproc://clients", "inproc://workers", context=context)  # within a process what is sent is there
    client = Plain(context, zmq.DEALER, broker.endpoint)
    worker = Plain(context, zmq.DEALER, broker.backend)
    for _ in range(flood):
        client.send(b"")
    broker.run()
    assert heard.index("worker") <= few


def test_garbage_on_the_wire_ends_nothing(broker):
    for endpoint in {broker.endpoint, broker.backend}:
        for garbage in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"\xff" * 200,
            b"\0" * 5000,
            b"\xff\0\0\0\0\0\0\0\x01\x7f\x03" + b"\xee" * 99,
        ):
            with socket.create_connection(("127.0.0.1", int(endpoint.rpartition(":")[2])), timeout=DEADLINE) as peer:
                peer.sendall(garbage)
    with working(broker, "echo", lambda frame: frame), Client(broker.endpoint) as client:
        assert client.call("echo", b"alive") == [b"alive"]


def test_a_frame_that_is_too_long_costs_its_sender_the_connection(context):
    with serving(replace(QUICK, max_frame_bytes=1000)) as broker, working(broker, "echo", lambda frame: frame):
        big = Plain(context, zmq.DEALER, broker.endpoint)
        monitor = big.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        big.send(b"", b"MDPC01", b"echo", bytes(1001))
        assert monitor.poll(DEADLINE * 1000)
        with Client(broker.endpoint) as client:
            assert client.call("echo", b"x") == [b"x"]


def test_draining_finishes_what_was_accepted(context):
    begun, go_on = threading.Event(), threading.Event()

    def slow(frame):
        begun.set()
        go_on.wait(DEADLINE)
        return frame

    with serving() as broker, working(broker, "slow", slow), Client(broker.endpoint) as client:
        future = client.submit("slow", b"x")
        assert begun.wait(DEADLINE)
        broker.drain()

        def refused():
            return "shutting down" in str(client.submit("slow", b"y", timeout=0.2).exception(DEADLINE))

        until(refused, "the broker refuses")
        go_on.set()
        assert future.result(DEADLINE) == [b"x"]
