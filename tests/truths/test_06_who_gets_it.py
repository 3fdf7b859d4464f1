"""Lesson 06, with plain pyzmq: who gets the next message of a DEALER, a ROUTER and a proxy, and who is no peer."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.truths.sockets import address

LIMIT = 5_000  # ms for what must happen
QUIET = 300  # ms in which nothing may happen
MARK = 10  # a small high-water mark


@pytest.fixture
def own() -> Iterator[zmq.Context]:
    """The context of a proxy, which returns when it ends, and then closes its sockets."""
    ctx = zmq.Context()
    yield ctx
    ctx.term()


def bound(ctx: zmq.Context, kind: int, endpoint: str = "tcp://127.0.0.1:*") -> zmq.Socket:
    socket = ctx.socket(kind)
    socket.linger = 0
    socket.rcvtimeo = socket.sndtimeo = LIMIT
    socket.bind(endpoint)
    return socket


def connected(ctx: zmq.Context, kind: int, *endpoints: str, **options: object) -> zmq.Socket:
    socket = ctx.socket(kind)
    socket.linger = 0
    socket.rcvtimeo = socket.sndtimeo = LIMIT
    for name, value in options.items():
        setattr(socket, name, value)
    for endpoint in endpoints:
        socket.connect(endpoint)
    return socket


def dead_endpoint(ctx: zmq.Context) -> str:
    """Where nobody listens any more."""
    socket = bound(ctx, zmq.DEALER)
    monitor = socket.get_monitor_socket(zmq.EVENT_CLOSED)
    endpoint = address(socket)
    socket.unbind(endpoint)
    assert monitor.poll(LIMIT)
    return endpoint


def crew(ctx: zmq.Context, boss: zmq.Socket) -> list[zmq.Socket]:
    """Two workers, DEALERs named ann and ben, whom the boss has heard."""
    workers = [connected(ctx, zmq.DEALER, address(boss), routing_id=name) for name in (b"ann", b"ben")]
    for worker in workers:
        worker.send(b"READY")
    for _ in workers:
        boss.recv_multipart()
    return workers


def deal(boss: zmq.Socket, number: int) -> None:
    for n in range(number):
        boss.send(b"%d" % n)


def received(socket: zmq.Socket, number: int) -> list[bytes]:
    """That many last frames, and then nothing more."""
    found = [socket.recv_multipart()[-1] for _ in range(number)]
    assert not socket.poll(QUIET)
    return found


def how_many(socket: zmq.Socket) -> int:
    """How many messages it takes before send would block."""
    for n in range(10 * MARK):
        try:
            socket.send(b"job", zmq.DONTWAIT)
        except zmq.Again:
            return n
    return 10 * MARK


def proxy(front: zmq.Socket, back: zmq.Socket) -> None:
    """In a thread, which the two sockets belong to from now on."""

    def run() -> None:
        with front, back, contextlib.suppress(zmq.ContextTerminated):
            zmq.proxy(front, back)

    threading.Thread(target=run, daemon=True).start()


@pytest.mark.parametrize("kind", ["unconnected", "bound"])
def test_a_dealer_without_any_peer_blocks(ctx, kind):
    dealer = bound(ctx, zmq.DEALER) if kind == "bound" else connected(ctx, zmq.DEALER)
    assert how_many(dealer) == 0


@pytest.mark.parametrize(("immediate", "number"), [(0, MARK), (1, 0)])
def test_a_dealer_that_connects_to_nobody_queues_up_to_its_high_water_mark(ctx, immediate, number):
    dealer = connected(ctx, zmq.DEALER, dead_endpoint(ctx), sndhwm=MARK, immediate=immediate)
    assert how_many(dealer) == number


def test_on_inproc_immediate_changes_nothing(ctx):
    assert how_many(connected(ctx, zmq.DEALER, "inproc://nobody", sndhwm=MARK, immediate=1)) == MARK


def test_round_robin_does_not_skip_an_endpoint_where_nobody_is(ctx):
    ann, nobody = bound(ctx, zmq.ROUTER), dead_endpoint(ctx)
    boss = connected(ctx, zmq.DEALER, address(ann), nobody)
    deal(boss, 6)
    assert received(ann, 3) == [b"0", b"2", b"4"]
    assert received(bound(ctx, zmq.ROUTER, nobody), 3) == [b"1", b"3", b"5"]


def test_round_robin_does_not_skip_an_endpoint_that_has_died(ctx):
    ann, ben = bound(ctx, zmq.ROUTER), bound(ctx, zmq.ROUTER)
    boss = connected(ctx, zmq.DEALER, address(ann), address(ben))
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    deal(boss, 2)
    assert received(ann, 1) + received(ben, 1) == [b"0", b"1"]
    ben.close()
    assert monitor.poll(LIMIT)
    deal(boss, 6)
    assert len(received(ann, 3)) == 3


@pytest.mark.parametrize("transport", ["tcp", "inproc"])
def test_an_endpoint_where_nobody_is_keeps_its_turn_until_its_queue_is_full(ctx, transport):
    endpoints = {"tcp": ("tcp://127.0.0.1:*", dead_endpoint(ctx)), "inproc": ("inproc://ann", "inproc://nobody")}
    there, nobody = endpoints[transport]
    ann = bound(ctx, zmq.ROUTER, there)
    boss = connected(ctx, zmq.DEALER, address(ann), nobody, sndhwm=MARK)
    for _ in range(10 * MARK):
        boss.send(b"job")
    assert len(received(ann, 9 * MARK)) == 9 * MARK


@pytest.mark.parametrize(("binds", "of_ann", "of_ben"), [(True, 6, 0), (False, 3, 3)])
def test_who_connects_keeps_a_queue_for_who_has_left_and_who_binds_does_not(ctx, binds, of_ann, of_ben):
    """Ben leaves, six tasks are dealt to him and to Ann, and he comes back."""
    boss, workers, endpoint = pair_of_workers(ctx, binds=binds)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)  # before: it tells nothing of what has been
    workers["ben"].close()
    assert monitor.poll(LIMIT)
    boss.poll(QUIET)
    deal(boss, 6)
    assert len(received(workers["ann"], of_ann)) == of_ann
    if binds:
        ben = connected(ctx, zmq.DEALER, endpoint)
        ben.send(b"READY")
        boss.recv_multipart()
    else:
        ben = bound(ctx, zmq.DEALER, endpoint)
    assert len(received(ben, of_ben)) == of_ben


def test_on_inproc_the_queue_of_a_socket_that_connects_goes_with_its_peer(ctx):
    ann, ben = bound(ctx, zmq.DEALER, "inproc://ann"), bound(ctx, zmq.DEALER, "inproc://ben")
    boss = connected(ctx, zmq.DEALER, "inproc://ann", "inproc://ben")
    ben.close()
    boss.poll(QUIET)
    deal(boss, 6)
    assert len(received(ann, 6)) == 6


def test_a_queue_that_was_full_takes_its_turn_in_another_place(ctx):
    """Three peers have their turns as they came; when all were full, as they made room."""
    boss = ctx.socket(zmq.DEALER)
    boss.sndhwm = 1
    boss.bind("inproc://boss")
    crew = [connected(ctx, zmq.DEALER, "inproc://boss", rcvhwm=1) for _ in range(3)]
    deal(boss, 3)
    assert [worker.recv() for worker in crew] == [b"0", b"1", b"2"]
    while boss.poll(0, zmq.POLLOUT):
        boss.send(b"job")
    for place in (1, 0, 2):
        while crew[place].poll(QUIET // 5):
            crew[place].recv()
        boss.poll(0)
    deal(boss, 3)
    assert [worker.recv() for worker in crew] == [b"1", b"0", b"2"]


def pair_of_workers(ctx: zmq.Context, *, binds: bool) -> tuple[zmq.Socket, dict[str, zmq.Socket], str]:
    """A DEALER that knows Ann and Ben, these, and where Ben comes back to."""
    if binds:
        boss = bound(ctx, zmq.DEALER)
        ann, ben = crew(ctx, boss)
        return boss, {"ann": ann, "ben": ben}, address(boss)
    ann, ben = bound(ctx, zmq.DEALER), bound(ctx, zmq.DEALER)
    boss = connected(ctx, zmq.DEALER, address(ann), address(ben))
    for worker in (ann, ben):
        worker.send(b"READY")
        boss.recv_multipart()
    return boss, {"ann": ann, "ben": ben}, address(ben)


def test_immediate_deals_to_complete_connections_alone(ctx):
    ann, nobody = bound(ctx, zmq.ROUTER), dead_endpoint(ctx)
    boss = connected(ctx, zmq.DEALER, nobody, address(ann), immediate=1)
    deal(boss, 6)
    assert received(ann, 6) == [b"0", b"1", b"2", b"3", b"4", b"5"]


IMMEDIATE = """
import sys, zmq

