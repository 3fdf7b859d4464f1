"""The worker: handlers, capacity, heartbeats, a broker that comes and goes, a clean end."""

from __future__ import annotations

import asyncio
import math
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
import zmq

from tests.majordomo.cut import BOTH, NEITHER, Cut
from tests.majordomo.support import DEADLINE, PATIENT, QUICK, Held, Plain, serving, status_of, until, working
from zmqlab.majordomo import Client, HandlerFailed, Limits, ReplyCache, Worker, wire
from zmqlab.majordomo.broker import bound_to


@pytest.fixture
def client(broker):
    with Client(broker.endpoint, retry_every=0.3) as client:
        yield client


class Slow:
    """A handler that gives the frame back after some time, and keeps what it was called with."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.calls = []

    def __call__(self, frame):
        self.calls.append(frame)
        threading.Event().wait(self.seconds)
        return frame


async def async_echo(*frames):
    await asyncio.sleep(0)
    return list(frames)


@pytest.mark.parametrize(
    ("handler", "frames", "reply"),
    [
        (lambda *frames: frames, [b"a", b"b"], [b"a", b"b"]),
        (bytes.upper, [b"a"], [b"A"]),
        (lambda frame: None, [b"a"], [b""]),
        (lambda frame: bytearray(b"x"), [b"a"], [b"x"]),
        (async_echo, [b"a", b"b"], [b"a", b"b"]),
    ],
)
def test_handlers(broker, client, handler, frames, reply):
    with working(broker, "s", handler):
        assert client.call("s", *frames) == reply


async def async_failure(frame):
    raise LookupError("not here")


def exits(frame):
    raise SystemExit("no")


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (lambda frame: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda frame: "text", "TypeError: a handler returns bytes"),
        (lambda frame: [b"x", 1], "TypeError: a handler returns bytes"),
        (lambda frame: [], "TypeError: a handler returns bytes"),
        (lambda: b"", "TypeError: "),
        (async_failure, "LookupError: not here"),
        (exits, "SystemExit: no"),
    ],
)
def test_what_a_handler_raises_is_told_and_not_tried_again(broker, client, handler, text):
    with working(broker, "s", handler):
        for _ in range(2):
            with pytest.raises(HandlerFailed, match=text):
                client.call("s", b"x")
        assert status_of(client)["dispatched"] == 2


@pytest.mark.parametrize("kind", ["threads", "loop"])
def test_capacity_is_how_many_run_at_the_same_time(broker, client, kind):
    meet = threading.Barrier(3)
    inside = 0

    def together(frame):
        meet.wait(DEADLINE)
        return frame

    async def together_too(frame):
        nonlocal inside
        inside += 1
        while inside < 3:
            await asyncio.sleep(0)
        return frame

    with working(broker, "s", together if kind == "threads" else together_too, capacity=3):
        futures = [client.submit("s", b"%d" % number) for number in range(3)]
        assert [future.result(DEADLINE) for future in futures] == [[b"0"], [b"1"], [b"2"]]


def test_heartbeats_go_on_during_a_long_handler(broker, client):
    """It takes longer than the broker takes to call a silent worker dead."""
    slow = Slow(1.5)
    with working(broker, "s", slow):
        assert client.call("s", b"x") == [b"x"]
        assert slow.calls == [b"x"]
        assert status_of(client)["lost_workers"] == {}


def test_heartbeats_stop_when_the_handler_is_hung(broker, client):
    hang = threading.Event()

    def hangs(frame):
        hang.wait(DEADLINE)
        return b"from the hung one"

    with working(broker, "s", hangs, deadline=0.1):
        future = client.submit("s", b"x")
        until(lambda: status_of(client)["lost_workers"] == {"silent": 1}, "the hung worker counts as dead")
        with working(broker, "s", lambda frame: b"from the other"):
            assert future.result(DEADLINE) == [b"from the other"]
        hang.set()  # it registers anew, and the reply that nobody wants is dropped
        until(lambda: status_of(client)["services"].get("s", {}).get("workers"), "it is back")
        assert client.call("s", b"y") == [b"from the hung one"]
    assert client.late == 0


def test_the_worker_registers_with_a_new_broker(client, broker):
    with working(broker, "s", lambda frame: frame) as worker:
        assert client.call("s", b"1") == [b"1"]
        endpoint = broker.endpoint
        broker.kill()
        until(lambda: not is_listening(endpoint), "the broker is gone")
        with serving(PATIENT, endpoint=endpoint):
            assert client.call("s", b"2") == [b"2"]
            worker.stop()


def is_listening(endpoint):
    import socket

    try:
        socket.create_connection(("127.0.0.1", int(endpoint.rpartition(":")[2])), timeout=DEADLINE).close()
    except OSError:
        return False
    return True


def test_stopping_finishes_what_was_begun_and_loses_nothing(broker, client):
    """Of many requests none is given to a second worker because the first one left in the middle of them."""
    futures = [client.submit("s", b"%d" % number) for number in range(300)]
    with working(broker, "s", lambda frame: frame, capacity=4):
        futures[20].result(DEADLINE)
    with working(broker, "s", lambda frame: frame, capacity=4):
        assert [future.result(DEADLINE) for future in futures] == [[b"%d" % number] for number in range(300)]
        status = status_of(client)
    assert status["retried"] == 0
    assert status["dispatched"] == 300


def test_a_worker_with_a_hung_handler_can_be_stopped(broker, client):
    hang, begun = threading.Event(), threading.Event()

    def hangs(frame):
        begun.set()
        hang.wait(DEADLINE)

    with working(broker, "s", hangs, deadline=0.05, drain_timeout=0.2):
        client.submit("s", b"x")
        assert begun.wait(DEADLINE)
    hang.set()


def test_a_request_that_comes_again_is_answered_from_the_cache(broker):
    calls = []
    cache = ReplyCache()
    request = [b"", b"MDPC01", b"s", b"MDX1\0\0\0\0\0" + b"an id of 16 byte", b"x"]
    with working(broker, "s", lambda frame: calls.append(frame), cache=cache), zmq.Context() as context:
        for _ in range(3):  # each time on a new connection, as after a lost one
            plain = Plain(context, zmq.DEALER, broker.endpoint)
            plain.send(*request)
            assert plain.receive() == [*request[:4], b""]
            plain.close()
    assert calls == [b"x"]
    assert len(cache) == 1


def test_a_request_that_comes_again_while_it_is_worked_on_is_not_begun_again():
    """The broker is killed in the middle of a job, and started again; the client asks once more, under the same id."""
    handler = Held()

    with serving() as first, Client(first.endpoint, retry_every=0.2) as client:
        cache = ReplyCache()
        with working(first, "s", handler, cache=cache, capacity=4) as worker:
            future = client.submit("s", b"x")
            assert handler.begun.wait(DEADLINE)
            first.kill()
            until(lambda: taken_over(first), "its endpoint is free")
            with serving(PATIENT, endpoint=first.endpoint) as second:
                until(lambda: second._core.counts.dispatched, "the worker has it again")
                until(lambda: len(worker._tasks) == 2, "and knows")
                handler.go_on.set()
                assert future.result(DEADLINE) == [b"x"]
                assert client.call("s", b"y") == [b"y"]
    assert handler.calls == [b"x", b"y"]


def taken_over(broker):
    """Whether nobody is bound there any more."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as other:
        try:
            other.bind(broker.endpoint)
        except zmq.ZMQError:
            return False
        return True


