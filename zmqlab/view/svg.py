"""The space-time diagram of a trace as SVG, for notebooks and pages that nothing runs in.

Lanes run from left to right in logical steps; a long run goes on in a further row below, as music does. The drawing
brings its own white card, so it reads the same on a light and on a dark page. Which elements and words it has depends
on what was sent and received alone, not on how the threads were interleaved: saved notebooks are compared by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..trace import Message, Trace
from .markup import words
from .naming import is_automatic
from .peers import left_the_lab
from .steps import Arrow, Steps, to_steps

MOST = 60  # messages drawn
WIDTH = 800
LANE = 46  # px between two lanes
STEP = (38, 84)  # px of a step: at least, at most
CHAR = 6.6  # px of a character of a label, in a wide font
COLOURS = ("#0b62a8", "#b35900", "#00755a", "#9c3a78", "#4b5fb8", "#7a6300", "#1d7f93", "#6b4a2f")
INK, SOFT, FAINT, RED = "#1f2933", "#52606d", "#cbd2d9", "#b42318"
FONT = "font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\""

Point = tuple[float, float]
Piece = tuple[Point, Point, bool]
Box = tuple[float, float, float, float]


def to_svg(trace: Trace, title: str = "trace") -> str:
    """One ``<svg>`` element with role, title and description; no script, no reference to anything outside."""
    trace.update()
    steps = to_steps(trace, MOST)
    return _Drawing(trace, steps, title).svg()


def label(message: Message) -> str:
    """What an arrow says: the last frame that is text, cut to fit, or the size of the last one."""
    frames = message.sent_frames if message.sent_frames is not None else message.wire_frames
    if frames is None:
        return "encrypted"
    for frame in reversed(frames):
        if frame and not is_automatic(frame):
            text = frame.decode(errors="replace")
            if text.isprintable() and text.strip() and "\ufffd" not in text:
                return text if len(text) <= 14 else text[:13] + "…"
    size = len(frames[-1]) if frames else 0
    return f"{size} bytes" if size else "empty"


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
        longest = max((len(name) for name in steps.lanes), default=0)
        left = 34 + min(150, max(48, longest * 7.4))
        space = WIDTH - left - 30
        events = sum(1 + (arrow.end is not None) for arrow in steps.arrows)  # at least as many as there are steps
        rows = max(1, -(-events * STEP[0] // int(space)))
        per_row = max(1, -(-(steps.count + 1) // rows))
        self.count = rows
        self.top = 46.0
        row_height = len(steps.lanes) * LANE + (26 if rows > 1 else 4)
        self.rows = _Rows(left, min(STEP[1], space / per_row), per_row, row_height)
        self.height = self.top + rows * row_height + 34
        self.lane = {name: self.top + 22 + i * LANE for i, name in enumerate(steps.lanes)}
        self.colour = self._colours()
        self.taken: list[Box] = []
        self.flights: list[tuple[Point, Point]] = []

    def svg(self) -> str:
        told = _told(self.trace)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{words(self.title)}: {words(told)}" '
            f'width="{WIDTH}" height="{self.height:.0f}" viewBox="0 0 {WIDTH} {self.height:.0f}" '
            f'style="max-width:100%;height:auto" {FONT} font-size="12">',
            f"<title>{words(self.title)}: messages between {words(', '.join(self.steps.lanes))}</title>",
            f"<desc>{words(told)} Time runs from left to right in logical steps.</desc>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{self.height - 1:.0f}" rx="8" fill="#ffffff" '
            f'stroke="{FAINT}"/>',
            _text(16, 26, self.title, INK, weight=600, size=14),
            _text(WIDTH - 16, 26, told, SOFT, anchor="end"),
            *self._lanes(),
            *self._work(),
            *(piece for arrow in self.steps.arrows for piece in self._arrow(arrow)),
            *self._labels(),
            _text(16, self.height - 14, self._legend(), SOFT, size=11),
            "</svg>",
        ]
        return "\n".join(parts)

    def _colours(self) -> dict[str, str]:
        asking = [s.actor for s in self.trace.sockets.values() if s.connects and not s.binds]
        order = dict.fromkeys([*asking, *self.steps.lanes])
        return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(order)}

    def _ink(self, arrow: Arrow) -> str:
        """Both directions of a conversation have the colour of the connecting side."""
        sockets = (self.trace.sockets.get(id) for id in (arrow.message.sender, arrow.message.receiver))
        asking = next((s.actor for s in sockets if s is not None and s.connects and not s.binds), arrow.sender)
        return self.colour.get(asking, SOFT)

    def _lanes(self) -> Iterator[str]:
        for row in range(self.count):
            for name, y in self.lane.items():
                y += row * self.rows.height
                actor = self.trace.actors.get(name)
                failed = actor is not None and actor.state == "failed"
                shown = name if len(name) <= 20 else name[:19] + "…"
                yield _text(16, y + 4, shown, RED if failed else INK, weight=600)
                yield _line((self.rows.left - 12, y), (WIDTH - 16, y), FAINT, 1)
                if failed and row == self.count - 1:
                    yield _text(WIDTH - 18, y - 6, "✖ failed", RED, anchor="end", size=11)

    def _work(self) -> Iterator[str]:
        for arrow, end in self.steps.work:
            y = self.lane[arrow.receiver]
            bars = self.rows.pieces((float(arrow.end or 0), y), (float(end), y))
            d = "".join(f"M{a[0]:.1f} {a[1] - 5:.1f}h{b[0] - a[0]:.1f}v10h{a[0] - b[0]:.1f}z" for a, b, _ in bars)
            yield f'<path class="work" d="{d}" fill="{self._ink(arrow)}" fill-opacity="0.28"/>'

    def _arrow(self, arrow: Arrow) -> Iterator[str]:
        ink, message = self._ink(arrow), arrow.message
        start = (float(arrow.start), self.lane[arrow.sender])
        nobody = "a peer outside" if left_the_lab(message) else "nobody"
        about = f"{arrow.sender} → {arrow.receiver or nobody}: {label(message)}"
        about += f" ({message.end}: {message.reason})" if message.end else ""
        yield f'<g class="message"><title>{words(about)}</title>'
        if arrow.end is None or arrow.landed is None:
            yield from self._stump(arrow, start, ink)
        else:
            landing, end = (arrow.landed, self.lane[arrow.receiver]), (float(arrow.end), self.lane[arrow.receiver])
            flight, unread = list(self.rows.pieces(start, landing)), self.rows.pieces(landing, end)
            self.flights += [(a, b) for a, b, _last in flight]
            yield _path("flight", flight, ink, 1.6, dashed=not message.certain)
            yield _head(*flight[-1][:2], ink)
            yield _path("unread", unread, ink, 5)
        yield "</g>"

    def _stump(self, arrow: Arrow, start: Point, ink: str) -> Iterator[str]:
        """A message that nobody received: a short way towards its receiver, and a cross where it was lost."""
        up = arrow.receiver in self.lane and self.lane[arrow.receiver] < start[1]
        a = self.rows.at(*start, self.rows.row(start[0]))
        b = (a[0] + min(24.0, self.rows.step * 0.5), a[1] + LANE * (-0.42 if up else 0.42))
        ended = bool(arrow.message.end)
        yield _path("flight", [(a, b, True)], RED if ended else ink, 1.6, dashed=True)
        if ended:
            yield _cross(b)
        else:
            yield f'<circle class="end" cx="{b[0]:.1f}" cy="{b[1]:.1f}" r="3" fill="#ffffff" stroke="{ink}"/>'
        self._reserve((b[0] - 6, b[1] - 6, b[0] + 6, b[1] + 6))

    def _labels(self) -> Iterator[str]:
        for arrow in self.steps.arrows:
            text, ink = label(arrow.message), self._ink(arrow)
            start = (float(arrow.start), self.lane[arrow.sender])
            if arrow.landed is None:
                x, y = self.rows.at(*start, self.rows.row(start[0]))
                up = arrow.receiver in self.lane and self.lane[arrow.receiver] < start[1]
                x += min(24.0, self.rows.step * 0.5) + 8
                spots = [(x, y + dy * (-1 if up else 1)) for dy in (20, 34, -20)]
                if left_the_lab(arrow.message):
                    text = f"{text} left the lab"
                elif arrow.message.end:
                    text, ink = f"{text} {arrow.message.end}", RED
            else:
                a, b, _ = max(self.rows.pieces(start, (arrow.landed, self.lane[arrow.receiver])), key=_length)
                spots = [_along(a, b, t) for t in (0.5, 0.38, 0.62, 0.26, 0.74, 0.14, 0.86)]
            spots = [(min(x, WIDTH - 10 - len(text) * CHAR), y) for x, y in spots]
            spot = min(spots, key=lambda at: self._covered(_box(at, text)))
            self._reserve(_box(spot, text))
            yield _text(spot[0], spot[1] + 4, text, ink, size=11, halo=True)

    def _covered(self, box: Box) -> float:
        """How much of the box is taken already; the first of several free places wins."""
        crossed = sum(_crosses(flight, box) for flight in self.flights)
        return 12 * crossed + sum(
            max(0.0, min(box[2], b[2]) - max(box[0], b[0])) * max(0.0, min(box[3], b[3]) - max(box[1], b[1]))
            for b in self.taken
        )

    def _reserve(self, box: Box) -> None:
        self.taken.append(box)

    def _legend(self) -> str:
        parts = ["steps, not to scale", "thick: it lay unread", "bar: in hand until the next send"]
        if any(not a.message.certain for a in self.steps.arrows):
            parts.append("dashed: inferred")
        if self.steps.left_out:
            parts.append(f"{self.steps.left_out:,} further messages are not drawn")
        return " · ".join(parts)


def _told(trace: Trace) -> str:
    total = len(trace.messages) + trace.forgotten
    received = sum(m.received is not None for m in trace.messages.values())
    dropped = sum(m.end == "dropped" for m in trace.messages.values())
    told = f"{total:,} message{'s' * (total != 1)}, {received:,} received"
    return told + (f", {dropped:,} dropped" if dropped else "") + "."


def _text(
    x: float,
    y: float,
    text: str,
    ink: str,
    anchor: str = "start",
    size: int = 12,
    weight: int = 400,
    halo: bool = False,
) -> str:
    around = ' stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}"{around}>{words(text)}</text>'
    )


def _line(a: Point, b: Point, ink: str, width: float) -> str:
    return (
        f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" stroke="{ink}" stroke-width="{width}"/>'
    )


def _path(kind: str, pieces: Iterable[Piece], ink: str, width: float, dashed: bool = False) -> str:
    d = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b, _ in pieces)
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path class="{kind}" d="{d}" fill="none" stroke="{ink}" stroke-width="{width}"{dash}/>'


def _head(a: Point, b: Point, ink: str) -> str:
    length = max(1e-9, ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5)
    ux, uy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    bx, by = b[0] - 8 * ux, b[1] - 8 * uy
    points = [b, (bx - 3.5 * uy, by + 3.5 * ux), (bx + 3.5 * uy, by - 3.5 * ux)]
    return f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="{ink}"/>'


def _cross(at: Point) -> str:
    x, y = at
    return (
        f'<path class="end" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke="{RED}" stroke-width="2.2" fill="none"/>'
    )


def _along(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t + 6, a[1] + (b[1] - a[1]) * t


def _box(spot: Point, text: str) -> Box:
    return spot[0] - 3, spot[1] - 8, spot[0] + len(text) * CHAR + 3, spot[1] + 8


def _crosses(flight: tuple[Point, Point], box: Box) -> bool:
    """Does the line run through the words in the box?"""
    (x1, y1), (x2, y2) = flight
    for part in (0.2, 0.5, 0.8):
        x = box[0] + (box[2] - box[0]) * part
        if x1 < x < x2 and box[1] < y1 + (y2 - y1) * (x - x1) / (x2 - x1) < box[3]:
            return True
    return False


def _length(piece: Piece) -> float:
    return abs(piece[1][0] - piece[0][0])
