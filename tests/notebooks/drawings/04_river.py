"""A café and a bakery with a ferry between them: with one order in flight the oven waits, with eleven never."""

from __future__ import annotations

from .kit import BLUE, GREEN, LINE, ORANGE, RED, SOFT, Sheet

ALT = (
    "Alice's café at the left and the bakery at the right of a river, drawn twice. Above, one order is in flight: it "
    "crosses for 10 minutes, the oven works for 2, and the loaf crosses for 10; the oven waits for 20 of 22 minutes. "
    "Below, eleven are in flight: five orders cross one way, one loaf is in the oven, five loaves cross the other way; "
    "the oven never waits."
)


def scene(sheet: Sheet, y: float, orders: int, loaves: int, says: str, colour: str) -> None:
    sheet.person((60, y + 45), "alice", colour=BLUE)
    oven = sheet.box(640, y + 25, 80, 50, "oven", "2 minutes", colour=GREEN)
    sheet.line((130, y), (130, y + 100))
    sheet.line((600, y), (600, y + 100))
    for place in range(orders):
        sheet.box(180 + place * 80, y + 22, 30, 18, colour=BLUE)
    sheet.arrow((140, y + 31), (170, y + 31), colour=BLUE)
    for place in range(loaves):
        sheet.box(204 + place * 80, y + 66, 30, 18, colour=ORANGE)
    if loaves:
        sheet.arrow((590, y + 75), (560, y + 75), colour=ORANGE)
    sheet.text((oven.bottom[0], y + 94), says, colour, size=13)


def draw() -> Sheet:
    sheet = Sheet(740, 300)
    sheet.text((365, 20), "order: 10 minutes  →", BLUE, size=13)
    scene(sheet, 30, 1, 0, "waits 20 of 22", RED)
    sheet.line((20, 150), (720, 150), colour=LINE, dashed=True)
    scene(sheet, 165, 5, 5, "never waits", GREEN)
    sheet.text((365, 284), "←  loaf: 10 minutes", ORANGE, size=13)
    sheet.text((60, 140), "1 in flight", SOFT, size=13)
    sheet.text((60, 275), "11 in flight", SOFT, size=13)
    return sheet
