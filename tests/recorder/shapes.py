"""Small programs of the shape of those that people write, each with what becomes of its messages in truth."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import zmq
import zmq.asyncio
import zmq.auth
import zmq.devices
from zmq.eventloop.zmqstream import ZMQStream

PATIENCE = 10_000  # ms
_names = itertools.count()

KEEP: list[Any] = []  # contexts and sockets that are open still when the recording ends
DEAD_ENDS: list[socket.socket] = []
GUEST = " (one out of sight may have got it)"  # what is bound may have peers that nobody records
WARM_UP = b"is anybody there?"  # messages that do not count
Counts = dict[str, int]


SHAPES: dict[str, Callable[[], Counts]] = {}


def shape(program: Callable[[], Counts]) -> Callable[[], Counts]:
    SHAPES[program.__name__] = program
    return program


def endpoint() -> str:
    return f"inproc://shape-{next(_names)}"


@contextlib.contextmanager
def contexts() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    context = zmq.Context()
    try:
        yield context
    finally:
        context.destroy(linger=0)


def listen(socket: zmq.Socket[bytes]) -> str:
    socket.bind("tcp://127.0.0.1:*")
    return socket.getsockopt_string(zmq.LAST_ENDPOINT)


def dead_end() -> str:
    """Where nobody listens, and nobody else can come to do so."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    DEAD_ENDS.append(taken)
    return f"tcp://127.0.0.1:{taken.getsockname()[1]}"


