"""How a value of the learner's is shown in a verdict: short, whatever it is."""

from __future__ import annotations

from typing import Any

LONGEST = 600  # characters


def shown(value: Any) -> str:
    """Its repr."""
    if isinstance(value, (bytes, bytearray, str)) and len(value) > LONGEST:  # without the repr of all of it
        what = "characters" if isinstance(value, str) else "bytes"
        return f"{value[: LONGEST // 4]!r}… ({len(value):,} {what})"
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        inside = ", ".join(shown(each) for each in value[:LONGEST])
        return short(f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})")
    try:
        return short(repr(value))
    except Exception as error:
        return f"a {type(value).__name__} whose repr() raises {type(error).__name__}"


def short(text: str) -> str:
    """The beginning of a long text, and how long it is."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
