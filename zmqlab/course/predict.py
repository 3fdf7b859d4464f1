"""`predict()`: a question before the run, and the run's own answer after it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from ..extras import extra
from ..lab.kernel import kernel
from . import progress_file

NO_CHOICE = "That was none of the choices."  # the lesson's own mistake: its tests look for these words

_locked: dict[str, str] = {}  # question -> what this kernel's learner said


class Prediction:
    """A question with its choices. `choice` is what the learner has locked, None until then."""

    def __init__(self, question: str, choices: Sequence[str]) -> None:
        self.question = question
        self.choices = list(choices)
        self.answered: str | None = None
        self._panel: Panel | None = None

    @property
    def choice(self) -> str | None:
        return _locked.get(self.question)

    def lock(self, choice: str) -> None:
        """The learner says `choice`; the first word counts, and none does once the answer is known."""
        if self.choice is None and self.answered is None and choice in self.choices:
            _locked[self.question] = choice

    def answer(self, value: object) -> None:
        """Print what the run has measured, and how the prediction did. `value`, as text, is one of the choices."""
        self.answered = str(value)
        print(self.verdict())
        if self.choice is not None:
            progress_file.predicted(self.question, self.choice == self.answered)
        if self._panel is not None:
            self._panel.refresh()

    def verdict(self) -> str:
        said = f"The run says: {self.answered}."
        if self.answered not in self.choices:
            return f"{said} {NO_CHOICE}"
        if self.choice is None:
            return said
        return f"{said} You predicted {self.choice}{': right.' if self.choice == self.answered else '.'}"

    def __repr__(self) -> str:
        return "\n".join([f"Predict: {self.question}", *(f"  ( ) {choice}" for choice in self.choices)])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        text = {"text/plain": repr(self)}
        if kernel() is None:
            return text
        self._panel = Panel(self)
        return {**(self._panel.box._repr_mimebundle_() or {}), **text}


class Panel:
    """The question as widgets: one choice, and a button that locks it."""

    def __init__(self, prediction: Prediction) -> None:
        with extra("course"):
            import ipywidgets

        self._prediction = prediction
        question = ipywidgets.HTML(f"<b>Predict:</b> {marked(prediction.question)}")
        self._choices = ipywidgets.RadioButtons(
            options=prediction.choices, value=prediction.choice, layout={"width": "max-content"}
        )
        self._button = ipywidgets.Button(description="Lock my answer", tooltip="It cannot be changed afterwards")
        self._said = ipywidgets.HTML()
        self.box = ipywidgets.VBox([question, self._choices, self._button, self._said])
        self._button.on_click(self._lock)
        self._choices.observe(lambda _: self.refresh(), "value")
        self.refresh()

    def _lock(self, _: Any) -> None:
        if self._choices.value is not None:
            self._prediction.lock(self._choices.value)
        self.refresh()

    def refresh(self) -> None:
        """Show the state of the prediction."""
        prediction = self._prediction
        over = prediction.choice is not None or prediction.answered is not None
        self._choices.disabled = over
        self._button.disabled = over or self._choices.value is None
        if prediction.answered is not None:
            self._said.value = marked(prediction.verdict())
        elif over:
            self._said.value = "Locked. Run the next cells: they give the answer."
        else:
            self._said.value = "Choose one, and lock it before you run the next cell."


def predict(question: str, choices: Sequence[str]) -> Prediction:
    """Ask before the run. Shows the question, and returns the prediction: ``guess.answer(value)`` gives the answer.

    An answer that was locked stays locked in this kernel, also when the cell is run again. Without a front end the
    question is text. Raises ValueError for fewer than two choices, or two that are the same.
    """
    if len(choices) < 2 or len(set(choices)) != len(choices):
        raise ValueError("a prediction needs two choices or more, all different")
    prediction = Prediction(question, choices)
    if kernel() is None:
        print(prediction)
    else:
        from IPython.display import display

        display(prediction)  # type: ignore[no-untyped-call]
    return prediction


def marked(text: str) -> str:
    """Text as HTML, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
