"""What `check` says: how far the code has come, what went wrong, and what is not tried yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.course.exercises.learner import verdict
from zmqlab.course import exercises
from zmqlab.course.exercise import Exercise
from zmqlab.course.scenes.play import Play
from zmqlab.course.scenes.refused import Refused, Unsolved
from zmqlab.course.scenes.scenario import Scenario, Step
from zmqlab.course.verdict import Verdict
from zmqlab.lab.printed import WIDTH

REFUSED = Refused(called="f(1)", got="2", wanted="3", cause="It counts from 0.")


def nothing(play: Play) -> None:
    """No play: what a scenario has come to is given here."""


def made_of(*steps: tuple[str, str]) -> Exercise:
    """Of steps: a title, and one letter for each scenario, a capital for one of advice."""
    made = tuple(
        Step(title, tuple(Scenario(f"the {each.lower()}", nothing, advice=each.isupper()) for each in letters))
        for title, letters in steps
    )
    return replace(exercises.load("01-a"), key="99-a", title="a title", name="f", steps=made)


STEPS = made_of(("it can a and b", "ab"), ("it can the rest", "cd"), ("it lasts", "eF"))


def test_a_refusal_stands_under_its_step_and_says_what_is_not_tried_yet() -> None:
    assert (
        Verdict(STEPS, ("the a", "the b"), "the c", REFUSED).text
        == """\
99-a  a title: 2 of 5 scenarios pass

Step 1 of 3 is complete: it can a and b.
  ok  the a
  ok  the b

Step 2 of 3 comes next: it can the rest.
  NO  the c
      called:    f(1)
      came back: 2
      expected:  3
      likely:    It counts from 0.
  not tried yet: the d

Step 3 of 3 comes later: it lasts.
  not tried yet: the e

hint("99-a") helps; solution("99-a") shows one way."""
    )


def test_an_exercise_of_one_step_has_no_words_about_steps() -> None:
    assert (
        Verdict(made_of(("", "abc")), ("the a",), "the b", REFUSED).text
        == """\
99-a  a title: 1 of 3 scenarios pass
  ok  the a
  NO  the b
      called:    f(1)
      came back: 2
      expected:  3
      likely:    It counts from 0.
  not tried yet: the c
hint("99-a") helps; solution("99-a") shows one way."""
    )


def test_the_first_scenario_of_all_comes_first() -> None:
    text = Verdict(STEPS, (), "the a", REFUSED).text
    assert "0 of 5 scenarios pass" in text
    assert "Step 1 of 3 comes first: it can a and b." in text


def test_advice_is_no_scenario_that_counts() -> None:
    text = Verdict(STEPS, ("the a", "the b", "the c", "the d", "the e"), remarks=("It could be faster.",)).text
    assert (
        text
        == """\
99-a  a title: solved, all 5 scenarios pass

Step 1 of 3 is complete: it can a and b.
  ok  the a
  ok  the b

Step 2 of 3 is complete: it can the rest.
  ok  the c
  ok  the d

Step 3 of 3 is complete: it lasts.
  ok  the e

      but:       It could be faster.

solution("99-a") shows one more way, and why others fail."""
    )


def test_what_passes_once_alone_is_not_solved() -> None:
    lines = Verdict(made_of(("", "ab")), ("the a", "the b"), "the a, once more", REFUSED).text.splitlines()
    assert lines[0] == "99-a  a title: all scenarios pass at first, but not again"
    assert lines[1:4] == ["  ok  the a", "  ok  the b", "  NO  the a, once more"]


def test_who_has_not_begun_reads_what_the_steps_are() -> None:
    assert (
        Verdict(STEPS, problem=Unsolved("f"), passed=()).text
        == """\
99-a  a title: not yet, 5 scenarios in 3 steps
f is still the skeleton. Write it in the cell above, run that
cell, then this one again.

  Step 1: it can a and b (2 scenarios)
  Step 2: it can the rest (2 scenarios)
  Step 3: it lasts (1 scenario)

hint("99-a") helps; solution("99-a") shows one way."""
    )


def test_a_method_that_is_still_to_be_written_is_named() -> None:
    skeleton = exercises.load("05-a").skeleton
    begun = skeleton.replace('raise NotImplementedError("one thread has the socket")', "pass")
    assert "Client is still the skeleton" in verdict("05-a", skeleton).text
    assert "Client.request() is still the skeleton" in verdict("05-a", begun).text


@pytest.mark.parametrize("key", exercises.KEYS)
def test_no_line_is_longer_than_half_a_window(key: str) -> None:
    exercise = exercises.load(key)
    names = [scenario.name for scenario in exercise.scenarios if not scenario.advice]
    first, last = names[0], names[-1]  # of a short exercise the same
    for said in (
        Verdict(exercise, (), problem=Unsolved(exercise.name)),
        Verdict(exercise, (), first, REFUSED),
        Verdict(exercise, (first,), last, REFUSED, printed="word " * 100, doubtful=True),
    ):
        assert max(map(len, said.text.splitlines())) <= WIDTH, said
