"""`check` survives whatever the learner's code does, and says what it was."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from unittest.mock import patch

import pytest

from tests.course.exercises.learner import changed, verdict
from zmqlab.course import exercises
from zmqlab.course.check import check
from zmqlab.course.exercise import Scenario
from zmqlab.course.pace import STILL
from zmqlab.course.play import Play
from zmqlab.course.verdict import Verdict

KEY = "01-a"


def test_the_signature_is_looked_at() -> None:
    assert "TypeError: too many positional arguments" in check(KEY, lambda ctx: None).text


def test_an_object_that_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match=r'check\("01-a", counting_server\), not int'):
        check(KEY, 3)


def test_an_unknown_key_names_those_there_are() -> None:
    with pytest.raises(LookupError, match="no exercise '99-z'; there are 01-a"):
        check("99-z", print)


def test_a_thread_that_dies_is_reported() -> None:
    source = changed(
        KEY, ("seen = {}", "seen = {}\n    import threading\n    threading.Thread(target=lambda: {}[1]).start()")
    )
    text = verdict(KEY, source).text
    assert "in a thread that it started" in text
    assert "KeyError" in text


def test_a_server_that_cannot_be_stopped_is_refused() -> None:
    deaf = "\n".join(
        [
            "def counting_server(ctx, endpoint):",
            "    import time",
            *(f"    {line}" for line in exercises.load(KEY).solution.strip().splitlines()),
            "    try:",
            "        counting_server(ctx, endpoint)",
            "    except zmq.ContextTerminated:",
            "        time.sleep(6)",
        ]
    )
    result = verdict(KEY, deaf)
    assert not result.passed
    assert "that it ends when its context is terminated" in result.text


def test_a_warning_of_the_learners_own_is_shown_and_no_reason_to_refuse() -> None:
    forgotten = ("seen = {}", "seen = {}\n    import asyncio\n    asyncio.sleep(0)")
    with pytest.warns(RuntimeWarning, match="was never awaited"):
        assert verdict(KEY, changed(KEY, forgotten)).passed


def test_a_check_leaves_no_thread_and_no_hook() -> None:
    start, hook, before = threading.Thread.start, threading.excepthook, threading.enumerate()
    verdict(KEY, exercises.load(KEY).skeleton)
    assert (threading.Thread.start, threading.excepthook) == (start, hook)
    assert not [thread for thread in threading.enumerate() if thread not in before and "actor" in thread.name]


def plays(key: str, pause: float, refusals: int) -> tuple[Verdict, int]:
    """The verdict when the first plays of a scenario refuse, while the machine stands still for `pause` seconds."""
    played: list[Play] = []

    def run(play: Play) -> None:
        played.append(play)
        play.until(lambda: time.sleep(pause) or True)  # the checking thread cannot look meanwhile, as on such a machine
        play.expect(len(played) > refusals, got="late", wanted="in time", cause="Be in time.")

    exercise = replace(exercises.load(key), scenarios=(Scenario("punctual", run),))
    with patch.object(exercises, "load", return_value=exercise):
        return check(key, print), len(played)


def test_a_refusal_while_the_machine_stood_still_is_not_believed() -> None:
    result, played = plays(KEY, 2 * STILL, refusals=2)
    assert (result.passed, played) == (True, 4)  # and the first one once more, at the end


def test_a_refusal_on_a_machine_that_never_moves_says_so() -> None:
    result, played = plays(KEY, 2 * STILL, refusals=3)
    assert (result.passed, played) == (False, 3)
    assert "but:       This machine is so busy" in result.text


def test_a_refusal_is_believed_at_once_when_the_machine_kept_pace() -> None:
    result, played = plays(KEY, 0, refusals=1)
    assert (result.passed, played) == (False, 1)
    assert "so busy" not in result.text


def test_a_failed_check_has_a_view_and_a_passed_one_has_none() -> None:
    failed = verdict(KEY, changed(KEY, ("[routing_id, b", "[b")))
    assert repr(failed.view()).startswith("<zmqlab view of 'check 01-a")
    with pytest.raises(LookupError, match="nothing to look at"):
        verdict(KEY, exercises.load(KEY).skeleton).view()
