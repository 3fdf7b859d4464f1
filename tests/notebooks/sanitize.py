"""The patterns nbval applies to outputs before it compares them, for the other comparisons made here."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

CONFIG = Path(__file__).with_name("sanitize.cfg")


@cache
def patterns() -> list[tuple[str, str]]:
    """(regex, replacement) in the order of the file, read as nbval reads it."""
    text = CONFIG.read_text(encoding="utf-8")
    return re.findall("^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)


def sanitize(text: str) -> str:
    for regex, replacement in patterns():
        text = re.sub(regex, replacement, text)
    return text
