"""What can be seen and kept of a run: the same for a lab and for a recording."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ..trace import whole
from ..trace.model import Message
from ..trace.trace import Trace

if TYPE_CHECKING:
    from ..view.picture import Picture


class Viewable(ABC):
    """Something with a name and a trace that may still grow."""

    name: str
    trace: Trace

    @abstractmethod
    def _catch_up(self) -> None:
        """Have in the trace what has happened until now."""

    def messages(self) -> list[Message]:
        """The journeys of all messages, in the order in which they were sent or first seen."""
        self._catch_up()
        return self.trace.in_time()

    def picture(self, last: int | None = None, *, without: bytes | None = None) -> Picture:
        """What happened so far, as a drawing and as a transcript in an order that is the same in every run.

        With `last`, that many messages, the latest ones. ValueError for less than one. Messages whose last frame is
        `without` are left out: how many heartbeats there are, no two runs agree on.
        """
        from ..view import picture

        self._catch_up()
        trace = self.trace if without is None else self.trace.without(without)
        return picture(trace if last is None else trace.last(last), title=self.name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all events as JSON Lines; ``Trace.load(path)`` reads them."""
        self._catch_up()
        self.trace.save(path)

    def svg(self, path: str | os.PathLike[str]) -> None:
        """Write the drawing of `picture` to a file."""
        whole.write(path, self.picture().svg.encode())

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write what happened so far as one HTML page, which plays without a kernel and without a network."""
        from ..view import to_html

        self._catch_up()
        to_html(self.trace, path, title=self.name)
