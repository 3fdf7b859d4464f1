"""What an exercise is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .scenes.contract import Contract
from .scenes.scenario import Scenario, Step


@dataclass(frozen=True, kw_only=True)
class Exercise(Contract):
    """One exercise of a lesson. `solution` is a source text that defines `name`, as the skeleton is.

    `steps` are one to three, each of use without those that follow. `wrong_ways` are mistakes by their titles, each
    with why it is one; the tests of the exercise play them under the same titles.
    """

    lesson: str
    title: str
    name: str
    hints: tuple[str, str, str]
    solution: str
    why: str
    wrong_ways: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those of all steps, in order."""
        return tuple(scenario for step in self.steps for scenario in step.scenarios)
