"""What an exercise is made of."""

from __future__ import annotations

from dataclasses import dataclass

from .scenes.contract import Contract
from .scenes.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Exercise(Contract):
    """One exercise of a lesson. `solution` is a source text that defines `name`, as the skeleton is."""

    lesson: str
    title: str
    name: str
    hints: tuple[str, str, str]
    solution: str
    why: str
    scenarios: tuple[Scenario, ...]
