"""Lesson 08: the cook who waits when the hatch is full, and the one who lets the plate fall."""

from __future__ import annotations

from tests.notebooks.drawings.kit import GREEN, INK, ORANGE, RED, SOFT, Sheet

ALT = (
    "Two kitchens. In each a cook stands before a hatch on which ten plates stand, and behind the hatch is a waiter "
    "who takes none. The first cook holds the eleventh plate and waits. The second one has let it fall, and cooks on."
)


def draw() -> Sheet:
    sheet = Sheet(740, 230)
    sheet.line((370, 20), (370, 210), dashed=True)
    _kitchen(sheet, 10, "The first cook waits")
    plate = sheet.box(98, 106, 30, 18, "", colour=ORANGE)
    sheet.text((plate.x + 15, plate.y - 12), "11", ORANGE, size=13)
    _kitchen(sheet, 374, "The second cook lets it fall")
    sheet.arrow((484, 116), (484, 186), colour=RED, lost=True)
    sheet.text((500, 186), "11", RED, size=13, anchor="start")
    return sheet


def _kitchen(sheet: Sheet, left: float, title: str) -> None:
    """A cook at the left, a full hatch, and a waiter at the right who takes no plate."""
    sheet.text((left + 175, 28), title, ORANGE, bold=True)
    sheet.person((left + 46, 116), "cook", colour=ORANGE)
    sheet.queue(left + 138, 105, 10, 10, colour=INK, w=14)
    sheet.text((left + 208, 88), "room for ten plates", SOFT, size=13)
    sheet.person((left + 316, 116), "waiter, slow", colour=GREEN)