def refused_after_the_send(push: zmq.Socket[Any], pull: zmq.Socket[Any]) -> None:
    """The message is sent before anybody listens: after a handshake that failed libzmq gives the pipe up, and a send
    that comes only then would wait for ever."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        there = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    push.connect(there)
    push.send(b"#1")
    pull.bind(there)
    assert not pull.poll(500)


def together(*roles: Callable[[], Any]) -> None:
    """Each in a thread of its own, to the end."""
    threads = [threading.Thread(target=role, name=getattr(role, "__name__", "role")) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE / 1000)
        assert not thread.is_alive(), f"{thread.name} does not end"


def receive(socket: zmq.Socket[bytes]) -> list[bytes]:
    assert socket.poll(PATIENCE), "nothing came"
    return socket.recv_multipart()


def drain(socket: zmq.Socket[bytes], quiet: int = 300) -> list[list[bytes]]:
    """All that comes until nothing has come for so many ms."""
    got = []
    while socket.poll(quiet):
        got.append(socket.recv_multipart())
    return got


def drained(count: int, *sockets: zmq.Socket[bytes]) -> int:
    """How many come to all of these, when that many have or nothing comes any more."""
    poller, got = zmq.Poller(), 0
    for each in sockets:
        poller.register(each, zmq.POLLIN)
    while got < count and (ready := poller.poll(PATIENCE)):
        got += sum(len(drain(each, 0)) for each, _ in ready)
    return got + sum(len(drain(each)) for each in sockets)


def subscribed(pub: zmq.Socket[bytes], *subs: zmq.Socket[bytes], topic: bytes = b"") -> None:
    """Publish until each of them has heard it: how often that is, is chance."""
    for _ in range(1000):
        pub.send(topic + WARM_UP)
        if all(sub.poll(20) for sub in subs):
            break
    time.sleep(0.1)  # what is under way comes
    for sub in subs:
        assert drain(sub, 0)


# -- bursts ------------------------------------------------------------------------------------------------------


def _burst(type: int, other: int, count: int, text: Callable[[int], bytes]) -> Counts:
    with contexts() as context:
        sender = context.socket(type)
        receivers = [context.socket(other) for _ in range(2)]
        for receiver in receivers:
            sender.connect(listen(receiver))
        for number in range(count):
            sender.send(text(number))
        assert drained(count, *receivers) == count
    return {"received": count}


@shape
def push_burst() -> Counts:
    return _burst(zmq.PUSH, zmq.PULL, 1000, lambda n: b"#%d" % n)


@shape
def dealer_burst() -> Counts:
    return _burst(zmq.DEALER, zmq.DEALER, 1000, lambda n: b"#%d" % n)


@shape
def three_texts() -> Counts:
    return _burst(zmq.PUSH, zmq.PULL, 300, lambda n: (b"a", b"b", b"c")[n % 3])


# -- publish and subscribe -----------------------------------------------------------------------------------------


@shape
def pub_burst() -> Counts:
    with contexts() as context:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        pub.sndhwm = sub.rcvhwm = 0
        sub.subscribe(b"")
        sub.connect(listen(pub))
        subscribed(pub, sub)
        for n in range(1000):
            pub.send(b"#%d" % n)
        assert drained(1000, sub) == 1000
    return {"received": 1000}


@shape
def pub_alone() -> Counts:
    with contexts() as context:
        pub = context.socket(zmq.PUB)
        pub.bind("tcp://127.0.0.1:*")
        for n in range(500):
            pub.send(b"#%d" % n)
    return {f"dropped: PUB: no subscriber in sight{GUEST}": 500}


@shape
def pub_filtered() -> Counts:
    with contexts() as context:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        sub.subscribe(b"a")
        sub.connect(listen(pub))
        subscribed(pub, sub, topic=b"a")
        for n in range(500):
            pub.send_multipart([b"ab"[n % 2 : n % 2 + 1], b"#%d" % n])
        assert drained(250, sub) == 250
    return {"received": 250, f"dropped: PUB: nobody in sight has subscribed to it{GUEST}": 250}


@shape
def pub_ten() -> Counts:
    with contexts() as context:
        pub = context.socket(zmq.PUB)
        there = listen(pub)
        subs = [context.socket(zmq.SUB) for _ in range(10)]
        for sub in subs:
            sub.subscribe(b"")
            sub.connect(there)
        subscribed(pub, *subs)
        for n in range(200):
            pub.send(b"#%d" % n)
        for sub in subs:
            assert len([receive(sub) for _ in range(200)]) == 200
    return {"received": 200 * 10}


@shape
def pub_inproc() -> Counts:
    with contexts() as context:
        pub = context.socket(zmq.PUB)
        there = endpoint()
        pub.bind(there)
        pub.send(b"#0")
        subs = [context.socket(zmq.SUB) for _ in range(3)]
        for sub, topic in zip(subs, (b"", b"a", b"b"), strict=True):
            sub.subscribe(topic)
            sub.connect(there)
        time.sleep(0.05)  # a socket looks for what its peers want at most every few milliseconds
        pub.send(WARM_UP)
        for n in range(1, 31):
            pub.send_multipart([b"abc"[n % 3 : n % 3 + 1], b"#%d" % n])
        assert [drained(count, sub) for count, sub in zip((31, 10, 10), subs, strict=True)] == [31, 10, 10]
    return {"received": 50, "dropped: PUB: no subscriber": 1}


@shape
def conflate() -> Counts:
    with contexts() as context:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        sub.conflate = True
        sub.subscribe(b"")
        sub.connect(listen(pub))
        subscribed(pub, sub)
        for n in range(100):
            pub.send(b"#%d" % n)
        time.sleep(0.3)
        assert sub.recv() == b"#99"
    return {"received": 1, "dropped: SUB: CONFLATE keeps the newest alone": 99}


@shape
def push_conflates() -> Counts:
    """The sender keeps the newest alone: nothing was to be sent before there is a peer."""
    with contexts() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        push.conflate = True
        there = dead_end()
        push.connect(there)
        for n in range(5):
            push.send(b"#%d" % n)
        DEAD_ENDS.pop().close()
        pull.bind(there)
        assert receive(pull) == [b"#4"]
    return {"received": 1, "dropped: PUSH: CONFLATE keeps the newest alone": 4}


@shape
def conflate_inproc() -> Counts:
    with contexts() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        push.conflate = pull.conflate = True
        there = endpoint()
        pull.bind(there)
        push.connect(there)
        for n in range(5):
            push.send(b"#%d" % n)
        assert drain(pull) == [[b"#4"]]
    return {"received": 1, "dropped: PUSH: CONFLATE keeps the newest alone": 4}


def _published(pub: zmq.Socket[bytes], sub: zmq.Socket[bytes]) -> None:
    """Of ten messages the even ones come: "a" and no "b"."""
    for n in range(10):
        pub.send_multipart([b"ab"[n % 2 : n % 2 + 1], b"#%d" % n])
    assert drained(5, sub) == 5


@shape
def pub_inverted() -> Counts:
    with contexts() as context:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        pub.setsockopt(zmq.INVERT_MATCHING, 1)
        sub.setsockopt(zmq.INVERT_MATCHING, 1)
        sub.subscribe(b"b")
        sub.connect(listen(pub))
        time.sleep(0.3)  # until the subscription is there a message would be sent, and count
        _published(pub, sub)
    return {"received": 5, "dropped: PUB: nobody in sight received it": 5}


@shape
def xpub_manual() -> Counts:
    """The publisher's program says what the subscriber gets."""
    with contexts() as context:
        xpub, sub = context.socket(zmq.XPUB), context.socket(zmq.SUB)
        xpub.setsockopt(zmq.XPUB_MANUAL, 1)
        sub.subscribe(b"")
        sub.connect(listen(xpub))
        receive(xpub)
        xpub.setsockopt(zmq.SUBSCRIBE, b"a")
        time.sleep(0.1)
        _published(xpub, sub)
    return {"received": 5, "dropped: XPUB: nobody in sight received it": 5}


