"""`predict()`: a question before the run, and the run's own answer after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..extras import extra
from ..lab.kernel import kernel
from . import progress_file

if TYPE_CHECKING:
    from .question import Question

NO_CHOICE = "That was none of the choices."  # the lesson's own mistake: its tests look for these words

_locked: dict[str, str] = {}  # question -> what this kernel's learner said


class Prediction:
    """A question with its choices. `choice` is what the learner has locked, None until then."""

    def __init__(self, question: str, choices: Sequence[str]) -> None:
        self.question = question
        self.choices = list(choices)
        self.answered: str | None = None
        self._question: Question | None = None

    @property
    def choice(self) -> str | None:
        return _locked.get(self.question)

    def lock(self, choice: str) -> None:
        """The learner says `choice`; the first word counts, and none does once the answer is known."""
        if self.choice is None and self.answered is None and choice in self.choices:
            _locked[self.question] = choice

    def answer(self, value: object) -> None:
        """Print the question, what the run has measured, and how the prediction did. `value`, as text, is a choice.

        A choice that was made and not locked counts as well. The question comes first, because its line is what
        JupyterLab shows of an output that is folded, as those of answers are in a saved lesson.
        """
        if self._question is not None:
            self.lock(self._question.chosen)
        self.answered = str(value)
        print(self.question.replace("`", ""))
        print(self.verdict())
        if self.choice is not None:
            progress_file.predicted(self.question, self.choice == self.answered)
        if self._question is not None:
            self._question.show()

    def words(self) -> str:
        """What stands under the question."""
        if self.answered is not None:
            return self.verdict()
        if self.choice is not None:
            return "Locked. Run the next cells: they give the answer."
        return "Choose one before you run the next cell."

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
        with extra("course"):
            from .question import Question

        self._question = Question(self)
        data, _metadata = self._question._repr_mimebundle_() or ({}, {})
        return {**data, **text}


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
