"""Lesson 00: the way of the course, in three stages."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "The three stages of the course, one below the other. First the demo, lessons 01 to 03: the DEALER of Alice sends "
    "one task to the ROUTER of a server, waits for the reply, and only then sends the next. Second, pipelined DEALERs "
    "with correlation IDs, lessons 04 and 05: three tasks with the numbers 1, 2 and 3 are under way to the server at "
    "the same time, and the replies come back as 2, 1 and 3, each with its number. Third, a broker, which grows into "
    "the full broker, lessons 06 to 13: Alice and Bob send to a broker with two ROUTERs, and the broker gives each "
    "task to a worker that is free: Ann, Ben or Cem."
)


def draw() -> Sheet:
    sheet = Sheet(760, 590)
    _demo(sheet, 14)
    sheet.line((20, 150), (740, 150))
    _pipelined(sheet, 164)
    sheet.line((20, 336), (740, 336))
    _broker(sheet, 350)
    return sheet


def _title(sheet: Sheet, y: float, number: str, name: str, lessons: str) -> None:
    sheet.text((20, y + 12), number, ORANGE, anchor="start", bold=True)
    sheet.text((40, y + 12), name, INK, anchor="start", bold=True)
    sheet.text((740, y + 12), lessons, SOFT, anchor="end")


def _demo(sheet: Sheet, y: float) -> None:
    _title(sheet, y, "1", "the demo", "lessons 01 to 03")
    sheet.box(60, y + 48, 120, 58, "alice", "DEALER", colour=BLUE)
    sheet.box(580, y + 48, 120, 58, "server", "ROUTER", colour=ORANGE)
    sheet.arrow((188, y + 64), (572, y + 64), "Task-0")
    sheet.arrow((572, y + 92), (188, y + 92), "done: Task-0", above=False)


def _pipelined(sheet: Sheet, y: float) -> None:
    _title(sheet, y, "2", "pipelined DEALERs with correlation IDs", "lessons 04 and 05")
    sheet.box(60, y + 60, 120, 76, "alice", "DEALER", colour=BLUE)
    sheet.box(580, y + 60, 120, 76, "server", "ROUTER", colour=ORANGE)
    sheet.arrow((188, y + 80), (572, y + 80))
    sheet.arrow((572, y + 116), (188, y + 116))
    for count, number in enumerate(("3", "2", "1")):
        sheet.frames(236 + count * 100, y + 48, [(number, ORANGE), f"Task-{int(number) - 1}"])
    for count, number in enumerate(("2", "1", "3")):
        sheet.frames(236 + count * 100, y + 122, [(number, ORANGE), "done"])


def _broker(sheet: Sheet, y: float) -> None:
    _title(sheet, y, "3", "a broker, and then the full broker", "lessons 06 to 13")
    for count, name in enumerate(("alice", "bob")):
        client = sheet.box(60, y + 62 + count * 76, 120, 52, name, "DEALER", colour=BLUE)
        sheet.arrow(client.right, (300, y + 108 + count * 32))
    sheet.box(304, y + 80, 152, 88, "broker", "ROUTER, ROUTER", colour=ORANGE)
    for count, name in enumerate(("ann", "ben", "cem")):
        worker = sheet.box(580, y + 36 + count * 62, 120, 48, name, "DEALER", colour=GREEN)
        sheet.arrow((460, y + 100 + count * 24), worker.left)
    sheet.note((380, y + 196), ["who is free?"], ORANGE, anchor="middle")
