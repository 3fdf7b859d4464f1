"""Lesson 02: an order at the hatch of a canteen, and the same guest after the cook has fainted."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, RED, SOFT, Sheet

ALT = (
    "Two pictures of a hatch. In the first one a guest has called an order, the cook cooks it, and it stands on his "
    "list: the guest waits for the plate. In the second one that cook has fainted, and another one stands at the open "
    "hatch with an empty list. The same guest still waits, and no plate will come."
)


def hatch(sheet: Sheet, left: float, title: str, order: str) -> None:
    """A wall with a hatch in it, the guest at its left, and the cook's list at its right."""
    sheet.text((left + 165, 26), title, SOFT, size=13)
    for start, end in ((50, 104), (164, 200)):
        sheet.line((left + 150, start), (left + 150, end), colour=INK, wide=5)
    sheet.person((left + 50, 134), "guest", colour=BLUE)
    sheet.box(left + 264, 60, 70, 52, order, colour=GREEN if order else INK)
    sheet.text((left + 299, 48), "list", SOFT, size=13)


def draw() -> Sheet:
    sheet = Sheet(740, 240)
    hatch(sheet, 10, "Before", "soup")
    sheet.person((216, 134), "cook", colour=GREEN)
    sheet.arrow((84, 122), (190, 122), "“Soup!”")
    sheet.arrow((190, 146), (84, 146), "a plate, soon", dashed=True, above=False)
    sheet.line((370, 20), (370, 220))
    hatch(sheet, 385, "After", "")
    sheet.person((591, 134), "another cook", colour=GREEN)
    sheet.text((435, 100), "waits …", RED, size=13)
    sheet.text((512, 134), "?", RED, size=18, bold=True)
    sheet.text((684, 134), "no order", SOFT, size=13)
    sheet.text((684, 152), "here", SOFT, size=13)
    sheet.text((555, 222), "The hatch is open again. What now?", SOFT, size=13)
    return sheet
