"""`FlowView`: the live picture of a trace in a notebook.

The kernel's main thread may be busy for as long as a lesson runs, so nothing here waits for a word of the browser.
A new view first travels as a trait (`snapshot`), which no late listener can miss; batches (`msg:custom`) follow once
the browser has said hello, or after a while in any case, and then the trait is renewed now and then.
"""

from __future__ import annotations

import pathlib
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import anywidget
import traitlets
from IPython import get_ipython

from ..trace import forks
from ..trace.trace import Trace
from .control import Control
from .feed import Batch, Feed, written
from .flusher import shared

STATIC = pathlib.Path(__file__).parent / "static"
GRACE = 3.0  # seconds until batches are sent to a browser that has not answered
RENEWAL = 5.0  # seconds between two snapshots for such a browser
PATIENCE = 8  # a snapshot that was costly is followed by a pause of so many times its cost
SNAPSHOT = 2_000  # messages that a snapshot of what goes on holds; a browser that says hello gets the others

_by_cell: dict[str, tuple[str, list[FlowView]]] = {}  # cell id -> the run of that cell, and its views
_by_cell_lock = threading.RLock()


def _anew() -> None:
    """The browser hears the parent."""
    global _by_cell_lock
    _by_cell_lock = threading.RLock()
    _by_cell.clear()


forks.call(_anew)


class FlowView(anywidget.AnyWidget):
    """A live view of one trace: stage, space-time diagram, inspector.

    >>> FlowView(trace, "demo")
    <zmqlab view of 'demo'>
    """

    _esm = STATIC / "flow.js"
    _css = STATIC / "flow.css"
    title = traitlets.Unicode().tag(sync=True)
    live = traitlets.Bool(True).tag(sync=True)
    recorded = traitlets.Bool(False).tag(sync=True)
    steerable = traitlets.Bool(False).tag(sync=True)
    where = traitlets.Enum(["", "here"], "").tag(sync=True)
    at = traitlets.Float(None, allow_none=True).tag(sync=True)  # the moment to stand at, in the trace's seconds
    born = traitlets.Float().tag(sync=True)  # seconds since 1970: of two views, the panel shows the one made last
    snapshot = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        title: str = "trace",
        live: bool = True,
        control: Control | None = None,
        where: Literal["here"] | None = None,
        at: float | None = None,
    ) -> None:
        self._control = control
        self._flushing = threading.RLock()
        self._greeted = False  # a browser has said hello
        self._cost = 0.0  # seconds of work that a snapshot takes
        self._words: list[str] = []  # to be told
        self._unheard = False  # batches were sent that perhaps nobody heard
        self._request: int | None = None  # the revision that a browser says it has
        self._born = self._renewed = time.monotonic()
        live = live and not trace.recorded
        self._feed = Feed(trace, over=not live)
        super().__init__(
            title=title,
            live=live,
            recorded=trace.recorded,
            steerable=live and control is not None,
            where=where or "",
            at=at,
            born=time.time(),
            snapshot=_packed(self._feed.everything(SNAPSHOT if live else None)),
        )
        self.on_msg(self._on_message)
        if live:
            shared.add(self)

    def in_place_of_earlier(self) -> FlowView:
        """The same; the views that an earlier run of its notebook cell made are closed."""
        cell, run = _where()
        with _by_cell_lock:
            old_run, views = _by_cell.get(cell, ("", []))
            stale, kept = (views, []) if run != old_run else ([], views)
            if cell:
                _by_cell[cell] = run, [*kept, self]
        for old in stale:
            old.close()
        return self

    def __repr__(self) -> str:
        return f"<zmqlab view of {self.title!r}>"

    def seek(self, seconds: float) -> None:
        """Stand still at that moment, in seconds as the view counts them; a view that was put away comes back."""
        self.at = None  # so that the same moment is news once more: the person may have gone elsewhere since
        self.at = seconds

    def flush(self) -> None:
        """Tell the browser what is new. The flusher thread calls this ten times a second."""
        with self._flushing:
            if self.comm is None:
                shared.remove(self)
                return
            while self._words:
                self.send({"type": "refused", "text": self._words.pop(0)})
            asked, self._request = self._request, None
            if asked is not None and (asked != self._feed.position or self._feed.cut):
                self.send(self._feed.everything())
            else:
                self._tell()
            if not self.live:
                shared.remove(self)

    def end(self) -> None:
        """Deliver what is left and follow the trace no longer; the picture stays. Idempotent."""
        with self._flushing:
            if not self.live or self.comm is None:
                return
            self._tell(last=True)
            self.live = self.steerable = False
            shared.remove(self)

    def close(self) -> None:
        """End the view and take it out of the notebook. Idempotent."""
        with self._flushing:
            if self.comm is None:
                return
            self.end()
            shared.remove(self)
            layout = self.layout
            super().close()
            layout.close()  # ipywidgets made it along with the view, and would keep it
        with _by_cell_lock:
            for cell, (_run, views) in list(_by_cell.items()):
                if self in views:
                    views.remove(self)
                    if not views:
                        del _by_cell[cell]

    def _tell(self, last: bool = False) -> None:
        now = time.monotonic()
        if not self._greeted and (last or now < self._born + GRACE):
            rested = now > self._renewed + PATIENCE * self._cost
            if (self._feed.stale() or self._unheard) and (rested or last):
                self._renew(self._feed.everything)
            return
        if batch := self._feed.news():
            self._unheard = not self._greeted
            self.send(batch)
        if self._unheard and not self._greeted and now > self._renewed + RENEWAL:
            self._renew(self._feed.snapshot)

    def _renew(self, make: Callable[[int], Batch]) -> None:
        """Everything as a trait: it is there whenever the browser comes to look."""
        began = time.thread_time()
        self._renewed, self._unheard = time.monotonic(), False
        self.snapshot = _packed(make(SNAPSHOT))
        self._cost = time.thread_time() - began

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        # May run on any thread, by ipykernel version: leave a word for the flusher or the control and return.
        if not isinstance(content, dict):
            return
        if content.get("type") == "do" and self.steerable and self._control is not None:
            self._control.do(content, self._say)
        elif content.get("type") == "hello":
            self._greeted = True
            self._request = content.get("have")
            shared.add(self)

    def _say(self, text: str) -> None:
        """Tell the person in front of the browser. From any thread: the flusher sends it."""
        self._words.append(text)


def _packed(batch: Batch) -> dict[str, Any]:
    """As one run of bytes, which travels as it is: a browser that has missed nothing need not look into it."""
    return {"upto": batch["upto"], "json": written(batch)}


def _where() -> tuple[str, str]:
    """The notebook cell that is running and the id of this run of it; empty where there is none."""
    shell = get_ipython()
    parent = getattr(shell, "parent_header", None) or {}
    if hasattr(shell, "get_parent"):
        parent = shell.get_parent() or {}
    cell = (parent.get("metadata") or {}).get("cellId") or ""
    run = (parent.get("header") or {}).get("msg_id") or ""
    return cell, run
