"""The trace that is opened is whole, and what misses a mark is seen to miss it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="pip install -r tests/requirements.txt")

from tests.bench import diagram, flood, stage
from zmqlab.trace.trace import Trace

GOOD: dict[str, Any] = {"opening": 1.0, "frames": {"steps": [16.0] * 95 + [50.0] * 5}, "heap": 1.0, "errors": []}


def test_the_trace_has_every_message_received_and_certain():
    trace = Trace(diagram.story(400))
    trace.update()
    messages = trace.messages.values()
    assert len(messages) == 400
    assert all(message.certain for message in messages)
    waited = [message.received - message.arrived for message in messages if message.received and message.arrived]
    assert len(waited) == 400
    assert max(waited) > 1_000_000


@pytest.mark.parametrize(
    ("change", "reached"),
    [
        ({}, True),
        ({"opening": 3.1}, False),
        ({"frames": {"steps": [16.0] * 100, "ms": [16.0] * 94 + [50.0] * 6}}, False),
        ({"errors": ["uncaught"]}, False),
    ],
)
def test_every_mark_counts(capsys: pytest.CaptureFixture[str], change: dict[str, Any], reached: bool):
    assert diagram.report({**GOOD, **change}, 400) is reached
    assert "under 33 ms" in capsys.readouterr().out


def test_memory_that_grows_at_the_end_is_noticed():
    assert flood.grown([1, 2, 2, 2, 2, 2]) == 1
    assert flood.grown([1, 1, 2, 2, 3, 4]) == 2


def test_every_mark_of_the_stage_counts(capsys: pytest.CaptureFixture[str]):
    good: dict[str, Any] = {
        "frames": {"live": 40.0, "replayed": 40.0},
        "long": {"live": 20.0, "replayed": 20.0},
        "sent": 990.0,
        "cards": 30,
        "pills": 40,
        "errors": [],
    }
    assert stage.report(good, 30)
    for change in ({"frames": {"live": 29.0, "replayed": 40.0}}, {"cards": 29}, {"errors": ["uncaught"]}):
        assert not stage.report({**good, **change}, 30)
    assert "29 frames a second" in capsys.readouterr().out


def test_the_stage_is_measured_with_messages_that_all_come_to_an_end():
    office = stage.Office(30, 1000)
    sent = sum(office.tell(step) for step in range(0, 3000, 100))
    assert abs(sent - 3000) < 400
    messages = office.trace().messages.values()
    assert sum(message.received is not None for message in messages) > 2500
    assert len(office.trace().actors) == 30
