"""One operation, two attempts: the server knows a repeat by the one id, the client a late reply by the other."""

from __future__ import annotations

from .kit import BLUE, GREEN, ORANGE, RED, SOFT, VIOLET, Sheet

ALT = (
    "Dave at the left and the till at the right, with time going down. Dave sends attempt a of the operation book, and "
    "stops waiting. He sends attempt b of the same operation book. The till replies to a: refused. Dave throws that "
    "away, because nobody waits for a any more. The till replies to b: paid. Dave takes it. Below Dave stands: he "
    "reads the attempt, does anybody wait for it? Below the till: it reads the operation, has this been done?"
)


def draw() -> Sheet:
    sheet = Sheet(740, 360)
    left, right = 190, 560
    sheet.box(left - 60, 16, 120, 34, "dave", colour=BLUE)
    sheet.box(right - 60, 16, 120, 34, "the till", colour=GREEN)
    for x in (left, right):
        sheet.line((x, 50), (x, 300), dashed=True)
    sheet.arrow((left, 75), (right, 165))
    sheet.frames(left + 118, 107, [("attempt a", VIOLET), ("book", ORANGE)])
    sheet.note((20, 130), ["stops waiting", "for attempt a"])
    sheet.arrow((left, 155), (right, 195))
    sheet.frames(left + 118, 162, [("attempt b", VIOLET), ("book", ORANGE)])
    sheet.arrow((right, 205), (left, 240), colour=RED)
    sheet.frames(left + 110, 210, [("attempt a", VIOLET), ("refused", RED)])
    sheet.note((20, 240), ["nobody waits for a:", "thrown away"], RED)
    sheet.arrow((right, 240), (left, 290), colour=GREEN)
    sheet.frames(left + 122, 252, [("attempt b", VIOLET), ("paid", GREEN)])
    sheet.note((20, 290), ["the reply"], GREEN)
    sheet.text((left, 335), "reads the attempt: does anybody wait?", VIOLET, size=13)
    sheet.text((right, 335), "reads the operation: is it done?", ORANGE, size=13)
    sheet.note((right + 14, 180), ["hangs until here"], SOFT)
    return sheet
