"""What is too large hurts the job that it belongs to, and no other; who made it is told the size and the limit."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import zmq

from tests.majordomo.support import DEADLINE, QUICK, Plain, serving, status_of, working
from zmqlab.majordomo import Client, Curve, HandlerFailed
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
