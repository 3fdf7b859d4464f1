"""Lesson 13: a car against a wall, filmed; and a broker whose workers, links and own process are taken from it."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, RED, SOFT, Sheet

ALT = (
    "Two pictures. Left, a car drives against a wall, and a camera films it. Right, the clients alice and bob, the "
    "broker and five workers, and what is done to them: the broker is killed and started again, bob's link is reset, "
    "cem's link is silent, ann and dan are killed, and ben hangs. The history, which is the camera, notes each request."
)


def draw() -> Sheet:
    sheet = Sheet(756, 330)
    _car(sheet)
    sheet.line((236, 20), (236, 310), dashed=True)
    _broker(sheet)
    return sheet


def _car(sheet: Sheet) -> None:
    sheet.text((118, 28), "a crash test", SOFT, bold=True)
    sheet.box(20, 196, 108, 34, "the car", colour=ORANGE)
    sheet.box(46, 170, 54, 26, colour=ORANGE)
    for x in (36, 92):
        sheet.box(x, 228, 22, 22, colour=INK)
    sheet.box(182, 110, 34, 142, colour=RED)
    sheet.text((199, 96), "the wall", RED, size=13)
    sheet.arrow((132, 213), (178, 213), colour=RED)
    sheet.line((14, 254), (222, 254), colour=INK)
    sheet.box(30, 66, 96, 30, "camera", colour=BLUE)
    sheet.arrow((92, 98), (150, 190), colour=BLUE, dashed=True)


def _broker(sheet: Sheet) -> None:
    sheet.text((496, 28), "a graded run", SOFT, bold=True)
    broker = sheet.box(430, 150, 108, 60, "broker", "killed, anew", colour=ORANGE)
    sheet.cross((538, 150))
    for name, y in (("alice", 130), ("bob", 230)):
        client = sheet.box(250, y - 18, 76, 36, name, colour=BLUE)
        sheet.line(client.right, broker.left, colour=BLUE)
    sheet.cross((376, 206))
    sheet.text((378, 236), "reset", RED, size=13)
    fates = (("ann", "killed"), ("ben", "hangs"), ("cem", "silent link"), ("dan", "killed"), ("ema", "well"))
    for place, (name, fate) in enumerate(fates):
        y = 74 + 52 * place
        worker = sheet.box(608, y - 16, 56, 32, name, colour=GREEN)
        silent = fate == "silent link"
        sheet.line(broker.right, worker.left, colour=RED if silent else GREEN, dashed=silent)
        sheet.text((674, y), fate, SOFT if fate == "well" else RED, size=13, anchor="start")
        if fate == "killed":
            sheet.cross((worker.x + 4, y - 12))
    sheet.box(430, 60, 108, 30, "history", colour=BLUE)
    sheet.arrow((484, 92), (484, 146), colour=BLUE, dashed=True)
