"""The structure of a saved SVG: how many elements of each sort it has, and the words in it.

Positions may differ from run to run and from release to release; what is drawn may not.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple
from xml.etree import ElementTree

from tests.notebooks.sanitize import sanitize

SVG, HTML = "image/svg+xml", "text/html"


def comparable(data: dict[str, Any]) -> dict[str, object]:
    """Each form of an output as it is compared; the HTML of a picture is its SVG once more, as an image."""
    said = {kind: sanitize(str(value)) for kind, value in data.items()}
    if SVG not in data:
        return dict(said)
    picture = {SVG: structure(data[SVG])}
    return {**said, **picture, **({HTML: "<img>"} if HTML in data and data[HTML].startswith("<img ") else {})}


class Structure(NamedTuple):
    """`elements` counts "tag.class"; `texts` are the labels, sorted: what two threads do at the same time is drawn in
    the order of the clock."""

    elements: dict[str, int]
    texts: tuple[str, ...]


def structure(svg: str) -> Structure:
    """Raises xml.etree.ElementTree.ParseError where the picture is not well-formed."""
    elements: Counter[str] = Counter()
    texts: list[str] = []
    for element in ElementTree.fromstring(svg).iter():
        tag = element.tag.rpartition("}")[2]
        elements[".".join([tag, *element.get("class", "").split()])] += 1
        words = "".join(element.itertext()).strip() if tag in ("text", "title") else ""
        if words:
            texts.append(sanitize(words))
    return Structure(dict(elements), tuple(sorted(texts)))


def difference(saved: Structure, fresh: Structure) -> list[str]:
    """One line for each sort of element or label that only one of the two has, or has more of."""
    lines = []
    for name in sorted(saved.elements.keys() | fresh.elements.keys()):
        old, new = saved.elements.get(name, 0), fresh.elements.get(name, 0)
        if old != new:
            lines.append(f"<{name}>: saved {old}, now {new}")
    only_saved = Counter(saved.texts) - Counter(fresh.texts)
    only_fresh = Counter(fresh.texts) - Counter(saved.texts)
    lines += [f"label {text!r}: only in the saved picture" for text in only_saved]
    lines += [f"label {text!r}: only in the new picture" for text in only_fresh]
    return lines
