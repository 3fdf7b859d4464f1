"""Lesson 03: a letter on its way through offices, each of which pins a slip to it and takes it off again."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "A letter goes from Alice through two offices to a person who answers. On the way there it leaves Alice alone, "
    "office A pins the slip 'from Alice' on top, and office B pins 'from A' on top of that. On the way back the answer "
    "has both slips. Office B takes off 'from A' and hands the rest to office A, office A takes off 'from Alice', and "
    "Alice gets the answer alone."
)

SLIPS = (("from Alice", BLUE), ("from A", ORANGE))
WIDE, HIGH = 88, 24  # of a slip, and of a letter
BETWEEN = (160, 368, 576)  # the middle of each part of the way


def pile(sheet: Sheet, x: float, bottom: float, slips: int, letter: str) -> None:
    """The letter, and so many slips on top of it."""
    papers = [(letter, INK), *SLIPS[:slips]]
    for count, (words, colour) in enumerate(papers):
        sheet.box(x - WIDE / 2, bottom - (count + 1) * HIGH, WIDE, HIGH, colour=colour)
        sheet.text((x, bottom - count * HIGH - HIGH / 2), words, colour, size=13)


def draw() -> Sheet:
    sheet = Sheet(740, 324)
    sheet.person((56, 152), "Alice")
    sheet.box(212, 128, 104, 52, "office A", colour=ORANGE)
    sheet.box(420, 128, 104, 52, "office B", colour=ORANGE)
    sheet.person((680, 152), "answers", colour=GREEN)
    sheet.text((20, 24), "The way there", SOFT, size=13, anchor="start")
    sheet.text((20, 292), "The way back", SOFT, size=13, anchor="start")
    ends = ((78, 206), (322, 414), (530, 656))
    for slips, (x, (start, end)) in enumerate(zip(BETWEEN, ends, strict=True)):
        middle = (start + end) / 2 if slips == 1 else x
        pile(sheet, middle, 118, slips, "letter")
        sheet.arrow((start, 140), (end, 140))
        sheet.arrow((end, 168), (start, 168))
        pile(sheet, middle, 190 + (slips + 1) * HIGH, slips, "answer")
    sheet.note((212, 36), ["pins a slip on top:", "who gave me this?"])
    sheet.note((212, 268), ["takes the top slip off,", "and hands the rest to", "whoever is named on it"])
    return sheet
