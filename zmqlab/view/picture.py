"""`Picture`: what a saved notebook shows of a run, with and without trust, with and without a kernel.

JupyterLab 4.6 and Notebook 7.6 draw saved SVG in a notebook that they trust alone, and a notebook that somebody has
downloaded is not trusted. What they take from it is HTML without scripts, in which an image may be a data URL: so the
same SVG stands in an ``<img>`` as well. (Tried in both, in Chromium. A PNG is shown too, but would need a library to
draw it, has no second look for the dark, and its words cannot be searched.) An image of SVG follows the
``color-scheme`` of the page around it, which Jupyter sets with its theme, so the picture is dark where the notebook is.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..trace.trace import Trace
from .markup import words
from .svg import tally, to_svg
from .text import to_text

PLAIN = " !$'()*+,-./:;=?@[]^_`{|}~"  # what may stand in an attribute and in a data URL as it is


class Picture:
    """A trace as SVG and as a transcript, both fixed at the time of making.

    As the value of a cell it gives ``text/html`` with the SVG as an image, ``image/svg+xml`` for what takes no HTML,
    and ``text/plain``.
    """

    def __init__(self, trace: Trace, title: str = "trace") -> None:
        self.svg = to_svg(trace, title)
        self.text = to_text(trace)
        self.html = f'<img alt="{words(f"{title}: {tally(trace)}")}" src="data:image/svg+xml,{quote(self.svg, PLAIN)}">'

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": self.text}
