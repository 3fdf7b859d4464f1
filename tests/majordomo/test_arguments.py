"""Every argument is looked at where it is given, and what cannot be right is told by its name."""

# Wrong arguments are passed on purpose.
# mypy: disable-error-code="arg-type, assignment, list-item"
from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest
import zmq
import zmq.asyncio

from tests.majordomo.support import DEADLINE, serving, working
from zmqlab.majordomo import Broker, Client, Curve, Limits, ReplyCache, Worker
from zmqlab.majordomo import __main__ as command
from zmqlab.majordomo.security import CertificateError

NAN = float("nan")
ENDPOINT = "tcp://127.0.0.1:1"


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"tick": 0}, ValueError, "tick must be at least 0.001 seconds, not 0"),
        ({"tick": math.inf}, ValueError, "tick must be at least 0.001 seconds and not for ever: inf is none"),
        ({"busy_timeout": 0}, ValueError, "busy_timeout must be more than 0 seconds"),
        ({"busy_timeout": NAN}, ValueError, "busy_timeout must be more than 0 seconds, not nan"),
        ({"queue_timeout": -1}, ValueError, "queue_timeout must be at least 0 seconds, not -1"),
        ({"drain_timeout": "5"}, TypeError, "drain_timeout must be a number of seconds, not '5'"),
        ({"busy_timeout": 1e308}, ValueError, "busy_timeout must be at most 1e+09 seconds, or inf, not 1e+308"),
        ({"queue_timeout": 10**400}, ValueError, "queue_timeout must be at most 1e+09 seconds, or inf, not 1000"),
        ({"liveness": 10**400}, ValueError, "liveness must be at most 9007199254740992, not 1000"),
        ({"max_frame_bytes": 2**64}, ValueError, "max_frame_bytes must be at most 9007199254740992"),
        ({"heartbeat": 0}, ValueError, "heartbeat must be more than 0 seconds"),
        ({"heartbeat": True}, TypeError, "heartbeat must be a number of seconds, not True"),
        ({"liveness": 0}, ValueError, "liveness must be at least 1, not 0"),
        ({"liveness": 1.5}, TypeError, "liveness must be a whole number or inf, not 1.5"),
        ({"max_queued": -1}, ValueError, "max_queued must be at least 1, not -1"),
        ({"max_queued": None}, TypeError, "max_queued must be a whole number or inf, not None"),
        ({"max_workers": NAN}, TypeError, "max_workers must be a whole number or inf, not nan"),
        ({"max_tries": False}, TypeError, "max_tries must be a whole number or inf, not False"),
        ({"max_frames": 7}, ValueError, "max_frames must be at least 8, not 7"),
        ({"max_frame_bytes": 10}, ValueError, "max_frame_bytes must be at least 255, not 10"),
        ({"max_service_name": 256}, ValueError, "max_service_name must be from 1 to 255, not 256"),
    ],
)
def test_limits(options, error, text):
    with pytest.raises(error) as caught:
        Limits(**options)
    assert text in str(caught.value)


@pytest.mark.parametrize("name", ["", b"", "x" * 256, b"\xff", "a\nb", "mmi.x", b"mmi.", None, 3, ["s"], "\ud800"])
def test_a_worker_with_a_name_that_no_service_can_have(name):
    with pytest.raises((TypeError, ValueError), match="name of a service"):
        Worker(ENDPOINT, name, bytes)


@pytest.mark.parametrize(
    "endpoint",
    [
        "nope",
        "",
        "tcp://",
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://:5555",
        "tcp://h:x",
        "tcp://h:65536",
        "ftp://h:1",
    ],
)
def test_an_endpoint_that_is_none(endpoint):
    for make in (lambda: Worker(endpoint, "s", bytes), lambda: Broker(endpoint), lambda: Broker(ENDPOINT, endpoint)):
        with pytest.raises(ValueError, match=r"(endpoint|backend) must .* like 'tcp://127.0.0.1:5555'"):
            make()


@pytest.mark.parametrize(
    "endpoint", ["tcp://*:*", "tcp://127.0.0.1:0", "tcp://[::1]:5555", "tcp://eth0;host:80", "ipc://@x", "inproc://x"]
)
def test_an_endpoint_that_is_one(endpoint):
    Worker(endpoint, "s", bytes)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"capacity": 0}, ValueError, "capacity must be from 1 to 999999, not 0"),
        ({"capacity": -1}, ValueError, "capacity must be from 1 to 999999, not -1"),
        ({"capacity": 10**6}, ValueError, "capacity must be from 1 to 999999"),
        ({"capacity": 2.0}, TypeError, "capacity must be a whole number, not 2.0"),
        ({"heartbeat": 0}, ValueError, "heartbeat must be more than 0 seconds"),
        ({"heartbeat": NAN}, ValueError, "heartbeat must be more than 0 seconds, not nan"),
        ({"liveness": 0}, ValueError, "liveness must be at least 1"),
        ({"deadline": -1}, ValueError, "deadline must be more than 0 seconds"),
        ({"busy_timeout": NAN}, ValueError, "busy_timeout must be more than 0 seconds"),
        ({"drain_timeout": None}, TypeError, "drain_timeout must be a number of seconds, not None"),
        ({"cache": {}}, TypeError, "cache must be a ReplyCache, not {}"),
        ({"curve": "key"}, TypeError, "curve must be a Curve, not 'key'"),
        ({"context": "ctx"}, TypeError, "context must be a zmq.Context, not 'ctx'"),
    ],
)
def test_a_worker(options, error, text):
    with pytest.raises(error) as caught:
        Worker(ENDPOINT, "s", bytes, **options)
    assert text in str(caught.value)


