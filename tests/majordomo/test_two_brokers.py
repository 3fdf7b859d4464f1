"""Clients and workers that know two brokers: when one is killed, or says nothing, they go on at the other."""

# Wrong arguments are passed on purpose.
# mypy: disable-error-code="arg-type"
from __future__ import annotations

import logging
import os
import signal
import sys

import pytest

from tests.majordomo.cut import Cut
from tests.majordomo.processes import cleanup, kill, run, start_broker, start_worker
from tests.majordomo.support import DEADLINE, PATIENT, Held, serving, status_of, until, working
from zmqlab.majordomo import Client, ReplyCache, Timeout, Worker

ECHO = "tests.majordomo.handlers:echo"
ONE, TWO = "tcp://127.0.0.1:1", "tcp://127.0.0.1:2"
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")


def test_workers_at_both_and_a_client_of_both_and_one_broker_is_killed():
    """The recipe of docs/operations.md: nobody waits for a worker to come along."""
    with cleanup() as processes:
        (first, one), (second, two) = start_broker(), start_broker()
        processes += [first, second, start_worker(one, "echo", ECHO), start_worker(two, "echo", ECHO)]
        with Client([one, two], retry_every=60) as client:
            assert client.call("echo", b"at the first") == [b"at the first"]
            kill(first)
            assert client.call("echo", b"at the second") == [b"at the second"]
            again, _ = start_broker(endpoint=one)
            processes.append(again)
            assert client.call("echo", b"still there") == [b"still there"]
            assert status_of(client)["accepted"] == 2  # it does not go back
            kill(second)
            assert client.call("echo", b"at the first again") == [b"at the first again"]


def test_a_worker_of_both_comes_along():
    with cleanup() as processes:
        (first, one), (second, two) = start_broker("--no-service-timeout=20"), start_broker("--no-service-timeout=20")
        worker = start_worker(one, "echo", ECHO, f"--endpoint={two}")
        processes += [first, second, worker]
        done = run("call", f"--endpoint={one}", f"--endpoint={two}", "echo", "x")
        assert (done.stdout, done.stderr) == ("x\n", "")
        kill(first)
        done = run("call", f"--endpoint={one}", f"--endpoint={two}", "--timeout=20", "echo", "y")
        assert (done.stdout, done.stderr) == ("y\n", "")


@posix
def test_a_broker_that_is_stopped_is_silent():
    with cleanup() as processes:
        (first, one), (second, two) = start_broker(), start_broker()
        processes += [first, second, start_worker(two, "echo", ECHO)]
        with Client([one, two], retry_every=0.2) as client:
            assert status_of(client)["accepted"] == 0
            os.kill(first.pid, signal.SIGSTOP)
            assert client.call("echo", b"x") == [b"x"]


def test_what_was_under_way_is_asked_again_and_one_worker_with_a_cache_does_it_once():
    """The same worker, that is: of two brokers each has another one, in the recipe, and then it is done twice."""
    handler = Held()
    with serving(PATIENT) as second, cleanup() as processes:
        first, one = start_broker()
        processes.append(first)
        both = [one, second.endpoint]
        with (
            working(second, "held", handler, at=both, cache=ReplyCache(10), heartbeat=0.2),
            Client(both, retry_every=0.2) as client,
        ):
            future = client.submit("held", b"x")
            assert handler.begun.wait(DEADLINE)
            kill(first)
            with Client(second.endpoint) as other:
                until(lambda: status_of(other)["services"].get("held", {}).get("busy"), "the other broker has asked it")
            handler.go_on.set()
            assert future.result(DEADLINE) == [b"x"]
        assert handler.calls == [b"x"]


def test_a_broken_connection_alone_is_no_reason_to_go():
    """Who went would be alone at the other one."""
    with serving() as first, serving() as second, working(first, "echo", bytes):
        cut = Cut(first.endpoint)
        with Client([cut.endpoint, second.endpoint]) as client:
            for _ in range(3):
                assert client.call("echo", b"x") == [b"x"]
                cut.reset()
            assert client.call("echo", b"x") == [b"x"]
        cut.close()


def test_nobody_at_any_of_them(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")
    with Client([ONE, TWO], timeout=0.5) as client, pytest.raises(Timeout) as caught:
        client.call("echo", b"x")
    assert "nobody has accepted a connection at tcp://127.0.0.1:" in str(caught.value)
    assert str(caught.value).endswith(f"(of {ONE} and {TWO}, tried in turn)")
    assert f"on to the next broker, {TWO}: nobody has accepted a connection at {ONE}" in caplog.messages


def test_a_worker_says_where_it_goes(caplog):
    caplog.set_level(logging.INFO, "zmqlab.majordomo")
    with (
        serving(PATIENT) as broker,
        working(broker, "echo", bytes, at=[ONE, broker.endpoint], heartbeat=0.05, liveness=2),
        Client(broker.endpoint) as client,
    ):
        assert client.call("echo", b"x") == [b"x"]
    told = [text for text in caplog.messages if text.startswith(f"no sign of the broker at {ONE} for 0.1 s")]
    assert told  # more than once where the other is slow, too
    assert all(text.endswith(f": connecting to {broker.endpoint}") for text in told)


@pytest.mark.parametrize(
    ("endpoint", "error", "text"),
    [
        ([], ValueError, "endpoint is an empty list: give one broker or more, like ['tcp://127.0.0.1:5555']"),
        ([ONE, TWO, ONE], ValueError, f"endpoint has '{ONE}' twice: give each broker once, in the order to try them"),
        ([ONE, b"tcp://127.0.0.1:2"], TypeError, "endpoint[1] must be a str like 'tcp://127.0.0.1:5555', not b'tcp"),
        ([ONE, "127.0.0.1:2"], ValueError, "endpoint[1] must be like 'tcp://127.0.0.1:5555'"),
        ([ONE, "inproc://b"], ValueError, "endpoint has 'inproc://b' among others: in a process nobody sees that a br"),
        ({ONE, TWO}, TypeError, "endpoint must be a str like 'tcp://127.0.0.1:5555', or a list of such, not {"),
        (None, TypeError, "endpoint must be a str like 'tcp://127.0.0.1:5555', or a list of such, not None"),
    ],
)
def test_endpoints_that_cannot_be(endpoint, error, text):
    for make in (lambda: Worker(endpoint, "s", bytes), lambda: Client(endpoint)):
        with pytest.raises(error) as caught:
            make()
        assert text in str(caught.value)
