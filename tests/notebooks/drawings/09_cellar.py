"""Lesson 09: what may have happened in the cellar, and the silence at the top of the stairs."""

from __future__ import annotations

from tests.notebooks.drawings.kit import GREEN, INK, LARGE, ORANGE, RED, SOFT, Sheet

ALT = (
    "A shop with a cellar. Upstairs the shopkeeper stands at the stairs and calls: Ann, are you all right? Nothing "
    "comes back. Which of the four is it? Below, four cellars that he cannot see into. In the first Ann has fallen. In "
    "the second she has fallen asleep. In the third she is well, but the door is shut, and she hears nothing. In the "
    "fourth she is well, and carries a heavy box."
)
CELLARS = (
    ("has fallen", RED),
    ("sleeps", RED),
    ("the door is shut", GREEN),
    ("carries the box", GREEN),
)


def draw() -> Sheet:
    sheet = Sheet(740, 300)
    sheet.person((200, 56), "shopkeeper", colour=ORANGE)
    sheet.text((260, 42), "“Ann, are you all right?”", ORANGE, size=LARGE, anchor="start")
    sheet.text((260, 72), "… nothing comes back", SOFT, anchor="start")
    sheet.text((260, 100), "Which of the four is it?", INK, bold=True, anchor="start")
    sheet.line((12, 118), (728, 118), colour=INK, wide=4)
    for place, (what, colour) in enumerate(CELLARS):
        left = 16 + place * 181
        sheet.box(left, 128, 166, 160, colour=SOFT)
        sheet.text((left + 83, 268), what, colour, bold=True)
        _in_the_cellar(sheet, left, place)
    return sheet


def _in_the_cellar(sheet: Sheet, left: float, place: int) -> None:
    middle = left + 83
    for step in range(4):  # the stairs down
        sheet.line((left + 8 + step * 10, 142 + step * 12), (left + 18 + step * 10, 142 + step * 12), colour=INK)
        sheet.line((left + 18 + step * 10, 142 + step * 12), (left + 18 + step * 10, 154 + step * 12), colour=INK)
    if place == 0:
        sheet.box(middle - 34, 228, 20, 18, colour=ORANGE)
        sheet.cross((middle + 30, 214), size=9)
        sheet.person((middle + 6, 232), colour=RED)
    elif place == 1:
        sheet.person((middle + 16, 224), colour=RED)
        sheet.text((middle + 42, 196), "z z z", RED)
    elif place == 2:
        sheet.line((left + 50, 130), (left + 50, 250), colour=INK, wide=6)
        sheet.person((middle + 20, 224), colour=GREEN)
    else:
        sheet.person((middle + 2, 224), colour=GREEN)
        sheet.box(middle + 20, 206, 44, 34, colour=ORANGE)
