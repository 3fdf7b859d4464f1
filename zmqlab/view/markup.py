"""Text that goes into XML and HTML: it stays text, whatever a payload or a name holds."""

from __future__ import annotations

from html import escape


def words(text: str) -> str:
    """Text for XML: no markup, and a stand-in for what XML cannot hold or what would turn the line around."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in text))
