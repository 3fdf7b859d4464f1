"""Executors survive the handler: whatever it raises, returns, or does to its event loop, the next task is done."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.majordomo.support import working
from zmqlab.majordomo import Client, HandlerFailed


@pytest.fixture
def client(broker):
    with Client(broker.endpoint) as client:
        yield client


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Exits(Exception):
    def __str__(self):
        raise SystemExit


class Untextual(Exception):
    def __str__(self):
        return 3


class Unhashable(list):
    __hash__ = None


class Nothing(list):
    """Says that it has an element, and has none."""

    def __bool__(self):
        return True

    def __len__(self):
        return 1


class Endless(list):
    def __len__(self):
        return 1

    def __iter__(self):
        while True:
            yield b"x"


class Fickle(list):
    """Bytes at first, then numbers."""

    looks = 0

    def __len__(self):
        return 1

    def __iter__(self):
        self.looks += 1
        return iter([b"x"] if self.looks == 1 else [10**9])


class Liar(list):
    @property  # type: ignore[misc]
    def __class__(self):
        raise ValueError("who am I?")


def raising(error):
    def handler(frame):
        raise error

    return handler


BAD = [
    (raising(Unspeakable()), "Unspeakable, and its __str__ raised RuntimeError"),
    (raising(Exits()), "Exits, and its __str__ raised SystemExit"),
    (raising(Untextual()), "Untextual, and its __str__ raised TypeError"),
    (raising(SystemExit(3)), "SystemExit: 3"),
    (raising(KeyboardInterrupt()), "KeyboardInterrupt: "),
    (raising(GeneratorExit()), "GeneratorExit: "),
    (raising(asyncio.CancelledError()), "CancelledError: "),
    (raising(BaseException("base")), "BaseException: base"),
    (raising(ValueError("\ud800")), "ValueError: "),
    (raising(ValueError("x" * 5_000_000)), r"ValueError: x{1000}… \(5000000 characters\)"),
    (lambda frame: Nothing(), "TypeError: a handler returns bytes"),
    (lambda frame: Liar([b"x"]), "ValueError: who am I"),
    (lambda frame: Unhashable([{}]), "TypeError: a handler returns bytes"),
    (lambda frame: {b"x": b"y"}, "TypeError: a handler returns bytes or a sequence of bytes, not dict"),
    (lambda frame: memoryview(b"x").release(), None),
    (lambda frame: Unhashable([b"x"]), None),
    (lambda frame: Fickle(), None),
]


def after(bad):
    """A handler that does that once, and echoes from then on."""
    begun = threading.Event()

    def handler(frame):
        if begun.is_set():
            return frame
        begun.set()
        return bad(frame)

    return handler


@pytest.mark.parametrize("kind", ["threads", "loop"])
@pytest.mark.parametrize(("bad", "text"), BAD)
def test_whatever_a_handler_raises_or_returns_the_next_one_is_served(broker, client, kind, bad, text):
    plain = after(bad)

    async def asynchronous(frame):
        return plain(frame)

    with working(broker, "s", plain if kind == "threads" else asynchronous):
        if text is None:
            client.call("s", b"bad", timeout=5)
        else:
            with pytest.raises(HandlerFailed, match=text):
                client.call("s", b"bad", timeout=5)
        assert client.call("s", b"good", timeout=5) == [b"good"]


def test_an_endless_sequence_is_not_read_for_ever(broker, client):
    with working(broker, "s", lambda frame: Endless()), pytest.raises(HandlerFailed, match="one element"):
        client.call("s", b"x", timeout=5)


def test_a_coroutine_that_nobody_awaits_is_named(broker, client):
    async def later():
        return b""

    with (
        working(broker, "s", lambda frame: later()),
        pytest.raises(HandlerFailed, match="make it an `async def` itself"),
    ):
        client.call("s", b"x", timeout=5)


def stops(loop):
    loop.stop()


def stops_later(loop):
    loop.call_soon(loop.stop)


def exits_later(loop):
    loop.call_soon(exit, 1)


def interrupts_in_a_task(loop):
    async def interrupt():
        raise KeyboardInterrupt

    loop.create_task(interrupt())


def cancels_all(loop):
    for task in asyncio.all_tasks():
        task.cancel()


def breaks_the_task_factory(loop):
    loop.set_task_factory(lambda loop, coroutine, **more: 1 / 0)


def closes(loop):
    """It cannot while the loop runs; it can as soon as it was stopped."""

    def close():
        loop.stop()
        real = loop.run_forever
        loop.run_forever = lambda: (loop.close(), real())

    loop.call_soon(close)


@pytest.mark.parametrize(
    "deed",
    [stops, stops_later, exits_later, interrupts_in_a_task, cancels_all, breaks_the_task_factory, closes],
    ids=lambda deed: deed.__name__,
)
def test_whatever_an_async_handler_does_to_its_loop_each_request_ends(broker, client, deed):
    async def handler(frame):
        if frame == b"bad":
            deed(asyncio.get_running_loop())
        await asyncio.sleep(0.01)
        return frame

    with working(broker, "s", handler, capacity=4):
        futures = [client.submit("s", frame, timeout=5) for frame in (b"bad", b"beside", b"after")]
        for future in futures:
            error = future.exception(10)
            assert error is None or isinstance(error, HandlerFailed)
        until_good = [client.submit("s", b"good", timeout=5).exception(10) for _ in range(20)]
        assert until_good[-1] is None
