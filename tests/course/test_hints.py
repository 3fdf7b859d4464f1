"""Hints climb, and the solution says why."""

from __future__ import annotations

from zmqlab.course.hints import _given, hint, solution

KEY = "01-a"


def test_hints_climb_and_the_solution_says_why() -> None:
    _given.clear()
    texts = [repr(hint(KEY)) for _ in range(4)]
    assert [text[:11] for text in texts] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "These are a"]
    assert "Why: " in repr(solution(KEY))
    assert "```python" in solution(KEY)._repr_markdown_()
