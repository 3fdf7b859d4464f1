"""What is tested of every exercise: right ways pass, the skeleton gets a friendly word, and each mistake its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from tests.course.exercises.learner import assert_refused, replaced, verdict
from zmqlab.course import exercises

Mistake = tuple[str | Sequence[tuple[str, str]], str | Sequence[str], str]
"""A whole source, or changes of a right one; the words that refuse it; and the scenario that does."""


class ExerciseTests:
    """Each exercise has a subclass, with its key, other right ways, and mistakes that learners make."""

    key: ClassVar[str]
    right: ClassVar[Mapping[str, str]] = {}
    """Sources beside the solution."""
    seeds: ClassVar[Sequence[int]] = (1,)
    """With which the solution is checked: more than one where the scenarios have random parts."""
    wrong: ClassVar[Mapping[str, Mistake]]
    changed: ClassVar[str] = ""
    """The right source that the mistakes are changes of; left out, the solution."""
    after_step_1: ClassVar[str] = ""
    """Of an exercise with steps: the mistake of somebody who has done the first one, and nothing of the second."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "way" in metafunc.fixturenames:
            solution = exercises.load(self.key).solution
            ways = {f"solution, seed {seed}": (solution, seed) for seed in self.seeds}
            ways |= {name: (source, 1) for name, source in self.right.items()}
            metafunc.parametrize("way", ways.values(), ids=ways)
        if "mistake" in metafunc.fixturenames:
            metafunc.parametrize("mistake", self.wrong.values(), ids=self.wrong)

    def test_a_right_way_passes_without_a_remark(self, way: tuple[str, int]) -> None:
        result = verdict(self.key, *way)
        assert result.passed, result
        assert "but:" not in result.text, result

    def test_the_skeleton_gets_a_friendly_word(self) -> None:
        exercise = exercises.load(self.key)
        result = verdict(self.key, exercise.skeleton)
        assert not result.passed
        assert f"{exercise.name} is still the skeleton" in result.text, result

    def test_the_mistake_gets_its_own_words(self, mistake: Mistake) -> None:
        source, words, scenario = mistake
        words = [words] if isinstance(words, str) else words
        assert_refused(self.key, self._source(source), *words, scenario=scenario)

    def test_the_wrong_ways_that_are_told_of_are_mistakes_that_are_refused(self) -> None:
        told = exercises.load(self.key).wrong_ways
        assert 3 <= len(told) <= 6
        assert [title for title in told if title not in self.wrong] == []

    def test_a_long_solution_is_asked_for_in_steps(self) -> None:
        exercise = exercises.load(self.key)
        number = len(exercise.steps)
        assert (2 if len(exercise.solution.splitlines()) > 30 else 1) <= number <= 3
        assert all(bool(step.title) == (number > 1) for step in exercise.steps)
        assert bool(self.after_step_1) == (number > 1)

    def test_the_first_step_is_complete_without_the_second(self) -> None:
        if not self.after_step_1:
            return  # there is no second
        first, second, *_ = exercises.load(self.key).steps
        result = verdict(self.key, self._source(self.wrong[self.after_step_1][0]))
        lines = result.text.splitlines()
        assert [line for line in lines if line.startswith("  ok")] == [f"  ok  {each.name}" for each in first.scenarios]
        assert f"  NO  {second.scenarios[0].name}" in lines, result

    def _source(self, mistake: str | Sequence[tuple[str, str]]) -> str:
        if isinstance(mistake, str):
            return mistake
        return replaced(self.changed or exercises.load(self.key).solution, *mistake)
