"""What the buttons of a view can do: the view's side of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Control(Protocol):
    """Steers the lab that a view shows."""

    def do(self, command: dict[str, Any], tell: Callable[[str], Any]) -> None:
        """Have a command of the browser carried out; returns at once, on whatever thread it was called.

        ``{"action": name}`` for the whole lab, with ``"actor": name`` or ``"link": [name, name]`` for a part of it,
        ``"message": id`` for step, ``"seconds": number`` for latency. `tell` hears, in words, why it could not be
        done. What has been done shows in the trace.
        """
        ...
