"""Lesson 01, with plain pyzmq: a routing id is bytes, and a message to one that is unknown is dropped.

What a process gives its peers as automatic ids depends on what it has done before, so that is tried in new processes.
"""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest
import zmq
from zmq.utils.monitor import parse_monitor_message

from tests.truths.binding import bind
from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen

SERVER = """
import sys, zmq
with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as server:
    server.bind(sys.argv[1])
    for _ in range(3):
        with ctx.socket(zmq.DEALER) as client:
            client.connect(server.last_endpoint)
            client.send(b"Who am I?")
            print(server.recv_multipart()[0].hex())
"""


MANY = """
import sys, zmq
with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as client:
    for n in range(3):
        with ctx.socket(zmq.ROUTER) as server:
            server.bind(sys.argv[1].format(n))
            client.connect(server.last_endpoint)
            client.send(b"Who am I?")
            print(server.recv_multipart()[0].hex())
            client.disconnect(server.last_endpoint)
"""

CHOSEN = """
import sys, zmq
endpoint, chosen, *order = sys.argv[1:]
with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as server:
    server.bind(endpoint)
    clients = []
    for kind in order:
        client = ctx.socket(zmq.DEALER)
        client.linger = 0
        if kind == "chosen":
            client.routing_id = bytes.fromhex(chosen)
        client.connect(server.last_endpoint)
        client.send(kind.encode())
        clients.append(client)
        if server.poll(1000):
            print(server.recv_multipart()[1].decode(), flush=True)
    for client in clients:
        client.close()
"""


@pytest.fixture
def router(ctx: zmq.Context) -> zmq.Socket:
    router = ctx.socket(zmq.ROUTER)
    router.rcvtimeo = LIMIT
    router.bind("tcp://127.0.0.1:*")
    return router


def dealer(router: zmq.Socket, routing_id: bytes = b"") -> zmq.Socket:
    dealer = router.context.socket(zmq.DEALER)
    dealer.rcvtimeo = LIMIT
    if routing_id:
        dealer.routing_id = routing_id
    dealer.connect(address(router))
    return dealer


def test_a_message_to_nobody_is_dropped_in_silence(router):
    known = dealer(router, b"known")
    known.send(b"I am here")
    router.recv_multipart()
    assert router.send_multipart([b"ghost", b"lost"]) is None
    router.send_multipart([b"known", b"found"])
    assert known.recv() == b"found"


def test_router_raises_only_where_it_was_asked_to(router):
    router.router_mandatory = True
    with pytest.raises(zmq.ZMQError) as raised:
        router.send_multipart([b"ghost", b"lost"])
    assert raised.value.errno == zmq.EHOSTUNREACH


def test_a_routing_id_is_bytes_and_need_not_be_text(router):
    routing_id = b"\xff\xfe\x00\x80"
    peer = dealer(router, routing_id)
    peer.send(b"Who am I?")
    seen, _ = router.recv_multipart()
    assert seen == routing_id
    with pytest.raises(UnicodeDecodeError):
        seen.decode()
    router.send_multipart([seen, b"a peer like any other"])
    assert peer.recv() == b"a peer like any other"


def test_an_automatic_routing_id_is_a_zero_byte_and_four_more(router):
    peers = [dealer(router) for _ in range(3)]
    for peer in peers:
        peer.send(b"Who am I?")
    ids = {router.recv_multipart()[0] for _ in peers}
    assert [(len(each), each[0]) for each in ids] == [(5, 0)] * len(peers)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://server"])
def test_each_new_process_gives_the_same_automatic_ids_in_the_same_order(endpoint):
    first, second = ids_of_a_new_process(endpoint), ids_of_a_new_process(endpoint)
    assert first == second
    numbers = [int.from_bytes(each[1:], "big") for each in first]
    assert numbers == list(range(numbers[0], numbers[0] + 3))  # they are counted


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://server-{}"])
def test_each_router_of_a_process_begins_with_a_number_of_its_own(endpoint):
    starts = ids_of_a_new_process(endpoint, MANY)
    assert len(set(starts)) == len(starts) == 3


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://server"])
def test_a_name_like_an_automatic_one_is_never_heard_or_ends_the_server(endpoint):
    automatic = ids_of_a_new_process(endpoint)[0].hex()
    newcomer = in_a_new_process(CHOSEN, endpoint, automatic, "automatic", "chosen")
    assert (newcomer.returncode, newcomer.stdout.split()) == (0, ["automatic"])
    ended = in_a_new_process(CHOSEN, endpoint, automatic, "chosen", "automatic")
    assert (ended.returncode != 0, ended.stdout.split()) == (True, ["chosen"])


