"""What is known of code by its waits."""

from __future__ import annotations

from math import inf
from time import monotonic

import pytest

from zmqlab.course.scenes.polls import Wait, had_its_turn

BEFORE, AFTER = -0.02, 0.01  # seconds from the moment that is asked about


@pytest.mark.parametrize(
    ("waits", "turn"),
    [
        ([], True),  # unknown: nobody waits for it
        ([(BEFORE, 0.01)], False),  # it has not come back from that
        ([(BEFORE, 0.01), (AFTER, 0.01)], False),  # what it did before this, it may have done before the moment
        ([(BEFORE, 0.01), (AFTER, 0.01), (AFTER, 0.01)], True),
        ([(BEFORE, inf)], True),  # it sleeps
        ([(BEFORE, 5.0)], True),
        ([(BEFORE, 0.05)], False),  # it is about to come back
    ],
)
def test_who_looks_at_the_time_again_and_again_had_its_turn(waits: list[tuple[float, float]], turn: bool) -> None:
    now = monotonic()
    assert had_its_turn([Wait(now + began, limit) for began, limit in waits], now) is turn
