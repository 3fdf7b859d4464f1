"""A wrong argument is told to the one who passed it, and harms nobody else. Sizes too."""

# Wrong arguments are passed on purpose.
# mypy: disable-error-code="arg-type, assignment, list-item"
from __future__ import annotations

import array
import dataclasses

import pytest
import zmq
import zmq.asyncio

from tests.majordomo.support import DEADLINE, PATIENT, serving, until, working
from tests.majordomo.test_client import greet
from zmqlab.majordomo import AsyncClient, Client, Timeout, TooLarge

INF, NAN = float("inf"), float("nan")
SMALL = dataclasses.replace(PATIENT, max_frames=10, max_frame_bytes=1000)


@pytest.fixture
def echo():
    with serving() as broker, working(broker, "echo", lambda *frames: frames, capacity=4):
        yield broker.endpoint


WRONG = {
    "text": (("echo", "text"), {}, TypeError, "a frame must be bytes, not the text 'text': encode it"),
    "none": (("echo", None), {}, TypeError, "a frame must be bytes"),
    "dict": (("echo", {"a": 1}), {}, TypeError, "make bytes of it, as in json"),
    "number": (("echo", 5), {}, TypeError, "a frame must be bytes"),
    "list": (("echo", [b"x"]), {}, TypeError, "a frame must be bytes"),
    "generator": (("echo", (b"x" for _ in "a")), {}, TypeError, "a frame must be bytes"),
    "second frame": (("echo", b"x", "text"), {}, TypeError, "a frame must be bytes"),
    "no service": ((None, b"x"), {}, TypeError, "the name of a service must be str or bytes, not None"),
    "empty service": (("", b"x"), {}, ValueError, "it is empty"),
    "surrogate": (("\ud800", b"x"), {}, ValueError, "UTF-8"),
    "long service": (("s" * 256, b"x"), {}, ValueError, "it has 256 bytes, and 255 are allowed"),
    "timeout nan": (("echo", b"x"), {"timeout": NAN}, ValueError, "timeout must be more than 0 seconds, not nan"),
    "timeout negative": (("echo", b"x"), {"timeout": -1}, ValueError, "timeout must be more than 0"),
    "timeout zero": (("echo", b"x"), {"timeout": 0}, ValueError, "timeout must be more than 0"),
    "timeout text": (("echo", b"x"), {"timeout": "5"}, TypeError, "timeout must be a number of seconds, not '5'"),
    "timeout flag": (("echo", b"x"), {"timeout": True}, TypeError, "timeout must be a number of seconds"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_takes_no_slot_and_harms_nobody(echo, name):
    arguments, options, error, text = WRONG[name]
    with Client(echo, max_in_flight=2) as client:
        other = client.submit("echo", b"other")
        for _ in range(3):  # more than there are slots
            for use in (client.submit, client.call):
                with pytest.raises(error, match=text):
                    use(*arguments, **options)
        assert other.result(DEADLINE) == [b"other"]
        assert client.call("echo", b"x") == [b"x"]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["text", "dict", "empty service", "timeout nan"])
async def test_a_wrong_argument_of_an_async_client(echo, name):
    arguments, options, error, text = WRONG[name]
    async with AsyncClient(echo, max_in_flight=1) as client:
        for _ in range(2):
            with pytest.raises(error, match=text):
                await client.call(*arguments, **options)
        assert await client.call("echo", bytearray(b"x")) == [b"x"]
        with pytest.raises(TypeError, match="put a single one into a list"):
            client.map("echo", b"one")
        with pytest.raises(TypeError, match="a frame must be bytes"):
            [reply async for reply in client.map("echo", [b"x", {}])]
        assert [reply async for reply in client.map("echo", [bytearray(b"x")])] == [[b"x"]]


def test_no_limit_is_written_inf(echo):
    with Client(echo, timeout=INF, retry_every=INF) as client:
        assert client.call("echo", b"x") == [b"x"]
        assert client.call("echo", b"x", timeout=1e9) == [b"x"]
        assert client.call("echo", b"x", timeout=INF) == [b"x"]


def test_what_has_a_buffer_is_a_frame_and_may_change_later(echo):
    with Client(echo) as client:
        frame = bytearray(b"before")
        future = client.submit("echo", frame, memoryview(b"abcdef")[::2], array.array("B", [1, 2]), zmq.Frame(b"f"))
        frame[:] = b"after!"
        assert future.result(DEADLINE) == [b"before", b"ace", b"\1\2", b"f"]


def test_bodies_of_a_map(echo):
    with Client(echo) as client:
        bodies = [bytearray(b"x"), memoryview(b"x"), [b"x", b"y"], (b"x" for _ in range(2)), (), array.array("B", [1])]
        assert list(client.map("echo", bodies)) == [[b"x"], [b"x"], [b"x", b"y"], [b"x", b"x"], [b""], [b"\1"]]
        for wrong in (b"one", "one", bytearray(b"one"), {b"a": b"b"}, None, 5):
            with pytest.raises(TypeError, match="put a single one into a list"):
                client.map("echo", wrong)
        for wrong in ("text", {b"a": b"b"}, {b"a"}, None, 5, ["text"], [[b"x"]]):
            with pytest.raises(TypeError, match="a frame must be bytes"):
                list(client.map("echo", [b"x", wrong]))
        for options in ({"window": 0}, {"window": -1}, {"timeout": NAN}):
            with pytest.raises(ValueError, match=next(iter(options))):
                client.map("echo", [b"x"], **options)
        with pytest.raises(TypeError, match="window must be a whole number"):
            client.map("echo", [b"x"], window=1.5)
        with pytest.raises(ValueError, match="no name of a service"):
            client.map("", [b"x"])
        assert client.call("echo", b"x") == [b"x"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"timeout": NAN}, ValueError),
        ({"timeout": 0}, ValueError),
        ({"timeout": None}, TypeError),
        ({"retry_every": 0}, ValueError),
        ({"retry_every": NAN}, ValueError),
        ({"retry_every": "1"}, TypeError),
        ({"max_in_flight": 0}, ValueError),
        ({"max_in_flight": -1}, ValueError),
        ({"max_in_flight": 1.5}, TypeError),
        ({"max_in_flight": INF}, TypeError),
        ({"curve": b"key"}, TypeError),
        ({"context": "x"}, TypeError),
    ],
)
def test_wrong_options(options, error):
    with pytest.raises(error, match=next(iter(options))):
        Client("tcp://127.0.0.1:9", **options)


