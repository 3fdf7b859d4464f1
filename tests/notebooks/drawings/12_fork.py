"""Lesson 12: what is in the copy that a fork makes."""

from __future__ import annotations

from tests.notebooks.drawings.kit import GREEN, ORANGE, RED, SOFT, Sheet

ALT = (
    "Two processes. In the parent a program puts a message into a queue, an I/O thread takes it out, and it goes to "
    "the network. The child is a copy: it has the program's thread and the queue with the message, and where the I/O "
    "thread would be is an empty place, so that the message stays where it is."
)


def draw() -> Sheet:
    sheet = Sheet(740, 250)
    _process(sheet, 20, ("the parent",), copied=False)
    _process(sheet, 140, ("the child,", "a copy"), copied=True)
    return sheet


def _process(sheet: Sheet, top: float, title: tuple[str, ...], *, copied: bool) -> None:
    """One row: thread, queue, I/O thread, network."""
    sheet.box(152, top, 450, 90, colour=SOFT)
    sheet.note((138, top + 55 - 10 * len(title)), title, SOFT, anchor="end")
    thread = sheet.box(162, top + 24, 122, 42, "your thread", colour=GREEN)
    queue = sheet.queue(304, top + 34, 4, 1, colour=ORANGE)
    sheet.arrow(thread.right, (queue.x - 2, thread.right[1]))
    io = sheet.box(420, top + 24, 150, 42, "" if copied else "I/O thread", colour=SOFT if copied else ORANGE,
                   dashed=copied)  # fmt: skip
    if copied:
        sheet.text(io.centre, "no I/O thread", RED)
        sheet.arrow((queue.x + queue.w + 3, io.left[1]), (io.x - 14, io.left[1]), colour=RED, lost=True)
    else:
        sheet.arrow((queue.x + queue.w + 3, io.left[1]), io.left)
        sheet.arrow(io.right, (650, io.right[1]))
        sheet.text((694, io.right[1]), "network", SOFT)
