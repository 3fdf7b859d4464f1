"""Lesson 03: the frames of a request, and of its reply, at each station of the way."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "Three stations: Alice's REQ, the hop with a ROUTER and a DEALER, the server's ROUTER. On the way there she sends "
    "Task-0. The REQ adds the empty delimiter in front, the hop's ROUTER adds alice, its DEALER adds nothing, and the "
    "server's ROUTER adds hop, so the server receives hop, alice, the empty frame and Task-0. On the way back it sends "
    "hop, alice, the empty frame and done: Task-0. Its ROUTER takes hop off, the hop's DEALER takes nothing off, its "
    "ROUTER takes alice off, Alice's REQ takes the delimiter off, and she receives done: Task-0."
)

ALICE, HOP = ("alice", BLUE), ("hop", ORANGE)
STACKS: tuple[list[str | tuple[str, str]], ...] = ([], [""], [ALICE, ""], [ALICE, ""], [HOP, ALICE, ""])
"""In front of the payload: at Alice, on the wire, at the hop, on the wire, at the server."""
LINES = (62, 132, 202, 272, 342)  # the middle of each, in y
THERE = ("", "REQ adds the delimiter", "ROUTER adds alice", "DEALER adds nothing", "ROUTER adds hop")
BACK = ("REQ takes the delimiter off", "ROUTER takes alice off", "DEALER takes nothing off", "ROUTER takes hop off", "")
LEFT, RIGHT = 20, 470


def draw() -> Sheet:
    sheet = Sheet(740, 400)
    sheet.text((LEFT, 24), "The way there: each hop adds", SOFT, anchor="start", size=13)
    sheet.text((RIGHT, 24), "The way back: each hop takes", SOFT, anchor="start", size=13)
    sheet.box(290, 37, 150, 50, "alice", "REQ", colour=BLUE)
    sheet.box(290, 177, 150, 50, "hop", "ROUTER, DEALER", colour=ORANGE)
    sheet.box(290, 317, 150, 50, "server", "ROUTER", colour=GREEN)
    for start, end in ((87, 177), (227, 317)):
        sheet.arrow((330, start + 4), (330, end - 4))
        sheet.arrow((400, end - 4), (400, start + 4))
        sheet.text((365, (start + end) / 2), "wire", SOFT, size=13)
    for y, stack, adds, takes in zip(LINES, STACKS, THERE, BACK, strict=True):
        sheet.frames(LEFT, y - 13, [*stack, ("Task-0", INK)])
        sheet.frames(RIGHT, y - 13, [*stack, ("done: Task-0", INK)])
        sheet.text((LEFT, y + 25), adds, SOFT, size=13, anchor="start")
        sheet.text((RIGHT, y + 25), takes, SOFT, size=13, anchor="start")
    return sheet
