"""`Verdict`: what `check` says, as text, and as a picture of the run that failed."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..extras import extra
from ..lab.kernel import kernel
from .exercise import Exercise
from .scenes.refused import Refused, Unsolved
from .scenes.shown import short

if TYPE_CHECKING:
    from ..lab.lab import Lab
    from ..view.widget import FlowView

WIDTH = 110
PRINTED = 5  # lines of what the learner's code printed
STOOD_STILL = (
    "This machine is so busy that it stood still meanwhile, which may be all that is wrong. Run the check again."
)


class Verdict:
    """`passed`; `text`; and `view()`, the messages of the scenario that failed.

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
        self.text = "\n".join(_lines(exercise, passed, failed, problem, printed, doubtful, remarks))
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


def _lines(
    exercise: Exercise,
    passed: tuple[str, ...],
    failed: str,
    problem: Refused | Unsolved | None,
    printed: str,
    doubtful: bool,
    remarks: tuple[str, ...],
) -> list[str]:
    ladder = f'hint("{exercise.key}") helps; solution("{exercise.key}") shows one way.'
    if isinstance(problem, Unsolved):
        return [
            f"{exercise.key}  {exercise.title}: not yet",
            f"{exercise.name} is still the skeleton. Write it in the cell above, run that cell, then this one again.",
            ladder,
        ]
    lines = [f"{exercise.key}  {exercise.title}: {'solved' if problem is None else 'not yet'}"]
    lines += [f"  ok  {name}" for name in passed]
    for remark in remarks:
        lines += _paragraph("but", remark)
    if problem is None:
        return [*lines, f'solution("{exercise.key}") shows one more way, and why it is done so.']
    lines.append(f"  NO  {failed}")
    for name, words in (
        ("called", problem.called),
        ("came back", problem.got),
        ("expected", problem.wanted),
        ("likely", problem.cause),
    ):
        lines += _paragraph(name, words)
    told = printed.splitlines()
    if told:
        more = f" (and {len(told) - PRINTED} lines more)" if len(told) > PRINTED else ""
        lines += _paragraph("printed", short(" / ".join(told[:PRINTED])) + more)
    if doubtful:
        lines += _paragraph("but", STOOD_STILL)
    left = len(exercise.scenarios) - len(passed) - 1
    if left > 0:  # not so when the first one was played once more
        lines.append(f"  {left} more {'scenario waits' if left == 1 else 'scenarios wait'} behind it.")
    return [*lines, ladder]


def _paragraph(name: str, words: str) -> list[str]:
    indent = " " * 17
    return textwrap.wrap(words, WIDTH, initial_indent=f"      {name + ':':11}", subsequent_indent=indent) or [
        f"      {name + ':':11}"
    ]