def test_other_arguments():
    with pytest.raises(TypeError, match="handler must be a function, not bytes"):
        Worker(ENDPOINT, "s", b"handler")
    with pytest.raises(TypeError, match="endpoint must be a str like"):
        Worker(b"tcp://127.0.0.1:1", "s", bytes)
    with pytest.raises(TypeError, match="limits must be a Limits"):
        Broker(ENDPOINT, limits={})
    with pytest.raises(ValueError, match="max_count must be at least 1, not 0"):
        ReplyCache(0)
    with pytest.raises(ValueError, match="max_age must be more than 0 seconds, not nan"):
        ReplyCache(max_age=NAN)
    with pytest.raises(CertificateError, match="a key in trusted must be 40 bytes"):
        Curve(b"x" * 40, b"x" * 40, (b"short",))
    closed = zmq.Context()
    closed.term()
    with pytest.raises(ValueError, match="context is terminated"):
        Worker(ENDPOINT, "s", bytes, context=closed)


def test_for_ever_is_a_time_that_an_operator_may_want():
    never = Limits(
        queue_timeout=math.inf,
        no_service_timeout=math.inf,
        busy_timeout=math.inf,
        heartbeat=math.inf,
        max_queued=math.inf,
    )
    with serving(never) as broker:
        options = {"deadline": math.inf, "busy_timeout": math.inf, "heartbeat": math.inf, "drain_timeout": math.inf}
        with working(broker, "s", bytes.upper, **options), Client(broker.endpoint) as client:
            assert client.call("s", b"x") == [b"X"]


def test_a_context_for_asyncio_will_do():
    with (
        zmq.asyncio.Context() as context,
        serving() as broker,
        working(broker, "s", bytes.upper, context=context),
        Client(broker.endpoint) as client,
    ):
        assert client.call("s", b"x") == [b"X"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["broker", "--tick", "0"], "tick must be at least 0.001"),
        (["broker", "--busy-timeout", "nan"], "busy_timeout must be more than 0"),
        (["broker", "--max-queued", "0"], "max_queued must be at least 1"),
        (["broker", "--heartbeat", "-1"], "heartbeat must be more than 0"),
        (["broker", "--backend", "nope"], "backend must be like"),
        (["broker", "--endpoint", "tcp://127.0.0.1:99999"], "endpoint must end in a port"),
        (["worker", "s", "json:loads", "--capacity", "0"], "capacity must be from 1"),
        (["worker", "s", "json:loads", "--heartbeat", "0"], "heartbeat must be more than 0"),
        (["worker", "s", "json:loads", "--busy-timeout", "-3"], "busy_timeout must be more than 0"),
        (["worker", "s", "json:loads", "--cache", "-1"], "max_count must be at least 1"),
        (["worker", "mmi.x", "json:loads"], "that begin with mmi. are the broker's own"),
        (["worker", "", "json:loads"], "it is empty"),
        (["worker", "s", "json:loads", "--endpoint", "nope"], "endpoint must be like"),
    ],
)
def test_the_command_names_what_is_wrong(arguments, text, capsys):
    assert command.main(arguments) == 2
    assert text in capsys.readouterr().err


def test_the_command_knows_no_limit(monkeypatch, capsys):
    """`inf` for a time and for a count; the broker serves with it."""
    served: list[Limits] = []

    def once(self):
        served.append(self.limits)
        self.close()

    monkeypatch.setattr(Broker, "run", once)
    monkeypatch.setattr(command, "on_signals", lambda end: None)
    arguments = ["--endpoint=tcp://127.0.0.1:0", "--busy-timeout=inf", "--max-queued=inf", "--max-frame-bytes=inf"]
    assert command.main(["broker", *arguments]) == 0
    [limits] = served
    assert (limits.busy_timeout, limits.max_queued, limits.max_frame_bytes) == (math.inf,) * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_worker_and_a_broker_in_a_forked_child_say_so_at_once():
    program = """
import os
from zmqlab.majordomo import Broker, Worker
broker = Broker("tcp://127.0.0.1:0")
worker = Worker(broker.endpoint, "s", bytes)
if not os.fork():
    for one in (worker, broker):
        try:
            one.run()
        except RuntimeError as error:
            print(error, flush=True)
    os._exit(0)
os.wait()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=DEADLINE)
    told = done.stdout.splitlines()
    assert [line.split(" was made in process ")[0] for line in told] == ["this Worker", "this Broker"], done.stderr
    assert all(line.endswith("in the process that uses it") for line in told)


def test_a_worker_runs_once():
    with serving() as broker:
        with working(broker, "s", bytes.upper) as worker, Client(broker.endpoint) as client:
            assert client.call("s", b"x") == [b"X"]
        with pytest.raises(RuntimeError, match="has run already"):
            worker.run()
