"""The client, threaded and async: futures, bounds, retries, errors."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq

from tests.majordomo.cut import BOTH, NEITHER, Cut
from tests.majordomo.support import DEADLINE, PATIENT, Held, serving, status_of, until, working
from zmqlab.majordomo import AsyncClient, Client, Closed, NoService, Timeout


@pytest.fixture
def echo(broker):
    with working(broker, "echo", lambda *frames: frames, capacity=4):
        yield broker.endpoint


def test_submit_from_many_threads(echo):
    with Client(echo) as client, ThreadPoolExecutor(8) as pool:
        bodies = [b"%d" % number for number in range(400)]
        assert list(pool.map(lambda body: client.call("echo", body), bodies)) == [[body] for body in bodies]


def test_map_keeps_the_order(echo):
    with Client(echo) as client:
        assert list(client.map("echo", [[b"a", b"b"], b"c"])) == [[b"a", b"b"], [b"c"]]
        assert [int(reply[0]) for reply in client.map("echo", (b"%d" % n for n in range(500)))] == list(range(500))


def test_map_is_lazy(echo):
    taken = []

    def bodies():
        for number in range(1000):
            taken.append(number)
            yield b"%d" % number

    with Client(echo) as client:
        replies = client.map("echo", bodies(), window=5)
        next(replies)
        assert len(taken) == 5
        del replies  # what is no longer asked for is not taken


def test_nobody_there():
    """The endpoint has no broker: a timeout, not a wait for ever."""
    with Client("tcp://127.0.0.1:9", timeout=0.2) as client:
        with pytest.raises(Timeout, match="echo: no answer in time"):
            client.call("echo", b"x")
        with pytest.raises(TimeoutError):  # also the built-in one
            client.call("echo", b"x")


def test_no_service(broker):
    with Client(broker.endpoint) as client, pytest.raises(NoService):
        client.call("echo", b"x")


def test_in_flight_is_bounded(broker):
    go_on = threading.Event()
    with (
        working(broker, "slow", lambda frame: go_on.wait(DEADLINE) and frame),
        Client(broker.endpoint, max_in_flight=3) as client,
    ):
        futures = [client.submit("slow", b"%d" % number) for number in range(3)]
        with pytest.raises(Timeout, match="3 requests are under way"):
            client.submit("slow", b"one more", timeout=0.1)
        go_on.set()
        assert [future.result(DEADLINE) for future in futures] == [[b"0"], [b"1"], [b"2"]]
        assert client.call("slow", b"one more") == [b"one more"]


def test_a_cancelled_request_is_not_executed_if_no_worker_has_it(broker):
    handler = Held()
    with working(broker, "s", handler), Client(broker.endpoint) as client:
        first, second, third = (client.submit("s", text) for text in (b"1", b"2", b"3"))
        until(lambda: status_of(client)["services"]["s"]["queued"] == 2, "two wait")
        assert second.cancel()
        until(lambda: status_of(client)["cancelled"] == 1, "the broker knows")
        handler.go_on.set()
        assert [first.result(DEADLINE), third.result(DEADLINE)] == [[b"1"], [b"3"]]
        assert client.late == 0
    assert handler.calls == [b"1", b"3"]


def test_a_cancelled_request_makes_room(broker):
    with Client(broker.endpoint, max_in_flight=1) as client:
        assert client.submit("nobody", b"x").cancel()
        with pytest.raises(NoService):
            client.call("nobody", b"x")


def test_closing_ends_what_is_under_way(broker):
    client = Client("tcp://127.0.0.1:9")
    future = client.submit("echo", b"x")
    client.close()
    client.close()
    with pytest.raises(Closed):
        future.result(0)
    with pytest.raises(Closed):
        client.call("echo", b"x")


def test_a_dead_connection_is_made_anew(echo):
    """It falls silent without a word, as behind a router that forgot it; new ones work."""
    cut = Cut(echo)
    with Client(cut.endpoint, retry_every=0.2) as client:
        assert client.call("echo", b"1") == [b"1"]
        cut.silent = BOTH
        future = client.submit("echo", b"2")
        until(lambda: client.retries, "the connection has carried something and is dead")
        cut.silent = NEITHER
        assert future.result(DEADLINE) == [b"2"]
    cut.close()


def test_a_context_that_ends_takes_its_client_along():
    context = zmq.Context()
    client = Client("tcp://127.0.0.1:9", context=context)
    future = client.submit("echo", b"x")
    context.term()
    with pytest.raises(Closed):
        future.result(DEADLINE)
    client.close()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [("tcp:/127.0.0.1", ValueError), (None, TypeError), ("tcp://*:5555", zmq.ZMQError), ("ipc:///no/\0", ValueError)],
)
def test_a_wrong_endpoint_is_told_at_once(wrong, error):
    with pytest.raises(error):
        Client(wrong)
    assert not [thread for thread in threading.enumerate() if thread.name == "majordomo-client"]


def greet(router, limits=b"501"):
    """A broker that is asked for its limits."""
    *envelope, _ = asked = router.recv_multipart()
    assert asked[3] == b"mmi.limits"
    router.send_multipart([*envelope, limits])


def test_a_request_is_asked_again_with_the_same_id_and_answered_once():
    """A broker that loses the first two of each request, and answers the third twice."""
    with zmq.Context() as context:
        router = context.socket(zmq.ROUTER)
        router.rcvtimeo = int(DEADLINE * 1000)
        port = router.bind_to_random_port("tcp://127.0.0.1")
        with Client(f"tcp://127.0.0.1:{port}", retry_every=0.1) as client:
            greet(router)
            future = client.submit("s", b"x")
            asked = [router.recv_multipart() for _ in range(3)]
            assert len({message[4][9:] for message in asked}) == 1
            router.send_multipart(asked[-1])
            router.send_multipart(asked[-1])
            assert future.result(DEADLINE) == [b"x"]
            until(lambda: client.late >= 1, "the second answer is counted")
            assert client.retries >= 2
        router.close(0)


def test_what_waits_for_a_broker_goes_out_when_it_comes(broker):
    with Client(broker.endpoint) as probe, pytest.raises(NoService):
        probe.call("x", b"")
    endpoint = broker.endpoint
    broker.kill()
    with Client(endpoint, retry_every=0.2) as client:
        future = client.submit("late", b"x")
        until(lambda: not broker_open(endpoint), "the first broker is gone")
        with serving(PATIENT, endpoint=endpoint) as second, working(second, "late", lambda frame: frame):
            assert future.result(DEADLINE) == [b"x"]


def broker_open(endpoint):
    import socket

    try:
        socket.create_connection(("127.0.0.1", int(endpoint.rpartition(":")[2])), timeout=DEADLINE).close()
    except OSError:
        return False
    return True


def test_a_client_leaves_nothing_behind(echo):
    for _ in range(20):
        with Client(echo) as client:
            client.call("echo", b"x")
    assert not [thread for thread in threading.enumerate() if thread.name == "majordomo-client"]


# -- asyncio ---------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_async_calls(echo):
    async with AsyncClient(echo, max_in_flight=10) as client:
        replies = await asyncio.gather(*(client.call("echo", b"%d" % number) for number in range(100)))
        assert replies == [[b"%d" % number] for number in range(100)]
        assert [reply async for reply in client.map("echo", [b"a", [b"b", b"c"]])] == [[b"a"], [b"b", b"c"]]


@pytest.mark.asyncio
async def test_the_loop_stays_free(broker):
    """More requests than may be under way never block the event loop."""
    async with AsyncClient(broker.endpoint, max_in_flight=2, timeout=20) as client:
        results = await asyncio.gather(*(client.call("nobody", b"x") for _ in range(6)), return_exceptions=True)
        assert [type(result) for result in results] == [NoService] * 6


@pytest.mark.asyncio
async def test_cancelling(broker):
    async with AsyncClient(broker.endpoint, max_in_flight=1) as client:
        call = asyncio.create_task(client.call("nobody", b"x"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        with pytest.raises(NoService):
            await client.call("nobody", b"x")
