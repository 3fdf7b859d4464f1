"""`Questions`: some in the output of a cell, each answered by one click, as a widget. Its keys stay the notebook's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anywidget
import traitlets

from .bank import Shown
from .question import STATIC

OPEN = -1


class Questions(anywidget.AnyWidget):
    """`answers` has the place of the choice that was made for each question, or `OPEN`.

    The browser knows what is right, so that it can say so at once: the kernel may be at work. `answered` is told each
    question and whether it was answered right, once, when the kernel comes to it. With `counted` it says below how many
    were right, and what to read again.
    """

    _esm = STATIC / "recall.js"
    _css = STATIC / "recall.css"
    questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    counted = traitlets.Bool(False).tag(sync=True)
    answers = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, asked: Sequence[Shown], answered: Callable[[str, bool], None], counted: bool = False) -> None:
        super().__init__(questions=[one._asdict() for one in asked], answers=[OPEN] * len(asked), counted=counted)
        self._asked = asked
        self._answered = answered
        self.observe(self._heard, "answers")

    def _heard(self, change: Any) -> None:
        for asked, old, new in zip(self._asked, change.old, change.new, strict=True):
            if old == OPEN != new:
                self._answered(asked.question, new == asked.right)
