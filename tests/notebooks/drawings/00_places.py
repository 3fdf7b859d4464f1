"""Lesson 00: the four places of a letter, and of a message."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "Four places in a row, for a letter and for a message. A letter lies first in the tray for outgoing post on your "
    "own desk, then it is on the road, then it lies unread in the letterbox of the other house, and at last somebody "
    "holds it in their hands. A message lies first in the queue of the sending socket, then it is on the wire, then it "
    "lies unread in the queue of the receiving socket, and at last recv has returned it to the program."
)

PLACES = (
    ("1", "your tray", "outgoing post", "Alice's queue", "in her socket"),
    ("2", "the road", "a postman", "the wire", "a connection"),
    ("3", "their letterbox", "unread", "server's queue", "unread"),
    ("4", "their hands", "read", "recv returns", "the program has it"),
)
WIDE, GAP = 152, 36


def draw() -> Sheet:
    sheet = Sheet(760, 306)
    sheet.text((20, 26), "A letter", SOFT, anchor="start", bold=True)
    sheet.text((20, 178), "A message", SOFT, anchor="start", bold=True)
    for count, (number, place, what, queue, where) in enumerate(PLACES):
        x = 22 + count * (WIDE + GAP)
        sheet.text((x + WIDE / 2, 54), number, ORANGE, bold=True)
        letter = sheet.box(x, 70, WIDE, 64, place, what, colour=INK)
        sheet.text((x + WIDE / 2, 206), number, ORANGE, bold=True)
        message = sheet.box(x, 222, WIDE, 64, queue, where, colour=BLUE if count < 2 else GREEN)
        if count:
            sheet.arrow((letter.x - GAP + 3, letter.left[1]), (letter.x - 3, letter.left[1]))
            sheet.arrow((message.x - GAP + 3, message.left[1]), (message.x - 3, message.left[1]))
    return sheet
