"""Peers that are not ours: what works, what is refused, and how they or the broker's log are told."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import zmq

from tests.majordomo.peers import guide
from tests.majordomo.support import DEADLINE, QUICK, Plain, serving, status_of, until, working
from zmqlab.majordomo import Client

ROOT = Path(__file__).parent


@pytest.fixture
def broker(broker_of_each_kind):
    return broker_of_each_kind


# -- of the Guide's shape --------------------------------------------------------------------------------------------


def test_a_client_and_a_worker_of_the_guides_shape(broker, context):
    with guide.working(broker.backend, b"echo") as worker:
        client = guide.LockStepClient(context, broker.endpoint, timeout=DEADLINE)
        until(lambda: client.send(b"mmi.service", b"echo") == [b"200"], "the worker is there")
        assert [client.send(b"echo", b"%d" % number, b"") for number in range(50)] == [
            [b"%d" % number, b""] for number in range(50)
        ]
        pipelined = guide.PipelinedClient(context, broker.endpoint)
        for number in range(500):
            pipelined.send(b"echo", b"%d" % number)
        assert [pipelined.receive(DEADLINE) for _ in range(500)] == [[b"%d" % number] for number in range(500)]
        assert worker.registrations == 1


def test_each_side_of_the_guides_shape_with_ours(broker, context):
    with working(broker, "ours", lambda *frames: frames), guide.working(broker.backend, b"theirs"):
        theirs = guide.LockStepClient(context, broker.endpoint, timeout=DEADLINE)
        until(lambda: theirs.send(b"mmi.service", b"ours") == [b"200"], "the one worker is there")
        until(lambda: theirs.send(b"mmi.service", b"theirs") == [b"200"], "the other one is there")
        assert theirs.send(b"ours", b"x", b"y") == [b"x", b"y"]
        with Client(broker.endpoint) as ours:
            assert ours.call("theirs", b"x", b"y") == [b"x", b"y"]


def test_a_lock_step_client_whose_service_nobody_offers_notices_by_its_own_time(context, caplog):
    with serving(replace(QUICK, no_service_timeout=0.05)) as broker:
        client = guide.LockStepClient(context, broker.endpoint, timeout=0.3)
        assert (client.send(b"nobody", b"x"), client.tried) == (None, 3)
        until(lambda: "dropped: NO_SERVICE for a plain client, which knows no errors" in caplog.messages, "it is told")


def test_a_pipelined_client_beyond_a_bound_gets_a_part_of_the_answers_and_the_log_says_so(context, caplog):
    """MDP 0.1 has no BUSY, and a ROUTER cannot leave one client's messages unread."""
    many, most = 400, 100
    with (
        serving(replace(QUICK, max_per_client=most)) as broker,
        Client(broker.endpoint) as ours,
    ):
        client = guide.PipelinedClient(context, broker.endpoint)
        for number in range(many):
            client.send(b"echo", b"%d" % number)
        until(lambda: sum(status_of(ours)["drops"].values()) == many - most, "the others are dropped")
        with guide.working(broker.backend, b"echo"):
            assert [client.receive(DEADLINE) for _ in range(most)] == [[b"%d" % number] for number in range(most)]
            assert client.receive(0.2) is None
        assert status_of(ours)["drops"] == {"BUSY for a plain client, which knows no errors": many - most}
        until(lambda: "dropped: BUSY for a plain client, which knows no errors" in caplog.messages, "it is told")


def test_with_the_bounds_raised_20000_at_once_are_answered(context):
    """As docs/operations.md says it."""
    many = 20_000
    limits = replace(QUICK, max_per_client=many, max_queued=many, no_service_timeout=DEADLINE)
    with serving(limits) as broker, working(broker, "echo", bytes, capacity=1000):
        client = guide.PipelinedClient(context, broker.endpoint)
        sends = threading.Thread(target=lambda: [client.send(b"echo", b"x") for _ in range(many)])
        sends.start()
        sends.join(DEADLINE)
        assert [client.receive(DEADLINE) for _ in range(many)] == [[b"x"]] * many


# -- in C ------------------------------------------------------------------------------------------------------------


def library() -> Path | None:
    """The libzmq that this process uses, where that can be known."""
    maps = Path("/proc/self/maps")
    lines = maps.read_text().splitlines() if maps.exists() else []
    return next((Path(line.split()[-1]) for line in lines if "libzmq" in line), None)


@pytest.mark.skipif(not shutil.which("cc") or library() is None, reason="needs a C compiler and a shared libzmq")
def test_a_client_and_a_worker_in_c(broker, tmp_path):
    shared = library()
    assert shared
    program = tmp_path / "peer"
    source = [ROOT / "peers" / "peer.c", shared]
    subprocess.run(["cc", "-o", program, *source, f"-Wl,-rpath,{shared.parent}"], check=True, timeout=60)
    with subprocess.Popen([program, "worker", broker.backend, "40"]) as worker:
        with Client(broker.endpoint) as ours:
            assert [ours.call("echo", b"Task-0") for _ in range(20)] == [[b"Task-0"]] * 20
        asked = subprocess.run(
            [program, "client", broker.endpoint, "20"], capture_output=True, text=True, timeout=DEADLINE, check=False
        )
        assert (asked.returncode, asked.stdout) == (0, "20\n")
        assert worker.wait(DEADLINE) == 0


# -- MDP 0.2 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frames",
    [
        (b"", b"MDPC02", b"\x01", b"echo", b"x"),
        (b"", b"MDPW02", b"\x01", b"echo"),
        (b"", b"MDPW02", b"\x05"),
    ],
    ids=["client", "worker", "worker's heartbeat"],
)
def test_mdp_02_is_not_spoken_and_the_log_says_so(broker, context, caplog, frames):
    endpoint = broker.endpoint if frames[1] == b"MDPC02" else broker.backend
    later = Plain(context, zmq.DEALER, endpoint)
    later.send(*frames)
    until(lambda: "dropped: speaks MDP 0.2, and this broker 0.1" in caplog.messages, "it is told")
    assert not later.socket.poll(200)
    with working(broker, "echo", bytes), Client(broker.endpoint) as client:
        assert client.call("echo", b"x") == [b"x"]
