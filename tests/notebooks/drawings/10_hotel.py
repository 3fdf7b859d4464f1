"""Lesson 10: a letter that is for a room, and one that is for a booking, each a day late."""

from __future__ import annotations

from .kit import BLUE, GREEN, INK, ORANGE, RED, SOFT, VIOLET, Sheet

ALT = (
    "Two letters, each written on Monday and delivered on Tuesday. Above, the letter is for room 12: on Monday Alice "
    "sleeps there, on Tuesday Bob does, the letter is brought to room 12, and Bob opens it. Below, the letter is for "
    "booking 8f3a: on Monday the book at the desk says that 8f3a is Alice, in room 12. On Tuesday the book has only "
    "c27e, Bob, in room 12, so the letter ends in the bin."
)


def draw() -> Sheet:
    sheet = Sheet(752, 380)
    sheet.text((250, 24), "Monday", SOFT, bold=True)
    sheet.text((555, 24), "Tuesday", SOFT, bold=True)
    _room(sheet)
    sheet.line((12, 214), (740, 214))
    _booking(sheet)
    return sheet


def _room(sheet: Sheet) -> None:
    letter = sheet.frames(20, 84, [("for room 12", ORANGE)], high=34)
    for x, name, colour in ((205, "Alice", BLUE), (510, "Bob", VIOLET)):
        sheet.box(x, 44, 90, 108, colour=GREEN)
        sheet.text((x + 45, 60), "room 12", GREEN, bold=True)
        sheet.person((x + 45, 98), name, colour=colour)
    sheet.arrow(letter.bottom, (555, 158), "it comes a day late", bend=-42, colour=RED, above=False)
    sheet.note((614, 80), ["Bob opens it, and", "reads what was", "for Alice"], INK)


def _booking(sheet: Sheet) -> None:
    letter = sheet.frames(20, 244, [("for booking 8f3a", ORANGE)], high=34)
    for x, entry, colour in ((178, "8f3a: Alice, room 12", BLUE), (483, "c27e: Bob, room 12", VIOLET)):
        sheet.box(x, 230, 144, 62, colour=INK)
        sheet.text((x + 72, 246), "the book", INK, bold=True)
        sheet.text((x + 72, 272), entry, colour, size=13)
    sheet.arrow(letter.bottom, (555, 312), "it comes a day late", bend=-30, colour=RED, above=False, lost=True)
    sheet.note((640, 244), ["8f3a is not in", "the book: into", "the bin with it"], INK)
