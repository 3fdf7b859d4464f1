"""Malformed messages by the hundred thousand, and raw garbage, on both ports: dropped, counted, and survived."""

from __future__ import annotations

import random
import socket

import pytest
import zmq

from tests.majordomo.support import DEADLINE, QUICK, Plain, serving, status_of, until, working
from tests.majordomo.world import SMALL, World
from zmqlab.majordomo import Client

PIECES = [
    b"",
    b"MDPC01",
    b"MDPW01",
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\x05",
    b"s",
    b"mmi.service",
    b"mmi.status",
    b"3",
]


def message(chance: random.Random) -> list[bytes]:
    """Frames that look more or less like the protocol."""
    pieces = [*PIECES, chance.randbytes(chance.randrange(40)), b"MDX1" + chance.randbytes(21)]
    return [chance.choice(pieces) for _ in range(chance.randrange(1, 9))]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_core_survives_a_hundred_thousand_messages(seed):
    chance = random.Random(seed)
    world = World()
    for number in range(100_000):
        prefix = chance.choice([[], [b""], [b"", b"MDPC01"], [b"", b"MDPW01"], [b"", b"MDPW01", b"\x03"]])
        world.core.from_anyone([b"p%d" % chance.randrange(20), *prefix, *message(chance)], world.now)
        if number % 50 == 0:
            world.wait(0.1)
            world.sent.clear()
    assert sum(world.core.counts.drops.values()) > 20_000
    world.core.drain(world.now)
    world.wait(SMALL.drain_timeout + 1)
    assert not world.core.ledger.deliveries.waiting()


@pytest.mark.parametrize("ports", [1, 2])
def test_the_broker_survives_malformed_messages_on_both_ports(ports):
    chance = random.Random(3)
    with serving(ports=ports) as broker, zmq.Context() as context:
        peers = [Plain(context, zmq.DEALER, endpoint) for endpoint in (broker.endpoint, broker.backend)]
        for _ in range(50_000):
            peer = chance.choice(peers)
            peer.send(*message(chance))
            while peer.socket.poll(0):
                peer.receive()
        with working(broker, "echo", lambda frame: frame), Client(broker.endpoint) as client:
            assert client.call("echo", b"alive") == [b"alive"]
            until(lambda: sum(drops(client).values()) > 30_000, "they are counted")
        context.destroy(linger=0)


def drops(client: Client) -> dict[str, int]:
    counted: dict[str, int] = status_of(client)["drops"]
    return counted


def test_the_broker_survives_raw_garbage_on_both_ports():
    chance = random.Random(4)
    greeting = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL".ljust(64, b"\0")
    with serving(QUICK, ports=2) as broker:
        for number in range(300):
            port = int((broker.endpoint, broker.backend)[number % 2].rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as peer:
                start = greeting[: chance.choice([0, 10, 12, 64])]
                peer.sendall(start + chance.randbytes(chance.randrange(2000)))
        with working(broker, "echo", lambda frame: frame), Client(broker.endpoint) as client:
            assert client.call("echo", b"alive") == [b"alive"]
