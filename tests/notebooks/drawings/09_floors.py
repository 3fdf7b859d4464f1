"""Lesson 09: which floor of the other machine each detector asks."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, ORANGE, SOFT, VIOLET, Sheet

ALT = (
    "Two houses of three floors, the broker's at the left and a worker's at the right. On the upper floor lives the "
    "program, on the middle floor libzmq's own thread, and on the ground floor the operating system; program and "
    "libzmq's thread are in a frame, the process. ALIVE goes from the worker's program to the broker's program. ZMTP "
    "heartbeats go between the two threads of libzmq. TCP and its keepalive go between the two operating systems."
)
FLOORS = ("program", "libzmq's thread", "operating system")
HIGH = 62


def draw() -> Sheet:
    sheet = Sheet(740, 270)
    for left, name, colour in ((16, "the broker's machine", ORANGE), (526, "the worker's machine", GREEN)):
        sheet.text((left + 99, 22), name, colour, bold=True)
        sheet.box(left, 40, 198, 144, colour=colour, dashed=True)
        sheet.text((left + 99, 174), "the process", colour, size=13)
        for place, floor in enumerate(FLOORS):
            sheet.box(left + 10, _top(place), 178, 44, floor, colour=SOFT if place == 2 else colour)
    sheet.arrow((516, _middle(0)), (224, _middle(0)), "ALIVE: one program to the other", colour=BLUE)
    sheet.arrow((224, _middle(1)), (516, _middle(1)), colour=VIOLET)
    sheet.arrow((516, _middle(1) + 8), (224, _middle(1) + 8), colour=VIOLET)
    sheet.text((370, _middle(1) - 13), "ZMTP heartbeats: ask and answer", VIOLET, size=13)
    sheet.arrow((224, _middle(2)), (516, _middle(2)), colour=SOFT)
    sheet.arrow((516, _middle(2) + 8), (224, _middle(2) + 8), colour=SOFT)
    sheet.text((370, _middle(2) - 13), "TCP, and its keepalive: ask and answer", SOFT, size=13)
    return sheet


def _top(place: int) -> float:
    return 52 + place * 54 + (place == 2) * 42


def _middle(place: int) -> float:
    return _top(place) + 22
