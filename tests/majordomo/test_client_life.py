"""A client beside forks, callbacks, interrupts and the end of the process: nothing waits for ever, nobody is harmed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import textwrap
import threading
import traceback
from concurrent.futures import Future, wait

import pytest
import zmq

from tests.majordomo.processes import ROOT
from tests.majordomo.support import DEADLINE, serving, until, working
from zmqlab.majordomo import AsyncClient, Client, Closed, Timeout
from zmqlab.trace.pause import current_frames

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and signals")
NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture
def echo():
    with serving() as broker, working(broker, "echo", lambda *frames: frames, capacity=4):
        yield broker.endpoint


def program(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, which has to end."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


# -- forks -----------------------------------------------------------------------------------------------------------

FORKED = """
    import asyncio, os, sys
    from zmqlab.majordomo import AsyncClient, Client

    def told(what):
        try:
            return str(what())
        except RuntimeError as error:
            return f"RuntimeError: {error}"

    def child():
        asynchronous = lambda: asyncio.run(other.call("echo", b"x"))
        for use in (
            lambda: client.call("echo", b"x"), lambda: client.submit("echo", b"x"), lambda: future.result(),
            lambda: future.exception(), lambda: next(client.map("echo", [b"x"])), asynchronous,
        ):
            print(told(use).replace(str(os.getppid()), "P").replace(str(os.getpid()), "C"))
        client.close()
        asyncio.run(other.close())
        with Client(sys.argv[1]) as own:
            print(own.call("echo", b"of the child"))

    async def make():
        return AsyncClient(sys.argv[1], max_in_flight=1)

    client = Client(sys.argv[1])
    other = asyncio.run(make())
    future = client.submit("nobody", b"x")
    pid = os.fork()
    if not pid:
        try:
            child()
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.waitpid(pid, 0)
    print(client.call("echo", b"of the parent"), asyncio.run(other.call("echo", b"too")))
    client.close()
