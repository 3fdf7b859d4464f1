"""Lesson 12: the same recipe at home and in a restaurant."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, LARGE, ORANGE, RED, SOFT, Sheet

ALT = (
    "At the left a kitchen at home: a recipe, a cook, and a friend at the table. At the right a restaurant with the "
    "same recipe, a cook, and a copy of the cook. Six questions stand around them. Keys: who may come in? A stranger "
    "is before the door. Processes: what has the copy? Memory: how many shelves are left? Numbers: which one "
    "has to wake somebody? Costs: how much slower is it? Hosts: at which address is it?"
)


def draw() -> Sheet:
    sheet = Sheet(740, 330)
    sheet.text((100, 28), "at your desk", size=LARGE, bold=True)
    sheet.text((470, 28), "in production", size=LARGE, bold=True)
    sheet.line((200, 16), (200, 314), dashed=True)
    sheet.box(62, 66, 76, 44, "recipe", colour=ORANGE)
    sheet.person((52, 190), "the cook", colour=GREEN)
    sheet.person((146, 190), "a friend", colour=BLUE)
    sheet.text((100, 262), "everybody is known", SOFT, size=13)
    sheet.person((258, 170), "a stranger", colour=RED)
    sheet.arrow((282, 170), (337, 170), colour=RED, dashed=True)
    sheet.note((214, 76), ("keys: who may", "come in?"), INK)
    house = sheet.box(340, 56, 386, 214, colour=SOFT)
    sheet.box(366, 74, 76, 44, "recipe", colour=ORANGE)
    sheet.person((380, 170), "the cook", colour=GREEN)
    sheet.person((450, 170), "a copy", colour=SOFT)
    sheet.note((362, 230), ("processes: what", "has the copy?"), INK)
    sheet.note((512, 74), ("memory: how many shelves", "are left?"), INK)
    sheet.queue(512, 110, 6, 5, colour=INK, w=20)
    sheet.note((512, 156), ("numbers: which one has to", "wake somebody?"), INK)
    sheet.frames(512, 190, ["answered 12", ("workers 2", RED)])
    sheet.text((512, 246), "costs: how much slower is it?", INK, size=13, anchor="start")
    sheet.text((house.centre[0], 294), "hosts: at which address is it?", INK, size=13)
    return sheet
