"""Lesson 06: where requests wait behind a proxy when every worker is busy."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, ORANGE, SOFT, Sheet

ALT = (
    "From left to right: the clients Alice and Bob, each with a DEALER; the proxy, a box with a ROUTER, the frontend, "
    "and a DEALER, the backend; the workers Ann and Ben, who are busy. Requests go from the clients through the proxy "
    "to the workers, and replies come back the same way. An empty queue with a question mark stands in front of the "
    "proxy's ROUTER, and one in front of each worker: in which of them does a request wait?"
)


def draw() -> Sheet:
    sheet = Sheet(740, 250)
    clients = [sheet.box(24, y, 92, 48, name, "DEALER", colour=BLUE) for name, y in (("alice", 60), ("bob", 150))]
    sheet.box(206, 44, 250, 170, colour=ORANGE)
    sheet.text((331, 66), "zmq.proxy", ORANGE, bold=True)
    front = sheet.box(218, 100, 96, 56, "ROUTER", "frontend", colour=ORANGE)
    back = sheet.box(348, 100, 96, 56, "DEALER", "backend", colour=ORANGE)
    workers = [sheet.box(630, y, 92, 48, name, "busy", colour=GREEN) for name, y in (("ann", 60), ("ben", 150))]
    for client in clients:
        sheet.arrow(client.right, (138, front.left[1]), colour=BLUE)
    _queue(sheet, 140, front.left[1])
    sheet.arrow(front.right, back.left, colour=BLUE)
    for worker in workers:
        sheet.arrow(back.right, (548, worker.left[1]), colour=BLUE)
        _queue(sheet, 550, worker.left[1])
    sheet.text((331, 232), "replies come back the same way", SOFT, size=13)
    return sheet


def _queue(sheet: Sheet, x: float, y: float) -> None:
    sheet.queue(x, y - 11, 4, colour=BLUE, w=17)
    sheet.text((x + 34, y + 26), "?", BLUE, bold=True)
