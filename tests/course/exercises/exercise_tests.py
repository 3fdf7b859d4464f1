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
        if not isinstance(source, str):
            source = replaced(self.changed or exercises.load(self.key).solution, *source)
        assert_refused(self.key, source, *([words] if isinstance(words, str) else words), scenario=scenario)
