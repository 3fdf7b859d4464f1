"""Lesson 10: a token stands for a request, in the table of one process of the broker."""

from __future__ import annotations

from .kit import BLUE, GREEN, INK, ORANGE, RED, SOFT, VIOLET, Sheet

ALT = (
    "Two processes of the broker, one after the other, each with its table asked. In the first, Alice sends: 1, my "
    "balance. The broker notes that the token 8f3a stands for Alice and 1, and sends Ann: 8f3a, my balance. In the "
    "second, the table has one entry, that c27e stands for Bob and 1. Ann sends: 8f3a, 100 coins. The broker does not "
    "find 8f3a, and this message ends in a cross. Ben sends: c27e, rain. The broker finds c27e, and Bob receives: 1, "
    "rain."
)
OLD, NEW = ("8f3a", ORANGE), ("c27e", VIOLET)


def draw() -> Sheet:
    sheet = Sheet(752, 350)
    _first(sheet)
    sheet.line((12, 152), (250, 152), dashed=True)
    sheet.text((376, 152), "kill -9, and started again", RED, size=13)
    sheet.line((502, 152), (740, 152), dashed=True)
    _second(sheet)
    return sheet


def _broker(sheet: Sheet, y: float, high: float, which: str, token: tuple[str, str], whose: str) -> None:
    sheet.box(271, y, 210, high, colour=ORANGE)
    sheet.text((376, y + 18), f"the {which} process", ORANGE, bold=True)
    sheet.text((376, y + high - 50), "asked", SOFT, size=13)
    sheet.frames(278, y + high - 36, [token, f"stands for {whose}, 1"])


def _first(sheet: Sheet) -> None:
    _broker(sheet, 14, 112, "first", OLD, "Alice")
    alice = sheet.box(12, 48, 78, 46, "alice", colour=BLUE)
    ann = sheet.box(662, 48, 78, 46, "ann", colour=GREEN)
    sheet.arrow(alice.right, (265, 71), colour=BLUE)
    sheet.frames(112, 32, ["1", "my balance?"])
    sheet.arrow((487, 71), ann.left, colour=BLUE)
    sheet.frames(500, 32, [OLD, "my balance?"])


def _second(sheet: Sheet) -> None:
    _broker(sheet, 180, 156, "second", NEW, "Bob")
    bob = sheet.box(12, 272, 78, 46, "bob", colour=BLUE)
    ann = sheet.box(662, 192, 78, 46, "ann", colour=GREEN)
    ben = sheet.box(662, 272, 78, 46, "ben", colour=GREEN)
    sheet.arrow(ann.left, (462, 215), colour=RED, lost=True)
    sheet.frames(510, 180, [OLD, "100 coins"])
    sheet.text((405, 232), "8f3a? not here", RED, size=13)
    sheet.arrow(ben.left, (487, 295), colour=GREEN)
    sheet.frames(545, 260, [NEW, "rain"])
    sheet.arrow((265, 295), bob.right, colour=GREEN)
    sheet.frames(130, 260, [("1", INK), "rain"])
