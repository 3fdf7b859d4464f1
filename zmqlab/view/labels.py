"""Words in a drawing: how wide they are, and for each a place where it covers no other.

Nobody knows here which font the reader has, so widths are those of a wide one (DejaVu Sans, Verdana).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import combining, east_asian_width

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

NARROW, WIDE = frozenset("ijlIftr.,:;'|!()[]{}/ -"), frozenset("mwMW@%…→✖")
ELLIPSIS = "…"
CROSSING, FAINTLY = 120, 40  # px² of a thing covered that a line crossed counts for, and the line of a lane
NEAR = 14  # px between two places that are tried where the good ones are taken


def width(text: str, size: float = 11, bold: bool = False) -> float:
    """Pixels that the text takes, at the most; `size` is the font's, in pixels."""
    return sum(map(_em, text)) * size * (1.13 if bold else 1)


def _em(letter: str) -> float:
    if combining(letter):
        return 0
    if letter in NARROW:
        return 0.42
    if letter in WIDE or east_asian_width(letter) in "WF":
        return 1.0
    return 0.72 if letter.isupper() else 0.64


def cut(text: str, room: float, size: float = 11, bold: bool = False) -> str:
    """The text, or its beginning and its end where it is wider than `room` pixels: names often differ at the end."""
    if width(text, size, bold) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        shorter = text[: (kept + 1) // 2] + ELLIPSIS + text[len(text) - kept // 2 :]
        if width(shorter, size, bold) <= room:
            return shorter
    return text[:1] + ELLIPSIS


class Places:
    """Where in a drawing there is room for words, between `left` and `right`."""

    def __init__(self, left: float, right: float) -> None:
        self._left, self._right = left, right
        self._words: list[Box] = []  # nothing may cover them
        self._things: list[Box] = []  # arrow heads and the like: they may be covered where nothing else is left
        self._lines: list[tuple[Point, Point, float]] = []  # from, to, and what it costs to cross it

    def avoid(self, box: Box) -> None:
        self._things.append(box)

    def cross(self, a: Point, b: Point, faint: bool = False) -> None:
        """There is a line from `a` to `b`; words had better not stand on it."""
        self._lines.append((a, b, FAINTLY if faint else CROSSING))

    def reserve(self, box: Box) -> None:
        """Words stand there, or something else that must stay free."""
        self._words.append(box)

    def find(self, text: str, spots: Iterable[Point], top: float, bottom: float) -> Point:
        """The middle of the left edge of the text: at the best of the spots, or near the first if all are taken.

        It stays between `top` and `bottom`.
        """
        wide = width(text)
        wanted = [self._within(spot, wide, top, bottom) for spot in spots]
        free = [spot for spot in wanted if not self._taken(_box(spot, wide))]
        if free:
            best = self._cheapest(free, wide)
        else:
            around = (self._within(spot, wide, top, bottom) for spot in _around(wanted[0], bottom - top))
            best = next((spot for spot in around if not self._taken(_box(spot, wide))), wanted[0])
        self.reserve(_box(best, wide))
        return best

    def _within(self, spot: Point, wide: float, top: float, bottom: float) -> Point:
        x = max(self._left, min(spot[0], self._right - wide))
        return x, max(top, min(spot[1], bottom))

    def _cheapest(self, spots: list[Point], wide: float) -> Point:
        best, least = spots[0], float("inf")
        for spot in spots:
            cost = self._cost(_box(spot, wide))
            if cost < least:
                best, least = spot, cost
            if cost == 0:
                break
        return best

    def _taken(self, box: Box) -> bool:
        return any(_overlap(box, other) for other in self._words)

    def _cost(self, box: Box) -> float:
        covered = sum(_overlap(box, thing) for thing in self._things)
        inner = box[0] + 3, box[1] + 2, box[2] - 3, box[3] - 2  # of the letters
        return covered + sum(cost for a, b, cost in self._lines if crosses((a, b), inner))


def _around(spot: Point, far: float) -> Iterator[Point]:
    """Points around a spot, the nearest first."""
    steps = int(2 * far / NEAR) + 40
    offsets = [(dx * NEAR, dy * NEAR) for dx in range(-steps, steps + 1) for dy in range(-steps, steps + 1)]
    offsets.sort(key=lambda offset: (offset[0] ** 2 + offset[1] ** 2, offset))
    return ((spot[0] + dx, spot[1] + dy) for dx, dy in offsets)


def _box(spot: Point, wide: float) -> Box:
    return spot[0] - 3, spot[1] - 8, spot[0] + wide + 3, spot[1] + 8


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def crosses(line: tuple[Point, Point], box: Box) -> bool:
    """Does the line run through the box? (Liang and Barsky: what is left of it when it is cut at each side.)"""
    (x1, y1), (x2, y2) = line
    if (x1 < box[0] and x2 < box[0]) or (x1 > box[2] and x2 > box[2]):
        return False
    if (y1 < box[1] and y2 < box[1]) or (y1 > box[3] and y2 > box[3]):
        return False
    first, last = 0.0, 1.0
    for along, room in ((x1 - x2, x1 - box[0]), (x2 - x1, box[2] - x1), (y1 - y2, y1 - box[1]), (y2 - y1, box[3] - y1)):
        if along == 0:
            if room < 0:
                return False
        elif along < 0:
            first = max(first, room / along)
        else:
            last = min(last, room / along)
    return first < last
