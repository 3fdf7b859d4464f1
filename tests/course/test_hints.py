"""Hints climb, and the solution says why."""

from __future__ import annotations

import pytest

from zmqlab.course import exercises
from zmqlab.course.hints import _given, hint, solution, solved

KEY = "01-a"


def test_hints_climb_and_the_solution_says_why() -> None:
    _given.clear()
    texts = [repr(hint(KEY)) for _ in range(4)]
    assert [text[:11] for text in texts] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "These are a"]
    assert "Why: " in repr(solution(KEY))
    assert "```python" in solution(KEY)._repr_markdown_()


@pytest.mark.parametrize("key", exercises.KEYS)
def test_the_solution_is_followed_by_wrong_ways_and_why_they_are(key: str) -> None:
    note = solution(key)
    for title, reason in exercises.load(key).wrong_ways.items():
        assert f"- {title}: {reason}" in repr(note)
        assert f"- *{title}*: {reason}" in note._repr_markdown_()


def test_a_solution_can_be_run_without_being_read() -> None:
    assert [solved(key).__name__ for key in exercises.KEYS] == [exercises.load(key).name for key in exercises.KEYS]
    with pytest.raises(LookupError):
        solved("99-z")
