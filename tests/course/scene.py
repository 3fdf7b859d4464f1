"""An exercise with one scenario, for the tests of what plays scenarios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from zmqlab.course import exercises
from zmqlab.course.check import check
from zmqlab.course.scenes.play import Play
from zmqlab.course.scenes.scenario import Scenario, Step
from zmqlab.course.verdict import Verdict


def plays(
    key: str, scene: Callable[[Play, int], object], code: Callable[..., Any] | None = None, bulk: bool = False
) -> tuple[Verdict, int]:
    """The verdict on `code` (by default one that no other check has seen) of an exercise whose only scenario is
    `scene`, which hears how often it was played before; and how often it was."""
    played: list[Play] = []

    def run(play: Play) -> None:
        played.append(play)
        scene(play, len(played) - 1)

    exercise = replace(exercises.load(key), steps=(Step("", (Scenario("the only one", run, bulk),)),))
    with patch.object(exercises, "load", return_value=exercise):
        return check(key, code or partial(print)), len(played)