with zmq.Context() as context, context.socket(zmq.ROUTER) as router, context.socket(zmq.DEALER) as dealer:
    router.linger = dealer.rcvtimeo = 10_000
    dealer.immediate = int(sys.argv[1])
    disconnected = dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED)
    dealer.connect(f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}")
    dealer.send(b"")
    envelope = router.recv_multipart()[:1]
    router.send_multipart([*envelope, *sys.argv[2].encode().split()])
    router.send_multipart([*envelope, b"next"])
    print(dealer.recv().decode(), flush=True)
    router.close()
    for _ in range(2):  # the second event comes when libzmq has done what a disconnect does
        assert disconnected.poll(10_000)
        disconnected.recv_multipart()
    dealer.get(zmq.EVENTS)
    dealer.rcvtimeo = 200
    try:
        while True:
            print(dealer.recv().decode(), flush=True)
    except zmq.Again:
        pass
    disconnected.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGABRT")
@pytest.mark.parametrize(
    ("immediate", "message", "codes", "read"),
    [
        (0, "a b", {0}, ["a", "b", "next"]),
        (1, "a", {0}, ["a"]),  # "next" had arrived, and is lost
        (1, "a b", {0, -signal.SIGABRT}, ["a"]),  # and so is half of the message that it was reading
    ],
)
def test_immediate_is_not_for_a_socket_that_reads(immediate, message, codes, read):
    """A connection breaks while a DEALER reads: what had arrived is lost, or the process is."""
    command = [sys.executable, "-c", IMMEDIATE, str(immediate), message]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.split() == read
    assert done.returncode in codes
    assert done.stderr == "" or "Assertion failed: !_more" in done.stderr


