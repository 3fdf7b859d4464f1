"""Random programs: nothing certain is wrong, each message is shown once, and none waits when all sockets are closed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recorder.counting import Truth, wrong
from tests.recorder.topologies import Plan, faults, plan_of, play
from zmqlab.trace.model import Message
from zmqlab.trace.trace import Trace


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 32).map(plan_of))
def test_what_is_shown_of_a_random_program_was_so(plan: Plan) -> None:
    assert not faults(play(plan))


def received_for_certain(trace: Trace) -> list[Message]:
    whole = [message for message in trace.messages.values() if message.certain and message.sent and message.received]
    return [message for message in whole if message.place == "received"]


def test_the_check_sees_what_was_not_so() -> None:
    """Of a program in which something was received: on a busy machine that may be another one than the first."""
    traces = (play(Plan(seed=seed, restarts=0.0)) for seed in range(1, 20))
    trace = next(trace for trace in traces if len(received_for_certain(trace)) > 1)
    assert not faults(trace)
    one, other = received_for_certain(trace)[:2]
    one.sent, other.sent = other.sent, one.sent
    one.sender, other.sender = other.sender, one.sender
    assert len(wrong(trace, Truth(trace.log.since(0)[0]))) >= 2
    one.received, one.end = None, ""
    said = "\n".join(faults(trace))
    assert "it waits, and nobody is there" in said
    assert "shown 0 times" in said


@pytest.mark.parametrize("seed", [3, 42, 55, 91, 139, 180])
def test_programs_that_were_once_shown_wrong(seed: int) -> None:
    assert not faults(play(plan_of(seed)))