def test_the_first_automatic_id_of_a_process_is_no_text():
    first = ids_of_a_new_process("tcp://127.0.0.1:*")[0]
    with pytest.raises(UnicodeDecodeError):
        first.decode()
    if platform.libc_ver()[0] == "glibc":
        assert first.hex(" ") == "00 6b 8b 45 67"


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://server"])
def test_a_name_that_is_set_after_connect_is_too_late(ctx, endpoint):
    server, client = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    server.rcvtimeo = LIMIT
    server.bind(endpoint)
    client.connect(server.last_endpoint)
    client.routing_id = b"bob"
    client.send(b"Task-0")
    seen, _ = server.recv_multipart()
    assert (len(seen), seen[0]) == (5, 0)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://server"])
def test_it_is_too_late_even_where_no_server_is_there_yet(ctx, endpoint):
    with zmq.Context() as other, other.socket(zmq.ROUTER) as before:  # a free port
        before.bind(endpoint)
        endpoint = address(before)
    client = ctx.socket(zmq.DEALER)
    client.connect(endpoint)
    client.routing_id = b"bob"
    client.send(b"Task-0")
    server = ctx.socket(zmq.ROUTER)
    server.rcvtimeo = LIMIT
    bind(server, endpoint)
    seen, _ = server.recv_multipart()
    assert (len(seen), seen[0]) == (5, 0)


def test_a_connection_that_comes_again_has_the_name_that_it_had_at_connect(ctx):
    client = ctx.socket(zmq.DEALER)
    with ctx.socket(zmq.ROUTER) as server:
        server.bind("tcp://127.0.0.1:*")
        endpoint = address(server)
        client.connect(endpoint)
        client.routing_id = b"bob"
        assert seen_by(server, client)[0] == 0
    with ctx.socket(zmq.ROUTER) as server:
        bind(server, endpoint)
        assert seen_by(server, client)[0] == 0


def seen_by(server: zmq.Socket, client: zmq.Socket) -> bytes:
    """The id on the first message that comes; what is sent while the old connection breaks may be lost with it."""
    for _ in range(LIMIT // 100):
        client.send(b"Task")
        if server.poll(100):
            return server.recv_multipart()[0]
    raise AssertionError("nothing has come")


def test_each_connect_takes_the_name_that_the_socket_has_then(ctx):
    client, seen = ctx.socket(zmq.DEALER), []
    for name in (b"first", b"second"):
        client.routing_id = name
        with ctx.socket(zmq.ROUTER) as server:
            server.rcvtimeo = LIMIT
            server.bind("tcp://127.0.0.1:*")
            client.connect(server.last_endpoint)
            client.send(b"Task-0")
            seen.append(server.recv_multipart()[0])
            client.disconnect(server.last_endpoint)
    assert seen == [b"first", b"second"]


def ids_of_a_new_process(endpoint: str, program: str = SERVER) -> list[bytes]:
    """The three that it prints: by itself, those of the first clients of one ROUTER."""
    done = in_a_new_process(program, endpoint)
    assert done.returncode == 0, done.stderr
    return [bytes.fromhex(line) for line in done.stdout.split()]


def in_a_new_process(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=30)


# -- a name that is in use -------------------------------------------------------------------------------------------

EVENTS = zmq.EVENT_ACCEPTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED


def told(monitor: zmq.Socket) -> list[int]:
    """The events of a connection that is made, as they come; the numbers of its descriptors are left out."""
    events = []
    while monitor.poll(LIMIT if zmq.EVENT_HANDSHAKE_SUCCEEDED not in events else 200):
        events.append(parse_monitor_message(monitor.recv_multipart())["event"])
    return events


def test_a_second_one_with_a_name_in_use_looks_to_the_server_like_one_that_says_nothing(router):
    monitor = router.get_monitor_socket(EVENTS)
    first = dealer(router, b"alice")
    first.send(b"Task-0")
    assert router.recv_multipart() == [b"alice", b"Task-0"]
    told(monitor)
    silent = dealer(router, b"carol")
    of_the_silent = told(monitor)
    second = dealer(router, b"alice")
    second.send(b"Task-1")
    assert told(monitor) == of_the_silent == [zmq.EVENT_ACCEPTED, zmq.EVENT_HANDSHAKE_SUCCEEDED]
    assert not router.poll(0)
    assert (silent.closed, second.closed) == (False, False)
    router.disable_monitor()


def test_the_second_one_sees_a_handshake_that_succeeds_and_is_not_heard_when_the_name_is_free(router):
    first = dealer(router, b"alice")
    first.send(b"Task-0")
    router.recv_multipart()
    second = router.context.socket(zmq.DEALER)
    second.routing_id = b"alice"
    monitor = second.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    second.connect(address(router))
    assert told(monitor) == [zmq.EVENT_HANDSHAKE_SUCCEEDED]
    second.send(b"Task-1")
    second.disable_monitor()
    seen_from_router = router.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    first.close()
    assert seen_from_router.poll(LIMIT)  # the name is free
    router.disable_monitor()
    second.send(b"Task-2")
    assert not router.poll(300)
    with router.context.socket(zmq.DEALER) as third:  # a new connection is what helps
        third.routing_id = b"alice"
        third.connect(address(router))
        third.send(b"Task-3")
        assert router.recv_multipart() == [b"alice", b"Task-3"]
