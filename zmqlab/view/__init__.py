"""Pictures of a trace: the live widget, and SVG and text for notebooks that are read without a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .picture import Picture  # before picture() below, which then is what `zmqlab.view.picture` means

if TYPE_CHECKING:
    from ..trace import Trace
    from .control import Control
    from .widget import FlowView

__all__ = ["picture", "view"]


def view(trace: Trace, title: str = "trace", live: bool = True, control: Control | None = None) -> FlowView:
    """A live view of `trace` for the output of a notebook cell.

    Running the same cell again closes the view it made before. `end()` stops following the trace and leaves the
    picture; `close()` takes the picture away too. `live=False`: nothing more will happen, and the view says so.
    With a `control` the view has buttons that steer the lab.
    """
    from .widget import FlowView  # loaded here: SVG and text do without anywidget

    return FlowView.for_cell(trace, title, live, control)


def picture(trace: Trace, title: str = "trace") -> Picture:
    """The trace as it is now: an SVG and a readable transcript, made for saved notebooks."""
    return Picture(trace, title)
