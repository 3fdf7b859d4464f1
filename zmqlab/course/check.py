"""`check()`: play an exercise's scenarios with the learner's code, and say what came of it."""

from __future__ import annotations

import gc
import inspect
import warnings
from typing import Any

from ..lab.errors import NotStopped
from ..lab.lab import Lab
from ..lab.progress import Progress
from . import exercises, memory
from .exercise import Exercise, Refused, Scenario, Unsolved
from .faults import deaf
from .play import Play
from .verdict import Verdict
from .watch import Watch

PLAYS = 3  # of one scenario, while the machine stands still and it is refused


def check(key: str, code: Any, *, seed: int = 1) -> Verdict:
    """Run the learner's function or class of exercise `key` ("05-a") in a lab, against real sockets.

    The scenarios are the same in every run; another `seed` deals their random parts anew. It stops at the first one
    that is not passed. An endless loop, an exception or a thread left behind is part of the verdict. When the machine
    stood still for a moment, a refusal is not believed at once: the scenario is played anew. It takes some seconds,
    as a rule less than ten; the stop button ends it.

    Raises LookupError for a key that is none, TypeError when `code` is not the function or class itself.
    """
    exercise = exercises.load(key)
    _check_code(exercise, code)
    passed: list[str] = []
    with Progress(stops="the check") as progress:
        for scenario in exercise.scenarios:
            for _ in range(PLAYS):
                with Watch() as watch:
                    play = Play(exercise, code, Lab(f"check {key}: {scenario.name}"), watch, progress, seed)
                    problem, doubtful = _play(exercise, scenario, play)
                if not doubtful:
                    break
            if problem is not None:
                return Verdict(exercise, tuple(passed), scenario.name, problem, play.lab, play.printed(), doubtful)
            passed.append(scenario.name)
    memory.solved(key)
    return Verdict(exercise, tuple(passed))


def _play(exercise: Exercise, scenario: Scenario, play: Play) -> tuple[Refused | Unsolved | None, bool]:
    """What was wrong, and whether it may be the machine's fault."""
    problem: Refused | Unsolved | None = None
    doubtful = False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            scenario.run(play)
            play.finish()
        except (Refused, Unsolved) as error:
            problem, doubtful = error.with_traceback(None), play.doubtful()
        finally:
            play.lab.close()
            gc.collect()  # sockets that the learner's code dropped are closed now, and not in the next scenario
    told = [str(each.message) for each in caught if issubclass(each.category, NotStopped)]
    for each in caught:
        if not issubclass(each.category, NotStopped):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno, source=each.source)
    if problem is None and told:
        return deaf(exercise, told[0]), False
    return problem, doubtful


def _check_code(exercise: Exercise, code: Any) -> None:
    wanted = f'check("{exercise.key}", {exercise.name})'
    if inspect.iscoroutine(code):
        code.close()
    if not callable(code):
        raise TypeError(f"give check the function or class itself, {wanted}, not {type(code).__name__}")
