"""What a learner writes in a cell, for the tests of the exercises."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any, NamedTuple
from unittest.mock import patch

import zmq

from zmqlab.course import exercises
from zmqlab.course.check import check
from zmqlab.course.scenes.scenario import Step
from zmqlab.course.verdict import STOOD_STILL, Verdict


class Taken(NamedTuple):
    """How long one check has taken."""

    key: str
    passed: bool
    seconds: float


taken: list[Taken] = []
"""Of all that `verdict` has asked for: `python -m tests.course.times` reports it, no test asserts it."""

whole = False
"""Whether a mistake meets all scenarios up to the one that refuses it, as in a lesson, and not that one alone."""


def written(source: str, name: str) -> Any:
    """The object that the source defines, with its lines known to tracebacks as a cell's are."""
    place = f"<cell {abs(hash(source))}>"
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    names: dict[str, Any] = {"zmq": zmq, "__name__": "__main__"}
    exec(compile(source, place, "exec"), names)
    return names[name]


def verdict(key: str, source: str, seed: int = 1, scenario: str = "") -> Verdict:
    """What `check` says. With the name of a scenario, of that one alone."""
    exercise = exercises.load(key)
    if scenario:
        alone = tuple(each for each in exercise.scenarios if each.name == scenario)
        assert alone, f"exercise {key} has no scenario {scenario!r}"
        exercise = replace(exercise, steps=(Step("", alone),))
    code = written(source, exercise.name)
    began = monotonic()
    with patch.object(exercises, "load", return_value=exercise):
        result = check(key, code, seed=seed)
    taken.append(Taken(key, result.passed, monotonic() - began))
    return result


def flat(result: Verdict) -> str:
    """What it says, wherever its lines break."""
    return " ".join(result.text.split())


def changed(key: str, *changes: tuple[str, str]) -> str:
    """The solution with one mistake in it."""
    return replaced(exercises.load(key).solution, *changes)


def replaced(source: str, *changes: tuple[str, str]) -> str:
    """The source with changes in it: each `old` must be there, and becomes `new`."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def assert_refused(key: str, source: str, *words: str, scenario: str) -> None:
    """That scenario does not pass it, and the verdict has all these words, wherever its lines break. Of the `whole`, an
    earlier scenario may refuse it, with words of its own."""
    result = _verdict_of_a_machine_that_goes_on(key, source, scenario="" if whole else scenario)
    assert not result.passed
    told = flat(result)
    assert whole or [each for each in words if each not in told] == [], result


def _verdict_of_a_machine_that_goes_on(key: str, source: str, scenario: str) -> Verdict:
    """Checked again, as it says itself, where the machine was so busy that it stood still."""
    for _ in range(3):
        result = verdict(key, source, scenario=scenario)
        if STOOD_STILL not in flat(result):
            break
    return result


def assert_remarked(key: str, source: str, words: str) -> Verdict:
    """It passes with that remark. There is none when the machine stood still meanwhile: then it is checked again."""
    for _ in range(3):
        result = verdict(key, source)
        assert result.passed, result
        if "but:" in result.text:
            break
    assert f"but: {words}" in flat(result), result
    return result


def keeps_a_core_busy(play: Callable[[], Verdict]) -> bool:
    """Whether a check that passes says so, the fifth time at the latest: it shows where a processor was to spare."""
    for _ in range(5):
        found = play()
        assert found.passed, found
        if "keeps one core of the machine busy" in flat(found):
            return True
    return False
