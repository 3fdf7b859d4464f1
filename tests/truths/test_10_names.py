"""Lesson 10, with plain pyzmq: what a name is worth, when a ROUTER lets go of one, and what a close loses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zmq

from tests.majordomo.cut import Cut
from tests.truths.sockets import LIMIT, QUIET, address, dealer, router, worker

TRANSPORTS = ["tcp://127.0.0.1:*", "inproc://work"]


@pytest.mark.parametrize("endpoint", TRANSPORTS)
def test_a_second_peer_with_the_same_routing_id_is_never_heard_and_gets_no_error(ctx, endpoint):
    """Not even when the first one has gone."""
    boss = router(ctx, endpoint)
    first = dealer(ctx, address(boss), "ann")
    first.send(b"first")
    assert boss.recv_multipart() == [b"ann", b"first"]
    second = dealer(ctx, address(boss), "ann")
    second.send(b"second")
    assert not boss.poll(QUIET)
    boss.send_multipart([b"ann", b"job"])
    assert first.recv() == b"job"
    assert not second.poll(QUIET)
    first.close()
    assert not boss.poll(QUIET)


@pytest.mark.parametrize("endpoint", TRANSPORTS)
def test_with_handover_the_second_peer_takes_the_name(ctx, endpoint):
    boss = router(ctx, endpoint, router_handover=1)
    first = worker(ctx, boss, "ann")
    second = dealer(ctx, address(boss), "ann")
    second.send(b"second")
    assert boss.recv_multipart() == [b"ann", b"second"]
    boss.send_multipart([b"ann", b"job"])
    assert second.recv() == b"job"
    assert not first.poll(QUIET)


def test_over_tcp_the_first_peer_is_not_told_of_a_handover(ctx):
    boss = router(ctx, router_handover=1)
    first = worker(ctx, boss, "ann")
    ends = first.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    worker(ctx, boss, "ann")
    first.send(b"I am still here")  # no error
    assert not ends.poll(QUIET)  # and its connection stays open, whatever the manual says
    assert not boss.poll(QUIET)


def test_on_inproc_the_first_peer_has_no_connection_any_more_after_a_handover(ctx):
    boss = router(ctx, "inproc://work", router_handover=1)
    first = worker(ctx, boss, "ann")
    worker(ctx, boss, "ann")
    assert any(not (first.poll(10) or first.poll(0, zmq.POLLOUT)) for _ in range(LIMIT // 10))
    with pytest.raises(zmq.Again):
        first.send(b"I am still here", zmq.DONTWAIT)


MEANWHILE: dict[str, tuple[Callable[[zmq.Socket], object], bool]] = {
    "waits": (lambda boss: boss.poll(QUIET), True),
    "sends": (lambda boss: boss.send_multipart([b"ben", b"job"]), False),
    "works": (lambda boss: None, False),
}
"""What the boss does between the end of the old peer and the coming of the new one, and whether it hears that one.

Looking once, by `recv` with DONTWAIT, may be too short: the ROUTER and its I/O thread need several words for it.
"""


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_router_lets_go_of_a_name_while_its_program_waits_for_messages(ctx, what):
    does, heard = MEANWHILE[what]
    boss = router(ctx)
    events = boss.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)

    def wait_for(count: int, name: str) -> zmq.Socket:
        """Until so many things have happened; and until somebody else has come, because an event comes a bit early."""
        for _ in range(count):
            assert events.poll(LIMIT)
            events.recv_multipart()
        somebody = dealer(ctx, address(boss), name)
        assert events.poll(LIMIT)
        events.recv_multipart()
        return somebody

    worker(ctx, boss, "ben")
    worker(ctx, boss, "ann").close()
    cem = wait_for(3, "cem")  # two have come, one has gone
    does(boss)
    ann = dealer(ctx, address(boss), "ann")
    ann.send(b"READY")
    dora = wait_for(1, "dora")
    assert bool(boss.poll(LIMIT if heard else QUIET)) is heard
    cem.close()
    dora.close()


@pytest.mark.parametrize(("name", "heard"), [("ann", False), ("", True)])
def test_a_socket_that_reconnects_under_its_name_is_not_heard_while_the_router_believes_in_the_old_connection(
    ctx, name, heard
):
    boss = router(ctx)
    way = Cut(address(boss))
    try:
        ann = dealer(ctx, way.endpoint, name)
        ann.send(b"READY")
        assert boss.recv_multipart()[1] == b"READY"
        connected_again = ann.get_monitor_socket(zmq.EVENT_CONNECTED)
        way.hang_up()
        assert connected_again.poll(LIMIT)
        ann.send(b"ALIVE")
        assert bool(boss.poll(LIMIT if heard else QUIET)) is heard
    finally:
        way.close()


def test_a_fixed_name_does_not_get_what_was_for_the_one_who_had_it_before(ctx):
    boss = router(ctx)
    monitor = boss.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    ann = worker(ctx, boss, "ann")
    boss.send_multipart([b"ann", b"job"])
    ann.close()
    assert monitor.poll(LIMIT)
    assert not boss.poll(QUIET)  # the name is free now
    again = worker(ctx, boss, "ann")
    assert not again.poll(QUIET)


def test_what_a_worker_has_not_read_is_lost_when_it_closes(ctx):
    boss = router(ctx)
    ann = worker(ctx, boss, "ann")
    for n in range(3):
        boss.send_multipart([b"ann", b"%d" % n])
    ann.linger = -1
    ann.send(ann.recv())
    ann.close()
    assert boss.recv_multipart() == [b"ann", b"0"]
    assert not boss.poll(QUIET)


def test_a_worker_that_reads_up_to_the_goodbye_loses_nothing(ctx):
    boss = router(ctx)
    ann = worker(ctx, boss, "ann")
    for word in (b"0", b"1", b"2", b"BYE"):
        boss.send_multipart([b"ann", word])
    ann.linger = -1
    for word in iter(ann.recv, b"BYE"):
        ann.send(word)
    ann.close()
    assert [boss.recv_multipart()[1] for _ in range(3)] == [b"0", b"1", b"2"]
