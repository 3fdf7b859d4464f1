"""The shapes that an SVG drawing is made of, each as one element."""

from __future__ import annotations

from collections.abc import Iterable

from .labels import Point
from .markup import words

INK, SOFT, FAINT, RED, AMBER, GROUND = "#1f2933", "#52606d", "#cbd2d9", "#b42318", "#8a4b00", "#ffffff"
HUNG = "#fbe3c4"  # of the time in which an actor hung
Piece = tuple[Point, Point, bool]


def text(
    x: float,
    y: float,
    said: str,
    ink: str,
    anchor: str = "start",
    size: int = 12,
    weight: int = 400,
    halo: bool = False,
) -> str:
    around = f' stroke="{GROUND}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}"{around}>{words(said)}</text>'
    )


def line(a: Point, b: Point, ink: str, width: float) -> str:
    return (
        f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" stroke="{ink}" stroke-width="{width}"/>'
    )


def path(kind: str, pieces: Iterable[Piece], ink: str, width: float, dashed: bool = False) -> str:
    d = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b, _ in pieces)
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path class="{kind}" d="{d}" fill="none" stroke="{ink}" stroke-width="{width}"{dash}/>'


def bar(kind: str, pieces: Iterable[Piece], half: float, look: str) -> str:
    """A bar that reaches `half` pixels above and below the pieces."""
    d = "".join(
        f"M{a[0]:.1f} {a[1] - half:.1f}h{b[0] - a[0]:.1f}v{2 * half:.1f}h{a[0] - b[0]:.1f}z" for a, b, _ in pieces
    )
    return f'<path class="{kind}" d="{d}" {look}/>'


def head(a: Point, b: Point, ink: str) -> str:
    length = max(1e-9, ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5)
    ux, uy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    bx, by = b[0] - 8 * ux, b[1] - 8 * uy
    points = [b, (bx - 3.5 * uy, by + 3.5 * ux), (bx + 3.5 * uy, by - 3.5 * ux)]
    return f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="{ink}"/>'


def cross(at: Point) -> str:
    x, y = at
    return (
        f'<path class="end" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke="{RED}" stroke-width="2.2" fill="none"/>'
    )


def ring(at: Point, ink: str) -> str:
    return f'<circle class="end" cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3" fill="{GROUND}" stroke="{ink}"/>'


def diamond(at: Point) -> str:
    x, y = at
    return f'<path class="fault" d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z" fill="{AMBER}" stroke="{GROUND}"/>'
