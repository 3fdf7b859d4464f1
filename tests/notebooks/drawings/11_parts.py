"""Lesson 11: the parts of `zmqlab.majordomo`, and the lessons in which each was built."""

from __future__ import annotations

from .kit import BLUE, GREEN, INK, ORANGE, SOFT, VIOLET, Sheet

ALT = (
    "From left to right: clients, the broker, workers. The broker is a loop with two sides, each a ROUTER, one for the "
    "clients and one for the workers, as in lesson 07. Between them is the Core, which has no socket. In it are the "
    "limits, for who hears BUSY (08), the deadlines, one for each request (11), the ledger, for who has asked what "
    "until its one end (09 and 10), and the pool, for services and credit (11), who is free (07) and who is alive "
    "(09)."
)


def draw() -> Sheet:
    sheet = Sheet(752, 300)
    sheet.box(96, 38, 560, 250, colour=SOFT, dashed=True)
    sheet.text((376, 22), "Broker: a loop that waits, reads, and looks at the clock (lesson 07)", INK, bold=True)
    left, right = (sheet.box(x, 98, 94, 150, "side", "ROUTER: 07", colour=ORANGE) for x in (106, 552))
    for y, client, worker in ((130, "alice", "ann"), (206, "bob", "ben")):
        sheet.line(sheet.person((42, y), client, colour=BLUE).right, (left.x, y))
        sheet.line((right.x + right.w, y), sheet.person((710, y), worker, colour=GREEN).left)
    core = sheet.box(212, 50, 328, 228, colour=INK)
    sheet.text((376, 70), "Core: it has no socket", INK, bold=True)
    for end, start in ((core.x, left.x + left.w), (core.x + core.w, right.x)):
        sheet.line((start, 173), (end, 173))
    parts = (
        (224, 90, 54, "limits", ("who hears BUSY: 08",), VIOLET),
        (380, 90, 54, "deadlines", ("one a request: 11",), VIOLET),
        (224, 156, 110, "ledger", ("who has asked what,", "until its one end:", "09 and 10"), BLUE),
        (380, 156, 110, "pool", ("services, credit: 11", "who is free: 07", "who is alive: 09"), GREEN),
    )
    for x, y, high, name, lines, colour in parts:
        sheet.box(x, y, 148, high, colour=colour)
        sheet.text((x + 74, y + 17), name, colour, bold=True)
        sheet.note((x + 74, y + 40), lines, INK, anchor="middle")
    return sheet
