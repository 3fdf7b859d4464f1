"""An authenticator takes the place of one that was stopped a moment ago, or is told that the place is taken."""

from __future__ import annotations

import threading

import pytest
import zmq

from zmqlab.course import guards


def test_it_waits_until_the_name_is_free(tmp_path):
    with zmq.Context() as ctx, ctx.socket(zmq.REP) as earlier:
        earlier.bind("inproc://zeromq.zap.01")
        timer = threading.Timer(0.2, earlier.close)
        timer.start()
        guard = guards.start_guard(ctx, tmp_path)
        assert earlier.closed
        assert guard.is_alive()
        guard.stop()
        timer.join()


def test_a_name_that_stays_taken_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(guards, "PATIENCE", 0.1)
    with zmq.Context() as ctx, ctx.socket(zmq.REP) as other:
        other.bind("inproc://zeromq.zap.01")
        with pytest.raises(zmq.ZMQError, match="Address already in use"):
            guards.start_guard(ctx, tmp_path)
