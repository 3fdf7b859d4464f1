"""The storm sees what is lost, answered twice, wrong, executed again, and who ends by himself."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pytest
import zmq

from tests.bench import asking, storm
from tests.bench.asking import Tally
from tests.bench.storm import Outcome
from tests.majordomo.cut import BACK, Link
from tests.majordomo.support import DEADLINE, until
from zmqlab.majordomo import Client, wire
from zmqlab.majordomo.broker import bound_to
from zmqlab.majordomo.errors import Status
from zmqlab.majordomo.wire import Header, Request

pytestmark = pytest.mark.timeout(120)
Answers = Callable[[Request], list[list[bytes]]]


def answer(asked: Request, body: bytes, status: Status = Status.OK) -> list[bytes]:
    assert asked.header
    return wire.build_answer(asked.client, asked.service, Header(asked.header.id, 0, status), [body])


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """A broker that answers each request itself, with all that `answers` gives."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger = 0
        router.bind("tcp://127.0.0.1:0")
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                if router.poll(20):
                    asked = wire.read_request(router.recv_multipart())
                    limits = asked.service == wire.MMI_LIMITS
                    for message in [answer(asked, b"501")] if limits else answers(asked):
                        router.send_multipart(message)

        thread = threading.Thread(target=serve)
        thread.start()
        yield bound_to(router)
        stop.set()
        thread.join()


def told_by_a_client(answers: Answers) -> dict[str, object]:
    """Its last word after three requests."""
    out = io.StringIO()
    with answering(answers) as endpoint, Client(endpoint, timeout=DEADLINE) as client:
        tally = Tally(client, out)
        for number in range(1, 4):
            tally.asked += 1
            body = asking.request(1, number)
            future = client.submit(asking.SERVICE, body)
            future.add_done_callback(partial(tally.note, body))
            future.exception(DEADLINE)
        with suppress(AssertionError):
            until(lambda: client.late >= 3, "second answers", 0.2)
        tally.tell()
    told: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
    del told["at"]
    return told


GOOD = {"asked": 3, "answered": 3, "wrong": 0, "errors": {}, "twice": 0}


def right(asked: Request) -> list[bytes]:
    return answer(asked, asking.DONE + wire.name_in(asked.body[0]))


@pytest.mark.parametrize(
    ("answers", "seen"),
    [
        (lambda asked: [right(asked)], {}),
        (lambda asked: [right(asked), right(asked)], {"twice": 3}),
        (lambda asked: [answer(asked, asked.body[0])], {"answered": 0, "wrong": 3}),
        (lambda asked: [answer(asked, b"full", Status.BUSY)], {"answered": 0, "errors": {"Busy": 3}}),
    ],
)
def test_a_client_tells_what_came(answers, seen):
    assert told_by_a_client(answers) == {**GOOD, **seen}


def outcome(last: dict[str, object], log: bytes = b"", *, was_killed: bool = False) -> Outcome:
    found = Outcome()
    found.add_client([{**GOOD, **last}], was_killed=was_killed)
    found.add_executions(log or b"".join(bytes([number]) * asking.KEY for number in range(30)))
    return found


def test_marks_are_missed_by_what_is_wrong(capsys):
    assert outcome({}).report()
    assert not outcome({"twice": 1}).report()
    assert not outcome({"answered": 2, "wrong": 1}).report()
    assert not outcome({"answered": 2}).report()
    assert not outcome({"asked": 4, "errors": {"Timeout": 1}}).report()
    assert not Outcome().report()
    ended = outcome({})
    ended.ended.append("worker: -6")
    assert not ended.report()
    assert outcome({"answered": 2}, was_killed=True).report()
    assert not outcome({"asked": 4, "errors": {"Timeout": 1}}, was_killed=True).report()


def test_executions_are_counted_for_each_request(capsys):
    once, twice = b"a" * asking.KEY, b"b" * asking.KEY
    found = outcome({}, once + twice + twice)
    assert (found.executed, found.distinct) == (3, 2)
    assert not found.report()
    assert "1.5000 executions a request" in capsys.readouterr().out


def test_half_a_line_of_a_client_that_was_killed_is_left_out(tmp_path):
    log = tmp_path / "client"
    log.write_text('{"at": 1.5}\n{"at": 2')
    assert storm.read(log) == [{"at": 1.5}]
    assert storm.longest_gap([3.0, 1.0, 1.5]) == 1.5


def test_a_short_storm_and_a_process_that_ends_by_itself(capsys, monkeypatch):
    """A worker is killed behind the storm's back."""
    blow = storm.blow

    def and_kill(world, *arguments):
        world.workers[0].process.terminate()
        world.workers[0].process.join(DEADLINE)
        blow(world, *arguments)

    monkeypatch.setattr(storm, "EVERY", 0.2)
    monkeypatch.setattr(storm, "blow", and_kill)
    assert not storm.storm(3.0, seed=5)
    said = capsys.readouterr().out
    assert "lost 0, answered twice 0, wrong 0" in said
    assert "by our hand (mark: 0): 1 ['worker: -15']" in said
    assert "faults in 3 s: " in said


def test_a_link_is_halved_and_cut():
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = Link(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        near = socket.create_connection(("127.0.0.1", int(link.endpoint.rpartition(":")[2])), DEADLINE)
        far, _ = server.accept()
        far.settimeout(DEADLINE)
        near.sendall(b"there")
        assert far.recv(9) == b"there"
        link.silent = frozenset({BACK})
        far.sendall(b"lost")
        near.sendall(b"still there")
        assert far.recv(20) == b"still there"
        near.settimeout(0.05)
        with pytest.raises(TimeoutError):
            near.recv(9)
        link.reset()
        assert far.recv(9) == b""
        near.settimeout(DEADLINE)
        assert near.recv(9) == b""
        link.close()
        near.close()
        far.close()
