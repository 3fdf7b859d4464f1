"""The crowd, the memory and the floods see what is wrong. No time is asserted here."""

from __future__ import annotations

import math
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq
from zmq.utils.monitor import parse_monitor_message

from tests.bench import abuse, crowd, memory
from tests.bench.crowd import Asker
from tests.bench.marks import at_most
from tests.bench.rounds import report_ratios
from tests.majordomo.support import DEADLINE
from zmqlab.majordomo import wire
from zmqlab.majordomo.broker import bound_to
from zmqlab.majordomo.wire import Malformed

pytestmark = pytest.mark.timeout(120)


@contextmanager
def router() -> Iterator[zmq.Socket[Any]]:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as found:
        found.linger, found.rcvtimeo = 0, int(DEADLINE * 1000)
        found.bind("tcp://127.0.0.1:0")
        yield found


def test_a_crowd_is_answered(capsys):
    assert crowd.many_peers(5, 5, 4, 64 << 20)
    assert "5 workers (5 there at the end) and 5 clients: 20 of 20 requests answered" in capsys.readouterr().out


def test_a_crowd_without_workers_is_not(capsys, monkeypatch):
    monkeypatch.setattr(crowd, "PATIENCE", 0.2)
    assert not crowd.many_peers(0, 3, 1, 64 << 20)
    assert "0 of 3 requests answered" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answers", "counted"), [(["right"], (1, 0)), (["other"], (0, 1)), (["right", "right"], (1, 1))]
)
def test_a_wrong_answer_and_a_second_one_are_seen(answers, counted):
    with router() as broker, zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(bound_to(broker))
        asker = Asker(dealer, 1, 1)
        asker.ask()
        *envelope, body = broker.recv_multipart()
        for answer in answers:
            broker.send_multipart([*envelope, body if answer == "right" else b"other"])
        while asker.answered + asker.wrong < len(answers):
            assert dealer.poll(int(DEADLINE * 1000))
            asker.read()
        assert (asker.answered, asker.wrong) == counted


def test_large_requests_are_kept_or_refused(capsys, monkeypatch):
    verdicts = []
    monkeypatch.setattr(memory, "bounded", lambda broker, budget: verdicts.append(broker.grown()) or True)
    assert memory.many_bytes(8 << 20, 2 << 20, 100_000)
    assert verdicts[0] > 1 << 20
    assert not memory.many_bytes(1 << 20, 2 << 20, 100_000), "nobody was refused: the budget was not tried"


def test_memory_beyond_its_budget_is_told(capsys):
    class Grown:
        def grown(self) -> int:
            return 2_000_000

    assert memory.bounded(Grown(), 2_000_000)  # type: ignore[arg-type]
    assert not memory.bounded(Grown(), 1_000_000)  # type: ignore[arg-type]
    assert "grew by 2 MB, mark at most 1 MB: MISSED (0.50 of it)" in capsys.readouterr().out


def test_floods_and_their_mark(capsys, monkeypatch):
    monkeypatch.setattr(abuse, "MARK", 1e9)
    assert abuse.flood(1, 30)
    said = capsys.readouterr().out
    assert "'not MDP/Client': " in said
    for name in abuse.ABUSES:
        assert f"{name} / quiet: " in said
    assert f"{abuse.BESIDE} / quiet: " in said
    assert not report_ratios({"quiet": [1.0, 1.0], "flood": [6.0, 7.0]}, "quiet", {"flood": 5.0}, judge=at_most)
    assert report_ratios({"quiet": [1.0, 1.0], "flood": [4.0, 9.0]}, "quiet", {"flood": 5.0}, judge=at_most)
    assert "NOT DECIDED" in capsys.readouterr().out


def test_what_floods_is_what_it_is_called():
    with router() as broker, abuse.going_on(abuse.malformed, bound_to(broker)):
        for _ in range(100):
            frames = broker.recv_multipart()
            with pytest.raises(Malformed):
                wire.read_request(frames)
    with router() as broker, abuse.going_on(abuse.status_requests, bound_to(broker)):
        for _ in range(abuse.WINDOW):
            assert wire.read_request(broker.recv_multipart()).service == b"mmi.status"
        assert not broker.poll(50), "a new one comes for each answer"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        with abuse.going_on(abuse.half_handshakes, f"tcp://127.0.0.1:{server.getsockname()[1]}"):
            for _ in range(3):
                peer, _ = server.accept()
                peer.settimeout(DEADLINE)
                heard = peer.recv(64) if wait_for(peer) else b""
                assert abuse.GREETING.startswith(heard)
                peer.close()


def test_a_message_without_an_end_is_one_to_libzmq():
    """The handshake succeeds, frames come, and the ROUTER gets nothing."""
    with router() as broker:
        monitor = broker.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        with abuse.going_on(abuse.endless_messages, bound_to(broker)):
            events = [parse_monitor_message(monitor.recv_multipart())["event"] for _ in range(3)]
            assert not broker.poll(50)
        assert sorted(events) == [zmq.EVENT_DISCONNECTED, *[zmq.EVENT_HANDSHAKE_SUCCEEDED] * 2]
        broker.disable_monitor()
        monitor.close(0)


def test_a_flood_may_have_a_rate(monkeypatch):
    frames, seconds = 10, 1000.0
    slept: list[float] = []
    monkeypatch.setattr(abuse, "ENDLESS", frames * len(abuse.FRAME))
    monkeypatch.setattr(abuse, "wait", slept.append)
    near, far = socket.socketpair()
    reader = threading.Thread(target=abuse.swallow_from, args=(far,), daemon=True)
    reader.start()
    with far:
        with near:
            abuse.pour(near, math.inf)
            assert slept == [0.0] * frames
            abuse.pour(near, abuse.ENDLESS / seconds)
        reader.join(DEADLINE)
    assert seconds / 2 < slept[-1] <= seconds, "as nobody slept, all is due in the end"


def test_a_flood_beside_the_broker_does_not_come_to_it():
    with router() as broker:
        monitor = broker.get_monitor_socket(zmq.EVENT_ACCEPTED)
        with abuse.going_on(abuse.beside, bound_to(broker)):
            assert not monitor.poll(200)
        broker.disable_monitor()
        monitor.close(0)


def test_it_has_no_end():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        with abuse.going_on(abuse.endless_messages, f"tcp://127.0.0.1:{server.getsockname()[1]}"):
            peer, _ = server.accept()
            with peer, peer.makefile("rb") as stream:
                assert stream.read(64) == abuse.GREETING
                command, length = stream.read(2)
                assert (command, stream.read(length)) == (4, abuse.READY)
                peer.sendall(abuse.GREETING + bytes((4, length)) + abuse.READY)
                for _ in range(100):
                    flags, size = struct.unpack(">BQ", stream.read(9))
                    assert (flags & 1, len(stream.read(size))) == (1, 1 << 16)


def wait_for(peer: socket.socket) -> bool:
    """Whether something can be read, within a moment: a greeting may be of no bytes."""
    poller = zmq.Poller()
    poller.register(peer, zmq.POLLIN)
    return bool(poller.poll(50))
