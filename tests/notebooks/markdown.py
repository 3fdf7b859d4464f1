"""The little of Markdown that the rules need: headings, links and images outside of code."""

from __future__ import annotations

import re
from typing import NamedTuple

from nbformat import NotebookNode

FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)
LINK = re.compile(r"(!?)\[((?:!\[[^\]]*\]\([^)]*\)|[^\]])*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
HTML_ANCHOR = re.compile(r"<a\b[^>]*\b(?:id|name)=[\"']([^\"']+)[\"']", re.IGNORECASE)


class Heading(NamedTuple):
    level: int
    text: str


class Link(NamedTuple):
    """``[text](target)``; an image where `image` is true, and then `text` is its alternative text."""

    image: bool
    text: str
    target: str


def prose(markdown: str) -> str:
    """The text without blocks of code."""
    return FENCE.sub("", markdown)


def headings(markdown: str) -> list[Heading]:
    return [Heading(len(marks), text) for marks, text in HEADING.findall(prose(markdown))]


def links(markdown: str) -> list[Link]:
    """Links and images; an image inside a link's text (a badge) comes after its link."""
    found: list[Link] = []
    for mark, text, target in LINK.findall(INLINE_CODE.sub("", prose(markdown))):
        found.append(Link(mark == "!", text, target))
        if not mark:
            found += links(text)
    for tag in HTML_IMAGE.findall(prose(markdown)):
        alt = re.search(r"\balt=[\"']([^\"']*)[\"']", tag)
        source = re.search(r"\bsrc=[\"']([^\"']*)[\"']", tag)
        found.append(Link(True, alt[1] if alt else "", source[1] if source else ""))
    return found


def words(markdown: str) -> int:
    """Words a reader reads: no code blocks, no addresses, no HTML tags; and a picture is seen, or told in its words."""
    text = LINK.sub(lambda match: "" if match[1] else match[2], prose(markdown))
    text = re.sub(r"<[^>]+>", " ", text)
    return sum(1 for word in text.split() if re.search(r"\w", word))


def anchors(markdown: str, *, github: bool) -> set[str]:
    """What ``#…`` may name: explicit anchors, and headings as GitHub (.md) or JupyterLab (.ipynb) names them."""
    names = set(HTML_ANCHOR.findall(markdown))
    for heading in headings(markdown):
        text = re.sub(r"[`*]", "", LINK.sub(lambda match: match[2], heading.text))
        if github:
            text = re.sub(r"[^\w\- ]", "", text.lower())
        names.add(text.replace(" ", "-"))
    return names


def markdown_of(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
