"""A window of four slides along a list of tasks: one reply comes, one more task goes."""

from __future__ import annotations

from .kit import BLUE, GREEN, ORANGE, SOFT, Sheet

ALT = (
    "A list of ten tasks, 0 to 9, three times, with a window of four. First 0 to 3 are in flight and 4 to 9 wait. "
    "Then the reply to 0 comes: the window moves by one, and 4 goes out, so 1 to 4 are in flight. Then the reply to 1 "
    "comes, and 5 goes out. In each row exactly four tasks are in flight."
)

ROWS = (
    (0, "at the beginning"),
    (1, "the reply to 0 has come: 4 goes"),
    (2, "the reply to 1 has come: 5 goes"),
)
WIDE, WINDOW = 42, 4


def draw() -> Sheet:
    sheet = Sheet(740, 260)
    for count, (done, says) in enumerate(ROWS):
        y = 44 + count * 62
        for task in range(10):
            colour = GREEN if task < done else ORANGE if task < done + WINDOW else SOFT
            sheet.box(24 + task * WIDE, y, WIDE - 6, 30, str(task), colour=colour, dashed=colour == SOFT)
        left, right = 24 + done * WIDE - 5, 24 + (done + WINDOW) * WIDE - 1
        for start, end in (((left, y - 8), (right, y - 8)), ((left, y + 38), (right, y + 38))):
            sheet.line(start, end, colour=BLUE, wide=3)
        for x in (left, right):
            sheet.line((x, y - 8), (x, y + 38), colour=BLUE, wide=3)
        sheet.text((470, y + 15), says, SOFT, size=13, anchor="start")
    sheet.text((110, 18), "in flight: the window", BLUE, size=13)
    sheet.text((60, 236), "done", GREEN, size=13)
    sheet.text((170, 236), "in flight", ORANGE, size=13)
    sheet.text((330, 236), "not sent yet", SOFT, size=13)
    return sheet
