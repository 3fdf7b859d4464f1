"""Lesson 08: the cook who waits when the hatch is full, and the one who lets the plate fall."""

from __future__ import annotations

from tests.notebooks.drawings.kit import GREEN, INK, ORANGE, RED, SOFT, Sheet

ALT = (
    "Two kitchens. In each a cook stands before a hatch on which ten plates stand, and behind the hatch is a waiter "
    "who takes none. The first cook holds the eleventh plate and waits. The second one has let it fall, and cooks on."
)


def draw() -> Sheet:
    sheet = Sheet(740, 250)
    sheet.line((370, 20), (370, 230), dashed=True)
    _kitchen(sheet, 10, "The first cook waits", "a DEALER")
    plate = sheet.box(98, 116, 30, 18, "", colour=ORANGE)
    sheet.text((plate.x + 15, plate.y - 12), "11", ORANGE, size=13)
    _kitchen(sheet, 374, "The second cook lets it fall", "a ROUTER")
    sheet.arrow((484, 126), (484, 196), colour=RED, lost=True)
    sheet.text((500, 196), "11", RED, size=13, anchor="start")
    return sheet


def _kitchen(sheet: Sheet, left: float, title: str, kind: str) -> None:
    """A cook at the left, a full hatch, and a waiter at the right who takes no plate."""
    sheet.text((left + 175, 28), title, ORANGE, bold=True)
    sheet.text((left + 175, 50), kind, SOFT, size=13)
    sheet.person((left + 46, 126), "cook", colour=ORANGE)
    sheet.queue(left + 138, 115, 10, 10, colour=INK, w=14)
    sheet.text((left + 208, 98), "room for ten plates", SOFT, size=13)
    sheet.person((left + 316, 126), "waiter, slow", colour=GREEN)