def test_round_robin_deals_to_a_worker_that_reads_nothing(ctx):
    boss = bound(ctx, zmq.DEALER)
    ann, ben = crew(ctx, boss)
    deal(boss, 6)
    of_ben = received(ben, 3)  # meanwhile Ann is busy
    of_ann = received(ann, 3)
    assert sorted([of_ann, of_ben]) == [[b"0", b"2", b"4"], [b"1", b"3", b"5"]]


def test_a_peer_that_leaves_a_bound_dealer_is_dealt_no_more(ctx):
    boss = bound(ctx, zmq.DEALER)
    ann, ben = crew(ctx, boss)
    ann.close()
    assert any(both_reach(boss, ben) for _ in range(LIMIT // QUIET))
    deal(boss, 4)
    assert len(received(ben, 4)) == 4


def both_reach(boss: zmq.Socket, worker: zmq.Socket) -> bool:
    """Deal two jobs; whether that worker gets both."""
    deal(boss, 2)
    return [bool(worker.poll(QUIET) and worker.recv()) for _ in range(2)] == [True, True]


def test_a_proxy_gives_the_next_request_to_a_busy_worker(ctx, own):
    front, back = bound(own, zmq.ROUTER), bound(own, zmq.DEALER)
    ann, ben = crew(ctx, back)
    clients = connected(ctx, zmq.DEALER, address(front))
    proxy(front, back)
    deal(clients, 1)
    assert poll_any([ann, ben])
    busy, free = (ann, ben) if ann.poll(0) else (ben, ann)
    deal(clients, 3)
    assert len(received(free, 2)) == 2  # it is free, and gets no more than its turn
    assert len(received(busy, 2)) == 2


def test_behind_a_proxy_a_new_worker_gets_nothing_of_what_waits_at_the_others(ctx, own):
    front, back = bound(own, zmq.ROUTER), bound(own, zmq.DEALER)
    ann, ben = crew(ctx, back)
    client = connected(ctx, zmq.DEALER, address(front), routing_id=b"alice")
    to_workers = address(back)
    proxy(front, back)
    deal(client, 12)
    assert poll_any([ann])
    assert poll_any([ben])
    cem = connected(ctx, zmq.DEALER, to_workers)
    cem.send_multipart([b"alice", b"Here I am."])
    assert client.recv() == b"Here I am."
    assert not cem.poll(QUIET)
    deal(client, 3)
    assert len(received(cem, 1)) == 1
    assert len(received(ann, 7)) == len(received(ben, 7)) == 7


def test_a_proxy_leaves_requests_unread_when_the_queues_of_all_workers_are_full(own):
    """On inproc, where the marks are exact. A new worker gets those, and one that the proxy may have in its hands."""
    front, back = own.socket(zmq.ROUTER), own.socket(zmq.DEALER)
    front.linger = back.linger = 0
    front.rcvhwm = back.sndhwm = MARK
    front.bind("inproc://shop")
    back.bind("inproc://work")
    proxy(front, back)
    options = {"rcvhwm": MARK, "sndhwm": MARK}
    with (
        connected(own, zmq.DEALER, "inproc://work", **options),
        connected(own, zmq.DEALER, "inproc://shop", **options) as client,
        own.socket(zmq.DEALER) as ben,
    ):
        client.sndtimeo = QUIET
        with contextlib.suppress(zmq.Again):
            deal(client, 10 * MARK)
        ben.connect("inproc://work")
        of_ben = 0
        while ben.poll(QUIET if of_ben else LIMIT):
            ben.recv_multipart()
            of_ben += 1
    assert of_ben in (2 * MARK, 2 * MARK + 1)


def poll_any(sockets: Iterable[zmq.Socket]) -> bool:
    poller = zmq.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    return bool(poller.poll(LIMIT))


def test_a_dealer_reads_no_name(ctx):
    boss = bound(ctx, zmq.DEALER)
    ann, ben = crew(ctx, boss)
    for _ in range(2):
        boss.send_multipart([b"ann", b"job"])
    assert ann.recv_multipart() == ben.recv_multipart() == [b"ann", b"job"]


def test_a_poller_tells_of_all_sockets_that_have_something(ctx):
    desk, stop, quiet = bound(ctx, zmq.DEALER), bound(ctx, zmq.PULL), bound(ctx, zmq.DEALER)
    worker, owner = connected(ctx, zmq.DEALER, address(desk)), connected(ctx, zmq.PUSH, address(stop))
    worker.send(b"READY")
    owner.send(b"stop")
    poller = zmq.Poller()
    for socket in (desk, stop, quiet):
        poller.register(socket, zmq.POLLIN)
    assert desk.poll(LIMIT)
    assert stop.poll(LIMIT)
    assert set(dict(poller.poll())) == {desk, stop}


def test_a_router_backend_picks_no_worker(ctx):
    boss = bound(ctx, zmq.ROUTER)
    ann, ben = crew(ctx, boss)
    boss.send_multipart([b"ada", b"", b"job"])
    boss.send_multipart([b"ben", b"ada", b"", b"job"])
    assert ben.recv_multipart() == [b"ada", b"", b"job"]
    assert not ann.poll(QUIET)
    assert not ben.poll(0)


def test_a_proxy_with_a_router_backend_reaches_no_worker(ctx, own):
    front, back = bound(own, zmq.ROUTER), bound(own, zmq.ROUTER)
    workers = crew(ctx, back)
    client = connected(ctx, zmq.REQ, address(front))
    proxy(front, back)
    client.send(b"job")
    assert not workers[0].poll(QUIET)
    assert not workers[1].poll(0)


def test_mandatory_says_that_a_peer_is_connected_and_not_that_it_is_free(ctx):
    boss = bound(ctx, zmq.ROUTER)
    boss.router_mandatory = True
    ann, _ = crew(ctx, boss)
    for n in range(3):
        boss.send_multipart([b"ann", b"%d" % n])  # Ann reads nothing
    with pytest.raises(zmq.ZMQError) as unreachable:
        boss.send_multipart([b"ada", b"job"])
    assert unreachable.value.errno == zmq.EHOSTUNREACH
    assert received(ann, 3) == [b"0", b"1", b"2"]


@pytest.mark.parametrize("kind", [zmq.ROUTER, zmq.DEALER], ids=["ROUTER", "DEALER"])
def test_over_tcp_a_pull_is_no_peer(ctx, kind):
    boss = bound(ctx, kind)
    pull = connected(ctx, zmq.PULL)
    monitor = pull.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
    pull.connect(address(boss))
    assert monitor.poll(LIMIT)
    assert recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED
    assert not pull.poll(0)


@pytest.mark.parametrize("kind", [zmq.ROUTER, zmq.DEALER], ids=["ROUTER", "DEALER"])
def test_on_inproc_nobody_shakes_hands_and_a_pull_gets_the_job(ctx, kind):
    boss = bound(ctx, kind, "inproc://boss")
    pull = connected(ctx, zmq.PULL, "inproc://boss", routing_id=b"pia")
    boss.send_multipart([b"pia", b"job"] if kind == zmq.ROUTER else [b"job"])
    assert pull.recv_multipart() == [b"job"]


def test_over_tcp_a_pull_makes_no_difference_to_who_gets_what(ctx):
    boss = bound(ctx, zmq.DEALER)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    pull = connected(ctx, zmq.PULL, address(boss))
    assert monitor.poll(LIMIT)
    assert how_many(boss) == 0
    ann, ben = crew(ctx, boss)
    deal(boss, 6)
    assert sorted([received(ann, 3), received(ben, 3)]) == [[b"0", b"2", b"4"], [b"1", b"3", b"5"]]
    assert not pull.poll(0)


def test_what_comes_in_is_taken_in_turns(ctx):
    """On inproc, where a message that was sent has arrived."""
    desk = bound(ctx, zmq.ROUTER, "inproc://desk")
    ada, bob = (connected(ctx, zmq.DEALER, "inproc://desk", routing_id=name) for name in (b"ada", b"bob"))
    deal(ada, 100)
    deal(bob, 2)
    names = [desk.recv_multipart()[0] for _ in range(102)]
    assert names.index(b"bob") < 3
    assert names[:6].count(b"bob") == 2


@pytest.mark.parametrize(("tells", "hears", "heard"), [(zmq.PUSH, zmq.PULL, True), (zmq.PAIR, zmq.PAIR, False)])
def test_a_broker_that_is_started_again_hears_a_push_and_no_pair(ctx, tells, hears, heard):
    """Each broker has a Context of its own, and connects to the same endpoint. A word to the one before may be lost."""
    control = bound(ctx, tells)
    assert is_told(control, hears)
    assert is_told(control, hears) is heard
    assert is_told(control, hears) is heard


def is_told(control: zmq.Socket, kind: int) -> bool:
    """Whether a new broker hears one of ten words."""
    with zmq.Context() as broker, connected(broker, kind, address(control)) as told:
        for _ in range(10):
            with contextlib.suppress(zmq.Again):
                control.send(b"STOP", zmq.DONTWAIT)
            if told.poll(100):
                return True
    return False
