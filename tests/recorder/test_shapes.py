"""Programs of all kinds are shown as they ran: each message once, with its end, and nothing certain that is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.recorder.counting import check, counts, recorded
from tests.recorder.shapes import KEEP, SHAPES, WARM_UP


@pytest.fixture(autouse=True)
def _left_behind() -> Iterator[None]:
    yield
    while KEEP:
        context, *_ = KEEP.pop()
        context.destroy(linger=0)


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_shown_as_it_was(name: str) -> None:
    truth: dict[str, int] = {}
    trace = recorded(lambda: truth.update(SHAPES[name]()))
    assert counts(trace, but=WARM_UP) == truth
    check(trace)


ONLY_A_RELAY_SEES = re.compile("before it (had left|was on the wire|came)|it had not left")


@pytest.mark.parametrize("name", SHAPES)
def test_without_links_each_message_is_shown_once_too(name: str) -> None:
    """Then nobody sees why a message went nowhere."""
    truth: dict[str, int] = {}
    trace = recorded(lambda: truth.update(SHAPES[name]()), links=False)
    shown = counts(trace, but=WARM_UP)
    assert {place: shown.get(place) for place in ("received", "passed")} == {
        place: truth.get(place) for place in ("received", "passed")
    }
    assert sum(shown.values()) == sum(truth.values())
    places = Counter(message.place for message in trace.messages.values())
    assert places["in"] + places["out"] + places["wire"] <= sum(each.startswith("out") for each in truth)
    check(trace)
    said = [message.reason for message in trace.messages.values()]
    assert not list(filter(ONLY_A_RELAY_SEES.search, said))
