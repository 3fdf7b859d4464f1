"""`predict()`: a question before the run, and the run's own answer after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..extras import extra
from ..lab.kernel import kernel
from ..lab.printed import filled
from . import progress_file

if TYPE_CHECKING:
    from .question import Question

NO_CHOICE = "That was none of the choices."  # the lesson's own mistake: its tests look for these words

CHOICES = 3
"""At least so many: of two, the one that sounds worse is a good guess without a thought."""


class Said(NamedTuple):
    """What the learner has locked: a choice, and a reason of their own, or ""."""

    choice: str
    because: str = ""


_locked: dict[str, Said] = {}  # question -> what this kernel's learner said
_first: dict[str, str] = {}  # question -> what the lesson's own run has answered, before anybody changed a line of it


class Prediction:
    """A question with its choices, each with why one could think so."""

    def __init__(self, question: str, choices: Mapping[str, str]) -> None:
        self.question = question
        self.choices = dict(choices)
        self.answered: str | None = None
        self._question: Question | None = None

    @property
    def said(self) -> Said | None:
        """What the learner has locked, None until then."""
        return _locked.get(self.question)

    def lock(self, choice: str, because: str = "") -> None:
        """The learner says `choice`; the first word counts, and none does once the answer is known."""
        if self.said is None and self.answered is None and choice in self.choices:
            _locked[self.question] = Said(choice, because.strip())

    def answer(self, value: object) -> None:
        """Print the question, what the run has measured, and how the prediction did. `value`, as text, is a choice.

        A choice that was made and not locked counts as well. The question comes first, because its line is what
        JupyterLab shows of an output that is folded, as those of answers are in a saved lesson.

        The reasons are for the run as the lesson has it. Where another answer comes later, somebody has changed a line:
        then it is said what was and what is, and not why one could have thought so.
        """
        if self._question is not None:
            self.lock(self._question.chosen, self._question.because)
        self.answered = str(value)
        if self.answered in self.choices:
            _first.setdefault(self.question, self.answered)
        print(_plain(self.question))
        print(_narrow(self.verdict()))
        if self.said is not None and _first.get(self.question) == self.answered:
            progress_file.predicted(self.question, self.said.choice == self.answered)
        if self._question is not None:
            self._question.show()

    def words(self) -> str:
        """What stands under the question."""
        if self.answered is not None:
            return self.verdict()
        if self.said is not None:
            return "Locked. Run the next cells: they give the answer."
        return "Choose one before you run the next cell."

    def verdict(self) -> str:
        """What the run says, and why; then, line by line, what the learner said."""
        if self.answered not in self.choices:
            return f"The run says {self.answered}.\n{NO_CHOICE}"
        first = _first.get(self.question, self.answered)
        if self.answered != first:
            return _plain(f"The run says {self.answered} now. It said {first} before something was changed.")
        right = self.said is not None and self.said.choice == self.answered
        lines = [f"The run says {self._with_reason(self.answered, ', as you predicted' if right else '')}"]
        if self.said is not None and not right:
            lines.append(f"You predicted {self._with_reason(self.said.choice)}")
        if self.said is not None and self.said.because:
            lines.append(f"Your reason: {self.said.because}")
        return "\n".join(lines)

    def _with_reason(self, choice: str, more: str = "") -> str:
        return _plain(f"{choice}{more}: {self.choices[choice].rstrip('.')}.")

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


def predict(question: str, choices: Mapping[str, str]) -> Prediction:
    """Ask before the run. Shows the question, and returns the prediction: ``guess.answer(value)`` gives the answer.

    `choices` are ``{choice: why one could think so}``: the reason of the right choice, and of the learner's own, is
    read when the run has answered, and not before. What was locked stays locked in this kernel, also when the cell is
    run again. Without a front end the question is text.

    Raises ValueError for fewer than three choices, and for one without a reason; TypeError for choices without any.
    """
    if not isinstance(choices, Mapping):
        raise TypeError("give each choice its reason: predict(question, {choice: why one could think so, …})")
    if len(choices) < CHOICES or not all(reason.strip() for reason in choices.values()):
        raise ValueError(f"a prediction needs {CHOICES} choices or more, and for each why one could think so")
    prediction = Prediction(question, choices)
    if kernel() is None:
        print(prediction)
    else:
        from IPython.display import display

        display(prediction)  # type: ignore[no-untyped-call]
    return prediction


def _narrow(text: str) -> str:
    """Broken between words where code is: JupyterLab breaks what is printed in the middle of one."""
    return "\n".join("\n".join(filled(line)) for line in text.split("\n"))


def _plain(text: str) -> str:
    """Without the marks of code, which a printed line does not show."""
    return text.replace("`", "")
