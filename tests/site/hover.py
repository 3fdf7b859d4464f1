"""A Sphinx extension: the first time that a page uses a word of the glossary, its meaning shows on hover."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from tests.notebooks.paths import ROOT

GLOSSARY = ROOT / "notebooks" / "glossary.md"
ROW = re.compile(r"^\| (?P<words>[^|]+) \| (?P<meaning>.+) \|$", re.MULTILINE)
APART_PAGES = {"notebooks/glossary", "docs/api"}
APART = (nodes.reference, nodes.literal, nodes.title, nodes.literal_block, nodes.raw, nodes.abbreviation)


@cache
def meanings() -> dict[str, str]:
    """Each word of the glossary, and what it means."""
    rows = list(ROW.finditer(GLOSSARY.read_text(encoding="utf-8")))[1:]  # the first is the heading
    plain = {row["words"]: re.sub(r"[`*]|\]\([^)]*\)|\[", "", row["meaning"]) for row in rows}
    return {word: meaning for words, meaning in plain.items() for word in words.split(", ") if word != "---"}


@cache
def pattern() -> re.Pattern[str]:
    longest_first = sorted(meanings(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])")


class Hover(SphinxPostTransform):
    """Words in running text alone: not in code, links and headings, nor in the glossary itself and the reference."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        if self.env.docname in APART_PAGES:
            return
        seen: set[str] = set()
        for text in list(self.document.findall(nodes.Text)):
            paragraph = text.parent
            if isinstance(paragraph, nodes.paragraph) and not _is_apart(paragraph):
                paragraph.replace(text, _marked(text.astext(), seen))


def _is_apart(node: nodes.Node | None) -> bool:
    while node is not None:
        if isinstance(node, APART):
            return True
        node = node.parent
    return False


def _marked(text: str, seen: set[str]) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    end = 0
    for match in pattern().finditer(text):
        word = match.group(1)
        if word not in seen:
            seen.add(word)
            found += [
                nodes.Text(text[end : match.start()]),
                nodes.abbreviation(word, word, explanation=meanings()[word]),
            ]
            end = match.end()
    return [*found, nodes.Text(text[end:])]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(Hover)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
