"""`Verdict`: what `check` says, as text, and as a picture of the run that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..extras import extra
from ..lab.kernel import kernel
from ..lab.printed import filled
from .exercise import Exercise
from .scenes.refused import Refused, Unsolved
from .scenes.scenario import Scenario
from .scenes.shown import short

if TYPE_CHECKING:
    from ..lab.lab import Lab
    from ..view.widget import FlowView

PRINTED = 5  # lines of what the learner's code printed
WRITE_IT = "Write it in the cell above, run that cell, then this one again."
STOOD_STILL = (
    "This machine is so busy that it stood still meanwhile, which may be all that is wrong. Run the check again."
)


class Verdict:
    """`passed`; `text`; and `view()`, the messages of the scenario that failed.

    The scenarios are given by their names; one that failed when it was played once more may have passed before.
    `remarks` are about code that passes, and could be better.
    """

    def __init__(
        self,
        exercise: Exercise,
        passed: tuple[str, ...],
        failed: str = "",
        problem: Refused | Unsolved | None = None,
        lab: Lab | None = None,
        printed: str = "",
        doubtful: bool = False,
        remarks: tuple[str, ...] = (),
    ) -> None:
        self.passed = problem is None
        self.problem = problem
        if isinstance(problem, Unsolved):
            lines = _not_begun(exercise, problem)
        else:
            told = _told(problem, printed, doubtful) if problem is not None else []
            lines = [*_head(exercise, _how_far(exercise, passed, failed)), *_tried(exercise, passed, failed, told)]
            lines += [line for remark in remarks for line in (*_gap(exercise), *_paragraph("but", remark))]
        self.text = "\n".join([*lines, *_gap(exercise), *_more(exercise, self.passed)])
        self._lab = lab

    def __repr__(self) -> str:
        return self.text

    def view(self) -> FlowView:
        """The messages of the scenario that failed. Raises LookupError when none has."""
        if self._lab is None or isinstance(self.problem, Unsolved):
            raise LookupError("there is nothing to look at: no scenario has failed")
        return self._lab.view()

    def _ipython_display_(self) -> None:
        print(self.text)
        if isinstance(self.problem, Refused) and kernel() is not None:
            _offer(self)


def _offer(verdict: Verdict) -> None:
    """A button that puts the view below it."""
    with extra("course"):
        import ipywidgets
    from IPython.display import display

    button = ipywidgets.Button(description="Show the messages of this scenario", layout={"width": "max-content"})
    box = ipywidgets.VBox([button])

    def show(_: Any) -> None:
        button.disabled = True
        box.children = (button, verdict.view())

    button.on_click(show)
    display(box)  # type: ignore[no-untyped-call]


def _head(exercise: Exercise, how_far: str) -> list[str]:
    return filled(f"{exercise.title}: {how_far}", f"{exercise.key}  ", " " * 6)


def _how_far(exercise: Exercise, passed: tuple[str, ...], failed: str) -> str:
    names = _names(exercise.scenarios)
    count = sum(name in passed for name in names)
    if not failed:
        return f"solved, all {_scenarios(count)} pass"
    if count == len(names):
        return "all scenarios pass at first, but not again"
    return f"{count} of {len(names)} scenarios pass"


def _tried(exercise: Exercise, passed: tuple[str, ...], failed: str, told: list[str]) -> list[str]:
    """The scenarios, under their steps if there is more than one; what is `told` stands under the one that failed."""
    lines: list[str] = []
    for number, step in enumerate(exercise.steps, 1):
        names = _names(step.scenarios)
        left = [name for name in names if name not in passed and name != failed]
        if len(exercise.steps) > 1:
            complete, begun = all(name in passed for name in names), len(left) < len(names)
            place = f"Step {number} of {len(exercise.steps)}"
            lines += _gap(exercise)
            lines += filled(f"{place} {_state(complete, begun, number)}: {step.title}.", "", "  ")
        lines += [f"  ok  {name}" for name in names if name in passed]
        if failed in names:
            lines += [f"  NO  {failed}", *told]
        if left:
            lines += filled("; ".join(left), "  not tried yet: ", " " * 6)
    if failed and not any(failed in _names(step.scenarios) for step in exercise.steps):
        lines += [f"  NO  {failed}", *told]
    return lines


def _state(complete: bool, begun: bool, number: int) -> str:
    if complete:
        return "is complete"
    if begun:
        return "comes next" if number > 1 else "comes first"
    return "comes later"


def _told(problem: Refused, printed: str, doubtful: bool) -> list[str]:
    """What is said of the scenario that failed."""
    said = [
        ("called", problem.called),
        ("came back", problem.got),
        ("expected", problem.wanted),
        ("likely", problem.cause),
    ]
    told = printed.splitlines()
    if told:
        more = f" (and {len(told) - PRINTED} lines more)" if len(told) > PRINTED else ""
        said.append(("printed", short(" / ".join(told[:PRINTED])) + more))
    if doubtful:
        said.append(("but", STOOD_STILL))
    return [line for name, words in said for line in _paragraph(name, words)]


def _not_begun(exercise: Exercise, problem: Unsolved) -> list[str]:
    """What there is to do."""
    steps, name = exercise.steps, exercise.name
    count = _scenarios(len(_names(exercise.scenarios)))
    missing = name if problem.function in (name, "__init__") else f"{name}.{problem.function}()"
    lines = _head(exercise, f"not yet, {count}" + f" in {len(steps)} steps" * (len(steps) > 1))
    lines += filled(f"{missing} is still the skeleton. {WRITE_IT}", "", "")
    if len(steps) > 1:
        lines += _gap(exercise)
        for number, step in enumerate(steps, 1):
            many = _scenarios(len(_names(step.scenarios)))
            lines += filled(f"{step.title} ({many})", f"  Step {number}: ", " " * 10)
    return lines


def _more(exercise: Exercise, passed: bool) -> list[str]:
    if passed:
        return filled(f'solution("{exercise.key}") shows one more way, and why others fail.', "", "")
    return filled(f'hint("{exercise.key}") helps; solution("{exercise.key}") shows one way.', "", "")


def _gap(exercise: Exercise) -> list[str]:
    """An empty line, where there are steps to be kept apart."""
    return [""] if len(exercise.steps) > 1 else []


def _names(scenarios: Iterable[Scenario]) -> list[str]:
    """Of those that decide. What is only advice is said as a remark."""
    return [scenario.name for scenario in scenarios if not scenario.advice]


def _scenarios(count: int) -> str:
    return f"{count} scenario{'s' * (count != 1)}"


def _paragraph(name: str, words: str) -> list[str]:
    return filled(words, f"      {name + ':':11}", " " * 17)