def test_a_plain_broker_gets_plain_mdp():
    """Nothing of ours goes to a broker that is not ours but capacity and wishes in READY, which MDP brokers skip."""
    with zmq.Context() as context:
        router = context.socket(zmq.ROUTER)
        router.rcvtimeo = int(DEADLINE * 1000)
        port = router.bind_to_random_port("tcp://127.0.0.1")

        class Elsewhere:
            backend = f"tcp://127.0.0.1:{port}"

        def command():
            while (frames := router.recv_multipart())[3] == b"\x04":
                pass
            return frames

        with working(Elsewhere(), "s", lambda frame: bytes([100 // int(frame)])):
            first, *ready = command()
            assert ready == [b"", b"MDPW01", b"\x01", b"s", b"1", b"{}"]
            router.send_multipart([first, b"", b"MDPW01", b"\x02", b"client", b"", b"2"])
            assert command()[1:] == [b"", b"MDPW01", b"\x03", b"client", b"", b"\x32"]
            router.send_multipart([first, b"", b"MDPW01", b"\x02", b"client", b"", b"0"])
            assert command() == [first, b"", b"MDPW01", b"\x05"], "no reply for a request that failed"
            second, *ready = command()
            assert second != first
            assert ready[2] == b"\x01"
        assert command() == [second, b"", b"MDPW01", b"\x05"]
        router.close(0)


@pytest.mark.parametrize(
    ("broker_beats", "own"),
    [
        (QUICK, {"heartbeat": 30.0, "liveness": 3}),
        (replace(QUICK, heartbeat=10.0), {"heartbeat": 0.1, "liveness": 2}),
        (QUICK, {"heartbeat": math.inf}),
    ],
    ids=["slower than the broker", "faster than the broker", "none"],
)
def test_the_broker_says_how_often_heartbeats_come(broker_beats, own, caplog):
    """The worker would be dropped, or hang up, in the middle of a job that takes 1.5 s."""
    caplog.set_level("INFO", "zmqlab.majordomo.worker")
    slow = Slow(1.5)
    with serving(broker_beats) as broker, working(broker, "s", slow, **own), Client(broker.endpoint) as client:
        assert client.call("s", b"x") == [b"x"]
        status = status_of(client)
    assert (status["dispatched"], status["lost_workers"], slow.calls) == (1, {}, [b"x"])
    beats = (
        f"the broker's heartbeat counts: every {broker_beats.heartbeat:g} s, {broker_beats.liveness:g} may be missing"
    )
    assert beats in caplog.messages


def test_a_job_longer_than_busy_timeout_is_done_once_by_the_one_worker():
    slow = Slow(0.6)
    limits = replace(QUICK, busy_timeout=0.2)
    with serving(limits) as broker, working(broker, "s", slow), Client(broker.endpoint) as client:
        assert client.call("s", b"x") == [b"x"]
        assert client.call("s", b"y") == [b"y"]
        assert status_of(client)["drops"] == {}
    assert slow.calls == [b"x", b"y"]


def test_a_worker_says_how_long_its_jobs_may_take():
    """So no other one gets them meanwhile."""
    slow = Slow(0.6)
    limits = replace(QUICK, busy_timeout=0.2)
    with (
        serving(limits) as broker,
        working(broker, "s", slow, busy_timeout=20),
        working(broker, "s", slow, busy_timeout=math.inf),
        Client(broker.endpoint) as client,
    ):
        futures = [client.submit("s", b"%d" % number) for number in range(2)]
        assert [future.result(DEADLINE) for future in futures] == [[b"0"], [b"1"]]
        assert status_of(client)["retried"] == 0
    assert sorted(slow.calls) == [b"0", b"1"]


@pytest.mark.parametrize("silent", [False, True], ids=["its connection breaks", "it is taken for dead"])
def test_a_worker_that_was_away_goes_on_with_what_it_holds(broker, client, silent):
    """Nothing is executed again, and each answer comes."""
    begun, go_on = threading.Semaphore(0), {b"long": threading.Event(), b"short": threading.Event()}
    calls = []

    def handler(frame):
        calls.append(frame)
        begun.release()
        go_on[frame].wait(DEADLINE)
        return frame.upper()

    cut = Cut(broker.backend)
    with working(broker, "s", handler, at=cut.endpoint, capacity=2):
        futures = [client.submit("s", frame) for frame in go_on]
        assert all(begun.acquire(timeout=DEADLINE) for _ in futures)
        if silent:
            cut.silent = BOTH
            until(lambda: status_of(client)["lost_workers"] == {"silent": 1}, "the broker gives it up")
            cut.silent = NEITHER
        else:
            cut.reset()
            until(lambda: status_of(client)["lost_workers"], "the broker notices")
        until(lambda: workers_of(client) == 1, "it registers anew")
        for frame, future in zip(go_on, futures, strict=True):
            go_on[frame].set()
            assert future.result(DEADLINE) == [frame.upper()]
        status = status_of(client)
    cut.close()
    assert (sorted(calls), status["dispatched"]) == ([b"long", b"short"], 2)


@pytest.mark.parametrize("wanted", [True, False])
def test_what_ended_before_the_broker_has_confirmed_is_sent_if_it_is_wanted(wanted):
    """A scripted broker sends the worker away in the middle of its work, and takes its time to welcome it again."""
    go_on, ended = threading.Event(), threading.Semaphore(0)

    def handler(frame):
        go_on.wait(DEADLINE)
        ended.release()
        return frame.upper()

    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger, router.rcvtimeo = 0, int(DEADLINE * 1000)

        class Scripted:
            backend = f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}"

        def command():
            while (frames := router.recv_multipart())[3] == wire.HEARTBEAT:
                pass
            return frames

        with working(Scripted(), "s", handler) as worker:
            first = command()[0]
            limits = Limits().announce()
            router.send_multipart(wire.build_heartbeat(first, 1, limits))
            router.send_multipart(wire.build_work(first, b"token", None, [b"x"]))
            router.send_multipart(wire.build_disconnect(first, b"away with you"))
            second, *ready = command()
            again = wire.read_command([second, *ready])
            assert isinstance(again, wire.Ready)
            assert again.wishes
            assert again.wishes.held == (b"token",)
            go_on.set()
            assert ended.acquire(timeout=DEADLINE)
            router.send_multipart(wire.build_work(second, b"next", None, [b"y"]))  # it has forgotten the first, then
            assert ended.acquire(timeout=DEADLINE)
            assert command()[4:] == [b"next", b"", b"Y"]
            router.send_multipart(wire.build_heartbeat(second, 1, limits, [b"token"] if wanted else []))
            router.send_multipart(wire.build_work(second, b"last", None, [b"z"]))
            tokens = [command()[4] for _ in range(1 + wanted)]
            assert tokens == ([b"token", b"last"] if wanted else [b"last"])
            worker.stop()
            router.send_multipart(wire.build_heartbeat(second, 0))


def workers_of(client):
    return status_of(client)["services"].get("s", {}).get("workers")


def refusals(caplog):
    return [record for record in caplog.records if "refuses us" in record.getMessage()]


def test_a_worker_that_is_refused_waits_longer_each_time_and_says_why(caplog):
    caplog.set_level("INFO", "zmqlab.majordomo.worker")
    with (
        serving(replace(QUICK, max_workers=1)) as broker,
        Client(broker.endpoint) as client,
        working(broker, "s", lambda frame: b"first"),
    ):
        assert client.call("s", b"") == [b"first"]
        with working(broker, "s", lambda frame: b"second"):
            until(lambda: len(refusals(caplog)) >= 4, "it has come four times")
    times = [record.created for record in refusals(caplog)[:4]]
    for number, (one, next_one) in enumerate(pairwise(times)):
        assert next_one - one >= 0.05 * 2**number
    messages = [record.getMessage() for record in refusals(caplog)]
    assert set(messages) == {"the broker refuses us as a worker of b's': too many workers"}
    assert [record.levelname for record in refusals(caplog)[:2]] == ["WARNING", "INFO"]
    assert caplog.messages.count("refused a worker: too many workers (service b's')") == 1


def test_a_worker_that_is_refused_can_be_stopped():
    with (
        serving(replace(QUICK, max_workers=1)) as broker,
        Client(broker.endpoint) as client,
        working(broker, "s", bytes.upper),
        working(broker, "s", bytes.upper),
    ):
        assert client.call("s", b"x") == [b"X"]
        until(lambda: status_of(client)["refused"].get("a worker"), "one is refused")


class FirstVersion:
    """A broker of wire version 1 takes a READY with wishes for malformed: it drops it without a word."""

    @staticmethod
    def read_command(frames):
        if len(frames) == 7 and frames[3] == wire.READY:
            raise wire.Malformed("malformed command")
        return read_command(frames)


read_command = wire.read_command


def test_a_broker_of_the_first_wire_version_is_understood(monkeypatch):
    monkeypatch.setattr(wire, "read_command", FirstVersion.read_command)
    with (
        serving() as broker,
        working(broker, "s", bytes.upper, capacity=3) as worker,
        Client(broker.endpoint) as client,
    ):
        assert client.call("s", b"x") == [b"X"]
        until(lambda: status_of(client)["services"]["s"]["workers"] == 1, "it stays")
        assert status_of(client)["drops"] == {"malformed command": 1, "command of a stranger": 1}
        worker.stop()
        until(lambda: status_of(client)["lost_workers"] == {"disconnected": 1}, "it takes its leave")


def test_a_worker_of_the_first_wire_version_is_understood(broker, client):
    """It knows capacity and headers, and would drop whatever else we add to a message."""
    with zmq.Context() as context:
        worker = Plain(context, zmq.DEALER, broker.backend)
        worker.send(b"", b"MDPW01", b"\x01", b"s", b"3")
        assert worker.receive() == [b"", b"MDPW01", b"\x04", b"3"]
        future = client.submit("s", b"x")
        while (work := worker.receive())[2] == b"\x04":
            assert work == [b"", b"MDPW01", b"\x04"]
        worker.send(b"", b"MDPW01", b"\x03", work[3], b"", work[5], b"X")
        assert future.result(DEADLINE) == [b"X"]
        worker.send(b"", b"MDPW01", b"\x01", b"s", b"3")  # a second READY breaks the protocol
        while (told := worker.receive())[2] == b"\x04":
            pass
        assert told == [b"", b"MDPW01", b"\x05"]
        worker.close()


def test_results_that_the_broker_does_not_read_at_once_are_not_lost():
    """More of them than libzmq takes by itself: a full pipe threw them away, and the requests hung at the broker."""
    many, body = 3000, bytes(10_000)
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger = 0
        router.rcvtimeo = int(DEADLINE * 1000)
        router.sndhwm = 2 * many
        router.rcvhwm = 1
        router.bind("tcp://127.0.0.1:*")

        async def handler(frame: bytes) -> bytes:
            if frame == b"last":
                began.set()
            return body

        began = threading.Event()
        endpoint = bound_to(router)
        worker = Worker(endpoint, "s", handler, capacity=many, heartbeat=60)
        thread = threading.Thread(target=worker.run)
        thread.start()
        name, *ready = router.recv_multipart()
        assert ready[2:4] == [b"\x01", b"s"]
        for number in range(many):
            router.send_multipart(
                [name, b"", b"MDPW01", b"\x02", b"%d" % number, b"", b"last" if number == many - 1 else b"x"]
            )
        told = worker._finished  # the results that were not handed to libzmq yet
        until(lambda: began.is_set() and told.empty() and not worker._tasks, "libzmq has them all")
        replies = 0
        while replies < many:
            replies += router.recv_multipart()[3] == b"\x03"
        worker.stop()
        thread.join(DEADLINE)
