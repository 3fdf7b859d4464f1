"""Lesson 06: the clerk who deals, and the one who obeys."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, RED, SOFT, Sheet

ALT = (
    "Two clerks in a post room, side by side. The left one deals: he has tasks 0 to 5 and lays them into three trays "
    "in turn. Ann, who is busy, has tasks 0 and 3; Ben, who is free, has 1 and 4; tasks 2 and 5 lie in a tray where "
    "nobody sits. The right one obeys: a task with the name ben on top goes into Ben's tray, and one with the name "
    "zoe, which is on no desk, goes into the bin."
)

DESKS = (("ann, busy", GREEN, "03"), ("ben, free", GREEN, "14"), ("nobody", SOFT, "25"))


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
    for place, (name, colour, tasks) in enumerate(DESKS):
        y = 85 + place * 80
        tray = sheet.box(190, y, 74, 40, colour=INK)
        sheet.frames(200, y + 7, list(tasks))
        sheet.arrow((82, 165), tray.left, colour=ORANGE)
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
            sheet.frames(604, y + 7, ["6"])
            sheet.frames(480, y + 7, [("ben", BLUE), "6"])
            sheet.arrow((550, tray.left[1]), tray.left, colour=ORANGE)
    sheet.box(580, 245, 74, 40, "bin", colour=RED)
    sheet.frames(480, 252, [("zoe", BLUE), "7"])
    sheet.arrow((550, 265), (578, 265), colour=RED)
    sheet.arrow((444, 165), (474, 185), colour=ORANGE)
    sheet.arrow((440, 185), (474, 255), colour=ORANGE)
