"""The broker knows nothing of the lab, and the lab traces it all the same."""

from __future__ import annotations

from zmqlab import Lab
from zmqlab.majordomo import Broker, Client, Limits, Worker


def test_a_broker_a_worker_and_a_client_are_traced():
    lab = Lab("majordomo")
    try:
        endpoint = lab.endpoint("broker")

        @lab.actor
        def broker(ctx):
            Broker(endpoint, context=ctx, limits=Limits(heartbeat=0.5)).run()

        @lab.actor
        def worker(ctx):
            Worker(endpoint, "upper", bytes.upper, context=ctx, heartbeat=0.5).run()

        @lab.actor
        def client(ctx):
            with Client(endpoint, context=ctx) as majordomo:
                print(majordomo.call("upper", b"hello"))

        lab.wait("client", timeout=30)
        assert lab.output("client") == "[b'HELLO']\n"
        seen = [message.received_frames or () for message in lab.messages()]
        assert any(b"MDPC01" in frames and b"hello" in frames for frames in seen)
        assert any(b"MDPW01" in frames and b"HELLO" in frames for frames in seen)
    finally:
        lab.close()