def test_a_context_of_asyncio_will_do(echo):
    with zmq.asyncio.Context() as context, Client(echo, context=context) as client:
        assert client.call("echo", b"x") == [b"x"]


# -- sizes -----------------------------------------------------------------------------------------------------------


def test_a_request_beyond_the_limits_ends_alone():
    with (
        serving(limits=SMALL) as broker,
        working(broker, "echo", lambda *frames: frames[0], capacity=4),
        Client(broker.endpoint) as client,
    ):
        assert client.call("echo", bytes(1000)) == [bytes(1000)]  # the largest; and the limits are known now
        others = [client.submit("echo", b"%d" % number) for number in range(50)]
        with pytest.raises(TooLarge, match=r"echo: .* a frame of 1001 bytes, and the broker takes at most 1000"):
            client.submit("echo", bytes(1001))
        with pytest.raises(ValueError, match="it has 6 frames, and the broker takes at most 5"):
            client.call("echo", *[b""] * 6)
        assert [other.result(DEADLINE) for other in others] == [[b"%d" % number] for number in range(50)]
        assert client.call("echo", *[b"x"] * 5) == [b"x"]
        assert client.retries == 0  # the connection has not broken


def test_limits_that_are_not_known_yet():
    """The first request of all is too large, and so is one that waits for the broker."""
    with serving(limits=SMALL) as broker:
        with Client(broker.endpoint) as client, pytest.raises(TooLarge, match="1001 bytes"):
            client.call("echo", bytes(1001))
        endpoint = broker.endpoint
    with Client(endpoint) as client:
        large, small = client.submit("echo", bytes(1001)), client.submit("echo", b"x")
        with serving(limits=SMALL, endpoint=endpoint) as broker, working(broker, "echo", lambda frame: frame):
            assert small.result(DEADLINE) == [b"x"]
            with pytest.raises(TooLarge, match="1001 bytes"):
                large.result(DEADLINE)


def test_the_limits_of_the_next_broker_are_others():
    with serving(limits=SMALL) as broker:
        endpoint = broker.endpoint
        client = Client(endpoint)
        with pytest.raises(TooLarge):
            client.call("echo", bytes(2000))
    with serving(PATIENT, endpoint=endpoint) as broker, working(broker, "echo", lambda frame: frame), client:
        until(lambda: answer_of(client, bytes(2000)) == [bytes(2000)], "the client knows the new limits")


def answer_of(client, body):
    try:
        return client.call("echo", body)
    except TooLarge as error:
        return error


@pytest.mark.parametrize("answer", [b"501", b"{", b"[]", b"null", b'{"max_frames": "x", "max_frame_bytes": -1}'])
def test_a_broker_without_limits_gets_all(answer):
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.rcvtimeo = int(DEADLINE * 1000)
        port = router.bind_to_random_port("tcp://127.0.0.1")
        with Client(f"tcp://127.0.0.1:{port}") as client:
            greet(router, answer)
            future = client.submit("s", bytes(5 << 20), *[b""] * 69)
            router.send_multipart(router.recv_multipart())
            assert len(future.result(DEADLINE)) == 70


def test_a_broker_that_says_nothing_of_limits_gets_all_after_a_moment():
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.rcvtimeo = int(DEADLINE * 1000)
        port = router.bind_to_random_port("tcp://127.0.0.1")
        with Client(f"tcp://127.0.0.1:{port}") as client:
            future = client.submit("s", bytes(5 << 20))
            assert router.recv_multipart()[3] == b"mmi.limits"
            router.send_multipart(router.recv_multipart())
            assert future.result(DEADLINE) == [bytes(5 << 20)]


def test_a_broker_that_refuses_a_size_says_so():
    """One of a later version, with a limit that this client does not know."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.rcvtimeo = int(DEADLINE * 1000)
        port = router.bind_to_random_port("tcp://127.0.0.1")
        with Client(f"tcp://127.0.0.1:{port}") as client:
            greet(router)
            future = client.submit("s", b"x")
            *envelope, header, _ = router.recv_multipart()
            router.send_multipart([*envelope, header[:4] + b"\2" + header[5:], b"much too long", b"too large"])
            with pytest.raises(TooLarge, match="s: much too long"):
                future.result(DEADLINE)


def test_a_timeout_holds_while_nobody_tells_limits():
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        port = router.bind_to_random_port("tcp://127.0.0.1")
        with Client(f"tcp://127.0.0.1:{port}") as client, pytest.raises(Timeout, match="nobody has said a word"):
            client.call("s", b"x", timeout=0.1)
