"""Lesson 07: two ways to run four counters."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, LARGE, RED, SOFT, Sheet

ALT = (
    "Two post offices with four counters each, of which the second one has a tower of parcels. At the left a clerk at "
    "the door sends the customers to the counters in turn: two of them stand behind the parcels, while counters one "
    "and three have nobody. At the right three customers stand in a single line, counters one and three call 'next, "
    "please', and the head of the line goes to one of them; nobody stands behind the parcels."
)
COUNTERS = ("one", "two", "three", "four")
HIGH = 62
WAITING = (0, 2, 0, 1)
"""Customers in front of each counter of the first post office."""


def draw() -> Sheet:
    sheet = Sheet(740, 350)
    sheet.line((370, 16), (370, 334), dashed=True)
    _in_turn(sheet)
    _who_is_free(sheet)
    return sheet


def _in_turn(sheet: Sheet) -> None:
    sheet.text((180, 28), "in turn", size=LARGE, bold=True)
    for place, name in enumerate(COUNTERS):
        _counter(sheet, 250, place, name)
        for each in range(WAITING[place]):
            sheet.person((225 - each * 38, _middle(place)))
    clerk = sheet.person((44, 175), "the clerk", colour=SOFT)
    for place, waiting in enumerate(WAITING):
        end = 240 - waiting * 38 - 10 * bool(waiting)
        sheet.arrow((clerk.x + 38, 175), (end, _middle(place)), colour=SOFT, dashed=True)
    sheet.text((180, 325), "two wait behind the parcels", RED)


def _who_is_free(sheet: Sheet) -> None:
    sheet.text((560, 28), "who is free?", size=LARGE, bold=True)
    for place, name in enumerate(COUNTERS):
        _counter(sheet, 630, place, name)
        if name in ("one", "three"):
            sheet.text((618, _middle(place)), "next, please", GREEN, size=13, anchor="end")
    for each in range(3):
        sheet.person((484 - each * 38, 145))
    sheet.person((608, _middle(1)))
    sheet.person((608, _middle(3)))
    sheet.arrow((505, 138), (538, _middle(0) + 14), colour=BLUE)
    sheet.text((560, 325), "nobody waits behind the parcels", GREEN)


def _middle(place: int) -> float:
    return 78 + place * HIGH


def _counter(sheet: Sheet, x: float, place: int, name: str) -> None:
    y = _middle(place) - 22
    busy = name == "two"
    sheet.box(x, y, 70, 44, name, colour=RED if busy else GREEN)
    if busy:
        for each in range(4):
            sheet.box(x + 74, y + 33 - each * 13, 18, 12, colour=RED)
