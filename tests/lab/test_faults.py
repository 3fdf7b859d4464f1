"""Crash, hang, resume and restart of actors, in threads and asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator

import pytest
import zmq

from tests.lab.crew import DEADLINE, echo, on_the_wire, received, sender, sink, text, until
from zmqlab.lab.errors import NoSuchActor
from zmqlab.lab.lab import Lab
from zmqlab.sockets.receiving import ReceivingSocket
from zmqlab.trace.pause import current_frames


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("faults") as lab:
        yield lab


def marks(lab: Lab) -> list[tuple[str, str]]:
    lab.messages()
    return [(mark.actor, mark.text) for mark in lab.trace.marks if mark.kind == "fault"]


# -- crash ------------------------------------------------------------------------------------------------------


def test_a_crash_breaks_the_connections_and_the_others_live_on(lab):
    echo(lab)
    sender(lab, "alice", 1, answers=2)
    until(lambda: received(lab, "alice"))
    lab["server"].crash()
    assert lab["server"].state == "crashed"
    assert lab["alice"].state == "started"
    until(lambda: lab.messages() and all(connection.closed for connection in lab.trace.connections.values()))
    assert {connection.reason for connection in lab.trace.connections.values()} == {"server crashed"}
    assert ("server", "crashed") in marks(lab)
    lab.wait("server")  # a crash that was asked for is no error


def test_what_was_under_way_to_the_crashed_is_lost(lab):
    sink(lab)
    lab.hold()
    sender(lab, "alice", 2)
    until(lambda: len(on_the_wire(lab)) == 2)
    lab["server"].crash()
    until(lambda: [m.end for m in lab.messages()] == ["lost", "lost"])
    assert {m.reason for m in lab.messages()} == {"the connection ended: server crashed"}


def test_a_crash_sends_nothing_more_even_of_a_busy_program(lab):
    """A thread cannot be killed: it computes on until Python can end it. Nothing of it reaches anybody, or is seen."""
    sink(lab)
    endpoint = lab.endpoint("door")
    dead = threading.Event()

    @lab.actor
    def busy(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        socket.send(b"first")
        while not dead.is_set():
            pass
        print("still here")
        lab.note("still here")
        socket.send(b"from the grave")

    until(lambda: received(lab) == ["first"])
    threading.Timer(0.3, dead.set).start()  # while the crash waits for the thread to end
    lab["busy"].crash()
    assert lab["busy"].state == "crashed"
    assert [(text(m), m.place) for m in lab.messages()] == [("first", "received")]
    assert [mark.text for mark in lab.trace.marks if mark.actor == "busy"] == ["crashed"]
    assert lab.output("busy") == ""
    sender(lab, "alice", 1)
    until(lambda: "alice-0" in received(lab))
    assert received(lab) == ["first", "alice-0"]


def test_a_crashed_sender_takes_its_queue_along(lab):
    endpoint = lab.endpoint("door")  # nobody is bound there

    @lab.actor
    def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(endpoint)
        for n in range(3):
            socket.send(b"%d" % n)
        socket.recv()

    until(lambda: len(lab.messages()) == 3)
    began = time.monotonic()
    lab["alice"].crash()
    assert time.monotonic() - began < 5  # it does not linger
    until(lambda: {m.end for m in lab.messages()} == {"lost"})


def test_an_asyncio_actor_crashes_too(lab):
    @lab.actor
    async def waiting(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("door"))
        print("waiting")
        await socket.recv()

    until(lambda: received(lab, "waiting"))
    lab["waiting"].crash()
    assert lab["waiting"].state == "crashed"


def test_what_a_crashed_actor_raises_on_its_way_is_no_error(lab):
    """A process that is killed does not get to its `finally`."""

    @lab.actor
    def tidy(ctx):
        socket = ctx.socket(zmq.DEALER)
        try:
            print("waiting")
            socket.recv()
        finally:
            raise RuntimeError("the last word cannot be sent")

    until(lambda: received(lab, "tidy"))
    lab["tidy"].crash()
    assert lab["tidy"].state == "crashed"
    lab.wait("tidy")


def test_who_does_not_run_cannot_crash_and_the_error_says_what_to_do(lab):
    sender(lab, "alice", 0)
    lab.wait("alice")
    for act in ("crash", "hang", "resume"):
        with pytest.raises(RuntimeError, match=r"does not run \(ended\).*restart\(\)"):
            getattr(lab["alice"], act)()
    with pytest.raises(NoSuchActor, match="did you mean 'alice'"):
        lab["alcie"]


def test_an_actor_does_not_crash_itself(lab):
    @lab.actor
    def suicidal(ctx):
        lab["suicidal"].crash()

    with pytest.raises(RuntimeError, match="cannot stop or replace itself"):
        lab.wait("suicidal")


# -- restart ----------------------------------------------------------------------------------------------------


def test_a_restarted_server_serves_who_had_waited(lab):
    echo(lab)
    sender(lab, "alice", 0)
    lab["server"].crash()
    sender(lab, "bob", 2, answers=2)
    lab["server"].restart()
    lab.wait("bob", timeout=DEADLINE)
    assert received(lab, "bob") == ["bob-0", "bob-1"]
    assert lab["server"].state == "started"
    assert [text for actor, text in marks(lab) if actor == "server"] == ["crashed", "restarted"]


def test_a_restart_of_a_living_actor_stops_it_first(lab):
    started: list[int] = []

    @lab.actor
    def counted(ctx):
        started.append(len(started))
        ctx.socket(zmq.PULL).recv()

    until(lambda: started == [0])
    lab["counted"].restart()
    until(lambda: started == [0, 1])
    assert lab["counted"].state == "started"


def test_an_actor_with_arguments_gets_them_again(lab):
    got = []
    lab.actor(lambda ctx, *args: got.append(args), 1, "two", name="given")
    lab.wait("given")
    lab["given"].restart()
    lab.wait("given")
    assert got == [(1, "two"), (1, "two")]


# -- hang -------------------------------------------------------------------------------------------------------


def somebody_is_in_recv() -> bool:
    """Does a thread wait there? Who has not come so far stops before it takes a message in hand."""
    receives = {ReceivingSocket.recv.__code__, ReceivingSocket.recv_multipart.__code__}
    return any(frame.f_code in receives for frame in current_frames().values())


def test_one_blocked_in_recv_stops_with_the_next_message_in_hand(lab):
    echo(lab)
    sender(lab, "alice", 1, answers=1)
    lab.wait("alice")
    until(somebody_is_in_recv, "the server is back in recv")
    lab["server"].hang()
    assert lab["server"].state == "hung"
    sender(lab, "bob", 2, answers=2)
    until(lambda: [m.received is not None for m in lab.messages() if text(m).startswith("bob")] == [True, False])
    assert received(lab, "bob") == []
    lab["server"].resume()
    lab.wait("bob", timeout=DEADLINE)
    assert [text for actor, text in marks(lab) if actor == "server"] == ["hung", "resumed"]
    [hang] = lab.trace.hangs
    assert (hang.actor, hang.end is not None) == ("server", True)


def test_one_that_computes_stops_at_its_next_call(lab):
    go: list[int] = []

    @lab.actor
    def computing(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("door"))
        print("ready")
        while not go:
            time.sleep(0.001)
        socket.send(b"x")
        print("sent")

    until(lambda: received(lab, "computing"))
    lab["computing"].hang()
    go.append(1)
    until(lambda: "socket.send" in lab._cast.runs["computing"].where())
    assert lab.messages() == []
    lab["computing"].resume()
    until(lambda: "sent" in received(lab, "computing"))


def poll(socket):
    socket.poll(1)


def read_an_option(socket):
    socket.getsockopt(zmq.EVENTS)


def bind_and_unbind(socket):
    socket.bind("tcp://127.0.0.1:*")
    socket.unbind(socket.last_endpoint)


def send_in_vain(socket):
    with contextlib.suppress(zmq.Again):
        socket.send(b"x", zmq.DONTWAIT)


@pytest.mark.parametrize("call", [poll, read_an_option, bind_and_unbind, send_in_vain])
def test_every_call_of_a_socket_stops(lab, call):
    count = []

    @lab.actor
    def looping(ctx):
        socket = ctx.socket(zmq.DEALER)
        while True:
            call(socket)
            count.append(1)

    until(lambda: count)
    lab["looping"].hang()
    until(lambda: stands_still(count))
    stopped = len(count)
    lab["looping"].resume()
    until(lambda: len(count) > stopped)


def stands_still(count: list[int]) -> bool:
    before = len(count)
    time.sleep(0.1)  # that nothing happens shows only with time
    return len(count) == before


def test_a_hung_asyncio_actor_stands_still_as_a_whole(lab):
    echo(lab)
    ticks = []

    @lab.actor
    async def alice(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("door"))

        async def tick():
            while True:
                ticks.append(1)
                await asyncio.sleep(0.005)

        ticking = asyncio.create_task(tick())
        while True:
            await socket.send(b"x")
            await socket.recv()
            if len(ticks) > 10_000:
                ticking.cancel()

    until(lambda: ticks)
    lab["alice"].hang()
    until(lambda: stands_still(ticks))
    before = len(ticks)
    lab["alice"].resume()
    until(lambda: len(ticks) > before)


def test_the_io_thread_of_a_hung_actor_lives_on(lab):
    """Its connection stays, heartbeats are answered, messages come into its queue."""
    endpoint = lab.endpoint("door")
    sink(lab)

    @lab.actor
    def watcher(ctx):
        socket = ctx.socket(zmq.DEALER)
        socket.heartbeat_ivl, socket.heartbeat_timeout = 50, 300
        socket.connect(endpoint)
        socket.send(b"hello")
        while socket.poll(10) == 0:
            pass

    until(lambda: received(lab) == ["hello"])
    lab["server"].hang()
    sender(lab, "alice", 2)
    until(lambda: len([m for m in lab.messages() if m.arrived is not None]) == 3)
    time.sleep(1)  # three times the timeout: that nothing happens shows only with time
    lab.messages()
    assert all(connection.closed is None for connection in lab.trace.connections.values() if connection.reason == "")
    assert len([connection for connection in lab.trace.connections.values() if connection.closed is None]) >= 1
    lab["server"].resume()
    until(lambda: len(received(lab)) == 3)


def test_a_socket_made_while_it_hangs_stops_too(lab):
    go: list[int] = []

    @lab.actor
    def maker(ctx):
        while not go:
            time.sleep(0.001)
        socket = ctx.socket(zmq.DEALER)
        socket.connect(lab.endpoint("door"))
        print("connected")

    until(lambda: lab._cast.runs["maker"].where())
    lab["maker"].hang()
    go.append(1)
    until(lambda: "socket.connect" in lab._cast.runs["maker"].where())
    lab["maker"].resume()
    until(lambda: received(lab, "maker"))


def test_a_hung_actor_can_be_crashed_restarted_and_closed(lab):
    echo(lab)
    for act in ("crash", "restart"):
        lab["server"].hang()
        getattr(lab["server"], act)()
        if act == "crash":
            lab["server"].restart()
    assert lab["server"].state == "started"
    lab["server"].hang()
    began = time.monotonic()
    lab.close()
    assert time.monotonic() - began < 5


def test_a_proxy_cannot_be_hung_and_says_so(lab):
    @lab.actor
    def broker(ctx):
        frontend, backend = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
        frontend.bind(lab.endpoint("front"))
        backend.bind(lab.endpoint("back"))
        zmq.proxy(frontend, backend)

    until(lambda: "proxy" in lab._cast.runs["broker"].where())
    with pytest.raises(RuntimeError, match=r"zmq.proxy, which runs in C.*cut\(\)"):
        lab["broker"].hang()
    assert lab["broker"].state == "started"
    assert marks(lab) == []


def test_to_resume_what_does_not_hang_is_nothing(lab):
    echo(lab)
    lab["server"].resume()
    assert marks(lab) == []
