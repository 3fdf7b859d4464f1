"""What traced sockets record besides the messages themselves, and to whom they belong."""

from __future__ import annotations

import gc
import socket as socketlib
import subprocess
import sys
import threading
from time import monotonic_ns
from types import SimpleNamespace
from typing import Any

import pytest
import zmq

from tests.sockets.both import pair, prepared, until
from zmqlab.sockets import addresses
from zmqlab.sockets.errors import WrongThread
from zmqlab.sockets.reporter import reporter_of
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.events import CLIP
from zmqlab.trace.log import Log


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def ctx(log):
    with prepared(TracedContext(Tap(log, "actor", 7))) as context:
        yield context


@pytest.fixture
def relay():
    """Somebody who listens there and never answers: libzmq 4.3.5 aborts on a proxy that refuses."""
    with socketlib.create_server(("127.0.0.1", 0)) as listener:
        yield SimpleNamespace(address=f"127.0.0.1:{listener.getsockname()[1]}", token="secret")


def told(log: Log, *kinds: str) -> list[tuple[Any, ...]]:
    return [(event.kind, event.subject, *event.data) for event in log.since(0)[0] if event.kind in kinds]


def in_thread(function: Any, *args: Any) -> Any:
    """What the function returns or raises in another thread."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(function(*args))
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=run, name="other thread")
    thread.start()
    thread.join(5)
    assert result, "the thread did not end"
    return result[0]


def test_sizes_of_what_is_clipped(ctx, log):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    push.send_multipart([b"a", b"x" * 5000])
    push.send(memoryview(b"y" * 3000), copy=False)
    push.send(b"z" * CLIP)
    assert [len(part) for part in pull.recv_multipart()] == [1, 5000]
    pull.recv(copy=False)
    pull.recv()
    messages = [event for event in log.since(0)[0] if event.kind in ("send", "recv")]  # a send may be told as slow
    recorded = [(event.kind, list(map(len, event.data.frames)), event.data.sizes) for event in messages]
    sizes = [([1, CLIP], (1, 5000)), ([CLIP], (3000,)), ([CLIP], None)]
    assert recorded == [("send", *size) for size in sizes] + [("recv", *size) for size in sizes]


def test_a_message_in_parts_was_asked_for_with_its_first(ctx, log):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    push.send_multipart([b"a", b"b"])
    before = monotonic_ns()
    pull.recv()
    between = monotonic_ns()
    pull.recv()
    event = [event for event in log.since(0)[0] if event.kind == "recv"][-1]
    assert before <= event.data.called <= between <= event.time


def test_a_peer_is_known_by_name_over_tcp_and_not_over_inproc(ctx, log):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    pull.bind("inproc://too")
    near = ctx.socket(zmq.PUSH)
    near.connect("inproc://too")
    for sender in (push, near, push):
        sender.send(b"x")
        pull.recv_multipart()
    peers = [(event.data.peer, event.data.number) for event in log.since(0)[0] if event.kind == "recv"]
    assert peers == [(push._reporter.id, 0), ("", 0), (push._reporter.id, 1)]


def test_an_untraced_peer_has_no_name(ctx, log):
    pull = ctx.socket(zmq.PULL)
    port = pull.bind_to_random_port("tcp://127.0.0.1")
    with zmq.Context() as other, other.socket(zmq.PUSH) as push:
        push.set(zmq.METADATA, b"X-Zmqlab:\xff")  # and one that lies is no trouble
        push.connect(f"tcp://127.0.0.1:{port}")
        push.send(b"x")
        assert pull.recv() == b"x"
    assert [event.data.peer for event in log.since(0)[0] if event.kind == "recv"] == [""]


def test_metadata_of_the_program_is_kept_beside_ours(ctx):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    push.set(zmq.METADATA, b"X-Mine:yes")
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    push.send(b"x")
    frame = pull.recv(copy=False)
    assert (frame.get("X-Mine"), frame.get("X-Zmqlab")) == ("yes", push._reporter.id)


def test_sockets_endpoints_and_options_are_recorded(ctx, log):
    router, dealer = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.bind("tcp://127.0.0.1:*")
    endpoint = router.last_endpoint.decode()
    dealer.identity = b"me"
    dealer.plain_username, dealer.plain_password = b"user", b"password"
    dealer.curve_secretkey = zmq.curve_keypair()[1]
    dealer.immediate = 1
    with dealer.connect(endpoint):
        pass
    router.unbind(endpoint)
    one, two = router._reporter.id, dealer._reporter.id
    context = dealer.context.underlying
    dealer.close()
    assert told(log, "socket", "endpoint", "option") == [
        ("socket", one, "opened", "actor", "ROUTER", context, None),
        ("socket", two, "opened", "actor", "DEALER", context, None),
        ("endpoint", one, "bind", endpoint, b"", False),
        ("option", two, "ROUTING_ID", b"me"),
        ("option", two, "IMMEDIATE", 1),
        ("endpoint", two, "connect", endpoint, b"", True),
        ("endpoint", two, "disconnect", endpoint, b"", False),
        ("endpoint", one, "unbind", endpoint, b"", False),
        ("socket", two, "closed", "actor", "DEALER", context, 0),
    ]
    assert ctx.open_sockets() == [router]


def test_a_long_send_says_when_it_returned(ctx, log):
    """PUSH waits for its first peer."""
    push = ctx.socket(zmq.PUSH)
    pull_port: list[int] = []

    def late_peer() -> bytes:
        until(lambda: told(log, "send"), "the send is recorded while it waits")
        with zmq.Context() as other, other.socket(zmq.PULL) as pull:
            pull.bind(f"tcp://127.0.0.1:{pull_port[0]}")
            return pull.recv()

    with zmq.Context() as other, other.socket(zmq.PULL) as pull:
        pull_port.append(pull.bind_to_random_port("tcp://127.0.0.1"))
    push.immediate = 1
    push.reconnect_ivl = 10
    push.connect(f"tcp://127.0.0.1:{pull_port[0]}")
    thread = threading.Thread(target=late_peer)
    thread.start()
    push.send(b"x")
    thread.join(5)
    assert told(log, "send", "sent") == [
        ("send", push._reporter.id, 0, (b"x",), None),
        ("sent", push._reporter.id, 0),
    ]


@pytest.mark.parametrize("links", [True, False])
def test_tcp_goes_through_the_relay(log, relay, links):
    with prepared(TracedContext(Tap(log, "actor", 7, (lambda: relay) if links else None))) as ctx:
        socket = ctx.socket(zmq.DEALER)
        socket.connect("inproc://near")
        assert socket.socks_proxy == b""
        socket.connect("tcp://127.0.0.1:1")
        expected = (
            (relay.address.encode(), f"{socket._reporter.id} actor".encode(), b"secret") if links else (b"", b"", b"")
        )
        assert (socket.socks_proxy, socket.socks_username, socket.socks_password) == expected


@pytest.mark.parametrize("form", ["attribute", "context option"])
def test_a_proxy_of_the_program_wins(log, relay, form):
    with prepared(
        TracedContext(Tap(log, "actor", 7, lambda: SimpleNamespace(address="127.0.0.1:1", token="unused")))
    ) as ctx:
        if form == "context option":
            ctx.socks_proxy = relay.address.encode()
        socket = ctx.socket(zmq.DEALER)
        if form == "attribute":
            socket.socks_proxy = relay.address.encode()
        socket.connect("tcp://127.0.0.1:1")
        assert (socket.socks_proxy, socket.socks_username) == (relay.address.encode(), b"")


def test_connect_after_the_end_of_the_context_says_so(log, relay):
    context = TracedContext(Tap(log, "actor", 7, lambda: relay))
    socket = context.socket(zmq.DEALER)
    threading.Thread(target=context.term).start()
    with pytest.raises(zmq.ContextTerminated):
        socket.recv()
    with pytest.raises(zmq.ContextTerminated, match="addr="):
        socket.connect("tcp://127.0.0.1:1")
    socket.close()


def test_stream_sockets_have_no_relay(log):
    with prepared(
        TracedContext(Tap(log, "actor", 7, lambda: SimpleNamespace(address="127.0.0.1:1", token="unused")))
    ) as ctx:
        stream = ctx.socket(zmq.STREAM)
        stream.connect("tcp://127.0.0.1:1")
        assert stream.socks_proxy == b""


USES = {
    "send": lambda s: s.send(b"x"),
    "send_multipart": lambda s: s.send_multipart([b"x"]),
    "send_json": lambda s: s.send_json(1),
    "recv": lambda s: s.recv(zmq.DONTWAIT),
    "recv_multipart": lambda s: s.recv_multipart(zmq.DONTWAIT),
    "recv Frames": lambda s: s.recv_multipart(zmq.DONTWAIT, copy=False),
    "recv_into": lambda s: s.recv_into(bytearray(1), flags=zmq.DONTWAIT),
    "poll": lambda s: s.poll(0),
    "bind": lambda s: s.bind("inproc://x"),
    "connect": lambda s: s.connect("inproc://x"),
    "unbind": lambda s: s.unbind("inproc://x"),
    "disconnect": lambda s: s.disconnect("inproc://x"),
    "monitor": lambda s: s.monitor("inproc://x"),
    "get_monitor_socket": lambda s: s.get_monitor_socket(),
    "an option": lambda s: setattr(s, "linger", 0),
    "setsockopt": lambda s: s.setsockopt(zmq.LINGER, 0),
    "reading an option": lambda s: s.linger,
    "getsockopt": lambda s: s.getsockopt(zmq.LINGER),
    "close": lambda s: s.close(),
    "a shadow": lambda s: type(s)(s).send(b"x"),
}


@pytest.mark.parametrize("use", USES)
def test_no_other_thread_may_use_a_socket(ctx, log, use):
    socket = ctx.socket(zmq.DEALER)
    before = log.next_index
    error = in_thread(USES[use], socket)
    assert isinstance(error, WrongThread)
    for words in (f"DEALER socket {socket._reporter.id}", "'actor'", "'MainThread'", "'other thread'", "queue.Queue"):
        assert words in str(error)
    assert (log.next_index, socket.closed) == (before, False)


def test_a_context_may_be_used_from_any_thread(ctx):
    assert in_thread(lambda: ctx.socket(zmq.PULL).close()) is None
    socket = ctx.socket(zmq.PULL)
    assert in_thread(ctx.open_sockets) == [socket]
    socket.close()
    assert in_thread(ctx.term) is None


def test_the_garbage_collector_may_close_a_socket_anywhere(log, monkeypatch):
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    context = TracedContext(Tap(log, "actor", 7))
    holder = [context.socket(zmq.DEALER)]
    with pytest.warns(ResourceWarning, match="Unclosed"):
        in_thread(lambda: (holder.clear(), gc.collect()))
    assert not unraisable
    assert [event.data.state for event in log.since(0)[0]] == ["opened", "closed"]


def test_an_address_in_use_names_its_holder(ctx, log):
    ctx.tap.lab_name = "demo"
    holder, other = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    port = holder.bind_to_random_port("tcp://127.0.0.1")
    with pytest.raises(zmq.ZMQError, match=r"ROUTER socket .* of actor 'actor' of lab 'demo'") as caught:
        other.bind(f"tcp://*:{port}")
    assert (type(caught.value), caught.value.errno) == (zmq.ZMQError, zmq.EADDRINUSE)
    assert str(caught.value).startswith(f"Address already in use (addr='tcp://*:{port}')")
    handle = holder.underlying
    holder.close()
    assert reporter_of(handle) is None
    assert "'actor'" not in addresses.who_holds(f"tcp://*:{port}", 0, other._reporter.id)


def test_losing_a_race_for_a_port_from_another_process_names_it(ctx):
    code = "import zmq; s = zmq.Context().socket(zmq.PULL); print(s.bind_to_random_port('tcp://127.0.0.1'), flush=True)"
    with subprocess.Popen([sys.executable, "-c", f"{code}; s.recv()"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with pytest.raises(zmq.ZMQError, match=rf"another process: .*pid {process.pid}\b"):
            ctx.socket(zmq.ROUTER).bind(f"tcp://127.0.0.1:{port}")
        process.kill()


def test_a_log_that_nobody_reads_is_bounded():
    log = Log(max_events=2000)
    with TracedContext(Tap(log, "flood", 1)) as ctx, ctx.socket(zmq.DEALER) as one, ctx.socket(zmq.ROUTER) as other:
        other.bind("inproc://flood")
        one.connect("inproc://flood")
        for _ in range(5000):
            one.send(b"x")
            other.send_multipart(other.recv_multipart())
            one.recv()
    assert len(log._incoming) + log._kept < 6000
    assert log.since(0)[1] > 10_000


def test_a_loop_of_sends_that_fail_is_bounded():
    log = Log(max_events=2000)
    with TracedContext(Tap(log, "flood", 1)) as ctx, ctx.socket(zmq.DEALER) as socket:
        for _ in range(20_000):
            with pytest.raises(zmq.Again):
                socket.send(b"x", zmq.DONTWAIT)
    assert len(log._incoming) + log._kept < 6000


def test_large_frames_and_prints_are_bounded():
    log = Log(max_events=2000)
    tap = Tap(log, "flood", 1)
    with TracedContext(tap) as ctx:
        pull, push = pair(ctx, zmq.PULL, zmq.PUSH, "inproc")
        for _ in range(5000):
            push.send(b"x" * (CLIP + 1))
            pull.recv()
    assert len(log._incoming) + log._kept < 6000
    for _ in range(5000):
        tap.record("print", "flood", ("line",))
    assert len(log._incoming) + log._kept < 6000


def test_a_reporter_forgets_only_itself(ctx):
    """A new socket can get the address of a closed one before that one has told of it."""
    old, new = ctx.socket(zmq.PULL), ctx.socket(zmq.PULL)
    reporter = old._reporter
    reporter.close(new.underlying)
    assert reporter_of(new.underlying) is new._reporter
