"""asyncio sockets: the same results and errors as from plain ones, and what is recorded when."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import zmq
import zmq.asyncio

from tests.sockets.both import pair, plain_value, prepared, raised, run_plain, run_traced, story
from zmqlab.sockets.aio import TracedAsyncContext
from zmqlab.sockets.errors import WrongThread
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.events import SendData, SentData, UnsentData
from zmqlab.trace.log import Log

Story = list[tuple[Any, ...]]
SCENARIOS: list[Any] = []


def scenario(*told: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Registers a coroutine of a context, and the events that it must leave; none given: they are not compared."""

    def register(function: Callable[[Any], Awaitable[Any]]) -> Any:
        SCENARIOS.append(pytest.param(function, list(told), id=function.__name__))
        return function

    return register


def within(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The coroutine as a function of a context, with an event loop and a deadline."""
    return lambda ctx: asyncio.run(asyncio.wait_for(_plain(function, ctx), 10))


async def _plain(function: Callable[[Any], Any], ctx: Any) -> Any:
    return plain_value(await function(ctx))


async def araised(awaitable: Any) -> tuple[str, Any, str]:
    try:
        result = await awaitable
    except (Exception, asyncio.CancelledError) as error:
        await asyncio.sleep(0)  # the callbacks of what was awaited
        return type(error).__name__, getattr(error, "errno", None), str(error)
    raise AssertionError(f"nothing raised, but returned {result!r}")


@pytest.mark.parametrize("links", [False, True], ids=["bare", "links"])
@pytest.mark.parametrize(("function", "told"), SCENARIOS)
def test_same_on_both(function: Callable[[Any], Any], told: Story, links: bool) -> None:
    result, events = run_traced(within(function), TracedAsyncContext, links)
    assert result == run_plain(within(function), zmq.asyncio.Context)
    if told:
        assert story(events) == told


@scenario(
    *[("send", b"a"), ("recv", b"a"), ("send", b"b", b"c"), ("recv", b"b", b"c"), ("send", b"d", b"e")],
    *[("recv", b"d", b"e"), ("send", b"f", b"g"), ("recv", b"f", b"g"), ("send", b"ab"), ("recv", b"ab")],
)
async def forms(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    results = [await push.send(b"a"), await pull.recv(), await push.send_multipart([b"b", b"c"])]
    results += [await pull.recv_multipart(), await push.send(b"d", zmq.SNDMORE), await push.send(b"e")]
    results += [await pull.recv(copy=False), pull.rcvmore, await pull.recv()]
    results += [await push.send_multipart([b"f", memoryview(b"g")], copy=False), await pull.recv_multipart(copy=False)]
    buffer = bytearray(4)
    return [*results, await push.send(b"ab"), await pull.recv_into(buffer), bytes(buffer)]


@scenario()
async def text_json_and_objects(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    results = [await push.send_string("ü"), await pull.recv_string(), await push.send_json([1]), await pull.recv_json()]
    results += [await push.send_pyobj({1}), await pull.recv_pyobj()]
    results += [await push.send_serialized(2, lambda n: [b"x"] * n), await pull.recv_serialized(len)]
    return [*results, await push.send(b"{"), await araised(pull.recv_json())]


@scenario()
async def waiting(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    pull.rcvtimeo = 10
    results = [await pull.poll(0), await araised(pull.recv()), await araised(pull.recv(zmq.DONTWAIT))]
    pull.rcvtimeo = -1  # else its own 10 ms may be over first
    results.append(await araised(asyncio.wait_for(pull.recv_multipart(), 0.001)))
    received = asyncio.ensure_future(pull.recv_multipart())
    await asyncio.sleep(0)
    await push.send(b"late")
    results += [await received, await push.send(b"x"), await pull.poll(5000)]
    poller = zmq.asyncio.Poller()
    poller.register(pull, zmq.POLLIN)
    results += [dict(await poller.poll(5000)) == {pull: zmq.POLLIN}, pull.get(zmq.EVENTS), await pull.recv()]
    return results


@scenario(("send", b"x"), ("unsent", "EAGAIN"), ("send", b"x"), ("unsent", "ENOTSOCK"))
async def errors(ctx):
    socket = ctx.socket(zmq.PUSH)
    socket.rcvtimeo = 10
    results: list[Any] = [
        await araised(socket.send("text")),
        await araised(socket.send_multipart([5])),
        await araised(socket.recv()),
    ]
    results += [
        await araised(socket.send(b"x", zmq.DONTWAIT)),
        raised(socket.bind, "nonsense"),
        repr(socket).split(" at ")[0],
    ]
    socket.close()
    return [*results, raised(socket.poll), await araised(socket.send(b"x", zmq.DONTWAIT)), socket.closed]


@scenario(
    *[("send", b"nobody", b"1"), ("drop", "ROUTER: no peer with routing id 'nobody'")],
    *[("send", b"hi"), ("recv", b"me", b"hi"), ("send", b"me", b"2"), ("recv", b"2")],
)
async def router(ctx):
    router, dealer = pair(ctx, zmq.ROUTER, zmq.DEALER, identity=b"me")
    results = [await router.send_multipart([b"nobody", b"1"]), await dealer.send(b"hi"), await router.recv_multipart()]
    return [*results, await router.send_multipart([b"me", b"2"]), await dealer.recv()]


@scenario()
async def monitor(ctx):
    server, client = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    monitor = client.get_monitor_socket(zmq.EVENT_CONNECTED)
    client.connect(f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}")
    return [type(monitor), len(await monitor.recv_multipart()), client.disable_monitor()]


@scenario()
async def blocking_twins(ctx):
    """A blocking socket made asynchronous, and the other way round."""
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    results = [zmq.Socket(push).send(b"a"), await pull.recv(), await push.send(b"b")]
    return [*results, await zmq.asyncio.Socket.from_socket(zmq.Socket(pull)).recv(), type(ctx.shadow(ctx)) is type(ctx)]


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def ctx(log):
    with prepared(TracedAsyncContext(Tap(log, "actor", 7))) as context:
        yield context


def told(log: Log) -> Story:
    events, _ = log.since(0)
    return [
        (event.kind, event.data.number) for event in events if isinstance(event.data, SendData | SentData | UnsentData)
    ]


def test_a_send_that_waits_is_one_send(ctx, log):
    async def run() -> None:
        push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
        waiting = [asyncio.ensure_future(push.send(b"0")), asyncio.ensure_future(push.send_multipart([b"1", b"x"]))]
        await asyncio.sleep(0.005)
        assert told(log) == [("send", 0), ("send", 1)]
        pull.connect(f"tcp://127.0.0.1:{push.bind_to_random_port('tcp://127.0.0.1')}")
        await asyncio.gather(*waiting)
        assert [await pull.recv_multipart(), await pull.recv_multipart()] == [[b"0"], [b"1", b"x"]]

    asyncio.run(run())
    assert told(log) == [("send", 0), ("send", 1), ("sent", 0), ("sent", 1)]


def test_a_message_in_parts_that_waits_is_one_send(ctx, log):
    async def run() -> None:
        push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
        waiting = [asyncio.ensure_future(push.send(b"a", zmq.SNDMORE)), asyncio.ensure_future(push.send(b"b"))]
        await asyncio.sleep(0)
        pull.connect(f"tcp://127.0.0.1:{push.bind_to_random_port('tcp://127.0.0.1')}")
        await asyncio.gather(*waiting)
        assert await pull.recv_multipart() == [b"a", b"b"]

    asyncio.run(run())
    assert story(log.since(0)[0]) == [("send", b"a", b"b"), ("recv", b"a", b"b")]


def test_a_send_given_up_is_unsent(ctx, log):
    async def run() -> None:
        push = ctx.socket(zmq.PUSH)
        waiting = [asyncio.ensure_future(push.send(b"%d" % number)) for number in range(2)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await araised(waiting[1])
        push.sndtimeo = 5
        await araised(push.send(b"2"))
        waiting[0].cancel()
        await araised(waiting[0])

    asyncio.run(run())
    reasons = [event.data.reason for event in log.since(0)[0] if event.kind == "unsent"]
    assert told(log) == [("send", 0), ("send", 1), ("unsent", 1), ("send", 2), ("unsent", 2), ("unsent", 0)]
    assert reasons == ["CancelledError", "EAGAIN", "CancelledError"]


def test_a_receive_was_called_when_the_program_called_it(ctx, log):
    async def run() -> None:
        pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
        received = asyncio.ensure_future(pull.recv())
        await asyncio.sleep(0.005)
        await push.send(b"x")
        await received

    asyncio.run(run())
    send, recv = (event for event in log.since(0)[0] if event.kind in ("send", "recv"))
    assert recv.data.called < send.time <= recv.time


def test_asynchronous_twin_of_a_traced_blocking_socket_reports_too(log):
    async def run(context: Any) -> None:
        pull, push = pair(context, zmq.PULL, zmq.PUSH)
        push.send(b"x")
        assert await zmq.asyncio.Socket.from_socket(pull).recv() == b"x"

    with prepared(TracedContext(Tap(log, "actor", 7))) as context:
        asyncio.run(run(context))
    assert story(log.since(0)[0]) == [("send", b"x"), ("recv", b"x")]


@pytest.mark.parametrize("use", ["send", "recv", "poll", "close", "bind"])
def test_no_other_thread_may_use_a_socket(ctx, use):
    socket = ctx.socket(zmq.DEALER)
    errors: list[BaseException] = []

    async def run() -> None:
        try:
            getattr(socket, use)(*[b"x"] * (use in ("send", "bind")))
        except WrongThread as error:
            errors.append(error)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    thread.join(5)
    assert len(errors) == 1
    assert not socket.closed
