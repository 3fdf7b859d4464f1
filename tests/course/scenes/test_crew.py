"""The crew of 09-a and 11-a asks for nothing that their contracts do not say."""

from __future__ import annotations

import pytest

from zmqlab.course import exercises
from zmqlab.course.scenes.crew import TALK, TALKERS


@pytest.mark.parametrize("key", ["09-a", "11-a"])
def test_the_contract_says_how_much_is_said(key: str) -> None:
    contract = " ".join(exercises.load(key).skeleton.split())
    assert f"these {TALKERS / TALK:,.0f} messages a second" in contract
