"""What the broker tells its log, and what it tells peers that are at the wrong endpoint."""

from __future__ import annotations

import logging

import pytest
import zmq

from tests.majordomo.support import DEADLINE, Plain, serving, until, working
from tests.majordomo.world import World
from zmqlab.majordomo import Client, HandlerFailed
from zmqlab.majordomo.errors import NoService
from zmqlab.majordomo.wire import LATER


@pytest.fixture
def world(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")
    return World()


def told(caplog):
    """Level, message and facts of each record; asyncio may speak of another test's tasks meanwhile."""
    ours = (record for record in caplog.records if record.name.startswith("zmqlab"))
    return [(record.levelname, record.getMessage(), getattr(record, "facts", {})) for record in ours]


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


@pytest.mark.parametrize(
    ("side", "frames", "told"),
    [
        ("backend", [b"", b"MDPC01", b"echo", b"x"], "a client at the workers' endpoint"),
        ("endpoint", [b"", b"MDPW01", b"\x01", b"echo"], "a worker at the clients' endpoint"),
        ("endpoint", [b"", b"MDPW01", b"\x05"], "a worker at the clients' endpoint"),
    ],
    ids=["request", "READY", "DISCONNECT"],
)
def test_of_a_plain_peer_at_the_wrong_endpoint_the_log_says_so(side, frames, told, caplog):
    with serving(ports=2) as broker, zmq.Context() as context:
        peer = Plain(context, zmq.DEALER, getattr(broker, side))
        peer.send(*frames)
        until(lambda: f"dropped: {told}" in caplog.messages, "the log says so")
        peer.close()


def test_a_worker_that_hears_no_broker_says_so_and_once_as_a_warning(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")
    with serving() as broker, working(broker, "echo", bytes, at="tcp://127.0.0.1:9", heartbeat=0.1, liveness=1):
        said = until(lambda: [each for each in caplog.records if "no sign of" in each.getMessage()][:2][1:], "twice")
    records = [each for each in caplog.records if "no sign of" in each.getMessage()]
    assert [each.levelname for each in records[:2]] == ["WARNING", "INFO"]
    assert "tcp://127.0.0.1:9" in said[0].getMessage()
    assert "is that the endpoint for workers" in said[0].getMessage()


def test_a_request_that_its_handler_fails_has_its_id_in_all_three_logs(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")

    def no(frame):
        raise ValueError("no such thing")

    with serving() as broker, working(broker, "s", no), Client(broker.endpoint) as client:
        with pytest.raises(HandlerFailed):
            client.call("s", b"x", timeout=DEADLINE)
        until(lambda: len(steps(caplog)) == 3, "all three have told it")
    assert {id for _, _, id in steps(caplog)} == {steps(caplog)[0][2]}
    assert {name for name, *_ in steps(caplog)} == {"broker", "worker", "client"}
    assert "a request ends as FAILED: ValueError: no such thing" in caplog.messages


def steps(caplog):
    """Who has told what of which request."""
    facts = [(record, getattr(record, "facts", {}).get("request")) for record in caplog.records]
    return [(record.name.split(".")[-1], record.getMessage(), id) for record, id in facts if id]


def test_each_step_of_a_request_is_told_to_who_wants_all(caplog):
    caplog.set_level(logging.DEBUG, "zmqlab.majordomo")
    with serving() as broker, working(broker, "s", bytes.upper), Client(broker.endpoint) as client:
        client.call("s", b"x", timeout=DEADLINE)
        until(lambda: len(steps(caplog)) >= 7, "all three have told it")
    ids = {id for *_, id in steps(caplog)}
    assert len(ids) == 1
    told = [(name, text) for name, text, _ in steps(caplog)]
    assert [text for name, text in told if name == "broker"] == [
        "a request is accepted",
        "a worker has got a request",
        "a request is answered",
    ]
    assert [text for name, text in told if name == "worker"] == ["a request has come", "a request is answered"]
    assert [text for name, text in told if name == "client"] == ["asked", "answered"]


def test_none_of_it_is_told_to_who_does_not(world, caplog):
    world.ready(b"ann")
    world.ask(b"alice", b"x", id=b"1")
    ((token, _),) = world.requests(b"ann")
    world.reply(b"ann", token, b"y")
    assert [text for _, text, _ in told(caplog)] == ["a worker has joined"]


def test_refused_workers_are_counted(world, caplog):
    for number in range(50):
        world.command(b"w%d" % number, b"\x01", b"mmi.mine")
    world.wait(10.2)
    assert world.core.counts.refused == {"a worker": 50}
    assert "command of a stranger" not in world.core.counts.drops
    assert "refused: a worker" in caplog.messages
    assert [text.partition(":")[0] for _, text, _ in told(caplog)] == ["refused a worker", "refused"]  # the first: why
