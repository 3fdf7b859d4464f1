"""What a real lab tells of the calls that its actors wait in: all of it true, and only of calls that last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import zmq
import zmq.asyncio

from zmqlab.lab.lab import Lab


@pytest.fixture(params=[True, False], ids=["links", "bare"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    lab = Lab("waits", links=request.param)
    yield lab
    lab.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.005)


def calls(lab: Lab, actor: str) -> list[str]:
    """What the actor waits in just now."""
    lab.trace.update()
    return [wait.call for wait in lab.trace.changes(0).waits if wait.actor == actor and wait.end is None]


def server(lab: Lab, ask: Callable[[zmq.Socket[bytes]], object], name: str = "server") -> str:
    """An actor that is bound, and asks its socket for messages in its own way for ever."""
    endpoint = lab.endpoint("front")

    def serve(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(endpoint)
        while True:
            ask(socket)

    lab.actor(serve, name=name)
    return endpoint


def poller(socket: zmq.Socket[bytes]) -> object:
    both = zmq.Poller()
    both.register(socket, zmq.POLLIN)
    return both.poll(20) and socket.recv_multipart()


WAYS: dict[str, tuple[Callable[[zmq.Socket[bytes]], object], str]] = {
    "recv": (lambda socket: socket.recv(), "recv"),
    "recv_multipart": (lambda socket: socket.recv_multipart(), "recv"),
    "frames": (lambda socket: socket.recv_multipart(copy=False), "recv"),
    "recv_into": (lambda socket: socket.recv_into(bytearray(9)), "recv"),
    "recv_string": (lambda socket: socket.recv_string(encoding="latin-1"), "recv"),
    "poll": (lambda socket: socket.poll(20) and socket.recv_multipart(), "poll"),
    "a poller": (poller, "poll"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_wait_is_told_while_it_lasts(lab: Lab, way: str) -> None:
    ask, call = WAYS[way]
    endpoint = server(lab, ask)
    until(lambda: calls(lab, "server") == [call])
    with lab.context("me") as ctx, ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        socket.send(b"hello")
        until(lambda: any(m.received is not None for m in lab.messages()))
    lab["server"].crash()
    assert calls(lab, "server") == []


def test_a_wait_that_ends_without_a_message_is_told_to_be_over(lab: Lab) -> None:
    seen: list[bool] = []
    done: list[bool] = []

    def patient(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("front"))
        while not seen:
            socket.poll(200)  # in vain
        while not done:
            time.sleep(0.01)

    lab.actor(patient)
    until(lambda: calls(lab, "patient") == ["poll"])
    seen.append(True)
    until(lambda: calls(lab, "patient") == [])
    done.append(True)


def test_a_message_is_in_hand_only_until_its_program_waits_for_the_next(lab: Lab) -> None:
    endpoint = server(lab, lambda socket: socket.recv_multipart())
    with lab.context("me") as ctx, ctx.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        socket.send(b"hello")
        until(lambda: any(m.received is not None for m in lab.messages()))
        until(lambda: calls(lab, "server") == ["recv"])
        (work,) = lab.trace.work
        (wait,) = [wait for wait in lab.trace.changes(0).waits if wait.end is None]
        assert work.end == wait.start


def test_tasks_wait_too(lab: Lab) -> None:
    async def served(ctx: zmq.asyncio.Context) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(lab.endpoint("front"))
        while True:
            await socket.recv_multipart()

    async def polled(ctx: zmq.asyncio.Context) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(lab.endpoint("back"))
        poller = zmq.asyncio.Poller()
        poller.register(socket, zmq.POLLIN)
        while True:
            await poller.poll()

    lab.actor(served)
    lab.actor(polled)
    until(lambda: calls(lab, "served") == ["recv"])
    until(lambda: calls(lab, "polled") == ["poll"])


def test_who_computes_waits_nowhere(lab: Lab) -> None:
    done: list[bool] = []

    def busy(ctx: zmq.Context[zmq.Socket[bytes]]) -> None:
        socket = ctx.socket(zmq.ROUTER)
        socket.bind(lab.endpoint("front"))
        while not done:
            socket.poll(0)  # does not wait
            sum(range(10_000))

    lab.actor(busy)
    deadline = time.monotonic() + 0.5  # that nothing is told shows only with time
    while time.monotonic() < deadline:
        assert calls(lab, "busy") == []
        time.sleep(0.01)
    done.append(True)
