"""How a drawing looks on a dark page: for each colour that it is drawn with, the one in its place.

The elements keep the colours of a light page as attributes, so a program that knows nothing of style sheets draws
that one.
"""

from __future__ import annotations

from .shapes import AMBER, FAINT, GROUND, HUNG, INK, RED, SOFT

TINTS = ("#8ea9f6", "#f3a416", "#29d4a8", "#d578a1", "#08d7ff", "#ecc305", "#61bebe", "#d19857")  # as in flow.css
DARK = {
    GROUND: "#14181d",
    INK: "#e4e9ee",
    SOFT: "#a3b1bf",
    FAINT: "#3a4651",
    RED: "#ff8a7a",
    AMBER: "#f2a65a",
    HUNG: "#32251a",
}


def style(root: str, drawing: str, tints: tuple[str, ...]) -> str:
    """The style sheet for the colours in `drawing`, an element of the class `root`; `tints` are those of a light page.

    It holds for that element alone: in a page that the drawing is a part of, a sheet holds for all that is there.
    """
    dark = {**DARK, **dict(zip(tints, TINTS, strict=True))}
    rules = [
        f".{root} [{part}='{light}']{{{part}:{other}}}"
        for light, other in dark.items()
        for part in ("fill", "stroke")
        if f'{part}="{light}"' in drawing
    ]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
