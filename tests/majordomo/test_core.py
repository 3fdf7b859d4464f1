"""The broker's decisions, one by one, with a fake clock."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.majordomo.world import SMALL, World
from zmqlab.majordomo import mmi
from zmqlab.majordomo.core import State
from zmqlab.majordomo.errors import Status
from zmqlab.majordomo.limits import Announced, Limits
from zmqlab.majordomo.wire import Header

DISCONNECT = b"\x05"
NO_LIMIT = [field.name for field in fields(Limits) if field.name not in ("max_service_name", "tick")]
HEARTBEAT = b"\x04"
OWN = re.compile(r"\bmmi\.[a-z_]+")


@pytest.fixture
def world() -> World:
    return World()


# -- the plain protocol --------------------------------------------------------------------------------------------


def test_a_request_goes_to_a_worker_and_its_reply_back(world):
    world.ready(b"w")
    world.ask(b"c", b"question", b"more")
    [(token, _)] = world.requests(b"w")
    assert world.sent[b"w"] == [[b"", b"MDPW01", b"\x02", token, b"", b"question", b"more"]]
    world.reply(b"w", token, b"answer")
    assert world.sent[b"c"] == [[b"", b"MDPC01", b"s", b"answer"]]
    assert not world.core.ledger.deliveries.waiting()


def test_a_request_waits_for_a_worker(world):
    world.ask(b"c", b"1")
    world.ask(b"c", b"2")
    world.ready(b"w")
    [(token, body)] = world.requests(b"w")
    assert body == [b"1"]
    world.reply(b"w", token, b"done")
    assert [body for _, body in world.requests(b"w")] == [[b"1"], [b"2"]]


def test_the_least_recently_used_worker_is_next(world):
    for worker in (b"w1", b"w2", b"w3"):
        world.ready(worker)
    for number in range(3):
        world.ask(b"c", b"%d" % number)
    for worker in (b"w2", b"w3", b"w1"):
        world.reply(worker, world.requests(worker)[0][0], b"")
    for number in range(3, 5):
        world.ask(b"c", b"%d" % number)
    assert [len(world.requests(worker)) for worker in (b"w1", b"w2", b"w3")] == [1, 2, 2]


def test_a_busy_worker_that_sends_heartbeats_gets_nothing_more(world):
    world.ready(b"w")
    world.ask(b"c", b"1")
    world.ask(b"c", b"2")
    world.wait(5, b"w")
    assert len(world.requests(b"w")) == 1


def test_a_worker_holds_as_many_requests_as_its_capacity(world):
    world.ready(b"w", capacity=3)
    for number in range(5):
        world.ask(b"c", b"%d" % number)
    assert len(world.requests(b"w")) == 3
    world.reply(b"w", world.requests(b"w")[1][0], b"")
    assert len(world.requests(b"w")) == 4


def test_capacity_is_bounded(world):
    world.ready(b"w", capacity=100)
    for client in (b"a", b"b"):
        for number in range(4):
            world.ask(client, b"%d" % number)
    assert len(world.requests(b"w")) == SMALL.max_capacity


def test_two_workers_with_credit_share_the_work(world):
    world.ready(b"w1", capacity=4)
    world.ready(b"w2", capacity=4)
    for number in range(4):
        world.ask(b"c", b"%d" % number)
    assert [len(world.requests(worker)) for worker in (b"w1", b"w2")] == [2, 2]


def test_clients_take_turns(world):
    for number in range(3):
        world.ask(b"a", b"a%d" % number)
    world.ask(b"b", b"b0")
    world.ready(b"w", capacity=4)
    assert [body for _, body in world.requests(b"w")] == [[b"a0"], [b"b0"], [b"a1"], [b"a2"]]


@pytest.mark.parametrize("command", [[b"\x03", b"t", b"", b"x"], [b"\x04"], [b"\x01", b"mmi.x"], [b"\x01", b"\n"]])
def test_a_stranger_is_told_to_start_anew(world, command):
    world.command(b"w", *command)
    assert world.commands(b"w") == [DISCONNECT]
    assert not world.core.pool.workers


def test_a_strangers_disconnect_is_not_answered(world):
    world.command(b"w", DISCONNECT)
    assert not world.sent[b"w"]


@pytest.mark.parametrize(
    "command", [[b"\x01", b"s"], [b"\x03", b"no token", b"", b"x"], [b"\x09"], [b"\x03"], [b"\x02", b"t", b"", b"x"]]
)
def test_a_worker_that_breaks_the_protocol_is_expelled_and_its_work_goes_on(world, command):
    world.ready(b"w1")
    world.ask(b"c", b"1")
    world.ready(b"w2")
    world.command(b"w1", *command)
    assert world.commands(b"w1")[-1] == DISCONNECT
    assert [body for _, body in world.requests(b"w2")] == [[b"1"]]
    world.wait(5, b"w2")
    assert world.commands(b"w1")[-1] == DISCONNECT, "and then no further commands"


def test_heartbeats_go_to_workers_that_get_nothing_else(world):
    world.ready(b"w")
    world.wait(3.5, b"w")
    assert world.commands(b"w") == [HEARTBEAT] * 3


# -- workers that fail ---------------------------------------------------------------------------------------------


def test_a_silent_worker_is_forgotten_and_its_work_goes_to_the_front(world):
    world.ready(b"w1", capacity=2)
    for number in range(4):
        world.ask(b"c", b"%d" % number)
    world.wait(4.0)
    world.ready(b"w2", capacity=4)
    assert [body for _, body in world.requests(b"w2")] == [[b"0"], [b"1"], [b"2"], [b"3"]]


def test_a_dead_worker_is_noticed_when_it_cannot_be_reached(world):
    world.ready(b"w1")
    world.ready(b"w2")
    world.gone.add(b"w1")
    world.ask(b"c", b"1")
    assert [body for _, body in world.requests(b"w2")] == [[b"1"]]
    assert world.core.counts.lost_workers == {"unreachable": 1}


def test_very_many_dead_workers_are_no_problem():
    world = World(replace(SMALL, max_workers=5000))
    for number in range(3000):
        world.ready(b"w%d" % number)
        world.gone.add(b"w%d" % number)
    world.ask(b"c", b"1")
    assert not world.core.pool.workers


def test_a_worker_whose_pipe_is_full_is_passed_over_until_it_is_not(world):
    world.ready(b"w")
    world.full.add(b"w")
    world.ask(b"c", b"1")
    world.wait(1, b"w")
    assert not world.requests(b"w")
    world.full.clear()
    world.wait(0.2, b"w")
    assert len(world.requests(b"w")) == 1


def test_a_request_for_a_worker_whose_pipe_stays_full_ends_in_time(world):
    world.ready(b"w")
    world.full.add(b"w")
    world.ask(b"c", b"", id=b"id")
    world.wait(20.5, b"w")
    assert world.errors(b"c") == [(Status.TIMEOUT, "no worker had time for it")]


def test_the_first_answer_to_a_living_job_wins_and_the_second_is_dropped(world):
    """The one that was given up may be the first; the worker that has it now keeps its place busy until it replies."""
    world.ready(b"w1")
    world.ask(b"c", b"1", id=b"id")
    world.ready(b"w2")
    world.wait(9, b"w1", b"w2")
    [(first, _)], [(second, _)] = world.requests(b"w1"), world.requests(b"w2")
    world.reply(b"w1", first, b"late, but good")
    assert world.outcomes(b"c") == [(b"id", Status.OK)]
    assert world.sent[b"c"][0][4:] == [b"late, but good"]
    assert not world.core.ledger.deliveries.waiting()
    for number in range(2):
        world.ask(b"c", b"more", id=b"%d" % number)
    assert (len(world.requests(b"w1")), len(world.requests(b"w2"))) == (2, 1), "w2 is busy, as it does not know"
    world.reply(b"w2", second, b"the second")
    assert world.core.counts.drops == {"late reply": 1}
    assert len(world.requests(b"w2")) == 2
    assert len(world.sent[b"c"]) == 1


def test_a_late_answer_ends_a_job_that_waits_in_the_queue_again(world):
    """One healthy worker, and a job that takes longer than busy_timeout: it is done once."""
    world.ready(b"w", capacity=1)
    world.ask(b"c", b"1", id=b"id")
    world.wait(9, b"w")
    assert len(world.core.pool.services[b"s"].queue) == 1
    assert len(world.requests(b"w")) == 1, "the worker has no credit until it lets go"
    world.reply(b"w", world.requests(b"w")[0][0], b"late")
    assert world.outcomes(b"c") == [(b"id", Status.OK)]
    assert not world.core.pool.services[b"s"].queue
    world.ask(b"c", b"2", id=b"next")
    assert len(world.requests(b"w")) == 2, "its place is free again"


@pytest.mark.parametrize("capacity", [None, 4])
def test_a_reply_of_too_many_frames_ends_its_own_job_and_its_worker_stays(world, capacity):
    """A worker that does not know the limits: a plain one, and one of the first wire version."""
    world.ready(b"w", capacity)
    for id in (b"1", b"2"):
        world.ask(b"c", b"", id=id)
    token, [*header, _] = world.requests(b"w")[0]
    most = 6 if capacity is None else 5
    world.reply(b"w", token, *header, *[b"x"] * (most + 1))
    text = f"the reply is too large: it has {most + 1} frames, and the broker takes at most {most}"
    assert world.errors(b"c") == [(Status.FAILED, text)]
    token, [*header, _] = world.requests(b"w")[1]
    world.reply(b"w", token, *header, *[b"x"] * most)
    assert world.outcomes(b"c")[1:] == [(b"2", Status.OK)]
    assert world.core.counts.retried == 0
    assert not world.core.counts.lost_workers


def test_a_job_that_was_given_up_goes_to_a_worker_that_does_not_have_it(world):
    """The first one is in line, too, and would be next."""
    world.ready(b"w1", capacity=4)
    world.ready(b"w2", capacity=1)
    for id in (b"a", b"b"):
        world.ask(b"c", id, id=id)
    world.wait(1, b"w1", b"w2")
    world.reply(b"w2", world.requests(b"w2")[0][0], b"")
    world.ask(b"c", b"d", id=b"d")
    world.ask(b"c", b"e", id=b"e")
    for token, (_, body) in world.requests(b"w1")[1:]:
        world.reply(b"w1", token, body)
    for token, (_, body) in world.requests(b"w2")[1:]:
        world.reply(b"w2", token, body)
    world.wait(8, b"w1", b"w2")
    assert [body[-1] for _, body in world.requests(b"w1")].count(b"a") == 1
    assert [body[-1] for _, body in world.requests(b"w2")].count(b"a") == 1


def test_with_no_other_worker_the_same_one_tries_again(world):
    """One call of its handler hangs; another one may not."""
    world.ready(b"w", capacity=4)
    world.ask(b"c", b"", id=b"id")
    world.wait(9, b"w")
    (first, _), (second, _) = world.requests(b"w")
    world.reply(b"w", second, b"done")
    assert world.outcomes(b"c") == [(b"id", Status.OK)]
    world.reply(b"w", first, b"late")
    assert world.core.counts.drops == {"late reply": 1}


def test_a_late_failure_is_an_answer_too(world):
    world.ready(b"w", capacity=1)
    world.ask(b"c", b"1", id=b"id")
    world.wait(9, b"w")
    [(token, [header, _])] = world.requests(b"w")
    asked = Header.unpack(header)
    assert asked
    failed = asked._replace(status=Status.FAILED).pack()
    world.reply(b"w", token, failed, b"ValueError: no")
    assert world.errors(b"c") == [(Status.FAILED, "ValueError: no")]


def test_an_answer_of_a_worker_that_was_taken_for_dead_is_an_answer(world):
    world.ready(b"w", capacity=2)
    for id in (b"1", b"2"):
        world.ask(b"c", b"", id=id)
    world.wait(4.0)
    assert world.core.counts.lost_workers == {"silent": 1}
    (first, _), (second, _) = world.requests(b"w")
    world.reply(b"another", first, b"stolen")
    assert not world.outcomes(b"c"), "only who had it may answer"
    world.reply(b"w", first, b"x")
    assert world.outcomes(b"c") == [(b"1", Status.OK)]
    assert world.commands(b"w")[-1] == DISCONNECT, "and it must register anew"
    world.ready(b"w2")
    assert len(world.requests(b"w2")) == 1
    world.reply(b"w2", world.requests(b"w2")[0][0], b"y")
    world.reply(b"w", second, b"late")
    assert world.outcomes(b"c") == [(b"1", Status.OK), (b"2", Status.OK)]
    world.wait(0.2)
    world.reply(b"w", second, b"later")
    assert len(world.sent[b"c"]) == 2


def test_what_a_dead_worker_has_said_is_read_before_its_jobs_are_done_again(world):
    """Its connection is gone, and its replies are here, unread."""
    world.ready(b"w1", capacity=4)
    world.ready(b"w2", capacity=1)
    for id in (b"a", b"b"):
        world.ask(b"c", b"", id=id)
    world.gone.add(b"w1")
    world.ask(b"c", b"", id=b"c")
    assert world.core.counts.lost_workers == {"unreachable": 1}
    for token, _ in world.requests(b"w1"):
        world.reply(b"w1", token, b"done before")
    assert (b"a", Status.OK) in world.outcomes(b"c")


# -- a worker that was away, and works on --------------------------------------------------------------------------


@pytest.fixture
def held(world) -> list[bytes]:
    """The tokens of two requests that a worker has had since a moment ago."""
    world.ready(b"old", capacity=2)
    for id in (b"1", b"2"):
        world.ask(b"c", b"", id=id)
    return [token for token, _ in world.requests(b"old")]


@pytest.mark.parametrize("away", [0.0, 4.0], ids=["before it is missed", "after it was taken for dead"])
def test_what_a_worker_still_works_on_is_not_done_again(world, held, away):
    world.wait(away)
    world.return_with(b"new", *held)
    assert world.confirmed(b"new") == held
    world.ready(b"another")
    world.wait(7.5, b"new", b"another")
    assert not world.requests(b"new") + world.requests(b"another")
    for token in held:
        world.reply(b"new", token, b"done")
    assert world.outcomes(b"c") == [(b"1", Status.OK), (b"2", Status.OK)]
    assert world.core.counts.retried == (2 if away else 0)
    assert world.core.counts.lost_workers == {"silent" if away else "reconnected": 1}


def test_what_a_worker_that_returns_does_not_have_is_done_again_and_is_no_failure(world, held):
    """It was on its way when the connection broke."""
    world.return_with(b"new", held[1])
    assert [body[-1] for _, body in world.requests(b"new")] == [b""], "the first one, anew"
    assert world.core.counts.retried == 0


def test_what_another_worker_has_meanwhile_is_answered_by_the_first(world, held):
    world.ready(b"another", capacity=2)
    world.wait(4.0, b"another")
    assert len(world.requests(b"another")) == 2
    world.return_with(b"new", *held)
    world.ask(b"c", b"more", id=b"3")
    assert not world.requests(b"new"), "its places are taken"
    world.reply(b"new", held[0], b"sooner")
    world.reply(b"another", world.requests(b"another")[1][0], b"sooner")
    assert world.outcomes(b"c") == [(b"1", Status.OK), (b"2", Status.OK)]
    world.reply(b"new", held[1], b"later")
    assert world.core.counts.drops == {"late reply": 1}


@pytest.mark.parametrize("away", [0.0, 4.0])
def test_a_worker_that_returns_and_dies_is_no_loss(world, held, away):
    world.wait(away)
    world.return_with(b"new", *held)
    world.wait(4.0)
    world.ready(b"another", capacity=2)
    assert len(world.requests(b"another")) == 2


def test_what_a_returned_worker_never_answers_is_done_again_after_busy_timeout(world, held):
    world.return_with(b"new", *held)
    world.ready(b"another", capacity=2)
    world.wait(7.5, b"new", b"another")
    assert not world.requests(b"another")
    world.wait(1.0, b"new", b"another")
    assert len(world.requests(b"another")) == 2


def test_a_worker_takes_nothing_back_that_is_not_its_own(world, held):
    world.return_with(b"a stranger", b"no token", held[0][:8], b"")
    world.return_with(b"of another service", *held, service=b"t")
    assert world.confirmed(b"a stranger") == world.confirmed(b"of another service") == []
    for token in held:
        world.reply(b"old", token, b"done")
    assert world.outcomes(b"c") == [(b"1", Status.OK), (b"2", Status.OK)]
    world.wait(4.0)
    world.return_with(b"too late", *held)
    assert world.confirmed(b"too late") == []


def test_nobody_takes_back_more_than_it_has_room_for(world, held):
    world.wait(4.0)
    world.return_with(b"new", *held, capacity=1)
    assert world.confirmed(b"new") == held[:1]


@pytest.mark.parametrize("wish", [b"1e308", b"1" + b"0" * 400, b"Infinity", b"null"])
def test_a_wish_for_a_very_long_time_harms_nobody(world, wish):
    world.ready(b"w", 1, wishes=b'{"busy_timeout": %b}' % wish)
    world.ask(b"c", b"", id=b"id")
    world.wait(30, b"w")
    world.reply(b"w", world.requests(b"w")[0][0], b"done")
    assert world.outcomes(b"c") == [(b"id", Status.OK)]


def test_a_worker_may_have_a_busy_timeout_of_its_own(world):
    world.ready(b"slow", 1, b"slow", b'{"busy_timeout": 20}')
    world.ready(b"never", 1, b"never", b'{"busy_timeout": null}')
    for service in (b"slow", b"never"):
        world.ask(b"c", b"", service=service, id=service)
    world.wait(19.8, b"slow", b"never")
    assert world.core.counts.retried == 0
    world.wait(0.5, b"slow", b"never")
    assert world.core.counts.retried == 1
    world.wait(100, b"slow", b"never")
    assert b"never" not in [id for id, _ in world.outcomes(b"c")]


def test_retries_end(world):
    world.ask(b"c", b"poison", id=b"id")
    for number in range(3):
        worker = b"w%d" % number
        world.ready(worker)
        assert len(world.requests(worker)) == 1
        world.command(worker, DISCONNECT)
    assert world.errors(b"c") == [(Status.RETRIES_EXHAUSTED, "tried 3 times, and each time its worker left")]
    assert not world.core.ledger.deliveries.waiting()


def test_what_became_of_the_tries_is_told_as_it_was(world):
    world.ask(b"c", b"poison", id=b"id")
    world.ready(b"w0")
    world.gone.add(b"w0")
    world.wait(2)
    world.ready(b"w1")
    world.wait(4.0)
    world.ready(b"w2")
    world.wait(9, b"w2")
    assert world.errors(b"c") == [
        (
            Status.RETRIES_EXHAUSTED,
            "tried 3 times: 1 x its worker died (its connection has ended), "
            "1 x its worker fell silent (it hung, or its host is gone), "
            "1 x its worker took longer than 8 s (busy_timeout)",
        )
    ]


def test_a_job_that_was_given_up_and_finds_no_other_worker_says_so(world):
    world.ready(b"w")
    world.ask(b"c", b"", id=b"id")
    world.wait(8 + 20 + 0.5, b"w")
    text = "its worker took longer than 8 s (busy_timeout); and no other had time for it"
    assert world.errors(b"c") == [(Status.TIMEOUT, text)]


def test_time_at_work_is_no_time_in_the_queue(world):
    """queue_timeout is 20 s, and counts from when the job came into the queue."""
    world = World(replace(SMALL, busy_timeout=30.0))
    world.ready(b"w")
    world.ask(b"c", b"", id=b"id")
    world.wait(31, b"w")
    assert not world.outcomes(b"c")
    world.reply(b"w", world.requests(b"w")[0][0], b"done")
    assert world.outcomes(b"c") == [(b"id", Status.OK)]


def test_our_own_absence_is_no_workers_fault(world):
    world.ready(b"w")
    world.wait(1, b"w")
    world.now += 60
    world.core.tick(world.now)
    assert b"w" in world.core.pool.workers


@pytest.mark.parametrize("tick_first", [True, False])
def test_after_an_absence_nothing_is_judged_before_all_is_read(tick_first):
    """The jobs were finished meanwhile; that is unread. Others wait; the worker has said nothing for a minute."""
    world = World(replace(SMALL, max_capacity=900, max_per_client=2000, max_queued=2000))
    world.ready(b"w", capacity=900)
    for number in range(950):
        world.ask(b"c", b"", id=b"%d" % number, timeout=7000)
    world.wait(1, b"w")
    world.now += 60
    if tick_first:
        world.core.tick(world.now)
    for token, _ in world.requests(b"w"):
        world.reply(b"w", token, b"done")
    world.wait(0.5, b"w")
    assert world.core.counts.retried == 0
    assert not world.core.counts.errors
    assert not world.core.counts.lost_workers
    assert len(world.outcomes(b"c")) == 900
    assert len(world.requests(b"w")) == 950


def test_deadlines_move_by_our_absence_and_still_come(world):
    world.ready(b"w")
    world.ask(b"c", b"", id=b"1")
    world.ask(b"c", b"", id=b"2", timeout=6000)
    world.wait(3, b"w")
    world.now += 60
    world.wait(2.5, b"w")
    assert not world.outcomes(b"c")
    assert world.core.counts.retried == 0
    world.wait(1, b"w")
    assert world.outcomes(b"c") == [(b"2", Status.TIMEOUT)]
    world.wait(2.5, b"w")
    assert world.core.counts.retried == 1


def test_a_broker_that_is_always_late_judges_all_the_same(world):
    world.ready(b"w")
    world.ask(b"c", b"", id=b"1", timeout=1000)
    world.ask(b"c", b"", id=b"2", timeout=1000)
    for _ in range(100):
        world.now += 1.0
        world.core.tick(world.now)
    assert (b"2", Status.TIMEOUT) in world.outcomes(b"c")
    assert not world.core.pool.workers


# -- clients -------------------------------------------------------------------------------------------------------


def test_without_a_worker_a_request_ends_soon(world):
    world.ask(b"c", b"1", id=b"id")
    world.wait(3.9)
    assert not world.outcomes(b"c")
    world.wait(0.3)
    assert world.outcomes(b"c") == [(b"id", Status.NO_SERVICE)]
    assert not world.core.pool.services


def test_with_a_busy_worker_a_request_waits_as_long_as_the_client_does(world):
    world.ask(b"c", b"1", id=b"1")
    world.ask(b"c", b"2", id=b"2", timeout=6000)
    world.ready(b"w")
    world.wait(5.5, b"w")
    assert not world.outcomes(b"c")
    world.wait(1, b"w")
    assert world.outcomes(b"c") == [(b"2", Status.TIMEOUT)]


def test_a_plain_client_gets_no_errors(world):
    world.ask(b"c", b"1")
    world.wait(5)
    assert not world.sent[b"c"]
    assert not world.core.ledger.deliveries.waiting()


def test_a_full_queue_answers_busy(world):
    for number in range(7):
        world.ask(b"c%d" % number, b"", id=b"%d" % number)
    assert world.outcomes(b"c6") == [(b"6", Status.BUSY)]
    assert world.core.counts.accepted == 6


@pytest.mark.parametrize(("frames", "refused"), [(7, False), (8, True), (70, True)])
def test_a_request_of_too_many_frames_is_refused_with_the_reason(world, frames, refused):
    """12 are allowed, and the envelope has 5: the routing id is one of them."""
    world.ask(b"c", *[b"x"] * frames, id=b"id")
    assert world.outcomes(b"c") == ([(b"id", Status.BUSY)] if refused else [])
    if refused:
        reason = b"it has %d frames, and the broker takes at most 7" % frames
        assert world.sent[b"c"][0][4:] == [reason, b"too large"]


def test_one_client_cannot_take_all_the_room(world):
    for number in range(6):
        world.ask(b"c", b"", id=b"%d" % number)
    assert world.outcomes(b"c") == [(b"5", Status.BUSY)]
    world.ask(b"d", b"", id=b"x")
    assert not world.outcomes(b"d")


def test_services_are_bounded(world):
    for number in range(4):
        world.ask(b"c%d" % number, b"", service=b"s%d" % number, id=b"x%d" % number)
    assert world.outcomes(b"c3") == [(b"x3", Status.BUSY)]
    world.ready(b"w", service=b"s3")
    world.ask(b"c3", b"", service=b"s3")
    assert len(world.requests(b"w")) == 1, "in spite of that a worker may offer one more"


@pytest.mark.parametrize("name", [b"", b"x" * 256, b"\xff", b"a\nb"])
def test_a_service_has_a_printable_name(world, name):
    world.ask(b"c", b"", service=name, id=b"id")
    assert world.outcomes(b"c") == [(b"id", Status.NO_SERVICE)]
    assert not world.core.pool.services


def test_a_client_that_asks_again_gets_one_answer(world):
    world.ready(b"w", capacity=2)
    world.ask(b"old", b"1", id=b"id")
    world.ask(b"new", b"1", id=b"id")  # it has reconnected
    [(token, _)] = world.requests(b"w")
    world.reply(b"w", token, b"answer")
    assert not world.sent[b"old"]
    assert world.outcomes(b"new") == [(b"id", Status.OK)]
    assert world.core.counts.rejoined == 1


def cancel(world, client, id, service=b"s"):
    """What the broker answers."""
    world.core.from_client([client, b"", b"MDPC01", b"mmi.cancel", service, id.rjust(16, b"0")], world.now)
    return world.answers(client)[-1]


def test_a_request_that_waits_can_be_taken_back_by_its_client_alone(world):
    world.ready(b"w")
    for id in (b"1", b"2", b"3"):
        world.ask(b"alice", b"x", id=id)
    assert cancel(world, b"mallory", b"2") == [b"404"]
    assert cancel(world, b"alice", b"2", b"other") == [b"404"]
    assert cancel(world, b"alice", b"1") == [b"404"]  # a worker has it
    assert cancel(world, b"alice", b"2") == [b"200"]
    assert cancel(world, b"alice", b"2") == [b"404"]
    for _ in range(2):
        world.reply(b"w", world.requests(b"w")[-1][0], b"y")
    assert [body for _, body in world.requests(b"w")] == [[b"x"], [b"x"]]
    done = [message for message in world.sent[b"alice"] if message[2] == b"s"]
    assert [message[3].endswith(id) for message, id in zip(done, (b"1", b"3"), strict=True)] == [True, True]
    assert world.core.counts.cancelled == 1
    assert not world.core.ledger.deliveries.waiting()
    assert world.core.ledger.deliveries.bytes == 0


def test_what_was_taken_back_can_be_asked_for_again(world):
    world.ask(b"alice", b"x", id=b"1")
    assert cancel(world, b"alice", b"1") == [b"200"]
    world.ready(b"w")
    assert not world.requests(b"w")
    world.ask(b"alice", b"x", id=b"1")
    assert len(world.requests(b"w")) == 1


def rejoin(world, client, id, service=b"s"):
    """What the broker answers to a client that asks whether a request is still here."""
    world.ask(client, service, service=b"mmi.rejoin", id=id)
    return world.sent[client][-1][4:]


def test_a_request_that_is_still_here_needs_no_second_body(world):
    assert rejoin(world, b"old", b"id") == [b"404"]
    world.ready(b"w")
    world.ask(b"old", b"1", id=b"id")
    assert rejoin(world, b"old", b"id", b"other") == [b"404"]
    assert rejoin(world, b"old", b"id") == [b"200"]
    assert rejoin(world, b"new", b"id") == [b"200"]  # it has reconnected
    [(token, _)] = world.requests(b"w")
    world.reply(b"w", token, b"answer")
    assert world.sent[b"new"][-1][2:3] + world.sent[b"new"][-1][4:] == [b"s", b"answer"]
    assert rejoin(world, b"new", b"id") == [b"200"]  # it has just been answered
    assert rejoin(world, b"old", b"id") == [b"404"]
    assert [message[2] for message in world.sent[b"old"]] == [b"mmi.rejoin"] * 4
    assert world.core.counts.rejoined == 3
    assert not world.core.ledger.deliveries.waiting()


def test_who_gives_no_id_asks_in_vain(world):
    world.ask(b"plain", b"s", service=b"mmi.rejoin")
    assert world.answers(b"plain") == [[b"404"]]


def test_nobody_gets_the_answer_of_one_service_by_asking_another_one(world):
    """Also not a moment after the answer, when the same client would only have asked again."""
    world.ready(b"W")
    world.ready(b"X", service=b"other")
    world.ask(b"alice", b"secret", id=b"1")
    world.ask(b"mallory", b"give me", id=b"1", service=b"other")
    ((token, _),) = world.requests(b"W")
    ((other, body),) = world.requests(b"X")
    assert body == [b"give me"]
    world.reply(b"W", token, b"for alice")
    world.reply(b"X", other, b"for mallory")
    assert world.outcomes(b"alice") == [(b"1", Status.OK)]
    assert world.sent[b"mallory"][0][-1] == b"for mallory"
    world.ask(b"alice", b"more", id=b"1", service=b"other")
    assert [body for _, body in world.requests(b"X")] == [[b"give me"], [b"more"]]
    assert world.core.counts.rejoined == 0


def test_a_retry_that_passes_its_answer_on_the_wire_is_not_executed_again(world):
    world.ready(b"w")
    for seconds, client, executions in (
        (0, b"c", 1),
        (0.5, b"c", 1),
        (0.1, b"reconnected", 2),
        (21, b"reconnected", 3),
    ):
        world.wait(seconds, b"w")
        world.ask(client, b"1", id=b"id")
        for token in list(world.core.pool.workers[b"w"].jobs):
            world.reply(b"w", token, b"answer")
        assert len(world.requests(b"w")) == executions
    assert (len(world.sent[b"c"]), len(world.sent[b"reconnected"])) == (1, 2)


def test_a_slow_client_keeps_its_own_answers_waiting(world):
    world.ready(b"w", capacity=4)
    world.full.add(b"slow")
    for client in (b"slow", b"slow", b"quick"):
        world.ask(client, b"")
    for number, (token, _) in enumerate(world.requests(b"w")):
        world.reply(b"w", token, b"%d" % number)
    assert world.answers(b"quick") == [[b"2"]]
    world.full.clear()
    world.wait(0.2, b"w")
    assert world.answers(b"slow") == [[b"0"], [b"1"]]
    assert not world.core.ledger.deliveries.waiting()


def test_undelivered_answers_count_against_a_slow_client(world):
    world.ready(b"w", capacity=4)
    world.full.add(b"slow")
    for _ in range(6):
        world.ask(b"slow", b"")
        for token in list(world.core.pool.workers[b"w"].jobs):
            world.reply(b"w", token, b"")
    assert world.core.counts.accepted == 5
    assert world.core.counts.errors == {"BUSY": 1}


def test_there_is_a_budget_of_bytes_for_each_client_and_for_all():
    """Each request takes its body, and 1,000 bytes for what Python needs."""
    world = World(replace(SMALL, max_queued=100, max_bytes=20_000, max_client_bytes=10_000))
    for number, name in enumerate((b"greedy", b"greedy", b"greedy", b"other", b"third", b"fourth")):
        world.ask(name, b"x" * 3_500, id=b"%d" % (number + 1))
    assert world.errors(b"greedy") == [(Status.BUSY, "too many bytes of this client")]
    assert not world.sent[b"other"] + world.sent[b"third"]
    assert world.errors(b"fourth") == [(Status.BUSY, "the broker holds as many bytes as it may")]
    world.ask(b"fifth", b"x" * 20_000, id=b"9")
    assert world.errors(b"fifth") == [(Status.BUSY, "it takes 21000 bytes, more than the broker may hold")]
    assert world.sent[b"fifth"][0][5] == b"too large"
    world.ask(b"status", b"", service=b"mmi.status")
    told = json.loads(world.answers(b"status")[0][0])
    assert (told["bytes"], told["max_bytes"]) == (4 * 4_500, 20_000)
    assert (told["most_client_bytes"], told["max_client_bytes"]) == (2 * 4_500, 10_000)
    world.wait(4.2)  # no_service_timeout
    assert world.core.ledger.deliveries.bytes == 0


@pytest.mark.parametrize(
    ("budget", "room"),
    [(1000, 1000), (128 << 20, 128 << 20), (192 << 20, 176 << 20), (256 << 20, 224 << 20), (1 << 30, 992 << 20)],
)
def test_a_large_budget_has_room_for_what_is_not_read_yet(budget, room):
    world = World(replace(SMALL, max_bytes=budget))
    deliveries = world.core.ledger.deliveries
    assert world.core.limits.room == deliveries.room == room
    assert not deliveries.why_full(b"c", room)
    assert deliveries.why_full(b"c", room + 1) == "the broker holds as many bytes as it may"


def test_a_budget_without_a_limit_is_none_in_the_status():
    world = World(replace(SMALL, max_bytes=math.inf, max_client_bytes=math.inf))
    world.ask(b"status", b"", service=b"mmi.status")
    told = json.loads(world.answers(b"status")[0][0])
    assert (told["max_bytes"], told["max_client_bytes"]) == (None, None)


def test_a_client_that_does_not_read_has_its_share_of_memory_and_is_told_what_was_thrown_away():
    world = World(replace(SMALL, max_queued=100, max_client_bytes=10_000, max_bytes=1 << 20))
    world.ready(b"w", capacity=4)
    world.full.add(b"slow")
    for number in range(4):
        world.ask(b"slow", b"", id=b"%d" % (number + 1))
    for token, _ in world.requests(b"w"):
        world.reply(b"w", token, b"x" * 4_000)
    assert world.core.ledger.deliveries.bytes < 10_000 + 2 * 1_200
    world.full.clear()
    world.wait(0.2, b"w")
    assert world.outcomes(b"slow") == [(b"1", Status.OK)] + [(b"%d" % n, Status.TIMEOUT) for n in (2, 3, 4)]
    assert world.core.counts.drops == {"answer for a client that does not read": 3}
    assert world.core.ledger.deliveries.bytes == 0


def test_an_answer_for_a_client_that_is_gone_is_dropped(world):
    world.ready(b"w")
    world.ask(b"c", b"")
    world.gone.add(b"c")
    world.reply(b"w", world.requests(b"w")[0][0], b"")
    assert world.core.counts.drops == {"answer for a client that is gone": 1}
    assert not world.core.ledger.deliveries.waiting()


# -- the extensions are invisible to plain peers -------------------------------------------------------------------


@pytest.mark.parametrize(("capacity", "headers"), [(None, 0), (1, 1)])
def test_only_a_worker_that_knows_headers_gets_one(world, capacity, headers):
    world.ready(b"w", capacity=capacity)
    world.ask(b"c", b"body", id=b"id")
    [(token, body)] = world.requests(b"w")
    assert (len(body), body[-1]) == (headers + 1, b"body")
    world.reply(b"w", token, *body)  # an echo
    assert world.outcomes(b"c") == [(b"id", Status.OK)]
    assert world.sent[b"c"][0][4:] == [b"body"]


def test_a_failure_of_our_worker_leaves_a_plain_client_waiting(world):
    world.ready(b"w", capacity=1)
    world.ask(b"c", b"")
    world.reply(b"w", world.requests(b"w")[0][0], Header(bytes(16), 0, Status.FAILED).pack(), b"ValueError")
    assert not world.sent[b"c"]
    assert world.core.counts.errors == {"FAILED": 1}
    assert not world.core.ledger.deliveries.waiting()


def test_only_a_worker_with_wishes_is_told_the_limits(world):
    world.ready(b"plain")
    world.ready(b"first", 1)
    world.ready(b"second", 1, wishes=b"{}")
    world.ready(b"later", 1, wishes=b'{"a wish of tomorrow": []}')
    assert not world.sent[b"plain"]
    assert world.sent[b"first"] == [[b"", b"MDPW01", HEARTBEAT, b"1"]]
    for worker in (b"second", b"later"):
        assert world.sent[worker] == [[b"", b"MDPW01", HEARTBEAT, b"1", SMALL.announce()]]


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (b"mmi.x", b"that is no name of a service: names that begin with mmi. are the broker's own"),
        (b"", b"that is no name of a service: it is empty"),
        (b"x" * 300, b"that is no name of a service: it has 300 bytes, and 255 are allowed"),
        (b"one more", b"too many workers"),
    ],
)
def test_a_worker_that_is_refused_learns_why_and_the_log_has_it_once(world, caplog, service, reason):
    for number in range(5 if service == b"one more" else 0):
        world.ready(b"w%d" % number)
    for _ in range(100):
        world.ready(b"first", 1, service)
        world.ready(b"second", 1, service, b"{}")
    assert world.sent[b"first"] == [[b"", b"MDPW01", DISCONNECT]] * 100
    assert world.sent[b"second"] == [[b"", b"MDPW01", DISCONNECT, reason]] * 100
    assert [reason.decode() in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.parametrize("wishes", [None, b"{}"])
def test_a_worker_is_told_why_it_is_expelled_if_it_reads_that(world, wishes):
    world.ready(b"w", 1, wishes=wishes)
    world.command(b"w", b"\x01", b"s")
    assert world.sent[b"w"][-1] == [b"", b"MDPW01", DISCONNECT, *([] if wishes is None else [b"second READY"])]


def test_no_limit_is_a_limit(world):
    """`inf`: an operator wants none."""
    none = Limits(**dict.fromkeys(NO_LIMIT, math.inf))
    world = World(replace(none, max_service_name=255, tick=0.1))
    world.ready(b"w", 10_000)
    world.ready(b"v", 1)
    for number in range(70):
        world.ask(b"c", *[b"x"] * 100, id=b"%d" % number)
    world.ask(b"c", b"", service=b"nobody", id=b"n")
    world.wait(300, b"v")
    assert not world.outcomes(b"c")
    assert sum(len(world.requests(worker)) for worker in (b"w", b"v")) == 70
    world.core.drain(world.now)
    world.wait(300)
    assert world.core.state is State.DRAINING


def test_a_worker_changes_its_capacity(world):
    world.ready(b"w", capacity=1)
    world.ask(b"c", b"")
    world.command(b"w", HEARTBEAT, b"0")
    assert world.sent[b"w"][-1] == [b"", b"MDPW01", HEARTBEAT, b"0"]
    world.reply(b"w", world.requests(b"w")[0][0], b"")
    world.ask(b"c", b"")
    assert len(world.requests(b"w")) == 1
    world.command(b"w", HEARTBEAT, b"2")
    assert len(world.requests(b"w")) == 2


# -- management ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "asked", "code"),
    [
        (b"mmi.service", b"s", b"200"),
        (b"mmi.service", b"t", b"404"),
        (b"mmi.other", b"s", b"501"),
        (b"mmi.", b"", b"501"),
    ],
)
def test_mmi(world, service, asked, code):
    world.ready(b"w")
    world.ask(b"c", asked, service=service)
    assert world.sent[b"c"] == [[b"", b"MDPC01", service, code]]


def test_the_limits_are_told(world):
    world.ask(b"c", b"", service=b"mmi.limits")
    [[told]] = world.answers(b"c")
    assert Announced.read(told) == Announced(12, 4 << 20, 255, 1.0, 3, 8.0)


def test_the_protocol_says_what_each_service_of_the_broker_takes_and_answers(world):
    """Each name in the source stands in PROTOCOL.md, and each that stands there is answered."""
    package = Path(mmi.__file__).parent
    answered = set(OWN.findall("".join((package / name).read_text("utf-8") for name in ("mmi.py", "wire.py"))))
    told = set(OWN.findall((package / "PROTOCOL.md").read_text("utf-8")))
    assert answered - told == set(), "say in PROTOCOL.md what it takes and answers"
    for service in sorted(told):
        world.ask(b"c", b"s", service=service.encode())
    assert [b"501"] not in world.answers(b"c"), f"one of these has no answer: {sorted(told)}"


def test_however_many_ask_for_the_status_it_is_made_now_and_then(world):
    """Ten times as many services take ten times as long, and their status is told ten times as long."""
    world.ready(b"w")
    for asks in range(100):
        world.ask(b"m", b"", service=b"mmi.status")
        world.ask(b"c", b"%d" % asks)
    told = [json.loads(body[0])["accepted"] for body in world.answers(b"m")]
    assert set(told) == {0}
    world.now += 1e-3
    world.ask(b"m", b"", service=b"mmi.status")
    assert json.loads(world.answers(b"m")[-1][0])["accepted"] > 0


def test_status_tells_all(world):
    world.ready(b"w")
    for number in range(3):
        world.ask(b"c", b"%d" % number)
    world.wait(1.5, b"w")
    world.ask(b"m", b"", service=b"mmi.status")
    told = json.loads(world.answers(b"m")[0][0])
    assert told["services"] == {"s": {"workers": 1, "ready": 0, "queued": 2, "busy": 1, "given_up": 0}}
    assert told["accepted"] == 3
    assert told["rates"]["accepted"] > 0


# -- the end -------------------------------------------------------------------------------------------------------


def test_draining_finishes_and_refuses(world):
    world.ready(b"w")
    world.ask(b"c", b"", id=b"1")
    world.core.drain(world.now)
    world.ask(b"c", b"", id=b"2")
    assert world.outcomes(b"c") == [(b"2", Status.BUSY)]
    assert world.sent[b"c"][0][4:] == [b"the broker is shutting down", b"draining"]
    world.wait(1, b"w")
    assert world.core.state.name == "DRAINING"
    world.reply(b"w", world.requests(b"w")[0][0], b"")
    world.wait(0.2, b"w")
    assert world.core.state is State.DRAINED
    assert world.outcomes(b"c")[-1] == (b"1", Status.OK)
    assert world.commands(b"w")[-1] == DISCONNECT


def test_draining_ends_in_time(world):
    world.ready(b"w")
    for id in (b"a", b"b", b"c"):
        world.ask(b"c", b"", id=id)
    world.core.drain(world.now)
    world.wait(15.2, b"w")
    assert world.core.state is State.DRAINED
    assert sorted(world.outcomes(b"c")) == [(id, Status.TIMEOUT) for id in (b"a", b"b", b"c")]
    assert {message[5] for message in world.sent[b"c"]} == {b"draining"}


# -- what is not understood is dropped and counted -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([b"c"], "too few frames"),
        ([b"c", b"", b"MDPC01", b"s"], "too few frames"),
        ([b"c", b"x", b"MDPC01", b"s", b"b"], "not MDP/Client"),
        ([b"c", b"", b"MDPC03", b"s", b"b"], "not MDP/Client"),
        ([b"c", b"", b"MDPC02", b"\x01", b"s", b"b"], "speaks MDP 0.2, and this broker 0.1"),
        ([b"c", b"", b"MDPW02", b"\x01", b"s"], "speaks MDP 0.2, and this broker 0.1"),
        ([b"c", b"", b"MDPC01", b"s", *[b"b"] * 9], "too many frames"),
    ],
)
def test_a_malformed_request_is_dropped(world, frames, reason):
    world.core.from_client(frames, world.now)
    assert world.core.counts.drops[reason] == 1
    assert not world.sent


def test_a_refusal_that_a_plain_client_cannot_be_told_is_counted(world):
    for number in range(7):
        world.ask(b"c%d" % number, b"")
    assert world.core.counts.drops == {"BUSY for a plain client, which knows no errors": 1}
    world.wait(4.2)  # no_service_timeout
    assert world.core.counts.drops["NO_SERVICE for a plain client, which knows no errors"] == 6


def test_a_malformed_command_of_a_stranger_is_dropped(world):
    world.core.from_worker([b"w", b"", b"MDPW01", b"\x01"], world.now)
    assert world.core.counts.drops == {"malformed command": 1}
    assert not world.sent
