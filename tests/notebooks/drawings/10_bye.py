"""Lesson 10: a worker leaves, and both sides say BYE."""

from __future__ import annotations

from .kit import GREEN, INK, ORANGE, RED, SOFT, Sheet

ALT = (
    "Time goes down, with the broker at the left and Ann at the right. The broker sends Task-1. While it is on its "
    "way, Ctrl-C is pressed, and Ann sends BYE. The broker notes that Ann leaves: she gets nothing more. Ann receives "
    "Task-1, does it, and sends her answer. Now nothing of hers is open, and the broker sends BYE. Ann receives it, "
    "and closes her socket."
)
LEFT, RIGHT = 250, 520
BROKER, ANN = ORANGE, GREEN


def draw() -> Sheet:
    sheet = Sheet(752, 310)
    sheet.box(LEFT - 45, 10, 90, 30, "broker", colour=BROKER)
    sheet.box(RIGHT - 45, 10, 90, 30, "ann", colour=ANN)
    sheet.line((LEFT, 40), (LEFT, 300), colour=BROKER)
    sheet.line((RIGHT, 40), (RIGHT, 262), colour=ANN)
    _message(sheet, 58, 140, "Task-1", there=True, at=0.24)
    _message(sheet, 84, 150, "BYE", there=False, at=0.26)
    _message(sheet, 176, 204, "done: Task-1", there=False, at=0.5)
    _message(sheet, 222, 252, "BYE", there=True, at=0.5)
    sheet.cross((RIGHT, 264))
    sheet.note((RIGHT + 18, 84), ["Ctrl-C"], RED)
    sheet.note((RIGHT + 18, 140), ["Task-1 is here, and is", "done like any other"], INK)
    sheet.note((RIGHT + 18, 252), ["nothing can come now:", "close"], INK)
    sheet.note((LEFT - 18, 150), ["Ann leaves: she gets", "nothing more"], INK, anchor="end")
    sheet.note((LEFT - 18, 216), ["she has nothing in", "her hands"], INK, anchor="end")
    sheet.note((20, 60), ["time goes", "down"], SOFT)
    return sheet


def _message(sheet: Sheet, start: float, end: float, words: str, *, there: bool, at: float) -> None:
    """An arrow from one line of life to the other, and what it carries: `there` is from the broker to Ann."""
    sides = (LEFT, RIGHT) if there else (RIGHT, LEFT)
    sheet.arrow((sides[0], start), (sides[1], end), colour=BROKER if there else ANN)
    x, y = sides[0] + (sides[1] - sides[0]) * at, start + (end - start) * at
    sheet.text((x, y - 14), words, INK, size=13, bold=True)
