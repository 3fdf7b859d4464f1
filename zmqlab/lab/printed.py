"""What a learner is told is read beside a view, where half a window shows as much of a line as a lesson's code has.

JupyterLab breaks a longer line in the middle of a word.
"""

from __future__ import annotations

import textwrap

WIDTH = 62  # characters of a line


def filled(text: str, first: str = "", further: str = "") -> list[str]:
    """Lines broken between words, and never within one: it may be a path, or a command. `first` stands before the first
    line, and `further` before each other one."""
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
    return lines or [first.rstrip()]
