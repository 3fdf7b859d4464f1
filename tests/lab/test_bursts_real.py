"""Bursts to several peers, on real sockets: as many messages are drawn as were sent, each receive has its send."""

from __future__ import annotations

import time

import pytest
import zmq

from zmqlab.lab.relay import Relay
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace

LAB = 9002
PATIENCE = 20.0  # seconds


def burst(type: int, peers: int, count: int, links: bool) -> tuple[Trace, list[bytes]]:
    """Send `count` numbers and have them all received; and what was received, in order."""
    log = Log(max_events=10 * count + 1000, max_bytes=1 << 40)
    if links:
        Relay.shared().attach(LAB, log)
    context = TracedContext(Tap(log, "everybody", LAB, Relay.shared if links else None))
    try:
        got = _exchange(context, type, peers, count)
        if links:
            Relay.shared().flush(LAB)
        trace = Trace(log, keep=count)
        trace.update()
        return trace, got
    finally:
        context.destroy(0)
        if links:
            Relay.shared().detach(LAB)


def _exchange(context: TracedContext, type: int, peers: int, count: int) -> list[bytes]:
    sender = context.socket(type)
    poller = zmq.Poller()
    for _ in range(peers):
        receiver = context.socket(zmq.PULL if type == zmq.PUSH else zmq.DEALER)
        sender.connect(f"tcp://127.0.0.1:{receiver.bind_to_random_port('tcp://127.0.0.1')}")
        poller.register(receiver, zmq.POLLIN)
    got: list[bytes] = []
    sent = 0
    deadline = time.monotonic() + PATIENCE
    while len(got) < count:
        assert time.monotonic() < deadline, f"{len(got)} of {count} came"
        while sent < count and sender.poll(0, zmq.POLLOUT):  # until all queues are full
            sender.send(b"%d" % sent)
            sent += 1
        for receiver, _ in poller.poll(100):
            while receiver.poll(0):
                got.append(receiver.recv())
    return got


@pytest.mark.parametrize("links", [True, False], ids=["links", "bare"])
@pytest.mark.parametrize(
    ("type", "peers", "count"),
    [(zmq.PUSH, 2, 1000), (zmq.DEALER, 3, 1000), (zmq.DEALER, 2, 5000), (zmq.PUSH, 3, 5000)],
)
def test_a_burst_is_drawn_as_it_was_sent(type, peers, count, links):
    trace, got = burst(type, peers, count, links)
    messages = list(trace.messages.values())
    assert (len(messages), len(got)) == (count, count)
    for number, message in enumerate(messages):
        assert message.sent_frames == message.received_frames == (b"%d" % number,)
        assert message.place == "received"
        assert message.certain
        assert not links or message.wire_frames == message.sent_frames
