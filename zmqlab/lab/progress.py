"""One line that says what a cell is waiting for, once it has waited two seconds."""

from __future__ import annotations

import sys
import time

from .kernel import kernel

PATIENCE = 2.0  # seconds without a word
EVERY = 0.5  # seconds between updates


class Progress:
    """``with Progress() as progress: ... progress.say("waiting for alice")``, called as often as you like.

    `stops` says what the stop button ends.

    In a notebook that a person is looking at the line is an output of its own, replaced as time goes on; in a
    terminal it is written to stderr. A notebook run by a program (nbval, nbconvert) gets no line: its output must
    not depend on how fast the machine is.
    """

    def __init__(self, stops: str = "the wait, not the actors") -> None:
        self._stops = stops
        self._began = self._told = time.monotonic()
        self._handle: object = None
        self._text = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._text:
            self._show(f"waited {time.monotonic() - self._began:.1f} s", last=True)

    def say(self, text: str) -> None:
        now = time.monotonic()
        if now - self._began >= PATIENCE and now - self._told >= EVERY:
            self._told = now
            self._text = text
            self._show(f"{text} … {now - self._began:.0f} s (the stop button ends {self._stops})")

    def _show(self, text: str, last: bool = False) -> None:
        if _person_at_notebook():
            from IPython.display import display, update_display

            data = {"text/plain": text}
            if self._handle is None:
                self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
            else:
                update_display(data, raw=True, display_id=self._handle.display_id)  # type: ignore
        elif sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K" + text + ("\n" if last else ""))
            sys.stderr.flush()


def tell(text: str) -> None:
    """One such line, at once, to the same persons."""
    Progress()._show(text, last=True)


def _person_at_notebook() -> bool:
    """A front end that can ask for input has a person; nbval and nbclient send ``allow_stdin: false``."""
    return bool(getattr(kernel(), "_allow_stdin", False))