@shape
def pub_full() -> Counts:
    """Its queue is full when the last are sent: nothing follows that would tell."""
    with contexts() as context:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        pub.sndhwm = sub.rcvhwm = 1
        there = endpoint()
        pub.bind(there)
        sub.subscribe(b"")
        sub.connect(there)
        time.sleep(0.1)
        for n in range(5):
            pub.send(b"#%d" % n)
        assert drained(2, sub) == 2
    return {"received": 2, "lost: its subscriber did not read it, or its queue was full": 3}


@shape
def xpub_xsub() -> Counts:
    with contexts() as context:
        xpub, xsub = context.socket(zmq.XPUB), context.socket(zmq.XSUB)
        xsub.connect(listen(xpub))
        xsub.send(b"\x01a")
        assert receive(xpub) == [b"\x01a"]
        for n in range(10):
            xpub.send_multipart([b"a", b"#%d" % n])
        assert drained(10, xsub) == 10
        xsub.send(b"\x00a")
        assert receive(xpub) == [b"\x00a"]
        xsub.send(b"upstream #11")
        assert receive(xpub) == [b"upstream #11"]
    return {"received": 11}


# -- inproc between threads ------------------------------------------------------------------------------------------


@shape
def inproc_pairs() -> Counts:
    context: zmq.Context[Any] = zmq.Context()
    one, two, main = endpoint(), endpoint(), context.socket(zmq.PAIR)
    main.bind(two)

    def step1() -> None:
        with context.socket(zmq.PAIR) as socket:
            socket.connect(one)
            socket.send(b"#1")

    def step2() -> None:
        with context.socket(zmq.PAIR) as before, context.socket(zmq.PAIR) as after:
            before.bind(one)
            thread = threading.Thread(target=step1)
            thread.start()
            receive(before)
            after.connect(two)
            after.send(b"#2")
            thread.join()

    together(step2)
    receive(main)
    main.close()
    context.term()
    return {"received": 2}


