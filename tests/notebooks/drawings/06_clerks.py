"""Lesson 06: the clerk who deals, and the one who obeys."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "Two clerks in a post room, side by side. The left one deals: he has tasks 0 to 5, and arrows with the numbers 1, "
    "2 and 3 lead from him to three trays. At the first sits Ann, who is busy, at the second Ben, who is free, and at "
    "the third nobody. The right one obeys: he has a task with the name ben on top, from which an arrow leads to Ben's "
    "tray, and one with the name zoe, from which an arrow leads to a question mark."
)

DESKS = (("ann, busy", GREEN), ("ben, free", GREEN), ("nobody", SOFT))


def draw() -> Sheet:
    sheet = Sheet(740, 330)
    sheet.line((370, 20), (370, 310), dashed=True)
    _deals(sheet)
    _obeys(sheet)
    return sheet


def _deals(sheet: Sheet) -> None:
    sheet.text((185, 28), "The first clerk deals", ORANGE, bold=True)
    sheet.text((185, 50), "a DEALER", SOFT, size=13)
    sheet.person((50, 165), "clerk", colour=ORANGE)
    sheet.frames(18, 215, list("012"))
    sheet.frames(18, 241, list("345"))
    for place, (name, colour) in enumerate(DESKS):
        y = 85 + place * 80
        tray = sheet.box(190, y, 74, 40, colour=INK)
        sheet.arrow((82, 165), tray.left, f"{place + 1}.", colour=ORANGE)
        if colour == GREEN:
            sheet.person((308, y + 18), name, colour=colour)
        else:
            sheet.box(288, y, 40, 40, colour=SOFT, dashed=True)
            sheet.text((308, y + 52), name, SOFT, size=13)


def _obeys(sheet: Sheet) -> None:
    sheet.text((555, 28), "The second clerk obeys", ORANGE, bold=True)
    sheet.text((555, 50), "a ROUTER", SOFT, size=13)
    sheet.person((420, 165), "clerk", colour=ORANGE)
    for place, name in enumerate(("ann", "ben")):
        y = 85 + place * 80
        tray = sheet.box(580, y, 74, 40, colour=INK)
        sheet.person((698, y + 18), name, colour=GREEN)
        if name == "ben":
            sheet.frames(480, y + 7, [("ben", BLUE), "6"])
            sheet.arrow((550, tray.left[1]), tray.left, colour=ORANGE)
    sheet.frames(480, 252, [("zoe", BLUE), "7"])
    sheet.arrow((550, 265), (600, 265), colour=ORANGE)
    sheet.text((617, 265), "?", ORANGE, size=18, bold=True)
    sheet.arrow((444, 165), (474, 185), colour=ORANGE)
    sheet.arrow((440, 185), (474, 255), colour=ORANGE)
