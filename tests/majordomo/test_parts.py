"""The small parts: deadlines, the fair queue, the reply cache, counts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zmqlab.majordomo import ReplyCache
from zmqlab.majordomo.counts import Counts
from zmqlab.majordomo.deadlines import Deadlines
from zmqlab.majordomo.fair import FairQueue
from zmqlab.majordomo.jobs import Client, Job, Service
from zmqlab.majordomo.presence import Clock, Presence


def job(client: bytes = b"c") -> Job:
    return Job(Client(client), Service(b"s", FairQueue()), None, [b""], 0.0, 0.0)


@given(st.lists(st.tuples(st.floats(0, 50), st.booleans()), max_size=30), st.lists(st.floats(0, 5), max_size=30))
def test_a_deadline_is_noticed_soon_after_it_and_never_before(whens, steps):
    deadlines = Deadlines(0.1, 100.0)
    wanted = {}
    for when, cleared in whens:
        one = job()
        deadlines.set(one, 100.0 + when)
        wanted[one] = 100.0 + when
        if cleared:
            deadlines.clear(one)
            del wanted[one]
    now = 100.0
    for step in [*steps, 60.0]:
        now += step
        due = deadlines.due(now)
        assert all(wanted.pop(one) <= now for one in due)
        assert all(when > now - 0.2 for when in wanted.values())
    assert not wanted
    assert len(deadlines) == 0


def test_a_new_deadline_takes_the_place_of_the_old_one():
    deadlines = Deadlines(0.1, 0.0)
    one = job()
    deadlines.set(one, 1.0)
    deadlines.set(one, 3.0)
    assert not deadlines.due(2.0)
    assert deadlines.due(3.2) == [one]


@given(st.data())
def test_the_queue_is_fair_and_loses_nothing(data):
    """Against the plainest model: a list for each client, and whose turn it is."""
    queue: FairQueue[Job] = FairQueue()
    lanes: dict[bytes, list[Job]] = {}
    again: list[Job] = []
    for _ in range(data.draw(st.integers(0, 60))):
        action = data.draw(st.sampled_from(["push", "front", "pop", "remove"]))
        waiting = again + [one for lane in lanes.values() for one in lane]
        if action == "push":
            one = job(data.draw(st.sampled_from([b"a", b"b", b"c"])))
            queue.push(one)
            lanes.setdefault(one.lane, []).append(one)
        elif action == "front":
            one = job()
            queue.push_front(one)
            again.insert(0, one)
        elif action == "pop" and waiting:
            if again:
                expected = again.pop(0)
            else:
                client = next(iter(lanes))
                lane = lanes.pop(client)
                expected = lane.pop(0)
                if lane:
                    lanes[client] = lane
            assert queue.pop() is expected
        elif action == "remove" and waiting:
            one = data.draw(st.sampled_from(waiting))
            queue.remove(one)
            if one in again:
                again.remove(one)
            else:
                lanes[one.lane].remove(one)
                if not lanes[one.lane]:
                    del lanes[one.lane]
        waiting = again + [one for lane in lanes.values() for one in lane]
        assert list(queue) == waiting
        assert len(queue) == len(waiting)


def test_the_cache_is_bounded_by_count_and_age():
    now = 0.0
    cache = ReplyCache(max_count=2, max_age=10, clock=lambda: now)
    cache.put(b"1", [b"one"])
    now = 5.0
    cache.put(b"2", [b"two"])
    assert cache.get(b"1") == [b"one"]
    cache.put(b"3", [b"three"])
    assert cache.get(b"1") is None
    assert (cache.get(b"2"), len(cache)) == ([b"two"], 2)
    cache.put(b"2", [b"two, again"])
    now = 15.1
    assert (cache.get(b"2"), len(cache)) == (None, 0)


def test_rates_are_of_the_last_seconds():
    counts = Counts(0.0)
    for second in range(1, 60):
        counts.accepted += 10
        counts.mark(float(second))
    assert 8 <= counts.rates(59.0)["accepted"] <= 12
    for second in range(60, 70):
        counts.mark(float(second))
    assert counts.rates(69.0)["accepted"] == 0


def test_who_was_away_has_missed_something_and_a_round_always_counts_a_little():
    presence = Presence(100.0, usual=0.2)
    assert [presence.missed(now) for now in (100.1, 100.2, 100.39)] == [0.0, 0.0, 0.0]
    assert presence.missed(103.39) == pytest.approx(2.95)
    assert presence.missed(103.5) == 0.0


def test_a_clock_stands_still_while_its_owner_is_away():
    clock = Clock(100.0, usual=0.2)
    assert clock.read(100.1) == 100.1
    assert not clock.just_returned()
    assert clock.read(160.1) == pytest.approx(100.15)
    assert clock.read(160.2) == pytest.approx(100.25)
    assert clock.just_returned()
    assert not clock.just_returned()
    answers = []
    for second in range(161, 169):
        clock.read(second)
        answers.append(clock.just_returned())
    assert answers == [True, False] * 4, "also who is always late judges now and then"


def test_a_job_without_a_limit_has_no_deadline():
    deadlines = Deadlines(0.1, 0.0)
    one = job()
    deadlines.set(one, 1.0)
    deadlines.set(one, math.inf)
    assert len(deadlines) == 0
    assert not deadlines.due(1e9)
