"""Pictures of a trace: the live widget, and what can be kept: an HTML page that plays, and SVG and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..extras import extra
from .html import to_html
from .picture import Picture  # before picture() below, which then is what `zmqlab.view.picture` means

if TYPE_CHECKING:
    from ..trace.reading import Decode, Label, Roles
    from ..trace.trace import Trace
    from .control import Control
    from .widget import FlowView

__all__ = ["picture", "to_html", "view"]


def view(
    trace: Trace,
    title: str = "trace",
    live: bool = True,
    control: Control | None = None,
    *,
    label: Label | None = None,
    roles: Roles | None = None,
    decode: Decode | None = None,
    where: Literal["here"] | None = None,
    at: float | None = None,
) -> FlowView:
    """A live view of `trace`: in a panel beside the notebook where the front end has panels, else in the cell.

    JupyterLab has: the panel shows the view that was made last, and the cell says so. Elsewhere, and with
    ``where="here"``, the view stands in the output of its cell. A person who chooses another place keeps it.

    Running the same cell again closes the view it made before. `end()` stops following the trace and leaves the
    picture; `close()` takes the picture away too. `live=False`: nothing more will happen, and the view says so.
    A trace that was loaded from a file is never live: the view says that it is a recording.
    With a `control` the view has buttons that steer the lab.

    `label` says what stands on a message: a function of the `Message` (None: the usual), or the index of a frame.
    `roles` says what the frames are for: the names of the last ones in order (``["correlation id", "payload"]``),
    names by index (``{-2: "correlation id"}``), or a function of the message that returns one of these. `decode` says
    in words what is in the frames, where a message is looked at: a function of their bytes, as the sender gave them.
    All hold from then on for every picture of this trace, the HTML page and the SVG too. An error in one of them is
    told, and the message is shown as usual.

    With `at` the view stands still at that moment, in seconds as it counts them; `seek` on the view goes to another.
    """
    with extra("lab"):
        from .widget import FlowView  # loaded here: SVG and text do without anywidget

    trace.read(label, roles, decode)
    return FlowView(trace, title, live, control, where, at).in_place_of_earlier()


def picture(trace: Trace, title: str = "trace") -> Picture:
    """The trace as it is now: an SVG and a readable transcript, made for saved notebooks."""
    return Picture(trace, title)
