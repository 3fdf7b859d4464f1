"""`Question`: a prediction in the output of a cell, as a widget. Its keys stay the notebook's."""

from __future__ import annotations

import pathlib
from collections.abc import Collection
from typing import Any, Protocol

import anywidget
import traitlets

STATIC = pathlib.Path(__file__).parent / "static"


class Asked(Protocol):
    """What is asked, and what was said."""

    question: str
    answered: str | None

    @property
    def choices(self) -> Collection[str]: ...

    @property
    def said(self) -> tuple[str, str] | None: ...

    def lock(self, choice: str, because: str) -> None: ...

    def words(self) -> str: ...


class Question(anywidget.AnyWidget):
    """Choices, a line for a reason of one's own, and a button that locks both.

    `chosen` is what the learner points at, locked or not, "" for nothing. Why one could think so is not here: nobody
    reads it before the run.
    """

    _esm = STATIC / "predict.js"
    _css = STATIC / "predict.css"
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    because = traitlets.Unicode().tag(sync=True)
    over = traitlets.Bool(False).tag(sync=True)  # it can be changed no longer
    words = traitlets.Unicode().tag(sync=True)

    def __init__(self, asked: Asked) -> None:
        super().__init__(question=asked.question, choices=list(asked.choices))
        self._asked = asked
        self.show()
        self.observe(self._locked, "over")

    def show(self) -> None:
        """The state of the prediction."""
        asked = self._asked
        self.over = asked.said is not None or asked.answered is not None
        self.chosen, self.because = asked.said or (self.chosen, self.because)
        self.words = asked.words()

    def _locked(self, _: Any) -> None:
        if self.over and self._asked.said is None:
            self._asked.lock(self.chosen, self.because)
            self.show()
