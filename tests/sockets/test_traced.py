"""Every form of the API gives the same on traced sockets as on plain ones, and is recorded."""

from __future__ import annotations

import array
import copy
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.sockets.both import pair, raised, run_plain, run_traced, story, until
from zmqlab.trace.events import CLIP

Story = list[tuple[Any, ...]]
SCENARIOS: list[Any] = []


def scenario(*told: tuple[Any, ...] | None) -> Callable[[Any], Any]:
    """Registers a function of a context, and the events that it must leave; none given: they are not compared."""

    def register(function: Callable[[Any], Any]) -> Any:
        SCENARIOS.append(pytest.param(function, list(told), id=function.__name__))
        return function

    return register


@pytest.mark.parametrize("links", [False, True], ids=["bare", "links"])
@pytest.mark.parametrize(("function", "told"), SCENARIOS)
def test_same_on_both(function: Callable[[Any], Any], told: Story, links: bool) -> None:
    result, events = run_traced(function, links=links)
    assert result == run_plain(function)
    if told:
        assert story(events) == told


@scenario(("send", b"a"), ("recv", b"a"), ("send", b""), ("recv", b""))
def single(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    return [push.send(b"a"), pull.recv(), push.send(b""), pull.recv(0, True, True)]


@scenario(
    *[("send", b"a", b"b"), ("recv", b"a", b"b"), ("send", b"c", b"d"), ("recv", b"c", b"d")],
    *[("send", b"e"), ("recv", b"e"), ("send", b"f"), ("recv", b"f")],
)
def multipart(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    return [
        *(push.send_multipart([b"a", b"b"]), pull.recv_multipart()),
        *(push.send_multipart((b"c", b"d"), zmq.DONTWAIT), pull.recv_multipart(0, True)),
        *(push.send_multipart([b"e"], unknown="ignored"), pull.recv()),
        *(push.send(b"f"), pull.recv_multipart()),
    ]


@scenario()
def text_json_and_objects(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    return [
        *(push.send_string("grün"), pull.recv_string()),
        *(push.send_string("grün", encoding="latin-1"), pull.recv_string(encoding="latin-1")),
        *(push.send_json({"a": [1, None]}, sort_keys=True), pull.recv_json()),
        *(push.send_pyobj({1, 2}), pull.recv_pyobj()),
        *(push.send_serialized(7, lambda n: [b"x"] * n), pull.recv_serialized(len)),
        *(push.send_string("ü", encoding="latin-1"), raised(pull.recv_string)),
        *(push.send(b"{"), raised(pull.recv_json)),
        raised(push.send_string, b"bytes"),
    ]


@scenario(
    *[("send", b"a", b"b", b"c"), ("recv", b"a", b"b", b"c"), ("send", b"d", b"e", b"f"), ("recv", b"d", b"e", b"f")]
)
def part_by_part(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    sent = [push.send(b"a", zmq.SNDMORE), push.send_multipart([b"b"], zmq.SNDMORE), push.send(b"c")]
    received = [pull.recv(), pull.get(zmq.RCVMORE), pull.recv_multipart()]
    sent += [push.send(b"d", flags=zmq.SNDMORE), push.send_multipart([b"e", b"f"])]
    return [*sent, *received, pull.recv(), pull.rcvmore, pull.recv(), pull.recv(), pull.rcvmore]


@scenario(
    *[("send", b"a", b"bb"), ("recv", b"a", b"bb"), ("send", b"c"), ("recv", b"c"), ("send", b"c"), ("recv", b"c")],
    *[("send", b"x" * CLIP), ("recv", b"x" * CLIP), ("send", b"untracked"), ("unsent", "ValueError")],
)
def without_copies(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH, copy_threshold=0)
    results: list[Any] = [push.send_multipart([b"a", b"bb"], copy=False) is not None]
    results.append(pull.recv_multipart(copy=False))
    push.send(b"c", copy=False, track=True).wait(5)
    frame = pull.recv(copy=False, track=True)
    results += [frame, push.send(frame) is frame.tracker, pull.recv(0, False)]
    tracker = push.send(b"x" * 5000, copy=False, track=True)
    results.append(len(pull.recv()))
    tracker.wait(5)
    return [*results, tracker.done, raised(push.send, zmq.Frame(b"untracked"), track=True)]


@scenario(
    *[("send", b"ab"), ("recv", b"ab"), ("send", b"b"), ("recv", b"b")],
    *[("send", b"\x01\0\x02\0"), ("recv", b"\x01\0\x02\0")],
    *[("send", b"f", b"", b"x" * CLIP), ("recv", b"f", b"", b"x" * CLIP)],
)  # fmt: skip
def any_buffer(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    data = bytearray(b"ab")
    push.send(data)
    data[:] = b"??"  # what was recorded stays
    return [
        *(pull.recv(), push.send(memoryview(b"abc")[1:2]), pull.recv()),
        *(push.send(array.array("h", [1, 2])), pull.recv()),
        push.send_multipart([zmq.Frame(b"f"), b"", memoryview(b"x" * 3000)]),
        pull.recv_multipart(),
    ]


@scenario(
    *[("send", b"abcdef")] * 3, *[("recv", b"abcdef")] * 3, ("send", b"a", b"b"), ("recv", b"a", b"b"), ("send", b"z"),
    ("recv", b"z"),
)  # fmt: skip
def into_a_buffer(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    for _ in range(3):
        push.send(b"abcdef")
    buffer = bytearray(8)
    results: list[Any] = [pull.recv_into(buffer), bytes(buffer), pull.recv_into(buffer, nbytes=2), bytes(buffer)]
    results += [pull.recv_into(bytearray()), raised(pull.recv_into, buffer, flags=zmq.DONTWAIT)]
    results += [
        raised(pull.recv_into, buffer, nbytes=9),
        raised(pull.recv_into, b"read only"),
        raised(pull.recv_into, 5),
    ]
    results += [raised(pull.recv_into, memoryview(buffer)[::2]), raised(pull.recv_into, buffer, nbytes=-1)]
    push.send_multipart([b"a", b"b"])
    results += [pull.recv_into(buffer), pull.rcvmore, pull.recv(), bytes(buffer)]
    push.send(b"z")
    wide = memoryview(bytearray(4)).cast("B", (2, 2))
    return [*results, pull.recv_into(wide), wide.tobytes()]


@scenario(
    *[("send", b"a"), ("unsent", "EAGAIN"), ("send", b"a"), ("unsent", "EAGAIN")],
    *[("send", b"a", b"b"), ("unsent", "EAGAIN"), ("send", b"c"), ("unsent", "EAGAIN")],
)
def nobody_there(ctx):
    dealer = ctx.socket(zmq.DEALER)
    dealer.sndtimeo = -1
    results = [
        raised(send, zmq.DONTWAIT) for send in (partial(dealer.send, b"a"), partial(dealer.send_multipart, [b"a"]))
    ]
    results.append(raised(dealer.send_multipart, [b"a", b"b"], zmq.DONTWAIT))
    dealer.sndtimeo = 10
    return [
        *(
            *results,
            raised(dealer.send, b"c"),
            raised(dealer.recv, zmq.DONTWAIT),
            dealer.poll(0),
            dealer.poll(1, zmq.POLLOUT),
        ),
    ]


@scenario(("send", b"a", b"b"), ("recv", b"a", b"b"))
def a_part_that_cannot_be_sent(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    push.send(b"a", zmq.SNDMORE)
    untracked = raised(push.send, zmq.Frame(b"middle"), zmq.SNDMORE, track=True)
    return [raised(push.send, "text"), untracked, push.send(b"b"), pull.recv_multipart()]


@scenario(
    *[("send", b"a"), ("send", b"b"), ("unsent", "EFSM"), ("recv", b"a"), ("send", b"c"), ("recv", b"c")],
    *[("send", b"d"), ("unsent", "EFSM"), ("send", b"e"), ("unsent", "ENOTSUP")],
)
def wrong_order(ctx):
    rep, req = pair(ctx, zmq.REP, zmq.REQ)
    results = [raised(req.recv), req.send(b"a"), raised(req.send, b"b"), rep.recv(), rep.send(b"c"), req.recv()]
    return [
        *results,
        raised(rep.send, b"d"),
        raised(ctx.socket(zmq.PULL).send, b"e"),
        raised(ctx.socket(zmq.PUSH).recv),
    ]


@scenario(("send", b"a"), ("unsent", "ENOTSOCK"), ("send", b"a", b"b"), ("unsent", "ENOTSOCK"))
def closed(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.close()
    socket.close()
    results = [socket.closed, raised(socket.send, b"a"), raised(socket.send_multipart, [b"a", b"b"])]
    results += [raised(call) for call in (socket.recv, socket.recv_multipart, socket.poll, lambda: socket.linger)]
    return [*results, raised(socket.set, zmq.LINGER, 0), raised(socket.connect, "tcp://127.0.0.1:1")]


@scenario()
def not_a_message(ctx):
    push = pair(ctx, zmq.PULL, zmq.PUSH)[1]
    return [
        *(raised(push.send, "text"), raised(push.send, None), raised(push.send, 5)),
        *(
            raised(push.send_multipart, ["text"]),
            raised(push.send_multipart, [b"a", 5]),
            raised(push.send_multipart, []),
        ),
        *(raised(push.send_multipart, (part for part in [b"a"])), raised(push.send_multipart, 5)),
        *(raised(push.send, memoryview(b"abcd")[::2]), raised(push.send, b"a", routing_id=1)),
        raised(push.send, b"a", group="g"),
    ]


@scenario()
def polling(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    poller.register(push, zmq.POLLOUT)
    results = [pull.poll(0), [event for _, event in poller.poll(1000)]]
    push.send(b"a")
    results += [pull.poll(5000), pull.poll(5000, zmq.POLLIN | zmq.POLLOUT), dict(poller.poll(0)) == {pull: 1, push: 2}]
    return [*results, pull.get(zmq.EVENTS), pull.recv(), pull.EVENTS, zmq.select([pull], [push], [], 0)[1] == [push]]


@scenario()
def options(ctx):
    socket = ctx.socket(zmq.DEALER)
    socket.identity = b"a"
    results = [socket.identity, socket.get(zmq.ROUTING_ID), socket.get_string(zmq.IDENTITY)]
    socket.setsockopt(zmq.IDENTITY, b"b")
    socket.setsockopt_string(zmq.ROUTING_ID, "ü")
    results += [socket.getsockopt(zmq.IDENTITY), socket.getsockopt_string(zmq.IDENTITY), socket.routing_id]
    socket.hwm = 3
    socket.linger = 5
    results += [socket.hwm, socket.rcvhwm, socket.LINGER, socket.type, "sndhwm" in dir(socket)]
    results += [raised(setattr, socket, "nonsense", 1), raised(getattr, socket, "nonsense"), raised(socket.get, 12345)]
    results += [raised(socket.set, zmq.LINGER, "1"), raised(socket.set, zmq.IDENTITY, 5), raised(socket.set, 12345, 1)]
    results += [raised(socket.set, "linger", 1), raised(socket.set_string, zmq.IDENTITY, b"b")]
    return results


@scenario(
    ("recv", b"\1a"),
    ("recv", b"\1b"),
    ("recv", b"\1c"),
    ("recv", b"\0b"),
    ("send", b"a.1"),
    ("recv", b"a.1"),
    ("send", b"x"),
    ("unsent", "ENOTSUP"),
)
def subscriptions(ctx):
    pub, sub = pair(ctx, zmq.XPUB, zmq.SUB)
    sub.subscribe = "a"
    results = [pub.recv(), sub.subscribe("b"), pub.recv(), sub.setsockopt(zmq.SUBSCRIBE, b"c"), pub.recv()]
    sub.unsubscribe("b")
    return [
        *results,
        pub.recv(),
        pub.send(b"a.1"),
        sub.recv(),
        raised(sub.send, b"x"),
        raised(setattr, pub, "subscribe", 1),
    ]


@scenario()
def with_blocks_and_endpoints(ctx):
    results: list[Any] = []
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        with pull.bind("tcp://127.0.0.1:*") as bound, push.connect(pull.last_endpoint.decode()) as connected:
            results += [bound is pull, connected is push, push.send(b"a"), pull.recv()]
        results += [raised(pull.unbind, "tcp://127.0.0.1:9"), raised(push.disconnect, "tcp://127.0.0.1:9")]
        port = pull.bind_to_random_port("tcp://127.0.0.1", 30000, 40000)
        results += [30000 <= port < 40000, pull.unbind(f"tcp://127.0.0.1:{port}"), pull.bind(b"inproc://x") is not None]
        results += [
            raised(pull.bind, "nonsense"),
            raised(push.connect, "tcp://"),
            raised(push.connect, 5),
            raised(push.bind, None),
        ]
    return [*results, pull.closed, push.closed]


@scenario()
def proxy(ctx):
    """In C, in a thread that makes its sockets itself."""
    ports: list[int] = []

    def run() -> None:
        frontend, backend = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
        ports.extend(socket.bind_to_random_port("tcp://127.0.0.1") for socket in (frontend, backend))
        try:
            zmq.proxy(frontend, backend)
        except zmq.ContextTerminated:
            frontend.close()
            backend.close()

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: len(ports) == 2, "the proxy is bound")
    client, worker = ctx.socket(zmq.REQ), ctx.socket(zmq.REP)
    client.connect(f"tcp://127.0.0.1:{ports[0]}")
    worker.connect(f"tcp://127.0.0.1:{ports[1]}")
    results = [client.send(b"question"), worker.recv(), worker.send(b"answer"), client.recv()]
    client.close()
    worker.close()
    ctx.term()
    thread.join(5)
    return [*results, thread.is_alive()]


@scenario()
def monitor(ctx):
    server, client = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    monitor = client.get_monitor_socket(zmq.EVENT_CONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    results = [type(monitor), monitor is client.get_monitor_socket(), monitor.type]
    client.connect(f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}")
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.extend(recv_monitor_message(monitor)["event"] for _ in range(2)))
    thread.start()
    thread.join(5)
    client.disable_monitor()
    monitor.close()
    again = server.get_monitor_socket(addr="inproc://mine")
    return [*results, seen, type(again), again.last_endpoint]


NOBODY = "ROUTER: no peer with routing id 'nobody'"


@scenario(
    *[("send", b"nobody", b"1"), ("drop", NOBODY), ("send", b"nobody", b"2", b"3"), ("drop", NOBODY)],
    *[("send", b"nobody"), ("drop", "ROUTER: a routing id without a message after it goes nowhere")],
    *[("send", b"\0\1\2\3\4", b"4"), ("drop", "ROUTER: no peer with routing id 0001020304")],
    *[("send", b"hello"), ("recv", b"me", b"hello")],
    *[("send", b"nobody", b"me", b"5"), ("drop", NOBODY)],
    *[("send", b"me", b"6"), ("recv", b"6")],
)
def router_drops(ctx):
    router, dealer = pair(ctx, zmq.ROUTER, zmq.DEALER, identity=b"me")
    results = [router.send_multipart([b"nobody", b"1"]), router.send(b"nobody", zmq.SNDMORE)]
    results += [router.send(b"2", zmq.SNDMORE), router.send(b"3"), router.send(b"nobody"), router.poll(0, zmq.POLLOUT)]
    results += [router.send_multipart((b"\0\1\2\3\4", b"4")), dealer.send(b"hello"), router.recv_multipart()]
    return [
        *results,
        router.send_multipart([b"nobody", b"me", b"5"]),
        router.send_multipart([b"me", b"6"]),
        dealer.recv(),
    ]


@pytest.mark.parametrize("copy_threshold", [0, 65536])
@pytest.mark.parametrize("track", [False, True])
@pytest.mark.parametrize("data", [b"nobody", zmq.Frame(b"nobody"), zmq.Frame(b"nobody", track=True)])
def test_what_a_dropped_frame_returns(copy_threshold, track, data):
    def trackers(ctx: Any) -> list[Any]:
        router = ctx.socket(zmq.ROUTER)
        router.copy_threshold = copy_threshold
        try:
            result = router.send(data, zmq.SNDMORE, copy=False, track=track)
        except ValueError as error:  # it is not tracked
            return [str(error)]
        if result is not None:
            result.wait(5)
        return [result, router.send(b"rest", zmq.SNDMORE, copy=False), router.send(b"rest"), router.send(b"me")]

    assert run_traced(trackers)[0] == run_plain(trackers)


@scenario(
    *[("send", b"ready"), ("recv", b"me", b"ready"), ("send", b"me", b"0"), ("send", b"me", b"1")],
    *[("send", b"me", b"2"), ("drop", "ROUTER: peer 'me' is at its high-water mark")],
    *[("recv", b"0"), ("recv", b"1")],
)
def router_at_the_high_water_mark(ctx):
    router, dealer = pair(ctx, zmq.ROUTER, zmq.DEALER, "inproc", identity=b"me", hwm=1)
    results = [
        dealer.send(b"ready"),
        router.recv_multipart(),
        *(router.send_multipart([b"me", b"%d" % n]) for n in range(3)),
    ]
    return [*results, dealer.recv(), dealer.recv(), raised(dealer.recv, zmq.DONTWAIT)]


@scenario(
    *[("send", b"nobody", b"1"), ("unsent", "EHOSTUNREACH"), ("send", b"nobody"), ("unsent", "EHOSTUNREACH")],
    *[("send", b"nobody", b"2"), ("drop", NOBODY)],
)
def router_mandatory(ctx):
    router = ctx.socket(zmq.ROUTER)
    router.router_mandatory = 1
    results = [raised(router.send_multipart, [b"nobody", b"1"]), raised(router.send, b"nobody", zmq.SNDMORE)]
    results.append(router.poll(0, zmq.POLLOUT))
    router.router_mandatory = 0
    return [*results, router.send_multipart([b"nobody", b"2"]), router.poll(0, zmq.POLLOUT)]


@scenario()
def raw_sockets(ctx):
    """STREAM and ROUTER_RAW speak to plain TCP peers; their routing ids are libzmq's own, and differ in each run."""
    router, stream = ctx.socket(zmq.ROUTER), ctx.socket(zmq.STREAM)
    router.router_raw = 1
    stream.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
    own, empty = stream.recv_multipart()
    results = [len(own), empty, stream.send_multipart([own, b"hello"])]
    parts = router.recv_multipart()
    while parts[-1] != b"hello":
        parts = router.recv_multipart()
    results += [len(parts[0]), router.send_multipart([parts[0], b"back"]), stream.recv_multipart()[1]]
    return [*results, raised(stream.send_multipart, [b"nobody", b"x"])]


@scenario(("send", b"a"), ("recv", b"a"), ("send", b"b"), ("recv", b"b"), ("send", b"c"))
def shadows(ctx):
    pull, push = pair(ctx, zmq.PULL, zmq.PUSH)
    twin, third, plain = copy.copy(push), type(push)(push), zmq.Socket(pull)
    results = [twin.send(b"a"), pull.recv(), third.send(b"b"), copy.copy(pull).recv(), push.send(b"c"), plain.recv()]
    return [*results, twin.type, third.closed, type(twin) is type(push), repr(push).split(" at ")[0]]


@scenario()
def contexts(ctx):
    ctx.sockopts[zmq.IDENTITY] = b"me"
    ctx.max_sockets = 20
    results = [
        ctx.socket(zmq.DEALER).identity,
        ctx.max_sockets,
        ctx.get(zmq.IO_THREADS),
        ctx.linger,
        "MAX_SOCKETS" in dir(ctx),
    ]
    twin = copy.copy(ctx)
    results += [
        twin.underlying == ctx.underlying,
        type(twin) is type(ctx),
        twin.socket(zmq.PAIR).type,
        repr(ctx).split(" at ")[0],
    ]
    results += [type(zmq.Context(ctx)), type(ctx.shadow(ctx)) is type(ctx), type(ctx.shadow(zmq.Context.instance()))]
    results += [
        type(ctx.instance()),
        raised(ctx.socket, 999),
        raised(getattr, ctx, "nonsense"),
        raised(setattr, ctx, "x", 1),
    ]
    ctx.destroy()
    return [*results, ctx.closed, raised(ctx.socket, zmq.PAIR)]
