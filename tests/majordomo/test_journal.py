"""What the broker tells its log, and what it tells peers that are at the wrong endpoint."""

from __future__ import annotations

import logging

import pytest

from tests.majordomo.support import serving, until, working
from tests.majordomo.world import World
from zmqlab.majordomo import Client
from zmqlab.majordomo.errors import NoService
from zmqlab.majordomo.wire import LATER


@pytest.fixture
def world(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")
    return World()


def told(caplog):
    """Level, message and facts of each record."""
    return [(record.levelname, record.getMessage(), getattr(record, "facts", {})) for record in caplog.records]


def test_who_comes_and_who_goes_is_told(world, caplog):
    world.ready(b"ann", 2)
    world.ask(b"alice", b"x", id=b"1")
    world.gone.add(b"ann")
    world.wait(2)
    joined, lost, retried = told(caplog)[:3]
    ann = {"worker": b"ann".hex(), "service": "s"}
    assert joined == ("INFO", "a worker has joined", {**ann, "capacity": 2, "kept": 0, "extended": True})
    assert lost == ("WARNING", "a worker is lost: unreachable", {**ann, "jobs": 1})
    request = {"request": b"1".rjust(16, b"0").hex(), "service": "s", "client": b"alice".hex()}
    assert retried[0::2] == ("INFO", request)
    assert retried[1] == "a request goes to another worker: the last one died (its connection has ended)"


def test_a_worker_that_leaves_with_nothing_in_its_hands_is_no_warning(world, caplog):
    world.ready(b"ann")
    world.command(b"ann", b"\x05")
    assert [level for level, *_ in told(caplog)] == ["INFO", "INFO"]


def test_a_worker_that_breaks_the_protocol_is(world, caplog):
    world.ready(b"ann")
    world.ready(b"ann")
    assert told(caplog)[-1][:2] == ("WARNING", "a worker is lost: second READY")


def test_how_a_request_ends_that_fails_is_told_with_its_id(world, caplog):
    world.ask(b"alice", b"x", id=b"1")
    world.wait(4.2)
    level, text, facts = next(each for each in told(caplog) if "ends as" in each[1])
    assert (level, text) == ("INFO", "a request ends as NO_SERVICE: no worker offers this service")
    assert facts["request"] == b"1".rjust(16, b"0").hex()


def test_of_a_flood_the_first_is_told_and_then_how_many_more(world, caplog):
    for _ in range(100):
        for _ in range(40):
            world.core.from_client([b"mallory", b"", b"MDPC02", b"\x01", b"s", b"b"], world.now)
        world.wait(0.25)
    world.wait(10.2)
    first, *later = [text for _, text, _ in told(caplog)]
    assert first == f"dropped: {LATER}"
    assert len(later) <= 4  # in 40 seconds
    assert all(line.startswith(f"dropped: {LATER}, ") and line.endswith(" more") for line in later)
    assert sum(int(line.split()[-2]) for line in later) == 100 * 40 - 40  # the first record counts what came before it


def test_what_happens_no_more_is_told_no_more(world, caplog):
    world.core.from_client([b"mallory"], world.now)
    world.wait(30)
    assert len(caplog.records) == 1


def test_the_end_is_told(world, caplog):
    world.core.drain(world.now)
    assert told(caplog) == [("INFO", "draining", {"clients_waiting": 0})]


def test_a_worker_at_the_clients_endpoint_is_told_so(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")
    with serving(ports=2) as broker, working(broker, "echo", lambda *frames: frames, at=broker.endpoint):
        said = "the broker refuses us as a worker of b'echo': this is the clients' endpoint"
        until(lambda: said in caplog.messages, "the worker's log says so")
        until(lambda: "dropped: a worker at the clients' endpoint" in caplog.messages, "the broker's too")


def test_a_client_at_the_workers_endpoint_is_told_so(caplog):
    with serving(ports=2) as broker, Client(broker.backend, timeout=20) as client:
        with pytest.raises(NoService, match="this is the workers' endpoint"):
            client.call("echo", b"x")
        until(lambda: "dropped: a client at the workers' endpoint" in caplog.messages, "the broker's log says so")