"""


@posix
def test_a_fork(echo):
    """All but close raises in the child at once; the parent goes on."""
    done = program(FORKED, echo)
    assert done.returncode == 0, done.stderr
    *refused, own, parent = done.stdout.splitlines()
    assert own == "[b'of the child']"
    assert parent == "[b'of the parent'] [b'too']"
    assert len(refused) == 6
    for line in refused:
        assert line.startswith("RuntimeError: this client was made in process P, and this is process C, a fork of it")
        assert line.endswith("Make the client in the process that uses it")


# -- callbacks -------------------------------------------------------------------------------------------------------


def in_a_callback(client: Client, use) -> object:
    """What `use` returns or raises in a callback of a future of that client."""
    outcome: Future[object] = Future()
    caller, at_once = threading.get_ident(), True

    def callback(_):
        nonlocal at_once
        at_once = threading.get_ident() == caller
        if at_once:  # the answer was there before the callback: then it runs here, where it may wait
            return
        try:
            outcome.set_result(use())
        except BaseException as error:
            outcome.set_result(error)

    while at_once:
        at_once = False
        client.submit("echo", b"x").add_done_callback(callback)
    return outcome.result(DEADLINE)


def test_what_would_wait_in_a_callback_raises(echo):
    with Client(echo, max_in_flight=2) as client:
        uses = [
            lambda: client.call("echo", b"x"),
            lambda: client.submit("echo", b"x").result(),
            lambda: client.submit("echo", b"x").exception(),
            lambda: next(client.map("echo", [b"x"])),
        ]
        for use in uses:
            error = in_a_callback(client, use)
            assert isinstance(error, RuntimeError)
            assert "would wait for ever. Use submit and add_done_callback, or wait in another thread" in str(error)
        assert client.call("echo", b"x") == [b"x"]


def test_submit_works_in_a_callback_as_long_as_it_need_not_wait(echo):
    with Client(echo, max_in_flight=2) as client:
        client.submit("nobody", b"x")
        error = in_a_callback(client, lambda: [client.submit("nobody", b"x") for _ in range(2)])
        assert isinstance(error, RuntimeError)
        assert "submit from another thread, or make the client with more max_in_flight" in str(error)
        assert client.call("echo", b"x") == [b"x"]


def test_a_chain_of_callbacks(echo):
    """Each answer asks the next."""
    left, done = [50], threading.Event()
    with Client(echo, max_in_flight=1) as client:

        def go_on(future):
            assert future.result() == [b"x"]
            left[0] -= 1
            if left[0]:
                client.submit("echo", b"x").add_done_callback(go_on)
            else:
                done.set()

        client.submit("echo", b"x").add_done_callback(go_on)
        assert done.wait(DEADLINE)


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_a_callback_raises_ends_nobody_else(echo, error):
    with Client(echo) as client:

        def callback(_):
            raise error("in a callback")

        client.submit("echo", b"x").add_done_callback(callback)
        assert client.call("echo", b"x") == [b"x"]


def test_close_in_a_callback(echo):
    client = Client(echo)
    assert in_a_callback(client, client.close) is None
    client.close()
    with pytest.raises(Closed):
        client.call("echo", b"x")


# -- cancelling and interrupts ---------------------------------------------------------------------------------------


def test_who_waits_for_a_cancelled_future_is_told(echo):
    with Client(echo) as client:
        future = client.submit("nobody", b"x")
        assert future.cancel()
        assert wait([future], DEADLINE).done == {future}


def interrupt_who_waits():
    """Ctrl-C, when the main thread waits for an answer."""
    main = threading.main_thread().ident or 0

    def waits():
        frames = [frame.f_code for frame, _ in traceback.walk_stack(current_frames()[main])]
        return frames[0].co_name == "wait" and any(code.co_filename.endswith("courier.py") for code in frames)

    until(waits, "the main thread waits for an answer")
    signal.pthread_kill(main, signal.SIGINT)


@posix
def test_an_interrupt_gives_the_request_up():
    """And its slot: Ctrl-C in `call`, in a cell of a notebook."""
    with Client(NOBODY, max_in_flight=1) as client:
        for _ in range(3):
            thread = threading.Thread(target=interrupt_who_waits)
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                client.call("echo", b"x", timeout=DEADLINE)
            thread.join()
        with pytest.raises(Timeout, match="no answer in time"):
            client.call("echo", b"x", timeout=0.1)


@pytest.mark.asyncio
async def test_waiting_for_room_is_part_of_the_timeout():
    async with AsyncClient(NOBODY, max_in_flight=1) as client:
        first = asyncio.create_task(client.call("echo", b"x"))
        await asyncio.sleep(0)
        with pytest.raises(Timeout, match=r"1 requests are under way, and none ended within 0\.1 s"):
            await client.call("echo", b"x", timeout=0.1)
        first.cancel()


@pytest.mark.asyncio
async def test_closing_while_requests_wait_for_room():
    client = AsyncClient(NOBODY, max_in_flight=1)
    calls = [asyncio.create_task(client.call("echo", b"x")) for _ in range(5)]
    await asyncio.sleep(0)
    await client.close()
    for outcome in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(outcome, Closed)


def test_an_event_loop_that_ends_harms_nobody(echo):
    """Its calls are cancelled; a client that was not closed still works in the next loop."""

    async def leave():
        client = AsyncClient(echo)
        calls = [asyncio.create_task(client.call("nobody", b"x")) for _ in range(3)]
        await asyncio.sleep(0)
        return client, calls

    client, calls = asyncio.run(leave())
    assert all(call.cancelled() for call in calls)

    async def go_on():
        async with client:
            return await client.call("echo", b"x")

    assert asyncio.run(go_on()) == [b"x"]


# -- the end ---------------------------------------------------------------------------------------------------------


def test_submit_while_others_close(echo):
    """Every future ends."""
    client = Client(echo)
    futures = []
    go = threading.Barrier(9)

    def ask():
        go.wait(DEADLINE)
        for _ in range(200):
            futures.append(client.submit("echo", b"x"))

    def end():
        go.wait(DEADLINE)
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(6)] + [threading.Thread(target=end) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert len(futures) == 1200
    assert {type(future.exception(DEADLINE)) for future in futures} <= {type(None), Closed}


@pytest.mark.parametrize("end", ["term", "destroy"])
def test_a_context_that_somebody_else_ends(end):
    context = zmq.Context()
    client = Client(NOBODY, context=context)
    future = client.submit("echo", b"x")
    getattr(context, end)()
    with pytest.raises(Closed, match="context was terminated, or its sockets were closed, by somebody else"):
        future.result(DEADLINE)
    with pytest.raises(Closed, match="by somebody else"):
        client.call("echo", b"x")
    client.close()


@pytest.mark.parametrize(
    "last", ["", "raise SystemExit(0)", "os._exit(0)", "client.submit('echo', b'x'); client.close()"]
)
def test_a_program_that_does_not_close_ends_all_the_same(echo, last):
    done = program(
        f"""
        import os, sys
        from zmqlab.majordomo import Client
        client = Client(sys.argv[1])
        client.call("echo", b"x")
        client.submit("nobody", b"x")
        {last}
        """,
        echo,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def trouble_of(client):
    try:
        client.call("mmi.service", b"x", timeout=0.05)
    except Timeout as error:
        return str(error)
    return ""


def test_a_context_without_a_socket_left():
    """No socket for a new connection: the client says so, and tries again."""
    context = zmq.Context()
    context.max_sockets = 20
    with serving() as broker, Client(broker.endpoint, context=context) as client:
        assert client.call("mmi.service", b"x") == [b"404"]
        others = []
        with contextlib.suppress(zmq.ZMQError):
            while True:
                others.append(context.socket(zmq.PAIR))
        broker.kill()
        until(lambda: "no connection can be made: Too many open files" in trouble_of(client), "it cannot connect")
        for other in others:
            other.close(0)
        with serving(endpoint=broker.endpoint):
            assert client.call("mmi.service", b"x") == [b"404"]
    context.term()
