"""What drawings are made of: a light card, which is readable on a page of any colour, with boxes, frames and arrows.

A word that does not fit into its box, covers another one, or stands beyond the edge is an error: a drawing is made
once, and read by people with other fonts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import drawsvg

from zmqlab.view.labels import width

INK, SOFT, LINE, PAPER = "#1f2328", "#59636e", "#8c959f", "#ffffff"
BLUE, ORANGE, GREEN, RED, VIOLET = "#252ad9", "#9a4a12", "#1a6b5e", "#b3261e", "#7a2a6b"
TINTS = {INK: "#f3f4f6", SOFT: "#f6f8fa", BLUE: "#e8e9fd", ORANGE: "#fcebdd", GREEN: "#dff3ee", RED: "#fde7e5"} | {
    VIOLET: "#f6e6f2"
}
"""Colour of a line -> colour of what it encloses. By habit: clients blue, routers and brokers orange, workers green,
what is lost or wrong red."""

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
SIZE, SMALL, LARGE = 15, 13, 18  # px; smaller is read by nobody
MOST = 760  # px wide: as a cell is, in half a window

Point = tuple[float, float]


class Rect(NamedTuple):
    """A box on the sheet, with the points where arrows meet it."""

    x: float
    y: float
    w: float
    h: float

    @property
    def left(self) -> Point:
        return self.x, self.y + self.h / 2

    @property
    def right(self) -> Point:
        return self.x + self.w, self.y + self.h / 2

    @property
    def top(self) -> Point:
        return self.x + self.w / 2, self.y

    @property
    def bottom(self) -> Point:
        return self.x + self.w / 2, self.y + self.h

    @property
    def centre(self) -> Point:
        return self.x + self.w / 2, self.y + self.h / 2


class Sheet:
    """One drawing. x and y are pixels from the upper left corner; a colour is one of the kit's."""

    def __init__(self, wide: float, high: float) -> None:
        if wide > MOST:
            raise ValueError(f"the drawing is {wide} px wide, and {MOST} are seen beside the view")
        self.size = wide, high
        self._drawing = drawsvg.Drawing(wide, high, font_family=FONT)
        self._drawing.append(drawsvg.Rectangle(0.5, 0.5, wide - 1, high - 1, rx=8, fill=PAPER, stroke="#d1d9e0"))
        self._heads: dict[str, drawsvg.Marker] = {}
        self._words: list[tuple[str, Rect]] = []

    def text(
        self,
        at: Point,
        words: str,
        colour: str = INK,
        *,
        size: float = SIZE,
        anchor: str = "middle",
        bold: bool = False,
    ) -> Rect:
        """One line, centred on the point, or with its "start" or "end" there. Returns what it covers."""
        wide = width(words, size, bold)
        x = at[0] - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        covered = Rect(x, at[1] - size * 0.62, wide, size * 1.24)
        self._claim(words, covered)
        self._drawing.append(
            drawsvg.Text(
                words, size, *at, fill=colour, text_anchor=anchor, font_weight="bold" if bold else "normal",
                dominant_baseline="central",
            )
        )  # fmt: skip
        return covered

    def note(self, at: Point, lines: Iterable[str], colour: str = SOFT, *, anchor: str = "start") -> None:
        """Some lines of small text, the first at the point."""
        for count, line in enumerate(lines):
            self.text((at[0], at[1] + count * SMALL * 1.45), line, colour, size=SMALL, anchor=anchor)

    def box(
        self, x: float, y: float, w: float, h: float, name: str = "", kind: str = "", *, colour: str = INK,
        dashed: bool = False,
    ) -> Rect:  # fmt: skip
        """A program, a counter, a place: its name in it, and in small what kind of thing it is, e.g. "ROUTER"."""
        rect = Rect(x, y, w, h)
        more = {"stroke_dasharray": "5 4"} if dashed else {}
        self._drawing.append(
            drawsvg.Rectangle(x, y, w, h, rx=min(6, h / 5), fill=TINTS[colour], stroke=colour, stroke_width=1.5, **more)
        )
        lines = [(name, SIZE, True)] * bool(name) + [(kind, SMALL, False)] * bool(kind)
        for count, (words, size, bold) in enumerate(lines):
            if width(words, size, bold) > w - 8:
                raise ValueError(f"{words!r} is {width(words, size, bold):.0f} px wide, and its box {w:.0f}")
            self.text((x + w / 2, y + h / 2 + (count - (len(lines) - 1) / 2) * 20), words, colour, size=size, bold=bold)
        return rect

    def frames(
        self, x: float, y: float, frames: Iterable[str | tuple[str, str]], *, high: float = 26, size: float = SMALL
    ) -> Rect:
        """A message as its frames, side by side, each a text or (text, colour); "" is the empty delimiter."""
        start = x
        for each in frames:
            words, colour = each if isinstance(each, tuple) else (each, INK)
            wide = max(width(words, size) + 16, 26)
            self._drawing.append(
                drawsvg.Rectangle(x, y, wide, high, fill=TINTS[colour], stroke=colour, stroke_width=1.2)
            )
            if words:
                self.text((x + wide / 2, y + high / 2), words, colour, size=size)
            x += wide
        return Rect(start, y, x - start, high)

    def arrow(
        self, start: Point, end: Point, words: str = "", *, colour: str = INK, dashed: bool = False, bend: float = 0,
        lost: bool = False, above: bool = True,
    ) -> None:  # fmt: skip
        """From one point to another, bent to the left of its way by `bend` px; `lost` ends it with a cross."""
        (x1, y1), (x2, y2) = start, end
        length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1)
        middle = (x1 + x2) / 2 + bend * (y2 - y1) / length, (y1 + y2) / 2 - bend * (x2 - x1) / length
        more = {"stroke_dasharray": "5 4"} if dashed else {}
        if not lost:
            more["marker_end"] = self._head(colour)
        path = drawsvg.Path(stroke=colour, stroke_width=1.6, fill="none", **more)
        self._drawing.append(path.M(x1, y1).Q(2 * middle[0] - (x1 + x2) / 2, 2 * middle[1] - (y1 + y2) / 2, x2, y2))
        if lost:
            self.cross(end, colour=RED)
        if words:
            self.text((middle[0], middle[1] + (-11 if above else 13)), words, colour, size=SMALL)

    def line(self, start: Point, end: Point, *, colour: str = LINE, dashed: bool = False, wide: float = 1.5) -> None:
        more = {"stroke_dasharray": "5 4"} if dashed else {}
        self._drawing.append(drawsvg.Line(*start, *end, stroke=colour, stroke_width=wide, **more))

    def cross(self, at: Point, *, colour: str = RED, size: float = 7) -> None:
        """Where something ends that was not meant to."""
        for turn in (1, -1):
            start, end = (at[0] - size, at[1] - size * turn), (at[0] + size, at[1] + size * turn)
            self.line(start, end, colour=colour, wide=2.5)

    def person(self, at: Point, name: str = "", *, colour: str = BLUE) -> Rect:
        """A person from head to shoulders, about the point, 36 px high, and the name below."""
        x, y = at
        self._drawing.append(drawsvg.Circle(x, y - 10, 8, fill=TINTS[colour], stroke=colour, stroke_width=1.5))
        shoulders = drawsvg.Path(fill=TINTS[colour], stroke=colour, stroke_width=1.5)
        self._drawing.append(shoulders.M(x - 15, y + 18).Q(x - 15, y, x, y).Q(x + 15, y, x + 15, y + 18).Z())
        if name:
            self.text((x, y + 30), name, colour, size=SMALL)
        return Rect(x - 15, y - 18, 30, 36)

    def queue(self, x: float, y: float, places: int, filled: int = 0, *, colour: str = INK, w: float = 18) -> Rect:
        """Places in a row, of which the right ones, the head of the queue, are taken."""
        for place in range(places):
            taken = place >= places - filled
            fill = colour if taken else PAPER
            self._drawing.append(
                drawsvg.Rectangle(x + place * w, y, w, 22, fill=fill, fill_opacity=0.75, stroke=colour)
            )
        return Rect(x, y, places * w, 22)

    def svg(self) -> str:
        text: str = self._drawing.as_svg()
        return text.replace('<?xml version="1.0" encoding="UTF-8"?>\n', "") + "\n"

    def _head(self, colour: str) -> drawsvg.Marker:
        if colour not in self._heads:
            head = drawsvg.Marker(-0.1, -5, 10, 10, scale=1, orient="auto", refX=8, markerUnits="userSpaceOnUse")
            head.append(drawsvg.Lines(0, -4.5, 9, 0, 0, 4.5, fill=colour, close=True))
            self._heads[colour] = head
        return self._heads[colour]

    def _claim(self, words: str, rect: Rect) -> None:
        """The words stand there, alone."""
        if rect.x < 2 or rect.y < 2 or rect.x + rect.w > self.size[0] - 2 or rect.y + rect.h > self.size[1] - 2:
            raise ValueError(f"{words!r} stands beyond the edge of the drawing")
        for others, there in self._words:
            if _meet(rect, there):
                raise ValueError(f"{words!r} covers {others!r}")
        self._words.append((words, rect))


def _meet(one: Rect, other: Rect) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    return not beside and one.y + one.h > other.y and other.y + other.h > one.y
