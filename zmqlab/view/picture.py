"""`Picture`: what a saved notebook shows of a run, with and without trust, with and without a kernel."""

from __future__ import annotations

from typing import Any

from ..trace.trace import Trace
from .svg import to_svg
from .text import to_text


class Picture:
    """A trace as SVG and as a transcript, both fixed at the time of making.

    As the value of a cell it gives ``image/svg+xml`` and ``text/plain``.
    """

    def __init__(self, trace: Trace, title: str = "trace") -> None:
        self.svg = to_svg(trace, title)
        self.text = to_text(trace)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": self.text}
