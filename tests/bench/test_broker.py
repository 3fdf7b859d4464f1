"""The broker's measurements run, on every broker, and see what is wrong. No rate is asserted here."""

from __future__ import annotations

import os
import random
import signal

import pytest

from tests.bench import broker, memory, soak
from tests.bench.load import percentile, through_chaos
from tests.bench.peers import SIDES, TEXTBOOK
from zmqlab.course.side_by_side.load import Caller, Workers
from zmqlab.course.side_by_side.sides import FLOOR, OURS, PROXY

pytestmark = pytest.mark.timeout(240)


def test_every_broker_answers():
    names = []
    for side in broker.sides():
        names.append(side.name)
        running = side.start()
        workers = Workers(2, running.backend, side.dialect)
        caller = Caller(running.frontend, side.dialect)
        try:
            caller.warm_up(2)
            result = caller.run(8, 0.05)
            assert result.rate > 0
            assert len(result.latencies) >= 8
        finally:
            caller.close()
            workers.kill()
            running.kill()
    assert names == [side.name for side in SIDES], "majortomo comes with tests/requirements.txt"


@pytest.mark.parametrize("side", [PROXY, FLOOR, OURS], ids=lambda side: side.name)
def test_who_is_interrupted_ends_and_says_nothing(side, capfd):
    """The stop button of lesson 12 reaches them all."""
    running = side.start()
    try:
        os.kill(running.process.pid, signal.SIGINT)
        running.process.join(10)
        assert running.process.exitcode == 0
        assert capfd.readouterr().err == ""
    finally:
        running.kill()


def test_throughput_and_its_marks(capsys, monkeypatch):
    monkeypatch.setattr(broker, "SIDES", [TEXTBOOK, OURS])
    monkeypatch.setattr(broker, "WINDOWS", (1, 64))
    monkeypatch.setattr(broker, "MARKS", {(TEXTBOOK.name, 64): 1e9})
    assert not broker.throughput(1, 0.05)
    monkeypatch.setattr(broker, "MARKS", {(TEXTBOOK.name, 64): 0.0})
    assert broker.throughput(1, 0.05)
    said = capsys.readouterr().out
    assert "ours / textbook Majordomo at window 64: " in said
    assert "MISSED" in said


def test_large_bodies(capsys, monkeypatch):
    monkeypatch.setattr(broker, "LARGE_MARK", 0.0)
    assert broker.large(1, 0.05)
    monkeypatch.setattr(broker, "LARGE_MARK", 1e9)
    assert not broker.large(1, 0.05)


def test_skewed_work(capsys, monkeypatch):
    monkeypatch.setattr(broker, "SKEW_MARK", 1e9)
    assert broker.skew(1, 60)
    monkeypatch.setattr(broker, "SKEW_MARK", 0.0)
    assert not broker.skew(1, 60)


def test_chaos_counts_what_is_lost(capsys, monkeypatch):
    monkeypatch.setattr(broker, "SIDES", [PROXY, OURS])
    assert broker.chaos(600)
    said = capsys.readouterr().out
    assert "0 without an answer, 0 with a wrong one" in said
    assert "proxy, MDP frames, with a plain client: 600 requests" in said


def test_what_has_no_answer_in_time_is_lost():
    """A proxy without a worker answers nothing."""
    running = PROXY.start()
    caller = Caller(running.frontend, PROXY.dialect)
    halves = []
    result = through_chaos(caller, 4, 8, bytes(16), patience=0.1, half_time=lambda: halves.append(1))
    caller.close()
    running.kill()
    assert (result.sent, result.lost, result.latencies, halves) == (8, 8, [], [1])


def test_memory(capsys):
    assert memory.memory(10_000)
    assert capsys.readouterr().out.endswith(", bounded\n")


def test_percentiles_are_in_milliseconds():
    latencies = [number / 1000 for number in range(1, 101)]
    random.shuffle(latencies)
    assert percentile(latencies, 0.5) == 51
    assert percentile(latencies, 0.99) == 100


def test_a_soak(capsys):
    assert soak.soak(2.0)
    assert "none lost" in capsys.readouterr().out


def test_growth_is_seen(capsys):
    samples = soak.Samples(1)
    samples.memory = [30.0] * 6 + [40.0] * 3
    samples.descriptors = samples.queued = [5.0] * 9
    assert not samples.report()
    assert "GROWING" in capsys.readouterr().out
    samples.memory = [30.0] * 9
    assert samples.report()


def test_an_unknown_part_is_told(capsys):
    with pytest.raises(SystemExit):
        broker.main(["thruput"])
    assert "there is no part thruput" in capsys.readouterr().err
