"""What is too large hurts the job that it belongs to, and no other; who made it is told the size and the limit."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import zmq

from tests.majordomo.cut import Cut
from tests.majordomo.support import (
    DEADLINE,
    PATIENT,
    QUICK,
    Held,
    Plain,
    PlainWorker,
    serving,
    status_of,
    until,
    working,
)
from tests.majordomo.test_client import greet
from zmqlab.majordomo import Client, Curve, HandlerFailed
from zmqlab.majordomo.broker import BATCH, BATCH_BYTES
from zmqlab.majordomo.sockets import Sent, copying, passing, sender
from zmqlab.majordomo.wire import Header

ID = b"an id of 16 byte"


@pytest.fixture(params=[1, 2], ids=["one port", "two ports"])
def broker(request):
    with serving(ports=request.param) as broker:
        yield broker


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (
            lambda: bytes(5 << 20),
            "the reply is too large: it has a frame of 5242880 bytes, and the broker takes",
        ),
        (lambda: [b"x"] * 100, "the reply is too large: it has 100 frames, and the broker takes at most 57"),
        (lambda: [b"x"] * 58, "the reply is too large: it has 58 frames, and the broker takes at most 57"),
        (lambda: (_ for _ in ()).throw(ValueError("x" * 9_000_000)), r"ValueError: x+… \(9000000 characters\)"),
    ],
)
def test_a_poisonous_reply_is_told_and_the_others_are_served(broker, reply, text):
    """Innocent requests are with the same worker at that time: none is lost with it, none is executed twice."""
    go_on = threading.Event()
    calls = []

    def handler(frame):
        calls.append(frame)
        if frame == b"poison":
            return reply()
        go_on.wait(DEADLINE)
        return frame

    with working(broker, "s", handler, capacity=8), Client(broker.endpoint) as client:
        innocent = [client.submit("s", b"%d" % number) for number in range(7)]
        for _ in range(2):
            with pytest.raises(HandlerFailed, match=text):
                client.call("s", b"poison", timeout=10)
        go_on.set()
        assert [future.result(DEADLINE) for future in innocent] == [[b"%d" % number] for number in range(7)]
        status = status_of(client)
    assert sorted(calls) == sorted([b"poison"] * 2 + [b"%d" % number for number in range(7)])
    assert (status["retried"], status["lost_workers"]) == (0, {})


@pytest.mark.parametrize("curve", [False, True], ids=["plain", "curve"])
def test_what_is_just_not_too_large_passes(curve):
    """Encryption makes a frame longer on the wire; the limit is for what it carries."""
    boss, own = zmq.curve_keypair(), zmq.curve_keypair()
    keys: dict[str, Any] = {"curve": Curve(*own, (boss[0],))} if curve else {}
    limits = replace(QUICK, max_frame_bytes=100_000)
    with (
        serving(limits, curve=Curve(*boss, (own[0],)) if curve else None) as broker,
        working(broker, "s", lambda *frames: frames, **keys),
        Client(broker.endpoint, **keys) as client,
    ):
        assert client.call("s", bytes(100_000), timeout=10) == [bytes(100_000)]
        assert client.call("s", *[b"x"] * 57, timeout=10) == [b"x"] * 57


def test_a_request_of_too_many_frames_is_refused_and_does_not_vanish(broker):
    """On the wire, by a client that knows nothing of the limits."""
    with zmq.Context() as context:
        client = Plain(context, zmq.DEALER, broker.endpoint)
        client.send(b"", b"MDPC01", b"s", Header(ID).pack(), *[b"x"] * 70)
        _, _, service, header, text, word = client.receive()
        told = Header.unpack(header)
        assert told
        assert (service, told.status.name, word) == (b"s", "BUSY", b"too large")
        assert text == b"it has 70 frames, and the broker takes at most 59"
        client.close()


LARGE = bytes(1 << 20)


def test_a_retry_sends_no_body_while_the_broker_has_it():
    """Its question is answered before the next retry; else the body goes, on purpose."""
    handler = Held()
    with serving() as broker, working(broker, "held", handler):
        cut = Cut(broker.endpoint)
        with Client(cut.endpoint, retry_every=0.4) as client, Client(broker.endpoint) as other:
            future = client.submit("held", LARGE)
            until(lambda: status_of(other)["rejoined"] >= 3, "it was asked for three times")
            cut.reset()
            until(lambda: status_of(other)["rejoined"] >= 6, "and on a new connection")
            until(lambda: client.retries >= 6, "and the client counts as many")
            assert cut.asked < 1.5 * len(LARGE)
            handler.go_on.set()
            assert future.result(DEADLINE) == [LARGE]
        assert len(handler.calls) == 1
        cut.close()


def test_a_retry_sends_the_body_to_a_broker_that_does_not_know_it():
    """The next one at that endpoint; and one of ours that does not know the question."""
    with serving() as first:
        client = Client(first.endpoint, retry_every=0.1)
        future = client.submit("echo", LARGE)
        until(lambda: client.retries, "it is there")
    with client, serving(PATIENT, endpoint=first.endpoint) as second, working(second, "echo", lambda frame: frame):
        assert future.result(DEADLINE) == [LARGE]


@pytest.mark.parametrize("says", [b"501", b"404", b""])
def test_what_a_broker_is_asked_and_sent(says):
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.rcvtimeo = int(DEADLINE * 1000)
        port = router.bind_to_random_port("tcp://127.0.0.1")
        with Client(f"tcp://127.0.0.1:{port}", retry_every=0.3) as client:
            greet(router)
            future = client.submit("s", LARGE)
            services: list[bytes] = []
            while len(services) < 5:
                *envelope, service, header, body = router.recv_multipart()
                services.append(service)
                if service == b"mmi.rejoin":
                    assert body == b"s"
                if service == b"mmi.rejoin" and says:  # one that says nothing gets the body with the next retry
                    router.send_multipart([*envelope, service, header, says])
            router.send_multipart([*envelope, b"s", header, b"done"])
            assert future.result(DEADLINE) == [b"done"]
            assert client.retries in (2, 3)  # a question and the body after it are one
    assert services == [b"s", b"mmi.rejoin", b"s", b"mmi.rejoin", b"s"]


def test_the_limits_are_told_to_any_client(broker):
    with zmq.Context() as context:
        client = Plain(context, zmq.REQ, broker.endpoint)
        client.send(b"MDPC01", b"mmi.limits", b"")
        told = json.loads(client.receive()[2])
        client.close()
    assert told == {
        "max_frames": 64,
        "max_frame_bytes": 4 << 20,
        "max_service_name": 255,
        "heartbeat": 0.2,
        "liveness": 5,
        "busy_timeout": 60.0,
    }


def test_one_reading_holds_few_large_messages():
    """They count in no budget yet; so a batch of many small ones is one of few large ones."""
    with zmq.Context() as context, context.socket(zmq.PAIR) as near, context.socket(zmq.PAIR) as far:
        near.linger = far.linger = 0
        near.bind("inproc://batch")
        far.connect("inproc://batch")
        line = copying(near)
        for size in (10, 10, 600_000, 600_000, 600_000):
            far.send_multipart([b"", bytes(size)])
        assert [len(body) for _, body in line.receive_many(BATCH, BATCH_BYTES)] == [10, 10, 600_000, 600_000]
        assert not line.is_dry
        assert [len(body) for _, body in line.receive_many(BATCH, BATCH_BYTES)] == [600_000]
        assert line.is_dry


LARGE = bytes(100_000)


def test_what_is_only_passed_on_is_not_copied():
    with zmq.Context() as context, context.socket(zmq.PAIR) as near, context.socket(zmq.PAIR) as far:
        near.linger = far.linger = 0
        near.bind("inproc://passing")
        far.connect("inproc://passing")
        far.send_multipart([b"small", LARGE])
        line = passing(near)
        [[small, large]] = line.receive_many(BATCH)
        assert small == b"small"
        assert isinstance(large, zmq.Frame)
        for _ in range(2):  # a retry sends it again
            assert sender(line)([small, large]) is Sent.YES
            assert far.recv_multipart() == [b"small", LARGE]
        far.send_multipart([b"small", LARGE])
        assert copying(near).receive() == [b"small", LARGE]


@pytest.mark.parametrize(
    "frames",
    [
        [b"", b"MDPC01", LARGE, b"its name is too long"],
        [b"", b"MDPC01", b"mmi.service", LARGE],
        [b"", b"MDPC01", b"mmi.cancel", LARGE, LARGE],
        [b"", b"MDPC01", b"mmi.rejoin", Header(ID).pack(), LARGE],
        [b"", LARGE, b"s", b"x"],
        [LARGE, b"MDPC01", b"s", b"x"],
        [b"", b"MDPW01", LARGE, b"x"],
        [b"", b"MDPW01", b"\x01", LARGE],
        [b"", b"MDPW01", b"\x01", b"s", LARGE],
        [b"", b"MDPW01", b"\x01", b"s", b"1", LARGE],
        [b"", b"MDPW01", b"\x03", LARGE, b"", b"x"],
        [b"", b"MDPW01", b"\x03", b"token", LARGE, b"x"],
        [b"", b"MDPW01", b"\x04", LARGE],
        [LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE],
    ],
)
def test_a_large_frame_in_a_place_of_a_small_one_hurts_nobody(broker, frames):
    with working(broker, "s", lambda frame: frame), Client(broker.endpoint) as client, zmq.Context() as context:
        for endpoint in {broker.endpoint, broker.backend}:
            stranger = Plain(context, zmq.DEALER, endpoint)
            stranger.send(*frames)
            stranger.send(b"", b"MDPW01", b"\x04")  # of nobody: it is told so, so what came before was read
            while stranger.receive()[:3] != [b"", b"MDPW01", b"\x05"]:
                pass
            stranger.close()
        assert client.call("s", LARGE, timeout=DEADLINE) == [LARGE]
        assert status_of(client)["lost_workers"] == {}


def test_a_large_request_that_is_tried_again_comes_whole():
    with serving(ports=1) as broker, Client(broker.endpoint) as client, zmq.Context() as context:
        first = PlainWorker(context, broker.backend, b"s")
        asked = client.submit("s", LARGE, b"small", timeout=DEADLINE)
        assert first.request()[1][-2:] == [LARGE, b"small"]
        first.send(b"", b"MDPW01", b"\x05")
        with working(broker, "s", lambda *frames: frames):
            assert asked.result(DEADLINE) == [LARGE, b"small"]
        first.close()
