"""`Findings`: the history of a graded run beside its view, as a widget. Each moment that it names is a button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
import ipywidgets
import traitlets

from ..question import STATIC
from .history import Line
from .report import NO_FAULTS, Report
from .words import moments, unanswered


class Findings(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The words, and below them the view, which a click on a moment leads to that moment. Text where there is no front
    end."""

    def __init__(self, report: Report, worst: int) -> None:
        self._text = report.history(worst)
        self._view = report.view()
        self._told = Told(told(report, worst), self._view.seek)
        super().__init__([self._told, self._view])

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        shown = super()._repr_mimebundle_(**options)
        return {**shown, "text/plain": self._text}


def findings(report: Report, worst: int = 5) -> Findings:
    """What `history` tells of a run, and its view: each moment that it names is a button, which shows it there."""
    return Findings(report, worst)


class Told(anywidget.AnyWidget):
    """Paragraphs of moments. `go` is told the seconds of one that was clicked, when the kernel comes to it.

    A paragraph is ``{"title": str, "moments": [{"at": seconds, "text": str}, …], "end": str}``.
    """

    _esm = STATIC / "findings.js"
    _css = STATIC / "findings.css"
    paragraphs = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, paragraphs: Sequence[dict[str, Any]], go: Any) -> None:
        super().__init__(paragraphs=list(paragraphs))
        self._go = go
        self.on_msg(self._heard)

    def _heard(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("at"), (int, float)):
            self._go(float(content["at"]))


def told(report: Report, worst: int) -> list[dict[str, Any]]:
    """The faults, and then each of the worst requests."""
    marks = report.events.marks
    faults = _paragraph(report.name, [(mark.at, mark.text) for mark in marks], "" if marks else NO_FAULTS)
    return [faults, *map(_of_line, report.worst(worst))]


def _of_line(line: Line) -> dict[str, Any]:
    return _paragraph(str(line.request), moments(line), unanswered(line))


def _paragraph(title: str, told: Sequence[tuple[float, str]], end: str) -> dict[str, Any]:
    return {"title": title, "moments": [{"at": at, "text": text} for at, text in told], "end": end}
