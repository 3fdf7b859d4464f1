"""What a learner writes in a cell, for the tests of the exercises."""

from __future__ import annotations

import linecache
from time import monotonic
from typing import Any, NamedTuple

import zmq

from zmqlab.course import exercises
from zmqlab.course.check import check
from zmqlab.course.verdict import Verdict


class Taken(NamedTuple):
    """How long one check has taken."""

    key: str
    passed: bool
    seconds: float


taken: list[Taken] = []
"""Of all that `verdict` has asked for: `python -m tests.course.times` reports it, no test asserts it."""


def written(source: str, name: str) -> Any:
    """The object that the source defines, with its lines known to tracebacks as a cell's are."""
    place = f"<cell {abs(hash(source))}>"
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    names: dict[str, Any] = {"zmq": zmq, "__name__": "__main__"}
    exec(compile(source, place, "exec"), names)
    return names[name]


def verdict(key: str, source: str, seed: int = 1) -> Verdict:
    code = written(source, exercises.load(key).name)
    began = monotonic()
    result = check(key, code, seed=seed)
    taken.append(Taken(key, result.passed, monotonic() - began))
    return result


def changed(key: str, *changes: tuple[str, str]) -> str:
    """The solution with one mistake in it."""
    return replaced(exercises.load(key).solution, *changes)


def replaced(source: str, *changes: tuple[str, str]) -> str:
    """The source with changes in it: each `old` must be there, and becomes `new`."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def assert_unsolved(key: str) -> None:
    """The skeleton is not passed, and gets a friendly word."""
    exercise = exercises.load(key)
    result = verdict(key, exercise.skeleton)
    assert not result.passed
    assert f"{exercise.name} is still the skeleton" in result.text, result


def assert_refused(key: str, source: str, *words: str) -> None:
    """It is not passed, and the verdict has all these words, wherever its lines break."""
    result = verdict(key, source)
    assert not result.passed
    told = " ".join(result.text.split())
    assert [each for each in words if each not in told] == [], result
