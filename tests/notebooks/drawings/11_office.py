"""Lesson 11: the five rules that the office of a repair company learns."""

from __future__ import annotations

from .kit import BLUE, GREEN, INK, ORANGE, RED, SOFT, Sheet

ALT = (
    "Five cards. One, whose job: a slip that says fuse goes to the electrician, and not to the plumber. Two, a long "
    "way: somebody takes two slips along at once. Three, not done: somebody says 'I am here' on the telephone, and her "
    "slip is from eight o'clock and not done at six. Four, the roof: two people have fallen from it, and the third one "
    "is not sent up. Five, closing time: at the door with the sign 'closed' nobody new comes in, and the slip that was "
    "promised is still done."
)
WIDE, STEP = 142, 148


def draw() -> Sheet:
    sheet = Sheet(752, 236)
    cards = (
        ("whose job?", _skill),
        ("a long way", _way),
        ("not done", _evening),
        ("the roof", _roof),
        ("closing time", _closing),
    )
    for place, (title, card) in enumerate(cards):
        left = 9 + place * STEP
        sheet.box(left, 10, WIDE, 216, colour=SOFT)
        sheet.text((left + WIDE / 2, 30), f"{place + 1}  {title}", INK, bold=True)
        card(sheet, left)
    return sheet


def _skill(sheet: Sheet, left: float) -> None:
    slip = sheet.frames(left + 50, 58, [("fuse", ORANGE)])
    sheet.person((left + 34, 160), "plumber", colour=GREEN)
    sheet.person((left + 102, 160), "electrician", colour=GREEN)
    sheet.arrow((slip.x + 6, 88), (left + 40, 124), lost=True)
    sheet.arrow((slip.x + 36, 88), (left + 98, 134))


def _way(sheet: Sheet, left: float) -> None:
    sheet.frames(left + 12, 70, [("job 1", ORANGE)])
    sheet.frames(left + 12, 102, [("job 2", ORANGE)])
    sheet.person((left + 34, 160), colour=GREEN)
    sheet.arrow((left + 56, 164), (left + 130, 164), colour=GREEN)
    sheet.text((left + 71, 198), "40 km to drive", SOFT, size=13)


def _evening(sheet: Sheet, left: float) -> None:
    sheet.text((left + 71, 66), "“I am here!”", GREEN, size=13)
    sheet.person((left + 71, 102), colour=GREEN)
    sheet.frames(left + 18, 140, [("given at 8:00", ORANGE)])
    sheet.text((left + 71, 198), "18:00, not done", RED, size=13)


def _roof(sheet: Sheet, left: float) -> None:
    sheet.line((left + 20, 100), (left + 71, 56), colour=INK)
    sheet.line((left + 71, 56), (left + 122, 100), colour=INK)
    for x, end in ((36, 24), (58, 54)):
        sheet.arrow((left + x, 96), (left + end, 148), colour=RED, lost=True)
    sheet.person((left + 108, 136), colour=GREEN)
    sheet.text((left + 39, 172), "two fell", RED, size=13)
    sheet.text((left + 71, 198), "no third one goes", SOFT, size=13)


def _closing(sheet: Sheet, left: float) -> None:
    door = sheet.box(left + 58, 56, 74, 46, "closed", colour=ORANGE)
    sheet.person((left + 28, 78), colour=BLUE)
    sheet.cross((door.x - 7, 79))
    sheet.frames(left + 12, 140, [("promised", ORANGE)])
    sheet.person((left + 112, 150), colour=GREEN)
    sheet.text((left + 71, 198), "is still done", SOFT, size=13)
