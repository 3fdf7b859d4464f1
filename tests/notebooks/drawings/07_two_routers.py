"""Lesson 07: a task's way through the broker, and the list of who is free."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, INK, ORANGE, SOFT, Sheet

ALT = (
    "From left to right: the clients Alice and Bob, the broker, and the workers Ann and Ben. The broker is a box with "
    "two ROUTERs, front for the clients and back for the workers, and a list, free, with Ann at its head and Ben "
    "behind her. Above, the frames of a task on its way: Alice sends Task-0; front receives alice, Task-0; back sends "
    "ann, alice, Task-0; Ann receives alice, Task-0. Below, the reply on its way back: Ann sends alice, done: Task-0; "
    "back receives ann, alice, done: Task-0; ann goes to the end of the list, and front sends the rest; Alice receives "
    "done: Task-0."
)
TASK, REPLY = ("Task-0", INK), ("done: Task-0", INK)
ALICE, ANN = ("alice", BLUE), ("ann", GREEN)


def draw() -> Sheet:
    sheet = Sheet(752, 330)
    alice, bob = (sheet.box(12, y, 78, 46, name, "DEALER", colour=BLUE) for name, y in (("alice", 90), ("bob", 188)))
    sheet.box(216, 62, 330, 200, colour=ORANGE)
    sheet.text((381, 80), "broker", ORANGE, bold=True)
    front = sheet.box(226, 136, 80, 52, "front", "ROUTER", colour=ORANGE)
    back = sheet.box(456, 136, 80, 52, "back", "ROUTER", colour=ORANGE)
    ann, ben = (sheet.box(662, y, 78, 46, name, "DEALER", colour=GREEN) for name, y in (("ann", 90), ("ben", 188)))
    for client in (alice, bob):
        sheet.line(client.right, front.left, colour=SOFT)
    for worker in (ann, ben):
        sheet.line(back.right, worker.left, colour=SOFT)
    _there(sheet)
    _back_again(sheet)
    _list(sheet)
    return sheet


def _there(sheet: Sheet) -> None:
    """The frames of the task, above."""
    y = 18
    first = sheet.frames(24, y, [TASK])
    second = sheet.frames(200, y, [ALICE, TASK])
    third = sheet.frames(428, y, [ANN, ALICE, TASK])
    last = sheet.frames(624, y, [ALICE, TASK])
    for one, other in ((first, second), (second, third), (third, last)):
        sheet.arrow((one.right[0] + 4, one.right[1]), (other.left[0] - 4, other.left[1]), colour=BLUE)


def _back_again(sheet: Sheet) -> None:
    """The frames of the reply, below, from the right to the left."""
    y = 284
    first = sheet.frames(580, y, [ALICE, REPLY])
    second = sheet.frames(352, y, [ANN, ALICE, REPLY])
    third = sheet.frames(168, y, [ALICE, REPLY])
    last = sheet.frames(16, y, [REPLY])
    for one, other in ((first, second), (second, third), (third, last)):
        sheet.arrow((one.left[0] - 4, one.left[1]), (other.right[0] + 4, other.right[1]), colour=GREEN)


def _list(sheet: Sheet) -> None:
    sheet.text((381, 118), "free", INK, bold=True)
    sheet.frames(340, 131, [("ann", GREEN), ("ben", GREEN)])
    sheet.note((381, 176), ["the head gets the", "next task; who", "replies goes to", "the end"], anchor="middle")
