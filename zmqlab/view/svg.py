"""The space-time diagram of a trace as SVG, for notebooks, books and pages that nothing runs in.

Lanes run from left to right in logical steps; a long run goes on in a further row below, as music does. The drawing
brings its own card, a light one on a light page and a dark one on a dark page. Which elements and words it has depends
on what was sent and received alone, not on how the threads were interleaved: saved notebooks are compared by it. No
word covers another, for up to eight actors and `MOST` messages at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..trace.model import AWAY
from ..trace.trace import Trace
from . import dark, shapes
from .labels import Places, Point, cut, width
from .markup import words
from .saying import BADLY, BROKEN, ON_AN_ARROW, at_the_end, label, shorten, standing
from .shapes import AMBER, FAINT, GROUND, HUNG, INK, RED, SOFT, Piece
from .steps import Arrow, Steps, to_steps
from .talks import Colours

MOST = 60  # messages drawn
WIDTH = 800
EDGE = 16  # px that stay free at the left and at the right
LANE, CROWDED, CROWD = 46, 38, 4  # px between two lanes, and where there are more lanes than `CROWD`
STEP = (38, 84)  # px of a step: at least, at most
NAME = 150  # px of a lane's name
PARTS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9)  # of an arrow, where its words may stand
TITLE, TOLD = 14, 12  # font sizes of the heading
COLOURS = ("#252ad9", "#b65a20", "#26816f", "#95185d", "#58549f", "#745d38", "#3d6d7b", "#935b9a")  # as in flow.css
CLASS = "zmqlab-picture"
FONT = "font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\""


def to_svg(trace: Trace, title: str = "trace") -> str:
    """One ``<svg>`` element with role, title and description; no script, no reference to anything outside."""
    trace.update()
    steps = to_steps(trace, MOST)
    return _Drawing(trace, steps, title).svg()


@dataclass
class _Rows:
    """Where a step is on the page: x from the left edge of its row, and the row."""

    left: float
    step: float
    per_row: int
    height: float

    def pieces(self, start: Point, end: Point) -> Iterator[Piece]:
        """Cut a line (step, y within a row) where a row ends; the last piece is marked."""
        first, last = self.row(start[0]), self.row(end[0], closing=True)
        for row in range(first, last + 1):
            a = max(start[0], row * self.per_row)
            b = min(end[0], (row + 1) * self.per_row)
            yield self.at(a, _between(start, end, a), row), self.at(b, _between(start, end, b), row), row == last

    def row(self, step: float, closing: bool = False) -> int:
        row = int(step // self.per_row)
        return row - 1 if closing and row and step == row * self.per_row else row

    def at(self, step: float, y: float, row: int) -> Point:
        return self.left + (step - row * self.per_row) * self.step, y + row * self.height


def _between(start: Point, end: Point, step: float) -> float:
    if end[0] == start[0]:
        return end[1]
    return start[1] + (end[1] - start[1]) * (step - start[0]) / (end[0] - start[0])


class _Drawing:
    def __init__(self, trace: Trace, steps: Steps, title: str) -> None:
        self.trace, self.steps, self.title = trace, steps, title
        self.colours = Colours(trace.messages, steps.order)
        self.room = min(NAME, max((width(name, 12, bold=True) for name in steps.lanes), default=0))
        left = 34 + max(48, self.room)
        space = WIDTH - left - 30
        events = sum(1 + (arrow.end is not None) for arrow in steps.arrows)  # at least as many as there are steps
        self.count = max(1, -(-events * STEP[0] // int(space)))
        per_row = max(1, -(-(steps.count + 1) // self.count))
        self.apart = LANE if len(steps.lanes) <= CROWD else CROWDED
        self.top = 46.0
        self.rows = _Rows(left, min(STEP[1], space / per_row), per_row, len(steps.lanes) * self.apart + 26)
        self.lane = {name: self.top + 22 + i * self.apart for i, name in enumerate(steps.lanes)}
        self.places = Places(left - 8, WIDTH - EDGE)

    def svg(self) -> str:
        told = tally(self.trace)
        legend = self._legend()
        height = self.top + self.count * self.rows.height + 20 + 14 * len(legend)
        heading = cut(self.title, WIDTH - 3 * EDGE - width(told, TOLD), TITLE, bold=True)
        arrows = [piece for arrow in self.steps.arrows for piece in self._arrow(arrow)]
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{CLASS}" role="img" '
            f'aria-label="{words(self.title)}: {words(told)}" '
            f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'style="max-width:100%;height:auto" {FONT} font-size="12">',
            f"<title>{words(self.title)}: messages between {words(', '.join(self.steps.lanes))}</title>",
            f"<desc>{words(told)} Time runs from left to right in logical steps.</desc>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="8" fill="{GROUND}" '
            f'stroke="{FAINT}"/>',
            shapes.text(EDGE, 26, heading, INK, weight=600, size=TITLE),
            shapes.text(WIDTH - EDGE, 26, told, SOFT, anchor="end", size=TOLD),
            *self._lanes(),
            *self._work(),
            *self._hangs(),
            *arrows,
            *self._faults(),
            *self._labels(),
            *(shapes.text(EDGE, height - 14 * n, said, SOFT, size=11) for n, said in enumerate(reversed(legend), 1)),
            "</svg>",
        ]
        parts.insert(3, dark.style(CLASS, "".join(parts), COLOURS))
        return "\n".join(parts)

    def _ink(self, arrow: Arrow) -> str:
        return (*COLOURS, SOFT)[self.colours.tint(arrow.message)]

    def _label(self, arrow: Arrow) -> str:
        return shorten(label(arrow.message, self.trace), ON_AN_ARROW)

    def _lanes(self) -> Iterator[str]:
        for row in range(self.count):
            for name, y in self.lane.items():
                y += row * self.rows.height
                actor = self.trace.actors.get(name)
                failed = actor is not None and actor.state in BROKEN
                shown = cut(name, self.room, 12, bold=True)
                yield shapes.text(EDGE, y + 4, shown, RED if failed else INK, weight=600)
                yield shapes.line((self.rows.left - 12, y), (WIDTH - EDGE, y), FAINT, 1)
                self.places.cross((self.rows.left - 12, y), (WIDTH - EDGE, y), faint=True)
                if actor is not None and failed and row == self.count - 1:
                    said = f"✖ {actor.state}"
                    yield self._say(said, [(WIDTH - EDGE - width(said), y - 10)], row, RED)

    def _work(self) -> Iterator[str]:
        for arrow, end in self.steps.work:
            y = self.lane[arrow.receiver]
            bars = list(self.rows.pieces((float(arrow.end or 0), y), (float(end), y)))
            for a, b, _ in bars:
                self.places.avoid((a[0], a[1] - 5, b[0], b[1] + 5))
            yield shapes.bar("work", bars, 5, f'fill="{self._ink(arrow)}" fill-opacity="0.28"')

    def _hangs(self) -> Iterator[str]:
        for name, start, end in self.steps.hangs:
            y = self.lane[name]
            bars = list(self.rows.pieces((start, y), (max(end, start + 0.2), y)))
            look = f'fill="{HUNG}" fill-opacity="0.8" stroke="{AMBER}" stroke-dasharray="4 3"'
            yield shapes.bar("hang", bars, 8, look)
            (x, y), (end_x, _), _ = max(bars, key=_length)
            middle = (x + end_x - width("hung")) / 2
            yield self._say("hung", [(middle, y), (middle, y - 17), (middle, y + 17)], self._row_of(y), AMBER)

    def _faults(self) -> Iterator[str]:
        for name, step, said in self.steps.faults:
            if name not in self.lane:  # an actor that has neither sent nor received
                continue
            row = self.rows.row(step)
            x, y = self.rows.at(step, self.lane[name], row)
            yield shapes.diamond((x, y))
            self.places.reserve((x - 7, y - 7, x + 7, y + 7))
            beside = [(x + 10, y - 12), (x + 10, y + 12), (x - 10 - width(said), y - 12), (x + 10, y)]
            yield self._say(said, beside, row, AMBER)

    def _arrow(self, arrow: Arrow) -> Iterator[str]:
        ink, message = self._ink(arrow), arrow.message
        start = (float(arrow.start), self.lane[arrow.sender])
        about = f"{arrow.sender} → {arrow.receiver or 'nobody'}: {self._label(arrow)}"
        about += f" ({standing(message.place, self.trace)}: {message.reason})" if message.reason else ""
        yield f'<g class="message"><title>{words(about)}</title>'
        if arrow.landed is None:
            yield from self._stump(arrow, start, ink)
        else:
            yield from self._flight(arrow, start, (arrow.landed, self.lane[arrow.receiver]), ink)
        yield "</g>"

    def _flight(self, arrow: Arrow, start: Point, landing: Point, ink: str) -> Iterator[str]:
        """A message that arrived, and lay unread until it was received; an open circle where it lies unread still."""
        flight = list(self.rows.pieces(start, landing))
        for a, b, _ in flight:
            self.places.cross(a, b)
        x, y = flight[-1][1]
        self.places.avoid((x - 9, y - 9, x + 3, y + 9))
        yield shapes.path("flight", flight, ink, 1.6, dashed=not arrow.message.certain)
        yield shapes.head(*flight[-1][:2], ink)
        if arrow.end is None:
            if _has_ring(arrow):
                yield shapes.ring((x, y), ink)
            return
        unread = list(self.rows.pieces(landing, (float(arrow.end), landing[1])))
        for a, b, _ in unread:
            self.places.avoid((a[0], a[1] - 3, b[0], b[1] + 3))
        yield shapes.path("unread", unread, ink, 5)

    def _stump(self, arrow: Arrow, start: Point, ink: str) -> Iterator[str]:
        """A message that nobody received: a short way towards its receiver, and a cross where it was lost."""
        a, b = self._stump_ends(arrow, start)
        ended = arrow.message.place in BADLY
        yield shapes.path("flight", [(a, b, True)], RED if ended else ink, 1.6, dashed=True)
        if ended:
            yield shapes.cross(b)
        else:
            yield shapes.ring(b, ink)
        self.places.reserve((b[0] - 6, b[1] - 6, b[0] + 6, b[1] + 6))

    def _stump_ends(self, arrow: Arrow, start: Point) -> tuple[Point, Point]:
        up = arrow.receiver in self.lane and self.lane[arrow.receiver] < start[1]
        a = self.rows.at(*start, self.rows.row(start[0]))
        return a, (a[0] + min(24.0, self.rows.step * 0.5), a[1] + self.apart * (-0.42 if up else 0.42))

    def _labels(self) -> Iterator[str]:
        for arrow in self.steps.arrows:
            said, ink = self._label(arrow), self._ink(arrow)
            start = (float(arrow.start), self.lane[arrow.sender])
            if arrow.landed is None:
                _, (x, y) = self._stump_ends(arrow, start)
                said, ink = at_the_end(said, arrow.message, self.trace), RED if arrow.message.place in BADLY else ink
                spots = [(x + 9, y), (x + 9, y + 12), (x + 9, y - 12), (x - 9 - width(said), y), (x - 12, y + 15)]
            else:
                pieces = self.rows.pieces(start, (arrow.landed, self.lane[arrow.receiver]))
                a, b, _ = max(pieces, key=_length)
                spots = [
                    spot for t in PARTS for spot in _beside(_along(a, b, t), 1 if b[1] < a[1] else -1, width(said))
                ]
                y = a[1]
            yield self._say(said, spots, self._row_of(y), ink)

    def _say(self, said: str, spots: list[Point], row: int, ink: str) -> str:
        """Words at the best of the spots, within their row."""
        top = self.top + row * self.rows.height
        x, y = self.places.find(said, spots, top + 10, top + self.rows.height - 10)
        return shapes.text(x, y + 4, said, ink, size=11, halo=True)

    def _row_of(self, y: float) -> int:
        return max(0, min(self.count - 1, int((y - self.top) // self.rows.height)))

    def _legend(self) -> list[str]:
        parts = ["steps, not to scale", self.colours.means, "thick: it lay unread", "bar: in hand until the next send"]
        if any(not a.message.certain for a in self.steps.arrows):
            parts.append("dashed: inferred")
        if any(_has_ring(arrow) for arrow in self.steps.arrows):
            parts.append("ring: not received")
        if self.steps.left_out:
            parts.append(f"{self.steps.left_out:,} further messages are not drawn")
        lines = [parts[0]]
        for part in parts[1:]:
            longer = f"{lines[-1]} · {part}"
            if width(longer) <= WIDTH - 2 * EDGE:
                lines[-1] = longer
            else:
                lines.append(part)
        return lines


def _has_ring(arrow: Arrow) -> bool:
    """Was it not received, though it is no message that ended, or arrived outside?"""
    arrived_outside = arrow.landed is not None and arrow.message.place in AWAY
    return arrow.end is None and arrow.message.place not in BADLY and not arrived_outside


def tally(trace: Trace) -> str:
    """How many messages there were, and what became of them."""
    total = len(trace.messages) + trace.forgotten
    places = Counter(message.place for message in trace.messages.values())
    told = f"{total:,} message{'s' * (total != 1)}, {places['received']:,} received"
    for place in ("passed", *BADLY):
        told += f", {places[place]:,} {standing(place, trace)}" if places[place] else ""
    return told + "."


def _beside(at: Point, down: int, wide: float) -> list[Point]:
    """Right and left of a point of an arrow, on the side where it is not, and above and below. `down`: -1 where the
    free side at the right is above."""
    x, y = at
    level = [(x + 6, y + 6 * down), (x - 6 - wide, y - 6 * down), (x + 6, y), (x - 6 - wide, y)]
    return [*level, (x - wide / 2, y + 11 * down), (x - wide / 2, y - 11 * down)]


def _along(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def _length(piece: Piece) -> float:
    return abs(piece[1][0] - piece[0][0])