@shape
def inproc_dealer_router() -> Counts:
    """A ROUTER and some DEALERs in threads, which speak at once."""
    context: zmq.Context[Any] = zmq.Context()
    there = endpoint()
    router = context.socket(zmq.ROUTER)
    router.bind(there)

    def dealer(n: int) -> None:
        with context.socket(zmq.DEALER) as socket:
            socket.connect(there)
            for k in range(5):
                socket.send(b"ask #%d" % (10 * n + k))
            for _ in range(5):
                receive(socket)

    threads = [threading.Thread(target=dealer, args=(n,), name=f"dealer {n}") for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        routing_id, text = receive(router)
        router.send_multipart([routing_id, text.replace(b"#", b"#1000")])
    for thread in threads:
        thread.join()
    router.close()
    context.term()
    return {"received": 40}


@shape
def mtserver() -> Counts:
    """The Guide's multithreaded server: a ROUTER over TCP, a DEALER over inproc, and zmq.proxy between them."""
    context: zmq.Context[Any] = zmq.Context()
    jobs = endpoint()
    front, back = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    there = listen(front)
    back.bind(jobs)

    def worker() -> None:
        with context.socket(zmq.REP) as socket, contextlib.suppress(zmq.ContextTerminated):
            socket.connect(jobs)
            while True:
                socket.recv()
                socket.send(b"World")

    def broker() -> None:
        with contextlib.suppress(zmq.ContextTerminated):
            zmq.proxy(front, back)
        front.close()
        back.close()

    threads = [threading.Thread(target=worker, name="worker") for _ in range(3)]
    threads.append(threading.Thread(target=broker, name="broker"))
    for thread in threads:
        thread.start()

    def client() -> None:
        own: zmq.Context[Any] = zmq.Context()
        with own.socket(zmq.REQ) as socket:
            socket.connect(there)
            for _ in range(3):
                socket.send(b"Hello")
                receive(socket)
        own.term()

    together(client, client)
    context.term()
    for thread in threads:
        thread.join()
    return {"received": 12, "passed": 12}


@shape
def asyncsrv() -> Counts:
    """The Guide's asynchronous server: DEALER clients, a ROUTER, zmq.proxy, DEALER workers over inproc."""
    context: zmq.Context[Any] = zmq.Context()
    jobs = endpoint()
    front, back = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    there = listen(front)
    back.bind(jobs)

    def worker() -> None:
        with context.socket(zmq.DEALER) as socket, contextlib.suppress(zmq.ContextTerminated):
            socket.connect(jobs)
            while True:
                ident, text = socket.recv_multipart()
                for n in range(2):
                    socket.send_multipart([ident, text + b".%d" % n])

    def broker() -> None:
        with contextlib.suppress(zmq.ContextTerminated):
            zmq.proxy(front, back)
        front.close()
        back.close()

    threads = [threading.Thread(target=worker, name="worker") for _ in range(3)]
    threads.append(threading.Thread(target=broker, name="broker"))
    for thread in threads:
        thread.start()

    def client(n: int) -> None:
        own: zmq.Context[Any] = zmq.Context()
        with own.socket(zmq.DEALER) as socket:
            socket.setsockopt_string(zmq.IDENTITY, f"worker-{n}")
            socket.connect(there)
            for k in range(4):
                socket.send(b"request #%d" % (10 * n + k))
            for _ in range(8):
                receive(socket)
        own.term()

    together(lambda: client(1), lambda: client(2))
    context.term()
    for thread in threads:
        thread.join()
    return {"received": 8 + 16, "passed": 8 + 16}


@shape
def lbbroker() -> Counts:
    """The Guide's load-balancing broker: REQ clients and REQ workers with ids of their own, ROUTER and ROUTER."""
    context: zmq.Context[Any] = zmq.Context()
    clients, workers = endpoint(), endpoint()
    front, back = context.socket(zmq.ROUTER), context.socket(zmq.ROUTER)
    front.bind(clients)
    back.bind(workers)

    def worker(n: int) -> None:
        with context.socket(zmq.REQ) as socket, contextlib.suppress(zmq.ContextTerminated):
            socket.identity = b"Worker-%d" % n
            socket.connect(workers)
            socket.send(b"READY")
            while True:
                client, empty, _ = socket.recv_multipart()
                socket.send_multipart([client, empty, b"OK"])

    def client(n: int) -> None:
        with context.socket(zmq.REQ) as socket:
            socket.identity = b"Client-%d" % n
            socket.connect(clients)
            socket.send(b"HELLO")
            receive(socket)

    threads = [threading.Thread(target=worker, args=(n,), name=f"worker {n}") for n in range(3)]
    askers = [threading.Thread(target=client, args=(n,), name=f"client {n}") for n in range(8)]
    for thread in threads + askers:
        thread.start()
    free: list[bytes] = []
    poller, answers, ready = zmq.Poller(), 8, 0
    poller.register(back, zmq.POLLIN)
    while answers or ready < 3:
        poller.register(front, zmq.POLLIN if free else 0)
        there = dict(poller.poll(PATIENCE))
        assert there
        if back in there:
            name, _, who, *rest = back.recv_multipart()
            free.append(name)
            if who == b"READY":
                ready += 1
            else:
                front.send_multipart([who, *rest])
                answers -= 1
        if front in there:
            who, _, text = front.recv_multipart()
            back.send_multipart([free.pop(0), b"", who, b"", text])
    for thread in askers:
        thread.join()
    front.close()
    back.close()
    context.term()
    for thread in threads:
        thread.join()
    return {"received": 3 + 4 * 8}


# -- proxies ---------------------------------------------------------------------------------------------------------


def _proxied(run: Callable[..., Any], front: int, back: int, use: Callable[..., None]) -> None:
    """`run(front, back)` in a thread; `use(context, address of front, address of back)` beside it."""
    context: zmq.Context[Any] = zmq.Context()
    sockets = context.socket(front), context.socket(back)
    addresses = [listen(socket) for socket in sockets]

    def carry() -> None:
        with contextlib.suppress(zmq.ContextTerminated):
            run(*sockets)
        for each in sockets:
            each.close(0)

    thread = threading.Thread(target=carry, name="proxy")
    thread.start()
    own: zmq.Context[Any] = zmq.Context()
    try:
        use(own, *addresses)
    finally:
        own.destroy(linger=0)
        context.term()
        thread.join()


def _stream(context: zmq.Context[Any], front: str, back: str) -> None:
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.connect(front)
    pull.connect(back)
    for n in range(50):
        push.send(b"#%d" % n)
    for _ in range(50):
        receive(pull)


@shape
def proxied_pull() -> Counts:
    _proxied(zmq.proxy, zmq.PULL, zmq.PUSH, _stream)
    return {"received": 50, "passed": 50}


@shape
def proxied_xsub() -> Counts:
    def use(context: zmq.Context[Any], front: str, back: str) -> None:
        pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        pub.connect(front)
        sub.subscribe(b"")
        sub.connect(back)
        subscribed(pub, sub)
        for n in range(50):
            pub.send(b"#%d" % n)
        assert drained(50, sub) == 50

    _proxied(zmq.proxy, zmq.XSUB, zmq.XPUB, use)
    return {"received": 50, "passed": 50}


@shape
def monitored_queue() -> Counts:
    with contexts() as context:
        mon = context.socket(zmq.PUB)
        mon.bind("tcp://127.0.0.1:*")

        def run(front: Any, back: Any) -> None:
            zmq.devices.monitored_queue(front, back, mon, b"in", b"out")

        def use(context: zmq.Context[Any], front: str, back: str) -> None:
            req, rep = context.socket(zmq.REQ), context.socket(zmq.REP)
            req.connect(front)
            rep.connect(back)
            for n in range(5):
                req.send(b"#%d" % n)
                rep.send(receive(rep)[0].replace(b"#", b"#100"))
                receive(req)

        _proxied(run, zmq.ROUTER, zmq.DEALER, use)
    return {"received": 10, "passed": 10}


@shape
def thread_device() -> Counts:
    context: zmq.Context[Any] = zmq.Context()
    device = zmq.devices.ThreadDevice(zmq.QUEUE, zmq.PULL, zmq.PUSH)
    device.context_factory = lambda: context
    device.bind_in(front := endpoint())
    device.bind_out(back := endpoint())
    device.start()
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.connect(front)
    pull.connect(back)
    for n in range(20):
        push.send(b"#%d" % n)
    for _ in range(20):
        receive(pull)
    push.close()
    pull.close()
    context.term()
    device.join(5)
    return {"received": 20, "passed": 20}


@shape
def steered_proxy() -> Counts:
    """What it is told, it reads in C."""
    context: zmq.Context[Any] = zmq.Context()
    front, back, control = context.socket(zmq.PULL), context.socket(zmq.PUSH), context.socket(zmq.PAIR)
    push, pull, steering = context.socket(zmq.PUSH), context.socket(zmq.PULL), context.socket(zmq.PAIR)
    push.connect(listen(front))
    pull.connect(listen(back))
    there = endpoint()
    control.bind(there)
    steering.connect(there)
    thread = threading.Thread(target=zmq.proxy_steerable, args=(front, back, None, control), name="proxy")
    thread.start()
    push.send(b"#1")
    receive(pull)
    steering.send(b"TERMINATE")
    thread.join(PATIENCE / 1000)
    assert not thread.is_alive()
    for each in (front, back, control, push, pull, steering):
        each.close()
    context.term()
    return {"received": 1, "passed": 1, "unseen": 1}


# -- who leaves ----------------------------------------------------------------------------------------------------


def _read_one_of_three(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> None:
    for n in range(3):
        push.send(b"#%d" % n)
    receive(pull)


@shape
def receiver_disconnects() -> Counts:
    """What lies unread in the socket goes with the connection."""
    with contexts() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        there = listen(push)
        pull.connect(there)
        _read_one_of_three(push, pull)
        time.sleep(0.2)
        pull.disconnect(there)
        assert not drain(pull)
    return {"received": 1, "lost: its socket was disconnected before it was read": 2}


@shape
def receiver_disconnects_inproc() -> Counts:
    context: zmq.Context[Any] = zmq.Context()
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    there = endpoint()
    push.bind(there)
    pull.connect(there)
    _read_one_of_three(push, pull)
    pull.disconnect(there)
    assert not drain(pull)
    push.close()
    pull.close()
    context.term()
    return {"received": 1, "lost: nobody in sight received it": 2}


@shape
def receiver_unbinds() -> Counts:
    """What has come before can be read, and what comes then is lost."""
    with contexts() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        there = listen(pull)
        push.connect(there)
        _read_one_of_three(push, pull)
        time.sleep(0.2)
        pull.unbind(there)
        push.send(b"#3")
        time.sleep(0.2)
        assert drained(2, pull) == 2
    return {"received": 3, "lost: its socket had unbound before it came": 1}


# -- shadows, and messages of many frames ------------------------------------------------------------------------------


@shape
def many_frames() -> Counts:
    with contexts() as context:
        dealer, router = context.socket(zmq.DEALER), context.socket(zmq.ROUTER)
        dealer.connect(listen(router))
        for n in range(3):
            dealer.send_multipart([b"x"] * 3000 + [b"#%d" % n])
            assert len(receive(router)) == 3002
    return {"received": 3}


@shape
def shadow() -> Counts:
    with contexts() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        push.connect(listen(pull))
        one: Any = zmq.Socket(push)
        other: Any = zmq.Socket.shadow(pull.underlying)
        for n in range(5):
            one.send(b"#%d" % n)
            receive(other)
    return {"received": 5}


@shape
def async_shadow() -> Counts:
    async def main(context: zmq.Context[Any]) -> None:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        push.connect(listen(pull))
        reader = zmq.asyncio.Socket(pull)
        for n in range(5):
            push.send(b"#%d" % n)
            await asyncio.wait_for(reader.recv(), 5)

    with contexts() as context:
        asyncio.run(main(context))
    return {"received": 5}


@shape
def stream_on_a_shadow() -> Counts:
    async def main(context: Any) -> None:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        push.connect(listen(pull))
        came = asyncio.Queue[Any]()
        stream = ZMQStream(zmq.Socket(pull))
        stream.on_recv(came.put_nowait)
        for n in range(5):
            await push.send(b"#%d" % n)
        for _ in range(5):
            await asyncio.wait_for(came.get(), 5)
        stream.close()

    context = zmq.asyncio.Context()
    asyncio.run(main(context))
    context.destroy(linger=0)
    return {"received": 5}


# -- reasons -----------------------------------------------------------------------------------------------------


@shape
def same_routing_id() -> Counts:
    with contexts() as context:
        router = context.socket(zmq.ROUTER)
        there = listen(router)
        dealers = [context.socket(zmq.DEALER) for _ in range(2)]
        for n, dealer in enumerate(dealers):
            dealer.routing_id = b"twin"
            dealer.connect(there)
            dealer.send(b"#%d" % n)
            if not n:
                receive(router)
        assert not router.poll(300)
    return {"received": 1, "dropped: ROUTER: another peer has the routing id 'twin'": 1}


@shape
def third_of_a_pair() -> Counts:
    with contexts() as context:
        pair = context.socket(zmq.PAIR)
        there = listen(pair)
        peers = [context.socket(zmq.PAIR) for _ in range(2)]
        for n, peer in enumerate(peers):
            peer.connect(there)
            peer.send(b"#%d" % n)
            if not n:
                receive(pair)
        assert not pair.poll(300)
    return {"received": 1, "dropped: PAIR: it has another peer already": 1}


@shape
def too_long() -> Counts:
    with contexts() as context:
        push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
        pull.maxmsgsize = 100
        push.connect(listen(pull))
        push.send(b"#1")
        receive(pull)
        push.send(b"#2" + b"x" * 200)
        assert not pull.poll(300)
    return {"received": 1, "dropped: over MAXMSGSIZE: 202 bytes, and PULL takes 100": 1}


@shape
def linger_0() -> Counts:
    context: zmq.Context[Any] = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.linger = 0
    there = dead_end()
    push.connect(there)
    for n in range(5):
        push.send(b"#%d" % n)
    time.sleep(0.2)
    push.close()
    context.term()
    return {"lost: its socket was closed with LINGER 0, before it had left (Connection refused)": 5}


@shape
def req_that_gave_up() -> Counts:
    """The Guide's lazy pirate: a REQ that is closed and made anew when no reply comes."""
    context: zmq.Context[Any] = zmq.Context()
    there = dead_end()
    for n in range(3):
        req = context.socket(zmq.REQ)
        req.connect(there)
        req.send(b"#%d" % n)
        assert not req.poll(250)
        req.close(linger=0)
    context.term()
    return {"lost: its socket was closed with LINGER 0, before it had left (Connection refused)": 3}


@shape
def connection_refused() -> Counts:
    context: zmq.Context[Any] = zmq.Context()
    there = dead_end()
    push = context.socket(zmq.PUSH)
    push.connect(there)
    push.send(b"#1")
    time.sleep(0.3)
    KEEP.append((context, push))
    return {"out: Connection refused": 1}


@shape
def curve_denied() -> Counts:
    from zmq.auth.thread import ThreadAuthenticator

    context: zmq.Context[Any] = zmq.Context()
    auth = ThreadAuthenticator(context)
    auth.start()
    auth.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
    server_public, server_secret = zmq.curve_keypair()
    public, secret = zmq.curve_keypair()

    class Nobody:
        def callback(self, domain: str, key: bytes) -> bool:
            return False

    auth.configure_curve_callback(domain="*", credentials_provider=Nobody())
    pull = context.socket(zmq.PULL)
    pull.curve_server, pull.curve_secretkey, pull.curve_publickey = True, server_secret, server_public
    pull.zap_domain = b"shop"
    push = context.socket(zmq.PUSH)
    push.curve_serverkey, push.curve_publickey, push.curve_secretkey = server_public, public, secret
    refused_after_the_send(push, pull)
    auth.stop()
    KEEP.append((context, push, pull))
    # libzmq asks, and is answered, by inproc; and the authenticator is told to end
    return {"out: the bound side refused: 400": 1, "received": 2, "unseen": 1}


@shape
def handshake_refused() -> Counts:
    context: zmq.Context[Any] = zmq.Context()
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    pull.plain_server = True
    refused_after_the_send(push, pull)
    KEEP.append((context, push, pull))
    return {"out: one side closed it before the ZMTP handshake was over": 1}


@shape
def connect_routing_id() -> Counts:
    with contexts() as context:
        dealer, router = context.socket(zmq.DEALER), context.socket(zmq.ROUTER)
        there = listen(dealer)
        router.setsockopt(zmq.CONNECT_ROUTING_ID, b"shop")
        router.connect(there)
        for n in range(5):
            router.send_multipart([b"shop", b"#%d" % n])
            receive(dealer)
            dealer.send(b"#10%d" % n)
            assert receive(router)[0] == b"shop"
    return {"received": 10}
