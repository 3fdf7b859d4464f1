"""Lesson 08: the places in which messages wait between a broker and a worker who reads nothing."""

from __future__ import annotations

from tests.notebooks.drawings.kit import GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "From left to right: the broker, its queue for Ann with room for SNDHWM messages, the network with the buffers of "
    "the operating system, which count bytes and have no marks, Ann's queue with room for RCVHWM messages, and Ann, "
    "who reads nothing. All three are full."
)


def draw() -> Sheet:
    sheet = Sheet(740, 200)
    broker = sheet.box(20, 70, 84, 48, "broker", colour=ORANGE)
    out = sheet.queue(134, 83, 8, 8, colour=ORANGE, w=14)
    net = sheet.box(290, 62, 160, 64, colour=SOFT, dashed=True)
    for row in range(2):
        sheet.queue(302, 70 + row * 25, 17, 17, colour=SOFT, w=8)
    into = sheet.queue(494, 83, 8, 8, colour=GREEN, w=14)
    ann = sheet.box(636, 70, 84, 48, "ann", colour=GREEN)
    for start, end in ((broker, out), (out, net), (net, into), (into, ann)):
        sheet.arrow((start.right[0] + 3, 94), (end.left[0] - 3, 94), colour=INK)
    for middle, title, lines in (
        (190, "SNDHWM", ("the broker's queue for Ann", "counts messages")),
        (370, "the network", ("buffers of two systems", "count bytes, have no mark")),
        (550, "RCVHWM", ("Ann's queue", "counts messages")),
    ):
        sheet.text((middle, 36), title, bold=True)
        sheet.note((middle, 150), lines, anchor="middle")
    sheet.text((678, 136), "reads nothing", SOFT, size=13)
    return sheet
